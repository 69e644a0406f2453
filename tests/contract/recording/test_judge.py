"""A recorded session of the official SDK, as it was and with one thing changed."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest

from contract.exchange import Exchange, Headers
from contract.recording.judge import judge
from contract.recording.recording import Recording
from contract.spec import Spec

Edit = Callable[[Any], None]


def test_a_recorded_session_of_the_official_sdk_breaks_no_rule(
    session: Recording, spec: Spec
) -> None:
    for profile in ("strict", "real"):
        findings, shape = judge(session.exchanges, spec, profile=profile)
        assert findings.violations == []
        assert shape == "union"
        assert findings.checked["session-closed"] == 1


def answer(name: str, nth: int = 0, **changes: object) -> Callable[[list[Exchange]], None]:
    """Sets fields of the answer to the nth call of ``name``; ``__`` goes into an object."""

    def edit(body: Any) -> None:
        for path, value in changes.items():
            *way, last = path.split("__")
            place = body
            for step in way:
                place = place[int(step) if step.isdecimal() else step]
            if value is GONE:
                del place[last]
            else:
                place[last] = value

    return lambda exchanges: _change(exchanges, name, nth, body=edit)


def head(
    name: str, nth: int = 0, *, status: int | None = None, headers: Headers | None = None
) -> Callable[[list[Exchange]], None]:
    return lambda exchanges: _change(exchanges, name, nth, status=status, headers=headers)


def refused(name: str, code: int, message: str) -> Callable[[list[Exchange]], None]:
    def edit(body: Any) -> None:
        body.clear()
        body.update(code=code, message=message)

    return lambda exchanges: _change(exchanges, name, 0, body=edit, status=400)


def same_as_before(name: str, *path: str) -> Callable[[list[Exchange]], None]:
    """The second answer of ``name`` carries the first one's value."""

    def edit(exchanges: list[Exchange]) -> None:
        first = json.loads(exchanges[_nth(exchanges, name, 0)].response.body)
        for step in path:
            first = first[step]
        answer(name, 1, **{"__".join(path): first, path[-1]: first})(exchanges)

    return edit


GONE = object()


def _nth(exchanges: list[Exchange], name: str, nth: int) -> int:
    places = [i for i, e in enumerate(exchanges) if e.request.path.endswith(name)]
    return places[nth]


def _change(
    exchanges: list[Exchange],
    name: str,
    nth: int,
    *,
    body: Edit | None = None,
    status: int | None = None,
    headers: Headers | None = None,
) -> None:
    at = _nth(exchanges, name, nth)
    response = exchanges[at].response
    content = response.body
    if body is not None:
        value = json.loads(content)
        body(value)
        content = json.dumps(value).encode()
    exchanges[at] = dataclasses.replace(
        exchanges[at],
        response=dataclasses.replace(
            response,
            status=response.status if status is None else status,
            headers=response.headers if headers is None else headers,
            body=content,
        ),
    )


HTML: Headers = (("content-type", "text/html"),)
V4 = "9b2f7c1e-3c55-4d0a-8a51-0d7f5b1c2e3f"
SDP = "v=0\r\no=- 1 2 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"

CHANGES = [
    ("answer-schema", answer("streaming.new", code="100")),
    ("answer-schema", answer("streaming.new", data__session_id=GONE)),
    ("answer-schema", answer("streaming.new", data__session_duration_limit="600")),
    ("answer-schema", answer("streaming.new", data__ice_servers2=None)),
    ("answer-schema", answer("streaming.new", data__sdp__type="answer")),
    ("answer-schema", answer("streaming.new", data__is_paid="yes")),
    ("answer-schema", answer("streaming.new", data__url="http://127.0.0.1")),
    ("session-id-v1", answer("streaming.new", data__session_id=V4)),
    ("new-offers", answer("streaming.new", data__sdp__sdp=SDP)),
    ("answer-schema", answer("streaming.ice", 0, message="done")),
    ("answer-schema", answer("streaming.ice", 1, data={})),
    ("answer-schema", answer("streaming.start", status="ok")),
    ("answer-status", head("streaming.start", status=201)),
    ("valid-accepted", refused("streaming.keep_alive", 10005, "session state wrong: closed")),
    ("valid-accepted", refused("streaming.keep_alive", 400175, "Invalid parameter")),
    (
        "interrupt-silences",
        refused("streaming.interrupt", 400004, f"Session does not exist. SessionID: {V4}"),
    ),
    ("answer-schema", answer("streaming.task", 0, data__duration_ms="2200")),
    ("task-duration", answer("streaming.task", 0, data__duration_ms=0, duration_ms=0)),
    ("shapes-agree", answer("streaming.task", 0, duration_ms=17.0)),
    ("session-id-v1", answer("streaming.task", 0, data__task_id=V4, task_id=V4)),
    ("task-id-fresh", same_as_before("streaming.task", "data", "task_id")),
    ("answer-schema", answer("streaming.interrupt", data="stopped")),
    ("answer-schema", answer("streaming.list", data__sessions__0__status="closed")),
    ("answer-schema", answer("streaming.list", data__sessions__0__api_key_type=GONE)),
    ("list-status", answer("streaming.list", data__sessions__0__status="new")),
    ("list-created-at", answer("streaming.list", data__sessions__0__created_at=1795378934123)),
    ("list-created-at", answer("streaming.list", data__sessions__0__created_at=1795000000)),
    ("shapes-agree", answer("streaming.list", sessions=[])),
    ("answer-schema", answer("avatar.list", data__0__is_public=1)),
    ("answer-schema", answer("avatar.list", data__1__avatar_id=GONE)),
    ("answer-schema", answer("v2/voices", error=0)),
    ("answer-schema", answer("v2/voices", data__voices__0__support_pause=None)),
    ("answer-schema", answer("streaming.create_token", data__token="plain")),
    ("answer-content-type", head("streaming.create_token", headers=HTML)),
    ("no-server-error", head("streaming.keep_alive", status=500)),
    ("stop-ends", refused("streaming.stop", 10005, "session state wrong: closed")),
    ("error-known", head("streaming.stop", status=400)),
    ("error-form", answer("streaming.task", 2, code="10005")),
    ("session-closed", answer("streaming.task", 2, code=10001, message="session state wrong: new")),
    ("error-known", answer("streaming.task", 2, code=777)),
]


