"""A recording against the contract: every exchange, with what was going on beside it."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Sequence

from contract.exchange import Exchange
from contract.findings import Findings, Profile
from contract.model.knowledge import Knowledge
from contract.monitor import Monitor
from contract.spec import Answers, Schema, Shape, Spec

_SINGLE: tuple[Shape, Shape] = ("documented", "recorded")


def judge(
    exchanges: Sequence[Exchange],
    spec: Spec,
    *,
    profile: Profile = "real",
    answers: Answers = "auto",
) -> tuple[Findings, Shape | None]:
    """What breaks a rule, and the shape of answers that was held (None when none succeeded).

    The exchanges may overlap and come in any order. What happened before, after and beside them
    is unknown, not wrong: other programs may use the same keys, and sessions and tokens may be
    older than the recording. ``auto`` is the shape that most answers have: who sees all of them
    need not trust the first.
    """
    if answers == "auto":
        answers = shape_of(exchanges, spec) or "auto"
    findings = Findings(spec, profile)
    knowledge = Knowledge(complete=False, exclusive=False)
    monitor = Monitor(spec, findings, answers=answers, knowledge=knowledge)
    starts = deque(sorted(exchanges, key=lambda exchange: exchange.began))
    under_way: dict[int, Exchange] = {}
    for exchange in sorted(exchanges, key=lambda each: (each.ended, each.number)):
        while starts and starts[0].began <= exchange.ended:
            begun = starts.popleft()
            under_way[begun.number] = begun
        under_way.pop(exchange.number, None)
        monitor.observe(exchange, during=list(under_way.values()))
    return findings, monitor.shape


def shape_of(exchanges: Iterable[Exchange], spec: Spec) -> Shape | None:
    """The shape that most answers have, by the fields that only one shape asks for.

    None where no answer tells.
    """
    votes: Counter[Shape] = Counter()
    for exchange in exchanges:
        operation = spec.at(exchange.request.method, exchange.request.path)
        if operation is None or exchange.response.status != 200:
            continue
        names = {shape: _required(operation.answers[200][shape]) for shape in _SINGLE}
        if names["documented"] == names["recorded"]:
            continue
        try:
            body = exchange.response.json
        except ValueError:
            continue
        shown = body.keys() if isinstance(body, dict) else frozenset()
        fits = [shape for shape in _SINGLE if names[shape] <= shown]
        if fits:
            votes["union" if len(fits) == 2 else fits[0]] += 1
    return votes.most_common(1)[0][0] if votes else None


def _required(schema: Schema) -> frozenset[str]:
    return frozenset(schema.target.get("required", ()))
