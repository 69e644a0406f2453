"""From what was seen to findings: shrunk, and seen again with nothing else running."""

from __future__ import annotations

from contract.clients.course import Course
from contract.clients.outcome import Outcome
from contract.clients.plan import Plan
from contract.clients.shrink import Budget, shrink
from contract.clients.sightings import Finding, Key, file_name
from contract.clients.verdicts import Verdict

_TRIES = 3
"""Plans of one finding that are tried before it is called flaky."""
_TRIES_OF_A_HANG = 8
"""Of hangs more: some may be of clients that only have a longer time limit of their own."""


def settle(course: Course) -> None:
    """Makes findings of what was seen and is none yet: shrunk, and seen again alone."""
    settled = {finding.verdict.key for finding in course.findings} | course.doubted
    fresh = [key for key in course.sightings.worst_first() if key not in settled]
    if fresh:
        course.screen.began("confirm", len(fresh), of="finding")
    doubted = 0
    for number, key in enumerate(fresh, 1):
        finding = _confirmed(course, key)
        if finding is None:
            doubted += 1
            course.doubted.add(key)
            course.flaky.append(course.sightings.of(key)[0])
        else:
            course.findings.append(finding)
        not_again = f", {doubted} not seen again" if doubted else ""
        course.screen.moved(number, f"{number - doubted} confirmed{not_again}")


def _confirmed(course: Course, key: Key) -> Finding | None:
    def run(plan: Plan) -> bool:
        outcome, verdicts = course.alone(plan)
        keys = frozenset(verdict.key for verdict in verdicts)
        course.sightings.known[plan.text] = keys
        return outcome.consumed and key in keys

    # One for all tries: a finding is worth so many runs.
    breaks = Budget(run, known=lambda plan: course.sightings.leads_to(plan, key))
    hang = key[0] == "hang"
    for sighting in course.sightings.of(key)[: _TRIES_OF_A_HANG if hang else _TRIES]:
        unused = sighting.outcome.after.unused
        plan = shrink(sighting.plan, unused=unused, catalogue=course.catalogue, breaks=breaks)
        outcome, verdicts = course.alone(plan, patient=hang)
        again = next((verdict for verdict in verdicts if verdict.key == key), None)
        if again is not None and outcome.consumed:
            return _finding(course, again, outcome)
    return None


def _finding(
    course: Course, verdict: Verdict, outcome: Outcome, *, confirmed: bool = True
) -> Finding:
    also = tuple(
        one for one in course.sightings.singles(verdict.key) if Plan((one,)) != outcome.plan
    )
    name = file_name(verdict, outcome.plan, course.names)
    return Finding(verdict, outcome, also, confirmed, name)


def keep(course: Course) -> None:
    """What was seen and not yet confirmed, when the user wants no more."""
    settled = {finding.verdict.key for finding in course.findings} | course.doubted
    for key in course.sightings.worst_first():
        if key not in settled:
            best = course.sightings.of(key)[0]
            course.findings.append(_finding(course, best.verdict, best.outcome, confirmed=False))
