"""Grades a client: every case of the suite once, and what is in doubt once more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Literal

from contract.clients.calibrate import calibrate, limit_of, patience_of
from contract.clients.cases.case import Case
from contract.clients.catalogue import Catalogue
from contract.clients.course import own_mistakes
from contract.clients.crew import Crew, Order
from contract.clients.healthy import Healthy
from contract.clients.interrupts import first_done
from contract.clients.last_words import last_words
from contract.clients.outcome import Aftermath, Outcome
from contract.clients.runner import Ended, Hire
from contract.clients.screen import Screen
from contract.clients.stage import Media
from contract.clients.sweep import occasions
from contract.clients.verdicts import Kind, judge
from contract.unable import UnableError

Grade = Literal["ok", "non-strict", "failed", "informational", "not exercised"]
GRADES: tuple[Grade, ...] = ("ok", "non-strict", "failed", "informational", "not exercised")

MEANING: dict[Grade, str] = {
    "ok": "did what a good client does",
    "non-strict": "did no harm, but not what a good client does",
    "failed": "hung, crashed, left a session open, stormed, said that all was well when it was "
    "not, or went on where it must not",
    "informational": "nothing is asked; what it did is noted",
    "not exercised": "ended, or never called, before the server could do it",
}

_LAST_WORDS = 160
_NO_OCCASION = "gave no occasion for it"


@dataclass(frozen=True, slots=True)
class Result:
    """How a client fared in one case. ``said`` is what it did, as the end of a sentence."""

    case: Case
    grade: Grade
    said: str
    outcome: Outcome
    verdicts: tuple[Kind, ...] = ()


@dataclass(frozen=True, slots=True)
class Graded:
    """One client, with the results in the order of the cases. ``problem`` is why it could not be
    graded, or not to the end; ``healthy`` is None where it did not even do well when healthy.
    """

    name: str
    client: tuple[str, ...]
    results: tuple[Result, ...] = ()
    healthy: Healthy | None = None
    limit: float = 0.0
    problem: str = ""
    interrupted: bool = False

    def count(self, grade: Grade) -> int:
        """How many cases have that grade."""
        return sum(result.grade == grade for result in self.results)


def gives_occasion(case: Case, healthy: Healthy) -> bool:
    """Whether the client comes to anything that the case is about.

    Until something goes wrong it does what it does when healthy: nothing would.
    """
    if case.version is not None and case.version != ("v2" if healthy.visits else "v1"):
        return False
    return any(
        occasions(one.on, healthy, "real", event=one.parameters.get("type")) for one in case.plan
    )


def assess(case: Case, outcome: Outcome, healthy: Healthy) -> Result:
    """The grade of one run. Pure."""
    # What is to be refused is the connection: who has none when healthy has nothing to refuse.
    never = case.demand == "refuse" and not healthy.milestones.connected
    if never or len(outcome.after.unused) == len(case.plan):
        return Result(case, "not exercised", _NO_OCCASION, outcome)
    verdicts = judge(outcome, healthy)
    bad = "; ".join(verdict.said for verdict in verdicts)
    fine = outcome.ended.status == 0
    said = bad or ("came as far as when healthy" if fine else _refused(outcome))
    given = _grade(case, broken=bool(verdicts), fine=fine)
    return Result(case, given, said, outcome, tuple(dict.fromkeys(one.kind for one in verdicts)))


def _unplayed(case: Case) -> Result:
    return Result(case, "not exercised", _NO_OCCASION, Outcome(case.plan, Ended(0.0), Aftermath()))


def _grade(case: Case, *, broken: bool, fine: bool) -> Grade:
    match case.demand:
        case "observe":
            return "informational"
        case _ if broken:
            return "failed"
        case "succeed":
            return "ok" if fine else "non-strict"
        case "report":
            return "non-strict" if fine else "ok"
        case "refuse":
            return "failed" if fine else "ok"
        case "either":
            return "ok"


def _refused(outcome: Outcome) -> str:
    lines = last_words(outcome, most=1)
    last = f": {lines[0].strip()[:_LAST_WORDS]}" if lines else ", without a word"
    return f"ended with an error (status {outcome.ended.status}){last}"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A client that is to be graded. ``client`` are the words that run it."""

    name: str
    client: tuple[str, ...]
    hire: Hire


