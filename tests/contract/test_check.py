"""Lanes of stimuli, each in a process of its own: what they find arrives, however they end."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from contract.check import plan_lanes, run_lanes
from contract.exchange import Request
from contract.findings import Violation
from contract.lane import Lane
from contract.report.summary import Timing
from contract.run import Run
from contract.settings import Settings
from contract.target import FakeProcess, parse_target
from contract.transport import HttpSend
from contract.unable import UnableError
from tests.contract.fakes import SPEC
from tests.contract.own_stimuli import PLACE
from tests.program import serve

pytestmark = pytest.mark.process


class Quiet:
    """A screen that keeps what it is told, and may do something when a violation comes."""

    def __init__(self, on_found: Callable[[], object] = lambda: None) -> None:
        self.said: list[str] = []
        self._on_found = on_found

    def began(self, stimulus: str) -> None:
        self.said.append(f"began {stimulus.partition(':')[2]}")

    def moved(self, stimulus: str, done: int, total: int | None, note: str) -> None:
        self.said.append(f"moved {done} of {total}")

    def found(self, stimulus: str, violation: Violation) -> None:
        self.said.append(f"found {violation.rule.id}")
        self._on_found()

    def ended(self, timing: Timing) -> None:
        self.said.append(f"ended {timing.complete}")

    def note(self, text: str) -> None:
        self.said.append(f"note {text}")


def place(name: str) -> str:
    return f"{PLACE}:{name}"


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeProcess]:
    """Lanes that need no fake of their own go to this one, as to any URL."""
    with FakeProcess() as fake:
        yield fake


def ran(*names: str, at: FakeProcess | None = None, screen: Quiet | None = None) -> Run:
    run = Run(screen or Quiet())
    url, keys = (at.url, at.keys) if at else (None, ())
    run_lanes([Lane(tuple(map(place, names)), seed=1, url=url, keys=keys)], run, jobs=1)
    return run


def test_what_a_lane_does_and_finds_arrives() -> None:
    screen = Quiet()
    run = ran("listing", "finding", screen=screen)
    assert run.problems == []
    assert run.calls == {"listSessions": 12}
    assert run.checked["answer-status"] == 12
    assert [str(violation) for _, violation in run.violations] == [
        "list-reads at listSessions: expected nothing, got something"
    ] * 2
    assert [len(violation.history) for _, violation in run.violations] == [1, 2]
    listed, found = run.ended
    assert [seconds for _, seconds in listed.moves] == [5]
    assert (listed.requests, found.requests) == (10, 2)
    assert len(set(listed.keys)) == 2
    assert screen.said[0] == "began listing"
    assert screen.said[-1] == "ended True"
    assert screen.said.count("found list-reads") == 2


def test_the_same_is_told_a_hundred_times_at_most(fake: FakeProcess) -> None:
    run = ran("finding_a_thousand", at=fake)
    rules = [violation.rule.id for _, violation in run.violations]
    assert (rules.count("list-reads"), rules.count("list-active")) == (100, 1)
    assert run.checked["list-reads"] == 1000


def test_nothing_is_kept_in_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(Path.cwd()))
    monkeypatch.delenv("HYPOTHESIS_STORAGE_DIRECTORY", raising=False)
    monkeypatch.chdir(tmp_path)
    assert ran("computing").problems == []
    assert list(tmp_path.iterdir()) == []


def test_lanes_run_side_by_side_and_a_later_one_when_there_is_room(fake: FakeProcess) -> None:
    run = Run(Quiet())
    names = ("listing", "finding", "crashing")
    lanes = [Lane((place(name),), seed=1, url=fake.url, keys=fake.keys) for name in names]
    run_lanes(lanes, run, jobs=2)
    assert {name.partition(":")[2] for name in run.courses} == {"listing", "finding", "crashing"}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("crashing", "a mistake of the judge: Traceback"),
        ("losing", "the target is gone: 127.0.0.1:1 cannot be reached"),
        ("dying", "its process was killed by signal 9"),
    ],
)
def test_what_was_found_before_a_bad_end_is_kept(fake: FakeProcess, name: str, words: str) -> None:
    run = ran(name, at=fake)
    assert len(run.violations) == 2
    (problem,) = run.problems
    assert words in problem


@pytest.mark.skipif(sys.platform != "linux", reason="finds the fake in /proc")
def test_a_fake_that_dies_is_told() -> None:
    (problem,) = ran("killing_the_fake").problems
    assert "the target is gone: the fake ended with status -9" in problem


def test_a_missing_extra_is_named(fake: FakeProcess) -> None:
    assert ran("missing", at=fake).missing == "schemathesis"


def test_ctrl_c_keeps_what_was_found_and_ends_the_lane(fake: FakeProcess) -> None:
    main = threading.main_thread().ident
    assert main is not None
    pressed: list[None] = []

    def press() -> None:
        if not pressed:
            pressed.append(None)
            signal.pthread_kill(main, signal.SIGINT)

    run = ran("waiting", at=fake, screen=Quiet(press))
    assert run.interrupted
    assert len(run.violations) >= 1
    assert [ended.complete for ended in run.ended] == [False]


def test_what_a_lane_left_open_at_a_url_is_stopped(fake: FakeProcess) -> None:
    fake.reset()
    assert ran("leaving_open", at=fake).calls == {"newSession": 2, "stopSession": 1}
    send = HttpSend(fake.url)
    answer = send(Request("GET", "/v1/streaming.list", (("x-api-key", fake.keys[0]),)))
    send.close()
    assert answer.json["data"]["sessions"] == []


def settings(target: str, *keys: str, **more: Any) -> Settings:
    return Settings(parse_target(target), 1, keys=keys, **more)


def test_the_fake_gets_lanes_of_its_own() -> None:
    lanes = plan_lanes(settings("fake"), SPEC, Run(Quiet()))
    assert [(lane.stimuli, lane.media, lane.max_connects) for lane in lanes] == [
        (("schemathesis",), "none", 0),
        (("tour", "machine"), "none", 0),
        (("sample", "media"), "real", 40),
    ]


def test_without_media_nothing_is_connected() -> None:
    lanes = plan_lanes(settings("fake", media=False), SPEC, Run(Quiet()))
    assert [lane.stimuli for lane in lanes] == [("schemathesis",), ("tour", "machine")]


class TestOfUrls:
    def test_everything_goes_into_one_lane(self, fake: FakeProcess) -> None:
        fake.reset()
        run = Run(Quiet())
        (lane,) = plan_lanes(settings(fake.url, *fake.keys), SPEC, run)
        assert lane.stimuli == ("schemathesis", "tour", "machine", "media")
        assert (lane.url, lane.exclusive, lane.accepts_any_key) == (fake.url, True, False)
        assert run.violations == []
        assert run.checked == {"credentials-required": 1}

    def test_sessions_of_somebody_else_are_told(self, fake: FakeProcess) -> None:
        fake.reset()
        send = HttpSend(fake.url)
        headers = (("x-api-key", fake.keys[0]), ("content-type", "application/json"))
        send(Request("POST", "/v1/streaming.new", headers, b"{}"))
        send.close()
        screen = Quiet()
        (lane,) = plan_lanes(settings(fake.url, fake.keys[0]), SPEC, Run(screen))
        assert not lane.exclusive
        assert screen.said[0].startswith("note 1 open session")

    def test_a_refused_key_is_one_verdict(self, fake: FakeProcess) -> None:
        with pytest.raises(UnableError, match="refuses the key from --api-key"):
            plan_lanes(settings(fake.url, "wrong"), SPEC, Run(Quiet()))
        with pytest.raises(UnableError, match="refuses the key from the second --api-key"):
            plan_lanes(settings(fake.url, fake.keys[0], "wrong"), SPEC, Run(Quiet()))

    def test_another_server_is_not_this_api(self, fake: FakeProcess) -> None:
        elsewhere = settings(f"{fake.url}/elsewhere", *fake.keys)
        with pytest.raises(UnableError, match=r"is not this API: GET .* answered 404"):
            plan_lanes(elsewhere, SPEC, Run(Quiet()))

    def test_nobody_there_is_one_line(self) -> None:
        with pytest.raises(UnableError, match=r"cannot be reached.*is the target .* running") as no:
            plan_lanes(settings("http://127.0.0.1:1", "key"), SPEC, Run(Quiet()))
        assert "\n" not in str(no.value)


def test_a_server_that_takes_any_key_breaks_one_rule_once() -> None:
    with serve() as fake:
        run = Run(Quiet())
        (lane,) = plan_lanes(settings(fake.url, "test-key"), SPEC, run)
        ((_, violation),) = run.violations
        assert violation.rule.id == "credentials-required"
        assert "--accepts-any-key" in violation.actual
        assert lane.accepts_any_key
        meant = Run(Quiet())
        plan_lanes(settings(fake.url, "test-key", accepts_any_key=True), SPEC, meant)
        assert meant.violations == []
