"""The whole of a fuzz run, on small real clients and a real fake without media."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from contract.clients.catalogue import Catalogue, load_catalogue
from contract.clients.course import Settings, own_mistakes
from contract.clients.fuzz import fuzz, replay
from contract.clients.plan import Plan
from contract.clients.summary import Summary
from contract.unable import UnableError
from tests.contract.clients.catalogues import call, healthy, outcome, plan
from tests.contract.clients.scripts import client, python, runner, script

pytestmark = pytest.mark.process

REFUSE_LIST = plan({"on": "listSessions", "nth": 1, "do": "status", "row": "internal-error"})


@dataclass
class Notes:
    phases: list[tuple[str, int | None]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    stop_at: int = 0
    done: int = 0

    def began(self, phase: str, total: int | None, *, of: str = "run") -> None:
        self.phases.append((phase, total))
        self.done = 0

    def moved(self, done: int, said: str) -> None:
        self.done = done
        if self.stop_at and done >= self.stop_at:
            raise KeyboardInterrupt

    def note(self, text: str) -> None:
        self.lines.append(text)


@pytest.fixture(scope="module")
def known() -> Catalogue:
    return load_catalogue()


def settings(words: Sequence[str], **changes: object) -> Settings:
    given: dict[str, object] = {
        "client": ("--", *words), "options": ("--media", "none"), "seed": 1, "jobs": 2,
        "media": "none", "combine": False, "only": ("status",),
    }  # fmt: skip
    return Settings(**{**given, **changes})  # type: ignore[arg-type]


def run(
    known: Catalogue,
    words: Sequence[str],
    *,
    notes: Notes | None = None,
    most: int = 0,
    **changes: object,
) -> Summary:
    one = runner(*words)
    shown = notes or Notes()
    return fuzz(
        settings(words, **changes),
        catalogue=known,
        hire=lambda: nullcontext(one),
        screen=shown,
        clock=Rounds(shown, most),
    )


def test_a_careful_client_has_no_finding(known: Catalogue, tmp_path: Path) -> None:
    notes = Notes()
    summary = run(known, client(tmp_path, "careful"), notes=notes, timeout=30.0)
    assert (summary.status, summary.findings, summary.flaky, summary.problems) == (0, (), (), ())
    assert summary.counts.sweep == summary.counts.planned > 10
    assert dict(summary.healthy.calls) == {"newSession": 1, "listSessions": 1, "stopSession": 1}
    assert notes.phases == [
        ("healthy (at most 30 s each)", 2), ("sweep", summary.counts.planned),
    ]  # fmt: skip
    assert notes.lines[0].endswith("a run may take 30.0 s")


def test_a_run_may_take_eight_times_as_long_as_a_healthy_one(
    known: Catalogue, tmp_path: Path
) -> None:
    notes, one = Notes(), runner(*client(tmp_path, "careful"))
    summary = replay(
        settings(()), REFUSE_LIST, catalogue=known, hire=lambda: nullcontext(one), screen=notes
    )
    assert notes.phases[0] == ("healthy (at most 120 s each)", 2)
    assert notes.lines[0].endswith(f"a run may take {summary.limit:.1f} s")
    assert summary.limit == max(2.0, 8 * summary.healthy.seconds)


def test_a_leak_is_found_once_with_the_mildest_plan_and_the_others_beside_it(
    known: Catalogue, tmp_path: Path
) -> None:
    notes = Notes()
    summary = run(known, client(tmp_path, "leaky"), notes=notes)
    leaks = [one for one in summary.findings if one.verdict.kind == "leaked-session"]
    assert summary.status == 1
    (finding,) = leaks
    assert len(finding.plan) == 1
    assert finding.plan.deviations[0].on == "listSessions"
    assert finding.plan.deviations[0].nth == 1
    assert finding.confirmed
    assert finding.file == "leaked-session-listSessions-status.json"
    assert finding.also
    assert {one.on for one in finding.also} == {"listSessions"}
    assert notes.phases[2] == ("confirm", len(summary.findings))
    assert any(line.startswith("leaked-session: [") for line in notes.lines)


def test_a_plan_replays_to_the_same_verdict(known: Catalogue, tmp_path: Path) -> None:
    words = client(tmp_path, "leaky")
    client_run = runner(*words)
    for _ in range(2):
        summary = replay(
            settings(words), REFUSE_LIST, catalogue=known, hire=lambda: nullcontext(client_run),
            screen=Notes(),
        )  # fmt: skip
        assert summary.status == 1
        assert [one.verdict.kind for one in summary.findings] == ["leaked-session"]
        assert summary.replayed == REFUSE_LIST


def test_a_plan_that_does_no_harm_replays_fine(known: Catalogue, tmp_path: Path) -> None:
    one = runner(*client(tmp_path, "careful"))
    summary = replay(
        settings(()), REFUSE_LIST, catalogue=known, hire=lambda: nullcontext(one), screen=Notes()
    )
    assert (summary.status, summary.sentence) == (0, "fine")


def test_a_replay_tells_what_of_the_plan_was_not_applied(known: Catalogue, tmp_path: Path) -> None:
    one = runner(*client(tmp_path, "careful"))
    never = plan({"on": "listSessions", "nth": 9, "do": "status", "row": "internal-error"})
    summary = replay(
        settings(()), never, catalogue=known, hire=lambda: nullcontext(one), screen=Notes()
    )
    assert summary.sentence == "fine, but not all of the plan was applied"
    assert [one.deviation for one in summary.not_applied] == list(never)


def test_a_plan_that_the_fake_refuses_cannot_be_replayed(known: Catalogue, tmp_path: Path) -> None:
    one = runner(*client(tmp_path, "careful"))
    with pytest.raises(UnableError, match=r"the fake refuses the plan: \[0\]\.do"):
        replay(
            settings(()), plan({"on": "sendTask", "do": "stauts"}), catalogue=known,
            hire=lambda: nullcontext(one), screen=Notes(),
        )  # fmt: skip


HANGING = """\
session = call("new")["data"]["session_id"]
try:
    call("list", method="GET")
