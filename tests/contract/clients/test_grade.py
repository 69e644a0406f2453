"""The grade of one run, and the runs of one client."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from contract.clients.cases import choose
from contract.clients.cases.case import Case, Demand, Evidence, play
from contract.clients.catalogue import load_catalogue
from contract.clients.grade import (
    GRADES,
    MEANING,
    Candidate,
    Grade,
    Graded,
    assess,
    gives_occasion,
    grade,
)
from contract.clients.healthy import healthy_of
from contract.clients.outcome import Outcome
from contract.clients.plan import Plan
from contract.clients.runner import Address, Ended, Runner, Watch
from tests.contract.clients.catalogues import call, healthy, life, outcome
from tests.contract.clients.scripts import client, runner

EVIDENCE = Evidence("inferred", "our guess")


def case(demand: Demand = "succeed", *, name: str = "ERR-500", deviations: int = 1) -> Case:
    one = {"on": "listSessions", "nth": 1, "do": "status", "row": "internal-error"}
    plan = play(*[one] * deviations)
    return Case(name, "An error", "It fails.", "Says so.", demand, plan, EVIDENCE)


def graded(demand: Demand, run: Outcome) -> tuple[Grade, str]:
    result = assess(case(demand), run, healthy())
    return result.grade, result.said


WELL = outcome()
REFUSED = outcome(status=1, sessions=[life()], output="oh\nno list: 500\n")
HANGS = outcome(status=None, stopped="limit", seconds=3.0)


@pytest.mark.parametrize(
    ("demand", "well", "refused", "hangs"),
    [
        ("succeed", "ok", "non-strict", "failed"),
        ("report", "non-strict", "ok", "failed"),
        ("refuse", "failed", "ok", "failed"),
        ("either", "ok", "ok", "failed"),
        ("observe", "informational", "informational", "informational"),
    ],
)
def test_the_grade_follows_from_what_is_asked(
    demand: Demand, well: Grade, refused: Grade, hangs: Grade
) -> None:
    grades = [graded(demand, run)[0] for run in (WELL, REFUSED, HANGS)]
    assert grades == [well, refused, hangs]


def test_what_the_client_did_is_told() -> None:
    assert graded("succeed", WELL)[1] == "came as far as when healthy"
    assert graded("report", REFUSED)[1] == "ended with an error (status 1): no list: 500"
    silent = replace(REFUSED, ended=replace(REFUSED.ended, output=""))
    assert graded("report", silent)[1] == "ended with an error (status 1), without a word"
    assert graded("succeed", HANGS)[1] == "had not ended after 3.0 s (0.6 s when healthy)"


@pytest.mark.parametrize(
    ("run", "verdict"),
    [
        (outcome(sessions=[life()]), "silent-failure"),
        (
            outcome(status=1, calls=[call("newSession")], sessions=[life(closed="")]),
            "leaked-session",
        ),
        (outcome(status=None, signal=11), "killed"),
        (outcome(total=100, stopped="storm", status=None), "retry-storm"),
    ],
)
def test_every_verdict_is_a_failure(run: Outcome, verdict: str) -> None:
    result = assess(case("either"), run, healthy())
    assert (result.grade, result.verdicts) == ("failed", (verdict,))


def test_a_case_of_which_nothing_was_applied_is_not_exercised() -> None:
    unused = outcome(unused=[0])
    result = assess(case(), unused, healthy())
    assert (result.grade, result.said) == ("not exercised", "gave no occasion for it")
    two = assess(case(deviations=2), unused, healthy())
    assert two.grade == "ok"


def test_a_client_that_never_connects_has_no_connection_to_refuse() -> None:
    measure = healthy_of([outcome(sessions=[life()])])
    result = assess(case("refuse"), outcome(sessions=[life()]), measure)
    assert result.grade == "not exercised"


@pytest.mark.parametrize(
    ("on", "occasion"), [("sendTask", True), ("peer", True), ("listVoices", False), ("room", False)]
)
def test_a_case_is_played_to_who_comes_to_what_it_is_about(on: str, occasion: bool) -> None:
    one = replace(case(), plan=play({"on": on, "nth": 1, "do": "status"}))
    assert gives_occasion(one, healthy()) is occasion
    both = replace(case(), plan=Plan((*one.plan, *case().plan)))
    assert gives_occasion(both, healthy()) is occasion


@pytest.mark.parametrize(("version", "plays"), [("v1", True), ("v2", False), (None, True)])
def test_a_case_of_one_version_is_for_clients_of_that(version: Any, plays: bool) -> None:
    one = replace(case(), version=version, plan=play({"on": "newSession", "do": "reordered"}))
    assert gives_occasion(one, healthy()) is plays
    visitor = replace(healthy(), visits=1)
    assert gives_occasion(one, visitor) is (version != "v1")


def test_every_grade_has_a_meaning() -> None:
    assert tuple(MEANING) == GRADES


# whole runs, with real commands and a real fake without media


class Notes:
    def __init__(self, *, stop_at: int = 0) -> None:
        self.lines: list[str] = []
        self.phases: list[str] = []
        self._stop_at = stop_at

    def began(self, phase: str, total: int | None, *, of: str = "run") -> None:
        self.phases.append(phase)

    def moved(self, done: int, said: str) -> None:
        if done == self._stop_at:
            raise KeyboardInterrupt

    def note(self, text: str) -> None:
        self.lines.append(text)


def run(
    words: Sequence[str], cases: Sequence[Case], *, notes: Notes | None = None, jobs: int = 2
) -> Graded:
    one = runner(*words)

    @contextmanager
    def hire() -> Iterator[Runner]:
        yield one

    return grade(
        Candidate("mine", tuple(words), hire),
        cases,
        catalogue=load_catalogue(),
        screen=notes or Notes(),
        jobs=jobs,
        media="none",
    )


@pytest.mark.process
def test_a_client_is_graded_in_every_case_in_their_order(tmp_path: Path) -> None:
    other = play({"on": "sendTask", "nth": 1, "do": "status", "row": "rate-limit"})
    cases = [case("report"), replace(case("either"), id="ERR-OTHER", plan=other)]
    found = run(client(tmp_path, "careful"), cases)
    assert [(one.case.id, one.grade) for one in found.results] == [
        ("ERR-500", "ok"),
        ("ERR-OTHER", "not exercised"),
    ]
    assert (found.count("ok"), found.problem, found.interrupted) == (1, "", False)
    assert found.healthy is not None


@pytest.mark.process
def test_what_fails_is_run_again_and_told(tmp_path: Path) -> None:
    notes = Notes()
    found = run(client(tmp_path, "leaky"), [case("report")], notes=notes)
    assert [one.grade for one in found.results] == ["failed"]
    assert found.results[0].verdicts == ("leaked-session",)
    assert notes.phases == ["mine, healthy (at most 120 s each)", "mine", "once more, what failed"]
    assert notes.lines[0].startswith("mine ERR-500: it left the session that it knew")


@pytest.mark.process
def test_ctrl_c_keeps_what_was_graded(tmp_path: Path) -> None:
    cases = [case("report"), replace(case("report"), id="ERR-OTHER"), replace(case(), id="ERR-3RD")]
    found = run(client(tmp_path, "careful"), cases, notes=Notes(stop_at=1), jobs=1)
    assert found.interrupted
    assert len(found.results) >= 1


@pytest.mark.process
def test_a_client_that_fails_when_healthy_cannot_be_graded(tmp_path: Path) -> None:
    found = run(["false"], [case()])
    assert (found.results, found.healthy) == ((), None)
    assert found.problem.startswith(
        "the client fails when nothing is wrong: it ended with status 1"
    )


def moody(tmp_path: Path, ended: Ended, *, visits: bool) -> Graded:
    """Of a careful client whose third run is told to end so, with or without a visit."""
    runs: list[Ended] = []
    well = runner(*client(tmp_path, "careful"))

    class Moody:
        def run(self, at: Address, *, limit: float, watch: Watch) -> Ended:
            third = len(runs) == 2
            runs.append(well.run(at, limit=limit, watch=watch) if visits or not third else ended)
            return ended if third else runs[-1]

    @contextmanager
    def hire() -> Iterator[Runner]:
        yield Moody()

    found = grade(
        Candidate("moody", (), hire),
        [case("report")],
        catalogue=load_catalogue(),
        screen=Notes(),
        jobs=1,
        media="none",
    )
    assert len(runs) == 4  # two of them healthy
    return found


@pytest.mark.process
def test_what_fails_once_and_not_again_is_no_failure(tmp_path: Path) -> None:
    found = moody(tmp_path, Ended(0.1, signal=11), visits=True)
    assert [one.grade for one in found.results] == ["ok"]
    assert found.results[0].said.endswith("(but failed once: it was ended by signal 11)")


@pytest.mark.process
def test_who_gave_up_before_anything_was_done_is_tried_again(tmp_path: Path) -> None:
    found = moody(tmp_path, Ended(0.1, status=1), visits=False)
    assert [one.grade for one in found.results] == ["ok"]
    assert "once" not in found.results[0].said


@pytest.mark.process
def test_rooms_are_played_to_nobody_who_never_joins_one(tmp_path: Path) -> None:
    notes = Notes()
    found = run(client(tmp_path, "careful"), choose(["ROOM", "CHAT"]), notes=notes)
    assert {one.grade for one in found.results} == {"not exercised"}
    assert {one.outcome.ended.how for one in found.results} == {"not run"}


@pytest.mark.process
def test_clients_of_rooms_are_graded_in_their_cases() -> None:
    clients = Path(__file__).parents[2] / "clients"
    cases = choose(["ROOM-UNKNOWN-MESSAGE", "ROOM-GARBAGE-MESSAGE", "CHAT-STALLED"])
    found = run([sys.executable, str(clients / "fussy.py")], cases)
    assert [(one.grade, one.verdicts) for one in found.results] == [
        ("ok", ()),
        ("failed", ("unhandled-error",)),
        ("not exercised", ()),
    ]
