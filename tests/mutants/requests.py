"""Requests that are wrongly refused, wrongly taken, or understood as something else."""

from __future__ import annotations

from typing import Any

from mock_server.core import errors
from mock_server.core import events as ev
from mock_server.core.errors import ApiError
from mock_server.core.sdp import SdpError, parse_description
from mock_server.core.transitions import State
from mock_server.seams import Seams
from mock_server.spec import Operation
from mock_server.web.answers import STATUS_SUCCESS, Answer, enveloped
from mock_server.web.handlers import Call, Handler
from mock_server.web.services import Services
from tests.mutants.mutant import Mutant, handles, loosened, refuses, stricter, tells, turns_away


def _emotion(body: dict[str, Any]) -> str:
    voice = body.get("voice")
    return str(voice.get("emotion") or "") if isinstance(voice, dict) else ""


def _unknown(body: dict[str, Any], *known: str) -> bool:
    return not body.keys() <= set(known)


async def _cut_text(right: Handler, services: Services, call: Call) -> Answer:
    cut = call.body["text"][: services.settings.max_text]
    return await right(services, call._replace(body={**call.body, "text": cut}))


async def _blank_is_fine(right: Handler, services: Services, call: Call) -> Answer:
    text = call.body["text"].strip() or "Well."
    return await right(services, call._replace(body={**call.body, "text": text}))


async def _half_as_long(right: Handler, services: Services, call: Call) -> Answer:
    if len(call.body["text"]) > 500:
        raise errors.invalid("text", "it is too long")
    return await right(services, call)


async def _any_candidate(right: Handler, services: Services, call: Call) -> Answer:
    try:
        return await right(services, call)
    except ApiError as error:
        if error.row is errors.INVALID_PARAMETER:
            return enveloped(None, STATUS_SUCCESS)
        raise


async def _any_sdp(right: Handler, services: Services, call: Call) -> Answer:
    try:
        return await right(services, call)
    except ApiError as error:
        if error.row is errors.PEER_START_FAILED:
            return enveloped(None, STATUS_SUCCESS)
        raise


async def _bad_sdp_ends(right: Handler, services: Services, call: Call) -> Answer:
    session = services.session(call.caller, call.body, call.operation_id)
    try:
        parse_description("offer", (call.body.get("sdp") or {}).get("sdp") or "v=0\r\n")
    except SdpError as error:
        await services.runtime.call(session, ev.Stop)
        raise ApiError(errors.PEER_START_FAILED, str(error)) from None
    return await right(services, call)


def _session_lost(error: ApiError) -> ApiError:
    if error.message.startswith("Invalid parameter: candidate: "):
        return ApiError(errors.SESSION_NOT_FOUND)
    return error


def _any_index(operation: Operation, body: object) -> str | None:
    problem = operation.request_problem(body)
    if operation.operation_id == "submitIce" and str(problem).startswith("candidate.sdpMLine"):
        assert isinstance(body, dict)
        body["candidate"]["sdpMLineIndex"] = 0
        return operation.request_problem(body)
    return problem


async def _end_of_candidates_refused(right: Handler, services: Services, call: Call) -> Answer:
    if not (call.body["candidate"] or {}).get("candidate"):
        raise errors.invalid("candidate", "it is empty")
    return await right(services, call)


async def _null_chats(right: Handler, services: Services, call: Call) -> Answer:
    body = call.body
    if body.get("task_type", "") is None:
        body = {**body, "task_type": "chat"}
    return await right(services, call._replace(body=body))


