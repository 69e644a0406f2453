"""HTTP that is not what the contract says: status, content type, method, path, faults."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from mock_server.core import errors
from mock_server.core.errors import ApiError
from mock_server.core.registry import Caller, Credentials, Registry
from mock_server.core.sdp import SdpError
from mock_server.seams import Seams, authenticate
from mock_server.settings import Settings
from mock_server.spec import Operation
from mock_server.web.answers import Answer, HttpAnswer, error_body, to_json
from mock_server.web.body import parse_json
from mock_server.web.handlers import Call, Handler
from mock_server.web.services import Services
from tests.mutants.mutant import Mutant, handles, sends, with_json

_TEXT = (b"content-type", b"text/plain; charset=utf-8")
_HTML = (b"content-type", b"text/html")


def _typed(answer: HttpAnswer, header: tuple[bytes, bytes]) -> HttpAnswer:
    others = [pair for pair in answer.headers if pair[0] != b"content-type"]
    return answer._replace(headers=[*others, header])


def _error(row: errors.ErrorRow) -> HttpAnswer:
    return HttpAnswer(
        row.status, [(b"content-type", b"application/json")], to_json(error_body(ApiError(row)))
    )


def _not_found_for_method(method: str, path: str, answer: HttpAnswer) -> HttpAnswer:
    return _error(errors.NOT_FOUND) if answer.status == 405 and "new" in path else answer


def _without_allow(method: str, path: str, answer: HttpAnswer) -> HttpAnswer:
    if answer.status != 405 or not path.endswith("list"):
        return answer
    return answer._replace(headers=[pair for pair in answer.headers if pair[0] != b"allow"])


def _any_method(method: str, path: str, answer: HttpAnswer) -> HttpAnswer:
    if answer.status != 405 or not path.endswith("voices"):
        return answer
    return answer._replace(status=200)


def _any_path(method: str, path: str, answer: HttpAnswer) -> HttpAnswer:
    return answer._replace(status=200) if answer.status == 404 else answer


def _html_not_found(method: str, path: str, answer: HttpAnswer) -> HttpAnswer:
    return _typed(answer, _HTML) if answer.status == 404 else answer


def _any_type(raw: bytes, content_type: str) -> Any:
    return parse_json(raw, "application/json")


def _no_form(raw: bytes, content_type: str) -> Any:
    if content_type.startswith("application/x-www-form-urlencoded"):
        raise ApiError(errors.INVALID_JSON)
    return parse_json(raw, content_type)


def _forgiving_json(raw: bytes, content_type: str) -> Any:
    try:
        return parse_json(raw, content_type)
    except ApiError as error:
        if error.row is not errors.INVALID_JSON:
            raise
        return {}


def _first_value(raw: bytes, content_type: str) -> Any:
    try:
        return parse_json(raw, content_type)
    except ApiError as error:
        if error.row is not errors.INVALID_JSON:
            raise
        try:
            return json.JSONDecoder().raw_decode(raw.decode())[0]
        except (ValueError, RecursionError):
            raise error from None


async def _fragile_start(right: Handler, services: Services, call: Call) -> Answer:
    try:
        return await right(services, call)
    except ApiError as error:
        if error.row is errors.PEER_START_FAILED:
            raise SdpError(error.message) from None
        raise


async def _fragile_ice(right: Handler, services: Services, call: Call) -> Answer:
    assert call.body["candidate"] is not None
    return await right(services, call)


async def _fragile_text(right: Handler, services: Services, call: Call) -> Answer:
    call.body["text"].encode("ascii")
    return await right(services, call)


def _credentials_late(name: str) -> Seams:
    """Whoever has no valid credentials for the operation is found out after all other checks."""

    def lenient(
        operation: Operation, registry: Registry, sent: Credentials, settings: Settings, now: float
    ) -> Caller:
        try:
            return authenticate(operation, registry, sent, settings, now)
        except ApiError:
            if operation.operation_id != name:
                raise
            return Caller("")

    async def late(right: Handler, services: Services, call: Call) -> Answer:
        if not call.caller.account:
            raise ApiError(errors.UNAUTHORIZED)
        return await right(services, call)

    return replace(handles(name, late), authenticate=lenient)


def _schema_late(name: str) -> Seams:
    """The schema of an operation's body is looked at after the session's state."""

    def later(operation: Operation, body: object) -> str | None:
        named = isinstance(body, dict) and isinstance(body.get("session_id"), str)
        if operation.operation_id == name and named:
            return None
        return operation.request_problem(body)

    async def late(right: Handler, services: Services, call: Call) -> Answer:
        if services.session(call.caller, call.body, name).is_over:
            raise ApiError(errors.SESSION_CLOSED)
        problem = services.contract.operation(name).request_problem(call.body)
        if problem is not None:
            raise ApiError(errors.INVALID_PARAMETER, problem)
        return await right(services, call)

    return replace(handles(name, late), request_problem=later)


def _alias_refused(path: str, row: errors.ErrorRow) -> Seams:
    """An older path that answers each call with one error."""
    return sends(path, lambda answer: _error(row) if answer.status == 200 else answer)


def _status(answer: HttpAnswer, wrong: int, *, instead_of: int) -> HttpAnswer:
    return answer._replace(status=wrong) if answer.status == instead_of else answer


def _without_data(answer: HttpAnswer) -> HttpAnswer:
    if answer.status != 200:
        return answer
    return with_json(answer, {n: v for n, v in json.loads(answer.content).items() if n != "data"})


def _succeeds(answer: HttpAnswer, body: dict[str, Any], *codes: int) -> HttpAnswer:
    if answer.status != 400 or json.loads(answer.content)["code"] not in codes:
        return answer
    return with_json(answer._replace(status=200), {"code": 100, "message": "success", **body})


def _taken(answer: HttpAnswer) -> HttpAnswer:
    spoken = {"task_id": "1f86a0a2-bd4e-11ef-8f3a-0242ac110002", "duration_ms": 1200.0}
    codes = (errors.SESSION_NEW.code, errors.SESSION_CONNECTING.code, errors.SESSION_CLOSED.code)
    return _succeeds(answer, {"data": spoken, **spoken}, *codes)


def _stopped(answer: HttpAnswer) -> HttpAnswer:
    return _succeeds(answer, {"data": None, "status": "success"}, errors.SESSION_CLOSED.code)


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "new-201", "answer-status", "newSession", "",
        "answers a new session with status 201",
        sends("/v1/streaming.new", lambda answer: _status(answer, 201, instead_of=200)),
    ),
    Mutant(
        "keep-alive-422", "answer-status", "keepAlive", "",
        "refuses what breaks the schema of keep-alive with status 422",
        sends("/v1/streaming.keep_alive", lambda answer: _status(answer, 422, instead_of=400)),
    ),
    Mutant(
        "token-402", "answer-status", "createToken", "",
        "refuses wrong keys with status 402 where tokens are made",
        sends("/v1/streaming.create_token", lambda answer: _status(answer, 402, instead_of=401)),
    ),
    Mutant(
        "list-as-text", "answer-content-type", "listSessions", "Content-Type",
        "sends the list as text/plain",
        sends("/v1/streaming.list", lambda answer: _typed(answer, _TEXT)),
    ),
    Mutant(
        "stop-refused-as-html", "answer-content-type", "stopSession", "Content-Type",
        "sends the errors of stop as text/html",
        sends("/v1/streaming.stop",
              lambda answer: _typed(answer, _HTML) if answer.status >= 400 else answer),
    ),
    Mutant(
        "unknown-path-as-html", "answer-content-type", None, "Content-Type",
        "sends a page for a path that it does not know",
        Seams(http=_html_not_found),
    ),
    Mutant(
        "start-fails-on-odd-sdp", "no-server-error", "startSession", "sdp.sdp",
        "answers an SDP that it cannot use with status 500",
        handles("startSession", _fragile_start),
    ),
    Mutant(
        "ice-fails-on-null", "no-server-error", "submitIce", "candidate",
        "answers a candidate of null with status 500",
        handles("submitIce", _fragile_ice),
        layer="scenarios",
    ),
    Mutant(
        "task-fails-on-umlauts", "no-server-error", "sendTask", "text",
        "answers a text with letters beyond ASCII with status 500",
        handles("sendTask", _fragile_text),
    ),
    Mutant(
        "new-method-404", "method-refused", "newSession", "",
        "answers another method on streaming.new with status 404",
        Seams(http=_not_found_for_method),
    ),
    Mutant(
        "list-method-without-allow", "method-refused", "listSessions", "Allow",
        "names no right method where a list is asked for with a wrong one",
        Seams(http=_without_allow),
    ),
    Mutant(
        "voices-any-method", "method-refused", "listVoices", "",
        "takes any method for the list of voices",
        Seams(http=_any_method),
    ),
    Mutant(
        "any-path", "path-unknown", None, "",
        "answers a path that it does not know with status 200",
        Seams(http=_any_path),
    ),
    Mutant(
        "any-media-type", "media-type-refused", "newSession", "Content-Type",
        "reads a body of any media type as JSON",
        Seams(read_json=_any_type),
    ),
    Mutant(
        "form-is-bad-json", "media-type-refused", "sendTask", "Content-Type",
        "calls a form's media type bad JSON",
        Seams(read_json=_no_form),
    ),
    Mutant(
        "broken-json-is-empty", "json-refused", "newSession", "",
        "takes broken JSON for an empty object",
        Seams(read_json=_forgiving_json),
    ),
    Mutant(
        "json-with-a-tail", "json-refused", "stopSession", "",
        "reads the first JSON value of a body and no further",
        Seams(read_json=_first_value),
    ),
    Mutant(
        "new-credentials-last", "check-order", "newSession", "",
        "looks at the credentials of newSession after its body",
        _credentials_late("newSession"),
    ),
    Mutant(
        "task-schema-last", "check-order", "sendTask", "",
        "looks at the state of a task's session before the schema of its body",
        _schema_late("sendTask"),
    ),
    Mutant(
        "alias-new-gone", "alias-same", "newSession", "",
        "does not know realtime.new",
        _alias_refused("/v1/realtime.new", errors.NOT_FOUND),
    ),
    Mutant(
        "alias-ice-refused", "alias-same", "submitIce", "",
        "takes no candidate under realtime.ice",
        _alias_refused("/v1/realtime.ice", errors.INVALID_PARAMETER),
    ),
    Mutant(
        "alias-task-without-data", "alias-same", "sendTask", "data",
        "leaves data out of the answers of realtime.task",
        sends("/v1/realtime.task", _without_data),
    ),
    Mutant(
        "alias-task-in-any-state", "alias-same", "sendTask", "",
        "takes tasks under realtime.task in every state",
        sends("/v1/realtime.task", _taken),
        layer="scenarios",
    ),
    Mutant(
        "alias-start-code-zero", "alias-same", "startSession", "code",
        "answers realtime.start with code 0 instead of 100",
        sends("/v1/realtime.start", lambda answer: with_json(
            answer, {**json.loads(answer.content), "code": 0}) if answer.status == 200 else answer),
    ),
    Mutant(
        "alias-stops-again", "alias-same", "stopSession", "",
        "answers each further stop under realtime.stop with success",
        sends("/v1/realtime.stop", _stopped),
        layer="scenarios",
    ),
)  # fmt: skip