def grade(
    candidate: Candidate,
    cases: Sequence[Case],
    *,
    catalogue: Catalogue,
    screen: Screen,
    jobs: int,
    media: Media = "real",
    timeout: float | None = None,
) -> Graded:
    """Runs the client once with each case. Ctrl-C ends it early, with what was graded so far.

    Why a client could not be graded is told in the value, so that others can be.
    """
    graded = Graded(candidate.name, candidate.client)
    results: dict[str, Result] = {}
    ours: list[str] = []
    with Crew(candidate.hire, jobs=jobs, media=media) as crew:
        try:
            healthy, _ = calibrate(crew.run, screen=screen, name=candidate.name, timeout=timeout)
            limit = limit_of(healthy, timeout=timeout)
            graded = replace(graded, healthy=healthy, limit=limit)

            def order(case: Case, seconds: float = limit) -> Order:
                longest = seconds + catalogue.wait(case.plan)
                return Order(case.plan, longest, healthy.storm_in(longest))

            patience = patience_of(limit, timeout=timeout)

            played = [case for case in cases if gives_occasion(case, healthy)]
            for case in cases:
                if case not in played:
                    results[case.id] = _unplayed(case)
            before = len(results)
            screen.began(candidate.name, len(played))
            for case, outcome in _all(crew, played, order, jobs):
                ours += own_mistakes(outcome, healthy)
                result = results[case.id] = assess(case, outcome, healthy)
                if result.grade == "failed":
                    screen.note(f"{candidate.name} {case.id}: it {result.said}")
                failed = sum(one.grade == "failed" for one in results.values())
                screen.moved(len(results) - before, f"{failed} failed")
            _again(crew, results, lambda case: order(case, patience), healthy, screen)
        except KeyboardInterrupt:
            crew.abandon()
            graded = replace(graded, interrupted=True)
        except UnableError as problem:
            graded = replace(graded, problem=str(problem))
    kept = tuple(results[case.id] for case in cases if case.id in results)
    why = graded.problem or "; ".join(dict.fromkeys([*ours, *crew.troubles]))
    return replace(graded, results=kept, problem=why)


def _all(
    crew: Crew, cases: Sequence[Case], order: Callable[[Case], Order], jobs: int
) -> Iterator[tuple[Case, Outcome]]:
    """The outcomes as they come."""
    waiting: dict[Future[Outcome], Case] = {}
    left = list(reversed(cases))
    while left or waiting:
        while left and len(waiting) <= jobs:
            case = left.pop()
            waiting[crew.submit(order(case))] = case
        done, _ = first_done(waiting)
        for future in done:
            yield waiting.pop(future), future.result()


def _disturbed(result: Result) -> bool:
    """Whether the client gave up though nothing was done to it, as where a machine stalls."""
    untouched = len(result.outcome.after.unused) == len(result.case.plan)
    return untouched and result.outcome.ended.how not in ("not run", "status 0")


def _again(
    crew: Crew,
    results: dict[str, Result],
    order: Callable[[Case], Order],
    healthy: Healthy,
    screen: Screen,
) -> None:
    """A failure must be seen twice, the second time with nothing else running."""

    def alone(firsts: Sequence[Result], which: str) -> Iterator[tuple[Result, Result]]:
        if firsts:
            screen.began(f"once more, {which}", len(firsts))
        for number, first in enumerate(firsts, 1):
            second = assess(first.case, crew.run(order(first.case)), healthy)
            yield first, second
            again = sum(results[one.case.id].grade == "failed" for one in firsts[:number])
            screen.moved(number, f"{again} failed")

    disturbed = [result for result in results.values() if _disturbed(result)]
    for first, second in alone(disturbed, "what gave up early"):
        results[first.case.id] = second
    failed = [result for result in results.values() if result.grade == "failed"]
    for first, second in alone(failed, "what failed"):
        once = f"{second.said} (but failed once: it {first.said})"
        well = second.grade != "failed"
        results[first.case.id] = replace(second, said=once) if well else second