@pytest.mark.parametrize(
    ("rule", "change"), CHANGES, ids=[f"{n}-{rule}" for n, (rule, _) in enumerate(CHANGES)]
)
def test_one_changed_field_is_found(
    rule: str,
    change: Callable[[list[Exchange]], None],
    session: Recording,
    spec: Spec,
) -> None:
    exchanges = list(session.exchanges)
    change(exchanges)
    changed = [
        new.number for new, old in zip(exchanges, session.exchanges, strict=True) if new != old
    ]
    findings, _ = judge(exchanges, spec, profile="strict")
    found = {violation.rule.id: violation for violation in findings.violations}
    assert rule in found
    assert [found[rule].history[-1].number] == changed


def test_what_was_before_the_recording_is_unknown_and_not_wrong(
    session: Recording, spec: Spec
) -> None:
    for first in range(len(session.exchanges)):
        findings, _ = judge(session.exchanges[first:], spec, profile="strict")
        assert findings.violations == []


def test_what_comes_after_the_recording_is_not_missed(session: Recording, spec: Spec) -> None:
    for last in range(1, len(session.exchanges)):
        findings, _ = judge(session.exchanges[:last], spec, profile="strict")
        assert findings.violations == []


@pytest.mark.parametrize("part", ["credentials", "request body", "response body"])
def test_what_an_export_leaves_out_is_unknown_and_not_wrong(
    part: Any, session: Recording, spec: Spec
) -> None:
    def without(exchange: Exchange) -> Exchange:
        request, response = exchange.request, exchange.response
        if part == "credentials":
            kept = tuple(h for h in request.headers if h[0] not in ("authorization", "x-api-key"))
            request = dataclasses.replace(request, headers=kept)
        elif part == "request body":
            request = dataclasses.replace(request, body=b"")
        else:
            response = dataclasses.replace(response, body=b"")
        return dataclasses.replace(
            exchange, request=request, response=response, unknown=frozenset({part})
        )

    findings, _ = judge([without(e) for e in session.exchanges], spec, profile="strict")
    assert findings.violations == []


def test_two_keys_may_be_of_one_account_or_of_two(session: Recording, spec: Spec) -> None:
    """A recording does not say: a session may be the other key's, or unknown to it."""
    (opened,) = (e for e in session.exchanges if e.request.path.endswith("new"))
    (kept,) = (e for e in session.exchanges if e.request.path.endswith("keep_alive"))
    opened = with_key(opened, "first-key")
    session_id = opened.response.json["data"]["session_id"]
    unknown = {"code": 400004, "message": f"Session does not exist. SessionID: {session_id}"}
    refusal = dataclasses.replace(kept.response, status=400, body=json.dumps(unknown).encode())
    for answer_given, key, violated in (
        (kept.response, "second-key", []),
        (refusal, "second-key", []),
        (refusal, "first-key", ["valid-accepted"]),
    ):
        call = dataclasses.replace(with_key(kept, key), response=answer_given)
        findings, _ = judge([opened, call], spec, profile="strict")
        assert [violation.rule.id for violation in findings.violations] == violated


def with_key(exchange: Exchange, key: str) -> Exchange:
    kept = tuple(h for h in exchange.request.headers if h[0] not in ("authorization", "x-api-key"))
    request = dataclasses.replace(exchange.request, headers=(*kept, ("x-api-key", key)))
    return dataclasses.replace(exchange, request=request)
