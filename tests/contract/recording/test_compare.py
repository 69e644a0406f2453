"""Two servers side by side: what only differs from run to run, and who is to be looked at."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest

from contract.exchange import Exchange, Response
from contract.recording.compare import Difference, compare
from contract.recording.recording import Recording
from contract.spec import Spec

OTHER_ID = "7f86a0a2-bd4e-11ef-8f3a-0242ac110002"
OTHER_TASK = "8f86a0a2-bd4e-11ef-8f3a-0242ac110002"


def edited(
    exchanges: tuple[Exchange, ...], path: str, edit: Callable[[Any], object], *, status: int = 200
) -> list[Exchange]:
    """With the answers to calls of ``path`` changed."""

    def change(exchange: Exchange) -> Exchange:
        if not exchange.request.path.endswith(path):
            return exchange
        body = json.loads(exchange.response.body)
        edit(body)
        response = dataclasses.replace(
            exchange.response, status=status, body=json.dumps(body).encode()
        )
        return dataclasses.replace(exchange, response=response)

    return [change(exchange) for exchange in exchanges]


def told(differences: list[Difference]) -> list[tuple[str, str, str, str]]:
    return [(d.place, d.recorded, d.replayed, d.verdict) for d in differences]


def test_a_recording_does_not_differ_from_itself(session: Recording, spec: Spec) -> None:
    assert compare(session.exchanges, session.exchanges, spec) == []


def test_ids_tokens_and_times_of_another_run_are_no_difference(
    session: Recording, spec: Spec
) -> None:
    first = session.exchanges[0].response.json["data"]["session_id"]
    text = repr(session.exchanges).replace(first, OTHER_ID)
    assert first not in text

    def later(exchange: Exchange) -> Exchange:
        def renamed(body: bytes) -> bytes:
            made = body.replace(first.encode(), OTHER_ID.encode())
            return made.replace(b'"created_at":17953', b'"created_at":17954')

        return dataclasses.replace(
            exchange,
            request=dataclasses.replace(exchange.request, body=renamed(exchange.request.body)),
            response=dataclasses.replace(exchange.response, body=renamed(exchange.response.body)),
            began=exchange.began + 100_000,
            ended=exchange.ended + 100_000,
        )

    assert compare(session.exchanges, [later(e) for e in session.exchanges], spec) == []


@pytest.mark.parametrize(
    ("path", "edit", "expected"),
    [
        (
            "streaming.new",
            lambda body: body["data"].update(ice_servers=["stun:stun.l.google.com:19302"]),
            [("data.ice_servers", "an empty list", "a list", "both allowed")],
        ),
        (
            "streaming.new",
            lambda body: body["data"].update(is_paid=False),
            [("data.is_paid", "True", "False", "both allowed")],
        ),
        (
            "streaming.list",
            lambda body: body["data"].update(more=1),
            [("data.more", "(absent)", "1", "both allowed")],
        ),
        (
            "streaming.keep_alive",
            lambda body: body.update(data={}),
            [("data", "None", "an empty object", "fake")],
        ),
        (
            "streaming.new",
            lambda body: body["data"].update(session_duration_limit="600"),
            [("data.session_duration_limit", "600", "'600'", "fake")],
        ),
    ],
)
def test_a_difference_is_the_target_s_fault_or_allowed(
    path: str,
    edit: Callable[[Any], object],
    expected: list[tuple[str, str, str, str]],
    session: Recording,
    spec: Spec,
) -> None:
    replayed = edited(session.exchanges, path, edit)
    assert told(compare(session.exchanges, replayed, spec)) == expected


def test_a_recorded_answer_that_breaks_the_contract_speaks_against_the_contract(
    session: Recording, spec: Spec
) -> None:
    recorded = edited(session.exchanges, "streaming.keep_alive", lambda body: body.update(data={}))
    (difference,) = compare(recorded, session.exchanges, spec)
    assert told([difference]) == [("data", "an empty object", "None", "spec")]
    assert [violation.rule.id for violation in difference.violations] == ["answer-schema"]


def test_what_both_break_is_told_although_they_do_not_differ(
    session: Recording, spec: Spec
) -> None:
    both = edited(session.exchanges, "streaming.keep_alive", lambda body: body.update(data={}))
    assert {d.verdict for d in compare(both, both, spec)} == {"spec", "fake"}


def test_another_outcome_that_the_contract_allows_too_is_for_the_recording_to_say(
    session: Recording, spec: Spec
) -> None:
    """A recorded rate limit says something of that day, and breaks nothing."""
    limited = Response(
        429,
        (("content-type", "application/json"),),
        b'{"code":400123,"message":"Exceed rate limit"}',
    )
    recorded = [
        dataclasses.replace(e, response=limited) if e.request.path.endswith("keep_alive") else e
        for e in session.exchanges
    ]
    assert told(compare(recorded, session.exchanges, spec)) == [
        ("HTTP status", "429", "200", "recording"),
        ("error code", "400123", "(absent)", "recording"),
        ("message", "rate-limit", "success", "both allowed"),
        ("code", "(absent)", "100", "both allowed"),
    ]


def test_a_duration_may_differ_as_voices_do_and_not_by_a_unit(
    session: Recording, spec: Spec
) -> None:
    def scaled(factor: float) -> list[Difference]:
        def edit(body: Any) -> None:
            body["duration_ms"] = body["data"]["duration_ms"] = body["duration_ms"] * factor

        spoken = [e for e in session.exchanges if e.response.status == 200]
        return compare(spoken, edited(tuple(spoken), "streaming.task", edit), spec)

    assert scaled(1.5) == []
    assert {d.place.rpartition(".")[2] for d in scaled(0.001)} == {"duration_ms"}


def test_an_offer_is_compared_by_what_it_promises(session: Recording, spec: Spec) -> None:
    def edit(body: Any) -> None:
        text = body["data"]["sdp"]["sdp"].replace("\r\n", "\n")
        body["data"]["sdp"]["sdp"] = text.replace("a=mid:1", "a=mid:1\na=x-new:1")

    assert told(
        compare(session.exchanges, edited(session.exchanges, "streaming.new", edit), spec)
    ) == [("data.sdp.sdp line ends", "CRLF", "LF", "both allowed")]


def test_what_the_recording_leaves_out_is_not_compared(session: Recording, spec: Spec) -> None:
    empty = [
        dataclasses.replace(
            e,
            response=dataclasses.replace(e.response, body=b""),
            unknown=frozenset({"response body"}),
        )
        for e in session.exchanges
    ]
    assert compare(empty, session.exchanges, spec) == []