except urllib.error.HTTPError:
    time.sleep(600)
call("stop", {"session_id": session})
"""
STORMING = """\
session = call("new")["data"]["session_id"]
while True:
    try:
        call("list", method="GET")
        break
    except urllib.error.HTTPError:
        time.sleep(0.005)
call("stop", {"session_id": session})
"""
SILENT = """\
try:
    session = call("new")["data"]["session_id"]
    call("list", method="GET")
    call("stop", {"session_id": session})
except (OSError, KeyError, TypeError, ValueError):
    pass
"""
HASTY = """\
session = call("new")["data"]["session_id"]
for _ in range(3):
    try:
        call("list", method="GET")
        break
    except OSError:
        pass
call("stop", {"session_id": session})
"""
KILLED = """\
import signal
session = call("new")["data"]["session_id"]
try:
    call("list", method="GET")
except OSError:
    os.kill(os.getpid(), signal.SIGABRT)
call("stop", {"session_id": session})
"""
RAISING = """\
session = call("new")["data"]["session_id"]
try:
    call("list", method="GET")
finally:
    call("stop", {"session_id": session})
"""


@pytest.mark.parametrize(
    ("code", "kind", "row"),
    [
        (HANGING, "hang", {"row": "rate-limit"}),
        (STORMING, "retry-storm", {"row": "rate-limit"}),
        (HASTY, "ignores-retry-after", {"row": "rate-limit", "retry_after": 60}),
        (KILLED, "killed", {"row": "rate-limit"}),
        (RAISING, "unhandled-error", {"row": "rate-limit"}),
    ],
)
def test_each_defect_has_its_verdict(
    known: Catalogue, tmp_path: Path, code: str, kind: str, row: dict[str, object]
) -> None:
    words = script(tmp_path, code)
    one = runner(*words)
    deviation = {"on": "listSessions", "do": "status", **row}
    if kind == "ignores-retry-after":
        deviation["nth"] = 1
    endless = kind in ("hang", "retry-storm")
    summary = replay(
        settings(words, timeout=2.0 if endless else 30.0), plan(deviation), catalogue=known,
        hire=lambda: nullcontext(one), screen=Notes(),
    )  # fmt: skip
    assert [one.verdict.kind for one in summary.findings] == [kind]


def test_silence_is_a_failure_too(known: Catalogue, tmp_path: Path) -> None:
    one = runner(*script(tmp_path, SILENT))
    refused = plan({"on": "newSession", "do": "status", "row": "internal-error"})
    summary = replay(
        settings(()), refused, catalogue=known, hire=lambda: nullcontext(one), screen=Notes()
    )
    assert [one.verdict.kind for one in summary.findings] == ["silent-failure"]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (python("print(1)"), "it made no request; it must take the server's address from HEYGEN"),
        (python("print('no key'); import sys; sys.exit(3)"), "it ended with status 3; the last "),
        (python("import os; os.kill(os.getpid(), 9)"), "it was ended by signal 9"),
        (
            python(
                "import os, urllib.request as u\n"
                "u.urlopen(os.environ['HEYGEN_BASE_URL'] + '/__mock__/health')"
            ),
            "it made no request",
        ),
    ],
)
def test_a_client_that_fails_when_healthy_cannot_be_fuzzed(
    known: Catalogue, words: tuple[str, ...], problem: str
) -> None:
    with pytest.raises(UnableError) as caught:
        run(known, words)
    assert "the client fails when nothing is wrong" in str(caught.value)
    assert problem in str(caught.value)


def test_a_client_that_storms_when_healthy_is_told_so(known: Catalogue, tmp_path: Path) -> None:
    words = script(tmp_path, "while True:\n    call('list', method='GET')\n")
    with pytest.raises(UnableError, match=r"it was stopped after \d{4} requests"):
        run(known, words)


def test_a_time_in_which_not_even_the_healthy_client_is_done_is_refused(
    known: Catalogue, tmp_path: Path
) -> None:
    with pytest.raises(UnableError, match=r"--timeout 0\.01: every run would be a hang"):
        run(known, client(tmp_path, "careful"), timeout=0.01)


def test_the_healthy_run_gets_no_more_time_than_is_given(known: Catalogue) -> None:
    notes = Notes()
    with pytest.raises(UnableError, match=r"^--timeout 0\.2: every run would be a hang"):
        run(known, python("import time; time.sleep(600)"), notes=notes, timeout=0.2)
    assert notes.phases == [("healthy (at most 0.2 s each)", 2)]


def test_a_client_that_leaks_when_healthy_is_told_so(known: Catalogue, tmp_path: Path) -> None:
    with pytest.raises(UnableError, match="leaked-session: it left the session"):
        run(known, script(tmp_path, "call('new')\n"))


def test_ctrl_c_keeps_what_was_found(known: Catalogue, tmp_path: Path) -> None:
    notes = Notes(stop_at=1000)

    def stop(text: str) -> None:
        notes.lines.append(text)
        if text.startswith("leaked-session"):
            notes.stop_at = 1

    notes.note = stop  # type: ignore[method-assign]
    summary = run(known, client(tmp_path, "leaky"), notes=notes)
    assert (summary.status, summary.interrupted) == (130, True)
    leaks = [one for one in summary.findings if one.verdict.kind == "leaked-session"]
    assert [one.confirmed for one in leaks] == [False]
    assert summary.sentence.startswith("interrupted, with ")


class Rounds:
    """A clock that stands still until so many combinations have been played."""

    def __init__(self, notes: Notes, most: int) -> None:
        self.notes = notes
        self.most = most

    def __call__(self) -> float:
        name, _ = self.notes.phases[-1] if self.notes.phases else ("", None)
        return 1000.0 if name == "combinations" and self.notes.done >= self.most else 0.0


def test_combinations_are_drawn_after_the_sweep(known: Catalogue, tmp_path: Path) -> None:
    notes = Notes()
    words = client(tmp_path, "careful")
    summary = run(known, words, notes=notes, most=5, combine=True, only=("extra-fields",))
    assert notes.phases[-1] == ("combinations", None)
    assert 5 <= summary.counts.combinations < 10
    assert summary.findings == ()


TOGETHER = """\
session = call("new")["data"]["session_id"]
broken = 0
for operation in ("list", "stop"):
    try:
        call(operation, {"session_id": session}, method="GET" if operation == "list" else "POST")
    except Exception:
        broken += 1
