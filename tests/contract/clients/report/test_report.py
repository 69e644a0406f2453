"""A fuzz run as text, JSON, JUnit, one page and plan files."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from html import escape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from contract.clients.plan import read_plan
from contract.clients.report.data import as_data
from contract.clients.report.files import write_files
from contract.clients.report.junit import write_junit
from contract.clients.report.page import write_page
from contract.clients.report.text import write_text
from contract.clients.runner import Ended, Why
from contract.clients.sightings import Finding
from contract.unable import UnableError
from tests.contract.clients.catalogues import call, outcome
from tests.contract.clients.report.summaries import BROKEN, CRASH, FINE, LEAK, LIMIT, summary

DIRECTORY = Path("out")


@pytest.mark.parametrize(
    ("changes", "status", "sentence"),
    [
        ({}, 0, "no finding"),
        ({"findings": BROKEN.findings[:1]}, 1, "1 finding"),
        ({"findings": BROKEN.findings}, 1, "2 findings"),
        ({"flaky": BROKEN.flaky}, 0, "no finding"),
        ({"replayed": LIMIT}, 0, "fine"),
        ({"problems": ("the fake died",)}, 2, "could not be judged, with no finding so far"),
        ({"interrupted": True, "findings": (CRASH,)}, 130, "interrupted, with 1 finding"),
    ],
)
def test_what_a_run_comes_to(changes: dict[str, object], status: int, sentence: str) -> None:
    one = summary(**changes)
    assert (one.status, one.sentence) == (status, sentence)


def test_a_finding_says_what_happened_and_how_to_see_it_again() -> None:
    text = write_text(BROKEN, directory=DIRECTORY)
    assert text.startswith(
        "LEAKED-SESSION\n"
        "  server    sendTask, time 1: status (row rate-limit): the call is refused\n"
        "  client    the client left the session that it knew without a stop\n"
        "  printed   connecting\n"
        "            no task: <429>\n"
        "  also      1 other single deviation: sendTask slow\n"
        "  plan      out/leaked-session-sendTask-status.json\n"
        "  again     heygen-contract fuzz --plan out/leaked-session-sendTask-status.json "
        "--media none -- python 'my client.py'\n"
        "  by hand   heygen-mock serve --plan out/leaked-session-sendTask-status.json\n"
    )
    assert "UNHANDLED-ERROR  (not confirmed)" in text
    assert "            | KeyError: 1" in text
    assert "seen once, and not again (no finding):\n  hang: [{" in text
    assert "1 deviation could not show with this client: frozen" in text
    assert text.endswith(
        "2 findings: 6 single deviations, 3 combinations, 2 runs to shrink and confirm, in 12.3 s; "
        "seed 7\n"
    )


def test_a_hang_is_told_with_what_may_be_behind_it() -> None:
    hang = Finding(BROKEN.flaky[0].verdict, BROKEN.flaky[0].outcome)
    hint = "(a client whose own time limits are longer: say so with --timeout)"
    assert hint in write_text(summary(findings=(hang,)))
    assert hint in write_page(summary(findings=(hang,)))
    assert hint not in write_text(FINE) + write_page(FINE)


def test_what_a_leak_would_cost_is_told_with_it() -> None:
    leak = replace(LEAK, verdict=replace(LEAK.verdict, cost="it would cost 1 credit"))
    said = "the client left the session that it knew without a stop; it would cost 1 credit"
    assert as_data(summary(findings=(leak,)))["findings"][0]["client"] == said


def test_a_run_without_findings_is_a_line() -> None:
    assert write_text(FINE) == (
        "no finding: 6 single deviations, 3 combinations, 2 runs to shrink and confirm, in 12.3 s; "
        "seed 7\n"
    )
    assert write_text(summary(replayed=LIMIT)) == "fine: 1 plan, in 12.3 s; seed 7\n"
    text = write_text(summary(problems=("the fake died",)))
    assert text.startswith("problem: the fake died\n")


def test_the_json_has_what_a_program_needs() -> None:
    data = json.loads(json.dumps(as_data(BROKEN, directory=DIRECTORY)))
    assert (data["version"], data["kind"], data["status"]) == (1, "fuzz", 1)
    assert data["client"] == ["--", "python", "my client.py"]
    assert data["healthy"]["operations"] == {"newSession": 1, "sendTask": 1, "stopSession": 1}
    assert data["healthy"]["milestones"]["spoken"] == 1
    assert data["runs"] == {"sweep": 6, "planned": 6, "combinations": 3, "shrinking": 2}
    leak = data["findings"][0]
    assert leak["verdict"] == "leaked-session"
    assert leak["plan"] == LIMIT.data
    assert leak["file"] == "leaked-session-sendTask-status.json"
    assert leak["again"].startswith("heygen-contract fuzz --plan out/leaked")
    assert leak["exit"] == "status 1"
    assert leak["also"] == [{"on": "sendTask", "nth": 1, "do": "slow", "ms": 500}]
    assert leak["requests"][1] == {
        "t": 0.3, "operation": "sendTask", "method": "POST", "path": "/v1/sendTask",
        "status": 429, "faults": [0],
    }  # fmt: skip
    assert data["findings"][1]["confirmed"] is False
    assert data["flaky"][0]["verdict"] == "hang"
    assert data["not_applied"][0]["reason"].startswith("it begins after 9 s")
    assert as_data(summary(replayed=LIMIT))["replayed"] == LIMIT.data


def test_the_json_tells_what_was_chosen() -> None:
    names = ("only", "sweep_only", "minutes")
    assert [as_data(FINE)[name] for name in names] == [None, False, None]
    chosen = as_data(summary(only=("wire", "status"), combine=False, allowed=90.0))
    assert [chosen[name] for name in names] == [["wire", "status"], True, 1.5]


@pytest.mark.parametrize(
    ("stopped", "signal", "words"),
    [
        ("limit", None, "stopped at the limit"),
        ("storm", None, "stopped, because it called too often"),
        ("interrupted", None, "stopped by the user"),
        (None, 11, "signal 11"),
    ],
)
def test_an_end_is_told_in_words(stopped: Why | None, signal: int | None, words: str) -> None:
    assert Ended(1.0, None, signal, stopped).how == words


def test_command_lines_are_written_for_a_shell() -> None:
    odd = Path("my plans; rm")
    text, page = write_text(BROKEN, directory=odd), write_page(BROKEN, directory=odd)
    file = "'my plans; rm/leaked-session-sendTask-status.json'"
    assert f"  again     heygen-contract fuzz --plan {file} --media none -- python" in text
    assert f"  by hand   heygen-mock serve --plan {file}\n" in text
    assert f"heygen-mock serve --plan {escape(file)}<" in page


def test_of_a_long_line_the_beginning_is_shown() -> None:
    long = replace(LEAK, outcome=outcome(output="a\n" + "x" * 5000, status=1))
    assert f"\n            {'x' * 300}...\n" in write_text(summary(findings=(long,)))


def test_junit_has_a_failure_for_a_finding_and_a_case_for_what_was_not_found() -> None:
    root = ET.fromstring(write_junit(BROKEN))
    suite = root[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("9", "2", "1")
    failure = suite[0].find("failure")
    assert failure is not None
    assert failure.get("message") == "the client left the session that it knew without a stop"
    assert "plan: [" in (failure.text or "")
    names = [str(case.get("name")) for case in suite]
    assert names[0] == "leaked-session leaked-session-sendTask-status"
    assert any(name.startswith("no hang: did not end") for name in names)
    problem = ET.fromstring(write_junit(summary(problems=("the fake\x00 died",))))
    assert problem[0].get("errors") == "1"
    replayed = ET.fromstring(write_junit(summary(replayed=LIMIT)))
    assert [case.get("classname") for case in replayed[0]] == ["heygen-contract.fuzz.replay"]


class _Checker(HTMLParser):
    """Notes what a page loads, and the tags that are left open."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loads += [str(value) for name, value in attrs if name in ("src", "href")]
        if tag not in ("meta", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("one", [FINE, BROKEN, summary(problems=("<b>",), interrupted=True)])
def test_the_page_is_whole_and_loads_nothing(one: object) -> None:
    page = write_page(one, directory=DIRECTORY)  # type: ignore[arg-type]
    checker = _Checker()
    checker.feed(page)
    assert checker.open == []
    assert checker.loads == ["data:,"]
    assert "{{" not in page


def test_the_page_shows_what_was_printed_as_text() -> None:
    page = write_page(BROKEN, directory=DIRECTORY)
    assert "no task: &lt;429&gt;" in page
    assert "Fuzzing of python &#x27;my client.py&#x27;" in page
    assert "deviation 1" in page
    many = outcome(calls=[call("sendTask", n) for n in range(250)])
    assert "and 50 more" in write_page(summary(healthy_run=many))


def test_files_are_written_and_others_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    theirs = tmp_path / "out" / "hang-by-hand.json"
    theirs.write_text("[]")
    write_files(BROKEN, tmp_path / "out")
    names = {file.name for file in (tmp_path / "out").iterdir()}
    assert names == {
        "junit.xml", "report.json", "report.html", "hang-by-hand.json",
        "leaked-session-sendTask-status.json", "unhandled-error-sendTask-slow.json",
    }  # fmt: skip
    assert read_plan(tmp_path / "out" / "leaked-session-sendTask-status.json") == LIMIT


def test_a_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(UnableError, match=r"-o .*file: .*; give another"):
        write_files(FINE, file)


def test_a_directory_that_a_client_took_away_is_made_again(tmp_path: Path) -> None:
    write_files(FINE, tmp_path / "gone")
    assert (tmp_path / "gone" / "report.html").exists()
