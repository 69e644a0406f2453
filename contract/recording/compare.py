"""Two servers' answers to the same requests, side by side, with a verdict on each difference."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from contract.exchange import Exchange
from contract.findings import Profile, Violation
from contract.recording.judge import judge
from contract.recording.normal import ABSENT, CODE, STATUS, Names, answer_of
from contract.spec import Spec

Verdict = Literal["spec", "fake", "recording", "both allowed"]
MEANING: Mapping[Verdict, str] = {
    "spec": "the recorded answer breaks the contract: it does not describe what was recorded",
    "fake": "the target's answer breaks the contract",
    "recording": "the outcome differs, and the contract allows both: only the recording can say",
    "both allowed": "the contract leaves it open",
}

_OUTCOME = frozenset({STATUS, CODE})
_REFUSAL = frozenset({STATUS, CODE, "code", "message", "content type"})
_ALIKE = 4.0
"""Factor within which two voices may take their time for the same text."""


@dataclass(frozen=True, slots=True)
class Difference:
    """``number`` is that of the exchange; ``place`` is in its answer; ``violations`` are why."""

    number: int
    request: str
    place: str
    recorded: str
    replayed: str
    verdict: Verdict
    violations: tuple[Violation, ...] = ()


def compare(
    recorded: Sequence[Exchange], replayed: Sequence[Exchange], spec: Spec
) -> list[Difference]:
    """How the answers differ beyond what differs from run to run, in the order of the requests.

    Exchanges of the same number belong together. Both sides are judged by the contract, the
    recording as that of a real service; the verdict says who is to be looked at. What either
    breaks is told even where the answers do not differ.
    """
    pairs = _pairs(recorded, replayed)
    names = _names(pairs, spec)
    broken = (_broken(recorded, spec, "real"), _broken(replayed, spec, "strict"))
    found: list[Difference] = []
    for one, other in pairs:
        faults = (broken[0][one.number], broken[1][one.number])
        found += _differences(one, other, spec, names, faults)
    return found


def _pairs(
    recorded: Sequence[Exchange], replayed: Sequence[Exchange]
) -> list[tuple[Exchange, Exchange]]:
    others = {exchange.number: exchange for exchange in replayed}
    ordered = sorted(recorded, key=lambda exchange: (exchange.began, exchange.number))
    return [(e, others[e.number]) for e in ordered if e.number in others]


def _broken(
    exchanges: Sequence[Exchange], spec: Spec, profile: Profile
) -> dict[int, list[Violation]]:
    findings, _ = judge(exchanges, spec, profile=profile)
    broken: dict[int, list[Violation]] = defaultdict(list)
    for violation in findings.violations:
        if violation.history:
            broken[violation.history[-1].number].append(violation)
    return broken


def _names(pairs: list[tuple[Exchange, Exchange]], spec: Spec) -> tuple[Names, Names]:
    """Ids that stand in the same place of a pair are each other's counterparts."""
    names = (Names(), Names())
    for one, other in pairs:
        both = (_ids(one, spec), _ids(other, spec))
        for kind in both[0].keys() & both[1].keys():
            for side, ids in zip(names, both, strict=True):
                side.known.setdefault(ids[kind], f"{kind} of entry {one.number}")
    return names


def _ids(exchange: Exchange, spec: Spec) -> dict[str, str]:
    request, response = exchange.request, exchange.response
    operation = spec.at(request.method, request.path)
    found = {"session": _member(request.members, "session_id")}
    if operation is not None and response.status == 200:
        body = response.members
        data = body.get("data")
        inner = data if isinstance(data, dict) else {}
        if operation.id == "newSession":
            found["session"] = _member(inner, "session_id")
        elif operation.id == "sendTask":
            found["task"] = _member(inner, "task_id") or _member(body, "task_id")
        elif operation.id == "createToken":
            found["token"] = _member(inner, "token")
    return {kind: value for kind, value in found.items() if value}


def _differences(
    one: Exchange,
    other: Exchange,
    spec: Spec,
    names: tuple[Names, Names],
    faults: tuple[list[Violation], list[Violation]],
) -> Iterator[Difference]:
    request = f"{one.request.method} {one.request.path}"
    left, right = answer_of(one, spec, names[0]), answer_of(other, spec, names[1])
    places = dict.fromkeys((*left, *right))
    if left[STATUS] != right[STATUS]:
        places = {place: None for place in places if place in _REFUSAL}
    if "response body" in one.unknown:
        places = {place: None for place in places if place in left}
    told: set[int] = set()
    for place in places:
        a, b = left.get(place, ABSENT), right.get(place, ABSENT)
        if a == b or _alike(place, a, b, one):
            continue
        mine, theirs = _at(place, faults[0]), _at(place, faults[1])
        told.update(map(id, (*mine, *theirs)))
        yield Difference(
            one.number, request, place, a, b, _verdict(place, mine, theirs), (*mine, *theirs)
        )
    for violation in faults[0]:
        if id(violation) not in told:
            place = violation.field or "answer"
            shown = right.get(place, "")
            yield Difference(
                one.number, request, place, violation.actual, shown, "spec", (violation,)
            )
    for violation in faults[1]:
        if id(violation) not in told:
            place = violation.field or "answer"
            shown = left.get(place, "")
            yield Difference(
                one.number, request, place, shown, violation.actual, "fake", (violation,)
            )


def _verdict(place: str, mine: list[Violation], theirs: list[Violation]) -> Verdict:
    if mine:
        return "spec"
    if theirs:
        return "fake"
    return "recording" if place in _OUTCOME else "both allowed"


def _at(place: str, violations: list[Violation]) -> list[Violation]:
    """Those that speak of the place; one without a field speaks of the outcome."""
    bare = "code" if place == CODE else place.partition(" ")[0]
    return [
        violation
        for violation in violations
        if (place in _REFUSAL if violation.field is None else violation.field.startswith(bare))
    ]


def _alike(place: str, a: str, b: str, exchange: Exchange) -> bool:
    """Whether two durations are plausible for the same text; what a chat answers is open."""
    if place.rpartition(".")[2] != "duration_ms":
        return False
    try:
        first, second = float(a), float(b)
    except ValueError:
        return False
    if min(first, second) <= 0:
        return first == second
    chat = exchange.request.members.get("task_type") in ("chat", "talk")
    return chat or max(first, second) / min(first, second) <= _ALIKE


def _member(value: Mapping[str, Any], name: str) -> str:
    found = value.get(name)
    return found if isinstance(found, str) else ""