async def _unknown_chats(right: Handler, services: Services, call: Call) -> Answer:
    body = call.body
    if not body.keys() <= {"session_id", "text", "task_mode", "task_type"}:
        body = {**body, "task_type": "chat"}
    return await right(services, call._replace(body=body))


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "new-any-quality", "schema-refused", "newSession", "quality",
        "takes any word for a quality",
        loosened("newSession", "quality"),
    ),
    Mutant(
        "new-any-rate", "schema-refused", "newSession", "voice.rate",
        "takes a voice rate of any height",
        loosened("newSession", "voice.rate"),
    ),
    Mutant(
        "new-any-idle-timeout", "schema-refused", "newSession", "activity_idle_timeout",
        "takes an idle timeout beyond its bounds",
        loosened("newSession", "activity_idle_timeout"),
    ),
    Mutant(
        "task-any-type", "schema-refused", "sendTask", "task_type",
        "takes any word for a task's type",
        loosened("sendTask", "task_type"),
    ),
    Mutant(
        "ice-any-index", "schema-refused", "submitIce", "candidate.sdpMLineIndex",
        "takes a candidate whose index is no integer",
        Seams(request_problem=_any_index),
    ),
    Mutant(
        "new-unknown-field-refused", "unknown-fields", "newSession", "",
        "refuses a new session for a field that it does not know",
        stricter("newSession", lambda body: _unknown(
            body, "quality", "avatar_id", "avatar_name", "voice", "video_encoding",
            "knowledge_base", "version", "knowledge_base_id", "knowledge_id", "language",
            "source", "disable_idle_timeout", "activity_idle_timeout", "stt_settings",
            "ia_is_livekit_transport", "silence_response", "livekit_settings")),
    ),
    Mutant(
        "task-unknown-field-refused", "unknown-fields", "sendTask", "",
        "refuses a task for a field that it does not know",
        stricter("sendTask", lambda body: _unknown(
            body, "session_id", "text", "task_mode", "task_type")),
    ),
    Mutant(
        "new-null-refused", "null-is-absent", "newSession", "quality",
        "refuses a quality of null",
        stricter("newSession", lambda body: body.get("quality", "") is None),
    ),
    Mutant(
        "task-null-mode-refused", "null-is-absent", "sendTask", "task_mode",
        "refuses a task mode of null",
        stricter("sendTask", lambda body: body.get("task_mode", "") is None),
    ),
    Mutant(
        "task-null-type-chats", "null-is-absent", "sendTask", "task_type",
        "takes a task_type of null for chat",
        handles("sendTask", _null_chats),
    ),
    Mutant(
        "task-unknown-field-chats", "unknown-fields", "sendTask", "task_type",
        "answers to a text that comes with a field it does not know, instead of speaking it",
        handles("sendTask", _unknown_chats),
    ),
    Mutant(
        "new-emotion-lower-case-refused", "valid-accepted", "newSession", "voice.emotion",
        "refuses emotions in lower case, as the SDK has sent them since 2.0",
        stricter("newSession", lambda body: _emotion(body)[:1].islower()),
    ),
    Mutant(
        "task-talk-refused", "valid-accepted", "sendTask", "task_type",
        "refuses the task type talk, the newer name of chat",
        stricter("sendTask", lambda body: body.get("task_type") == "talk"),
    ),
    Mutant(
        "keep-alive-refused-when-new", "valid-accepted", "keepAlive", "",
        "keeps no session alive that was not started",
        turns_away("keepAlive", State.NEW),
        layer="scenarios",
    ),
    Mutant(
        "any-candidate", "ice-refused", "submitIce", "candidate.candidate",
        "takes any text for a candidate",
        handles("submitIce", _any_candidate),
    ),
    Mutant(
        "bad-candidate-loses-session", "ice-refused", "submitIce", "code",
        "knows no session whose candidate it cannot read",
        refuses("submitIce", _session_lost),
    ),
    Mutant(
        "end-of-candidates-refused", "ice-any-time", "submitIce", "candidate.candidate",
        "refuses the end of candidates",
        handles("submitIce", _end_of_candidates_refused),
    ),
    Mutant(
        "task-cut-off", "task-length-limit", "sendTask", "text",
        "cuts off a text that is too long",
        handles("sendTask", _cut_text),
    ),
    Mutant(
        "task-blank-taken", "task-blank", "sendTask", "text",
        "takes a text of white space only",
        handles("sendTask", _blank_is_fine),
    ),
    Mutant(
        "task-half-as-long", "valid-accepted", "sendTask", "text",
        "refuses texts of more than 500 characters",
        handles("sendTask", _half_as_long),
    ),
    Mutant(
        "start-without-sdp-is-parameter", "start-without-sdp", "startSession", "code",
        "calls a missing SDP an invalid parameter",
        tells("startSession", errors.INVALID_PARAMETER, instead_of=errors.INVALID_PARAMS),
    ),
    Mutant(
        "start-any-sdp", "start-refused", "startSession", "sdp.sdp",
        "answers an SDP that it cannot use with success",
        handles("startSession", _any_sdp),
    ),
    Mutant(
        "start-bad-sdp-ends", "start-refused", "startSession", "",
        "ends a session whose SDP it cannot read",
        handles("startSession", _bad_sdp_ends),
    ),
)  # fmt: skip