if broken == 2:
    raise RuntimeError("both")
"""


def test_a_combination_that_is_needed_is_found_and_shrunk(known: Catalogue, tmp_path: Path) -> None:
    words = script(tmp_path, TOGETHER)
    ends = ("listSessions", "stopSession")
    reset = known.kinds["reset"]
    sweep = tuple(one for one in reset.sweep if one.on in ends)
    few = replace(known, kinds={"reset": replace(reset, on=ends, sweep=sweep)})
    summary = run(few, words, most=20, combine=True, only=None, seed=3)
    (error,) = summary.findings
    assert error.verdict.kind == "unhandled-error"
    assert sorted(one.on for one in error.plan) == ["listSessions", "stopSession"]
    assert error.confirmed
    assert error.also == ()
    assert 1 <= summary.counts.shrinking <= 11


def test_where_nothing_can_be_tried_nothing_is_said_to_be_fine(
    known: Catalogue, tmp_path: Path
) -> None:
    summary = run(known, client(tmp_path, "careful"), only=("sendTask",))
    assert summary.status == 2
    (problem,) = summary.problems
    assert problem == "nothing that was chosen is about newSession, listSessions, stopSession"


def test_an_error_5xx_that_nobody_asked_for_is_our_own_mistake() -> None:
    ours = outcome(calls=[call("sendTask", status=500)])
    assert own_mistakes(ours, healthy()) == [
        "the fake answered sendTask with 500, which the plan does not ask for: []"
    ]
    asked = outcome(calls=[call("sendTask", status=500, faults=(0,))])
    assert own_mistakes(asked, healthy()) == []


def test_the_sweep_ends_when_the_time_is_over(known: Catalogue, tmp_path: Path) -> None:
    summary = run(known, client(tmp_path, "careful"), seconds=0.0)
    assert summary.counts.sweep == 0
    assert summary.counts.planned > 10
    assert summary.status == 0


def test_a_client_may_ignore_the_signal_that_ends_it(known: Catalogue, tmp_path: Path) -> None:
    words = script(
        tmp_path,
        f"import signal\nsignal.signal({int(signal.SIGTERM)}, lambda *_: None)\n" + HANGING,
    )
    one = runner(*words)
    summary = replay(
        settings(words, timeout=3.0), REFUSE_LIST, catalogue=known,
        hire=lambda: nullcontext(one), screen=Notes(),
    )  # fmt: skip
    assert [one.verdict.kind for one in summary.findings] == ["hang"]
    assert sys.executable in words
    assert isinstance(summary.replayed, Plan)
