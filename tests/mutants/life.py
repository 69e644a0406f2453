"""Sessions that are opened, started, listed or ended otherwise than they should be."""

from __future__ import annotations

import re
from dataclasses import replace

from mock_server.core import errors
from mock_server.core import events as ev
from mock_server.core.catalogue import Encoding
from mock_server.core.errors import ApiError
from mock_server.core.registry import Caller, Registry
from mock_server.core.session import Session
from mock_server.core.transitions import State
from mock_server.ids import Ids, IdSource
from mock_server.seams import Seams
from mock_server.settings import Settings
from mock_server.web.answers import STATUS_SUCCESS, Answer, enveloped
from mock_server.web.handlers import Call, Handler
from mock_server.web.services import Services
from tests.mutants.mutant import (
    Body,
    Mutant,
    answers,
    configured,
    handles,
    leads,
    refuses,
    tells,
    turns_away,
)


def _sdp(body: Body, pattern: str, to: str) -> None:
    """The offer with each match of a pattern replaced."""
    body["data"]["sdp"]["sdp"] = re.sub(pattern, to, body["data"]["sdp"]["sdp"])


class _TwinIds(IdSource):
    def session_id(self) -> str:
        new = super().session_id()
        self._previous: str = getattr(self, "_previous", new)
        return self._previous


def _twin_ids(settings: Settings) -> Ids:
    return _TwinIds(settings.seed)


class _TwinTasks(IdSource):
    def task_id(self) -> str:
        new = super().task_id()
        self._task: str = getattr(self, "_task", new)
        return self._task


def _twin_tasks(settings: Settings) -> Ids:
    return _TwinTasks(settings.seed)


class _FullRegistry(Registry):
    """Counts every session that was ever opened with a token."""

    def settle(self, session: Session) -> None:
        super().settle(session)
        name = session.config.session_id
        by_token = any(token.session_id == name for token in self._tokens.values())
        if session.is_over and by_token and name in self._closed:
            self._active[name] = self._closed[name]

    def active(self, caller: Caller | None = None) -> list[Session]:
        return [s for s in super().active(caller) if not s.is_over]


class _NewOnlyRegistry(Registry):
    """Lists no session that is connected."""

    def active(self, caller: Caller | None = None) -> list[Session]:
        return [
            s for s in super().active(caller) if caller is None or s.state is not State.CONNECTED
        ]


def _listed(body: Body, **changes: object) -> None:
    for session in (*body["sessions"], *body["data"]["sessions"]):
        session.update(changes)


def _invented(body: Body) -> None:
    other = {"session_id": "1f86a0a2-bd4e-11ef-8f3a-0242ac110002", "status": "new",
             "created_at": 1734651255, "api_key_type": "regular"}  # fmt: skip
    for sessions in (body["sessions"], body["data"]["sessions"]):
        sessions.append(other)


def _milliseconds(body: Body) -> None:
    for session in (*body["sessions"], *body["data"]["sessions"]):
        session["created_at"] *= 1000


async def _list_touches(right: Handler, services: Services, call: Call) -> Answer:
    for session in services.registry.active(call.caller):
        services.runtime.submit(session, ev.KeepAlive(0))
    return await right(services, call)


async def _list_now(right: Handler, services: Services, call: Call) -> Answer:
    now = int(services.clock.now())
    answer = await right(services, call)
    sessions = [{**s, "created_at": now} for s in answer.recorded["data"]["sessions"]]
    return enveloped({"sessions": sessions}, {"sessions": sessions})


async def _stop_nothing(right: Handler, services: Services, call: Call) -> Answer:
    services.session(call.caller, call.body, call.operation_id)
    return enveloped(None, STATUS_SUCCESS)


async def _stop_always(right: Handler, services: Services, call: Call) -> Answer:
    try:
        return await right(services, call)
    except ApiError as error:
        if error.row is errors.SESSION_CLOSED:
            return enveloped(None, STATUS_SUCCESS)
        raise


async def _unknown_is_fine(right: Handler, services: Services, call: Call) -> Answer:
    try:
        return await right(services, call)
    except ApiError as error:
        if error.row is errors.SESSION_UNKNOWN:
            return enveloped(None)
        raise


async def _answer_without_sdp(right: Handler, services: Services, call: Call) -> Answer:
    await right(services, call)
    return enveloped(None, STATUS_SUCCESS)


async def _refuse_answers(right: Handler, services: Services, call: Call) -> Answer:
    if (call.body.get("sdp") or {}).get("type") == "answer":
        raise ApiError(errors.PEER_START_FAILED, "no answer is taken")
    return await right(services, call)


async def _restart(right: Handler, services: Services, call: Call) -> Answer:
    try:
        return await right(services, call)
    except ApiError as error:
        if error.row in (errors.SESSION_CONNECTED, errors.SESSION_CONNECTING):
            return enveloped(None, STATUS_SUCCESS)
        raise


def _nameless(error: ApiError) -> ApiError:
    if error.row is errors.SESSION_UNKNOWN:
        return ApiError(error.row, session_id="")
    return error


async def _stuck(right: Handler, services: Services, call: Call) -> Answer:
    session = services.session(call.caller, call.body, call.operation_id)
    try:
        return await right(services, call)
    except ApiError as error:
        if error.row is errors.PEER_START_FAILED:
            session.state = State.CONNECTING
        raise


async def _stop_all(right: Handler, services: Services, call: Call) -> Answer:
    answer = await right(services, call)
    for session in services.registry.active(Caller(call.caller.account)):
        await services.runtime.call(session, ev.Stop)
    return answer


async def _refuse_null_when_connected(right: Handler, services: Services, call: Call) -> Answer:
    state = services.session(call.caller, call.body, call.operation_id).state
    if state is State.CONNECTED and call.body["candidate"] is None:
        raise errors.invalid("candidate", "it is null")
    return await right(services, call)


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "session-id-again", "session-id-fresh", "newSession", "data.session_id",
        "gives each session the same id",
        Seams(ids=_twin_ids),
    ),
    Mutant(
        "task-id-again", "task-id-fresh", "sendTask", "data.task_id",
        "gives each task the same id",
        Seams(ids=_twin_tasks),
    ),
    Mutant(
        "new-offers-no-audio", "new-offers", "newSession", "SDP: m=audio",
        "offers sound that it does not send",
        answers("newSession", lambda body: _sdp(body, r"(m=audio(?:.*\r\n)*?)a=sendonly",
                                                r"\1a=recvonly")),
    ),
    Mutant(
        "new-offers-no-bundle", "new-offers", "newSession", "SDP: a=group",
        "offers its media on a transport each",
        answers("newSession", lambda body: _sdp(body, r"a=group:BUNDLE.*\r\n", "")),
    ),
    Mutant(
        "new-offer-trickles", "new-offer-complete", "newSession", "SDP: a=candidate",
        "leaves its candidates out of the offer",
        answers("newSession", lambda body: _sdp(
            body, r"a=(candidate:.*|end-of-candidates)\r\n", "")),
    ),
    Mutant(
        "new-offers-h264-first", "new-encoding", "newSession", "SDP: m=video",
        "offers H264 first, whatever is asked for",
        configured(lambda config: replace(config, encoding=Encoding.H264)),
    ),
    Mutant(
        "limit-of-four", "concurrent-limit", "newSession", "",
        "lets an account have one session more than the limit",
        Seams(may_open=lambda active, limit: active <= limit),
    ),
    Mutant(
        "ended-sessions-count", "concurrent-limit", "newSession", "Authorization",
        "counts ended sessions that a token opened against the limit",
        Seams(registry=_FullRegistry),
        layer="scenarios",
    ),
    Mutant(
        "start-refuses-answers", "start-answer", "startSession", "sdp.type",
        "refuses each answer to its offer",
        handles("startSession", _refuse_answers),
    ),
    Mutant(
        "start-never-connects", "start-answer", "sendTask", "",
        "takes an answer and stays connecting",
        leads(State.CONNECTING, ev.Connected, State.CONNECTING),
    ),
    Mutant(
        "start-offer-unanswered", "start-offer", "startSession", "data.sdp",
        "takes an offer and gives no answer to it",
        handles("startSession", _answer_without_sdp),
    ),
    Mutant(
        "start-refused-is-connecting", "start-refused", "listSessions", "data.sessions[].status",
        "calls a session connecting whose SDP it refused",
        handles("startSession", _stuck),
        layer="scenarios",
    ),
    Mutant(
        "start-again", "start-twice", "startSession", "",
        "answers a second start with success",
        handles("startSession", _restart),
    ),
    Mutant(
        "start-twice-is-new", "start-twice", "startSession", "code",
        "calls a connected session connecting when it is started again",
        tells("startSession", errors.SESSION_CONNECTING, instead_of=errors.SESSION_CONNECTED),
    ),
    Mutant(
        "unknown-keeps-alive", "session-unknown", "keepAlive", "session_id",
        "keeps a session alive that never was",
        handles("keepAlive", _unknown_is_fine),
    ),
    Mutant(
        "unknown-is-closed", "session-unknown", "stopSession", "code",
        "calls a session that never was closed",
        tells("stopSession", errors.SESSION_CLOSED, instead_of=errors.SESSION_UNKNOWN),
    ),
    Mutant(
        "unknown-without-id", "session-unknown", "sendTask", "message",
        "does not name the session that it does not know",
        refuses("sendTask", _nameless),
    ),
    Mutant(
        "unknown-stops", "session-unknown", "stopSession", "session_id",
        "stops a session that never was",
        handles("stopSession", _unknown_is_fine),
    ),
    Mutant(
        "closed-keeps-alive", "session-closed", "keepAlive", "",
        "keeps sessions alive that have ended",
        leads(State.CLOSED, ev.KeepAlive, State.CLOSED),
        layer="scenarios",
    ),
    Mutant(
        "closed-is-unknown", "session-closed", "sendTask", "code",
        "does not know ended sessions where tasks are sent",
        tells("sendTask", errors.SESSION_STATE, instead_of=errors.SESSION_CLOSED),
        layer="scenarios",
    ),
    Mutant(
        "closed-is-interrupted", "session-closed", "interruptTask", "",
        "interrupts sessions that have ended",
        leads(State.CLOSED, ev.Interrupt, State.CLOSED),
        layer="scenarios",
    ),
    Mutant(
        "closed-listens", "session-closed", "startListening", "",
        "lets a session that has ended listen",
        leads(State.CLOSED, ev.Listen, State.CLOSED),
        layer="scenarios",
    ),
    Mutant(
        "ice-only-after-start", "ice-any-time", "submitIce", "",
        "refuses candidates before the start",
        turns_away("submitIce", State.NEW),
    ),
    Mutant(
        "ice-null-when-connected", "ice-any-time", "submitIce", "candidate",
        "refuses a candidate of null once connected",
        handles("submitIce", _refuse_null_when_connected),
        layer="scenarios",
    ),
    Mutant(
        "task-before-start-taken", "task-before-start", "sendTask", "",
        "takes tasks of a session that was not started",
        leads(State.NEW, ev.Speak, State.NEW),
        layer="scenarios",
    ),
    Mutant(
        "task-new-is-connecting", "task-before-start", "sendTask", "code",
        "calls a session that was not started connecting",
        tells("sendTask", errors.SESSION_CONNECTING, instead_of=errors.SESSION_NEW),
        layer="scenarios",
    ),
    Mutant(
        "task-connecting-taken", "task-connecting", "sendTask", "",
        "takes tasks of a session that is not connected yet",
        leads(State.CONNECTING, ev.Speak, State.CONNECTING),
        layer="scenarios",
    ),
    Mutant(
        "stop-ends-nothing", "stop-ends", "listSessions", "",
        "answers a stop and lets the session live",
        handles("stopSession", _stop_nothing),
    ),
    Mutant(
        "list-invents", "list-active", "listSessions", "data.sessions[].session_id",
        "lists a session that nobody opened",
        answers("listSessions", _invented),
    ),
    Mutant(
        "stop-stops-all", "list-active", "listSessions", "",
        "ends all sessions of the account at one stop",
        handles("stopSession", _stop_all),
    ),
    Mutant(
        "connected-not-listed", "list-active", "listSessions", "data.sessions",
        "does not list sessions that are connected",
        Seams(registry=_NewOnlyRegistry),
    ),
    Mutant(
        "stop-not-after-leaving", "stop-after-leaving", "stopSession", "",
        "refuses to stop a session whose viewer left",
        leads(State.LEFT, ev.Stop, None),
        layer="scenarios",
    ),
    Mutant(
        "stop-again", "stop-twice", "stopSession", "",
        "answers each further stop with success",
        handles("stopSession", _stop_always),
        layer="scenarios",
    ),
    Mutant(
        "list-always-new", "list-status", "listSessions", "data.sessions[].status",
        "lists each session as new",
        answers("listSessions", lambda body: _listed(body, status="new")),
    ),
    Mutant(
        "list-time-of-listing", "list-created-at", "listSessions", "data.sessions[].created_at",
        "lists the time of listing as that of opening",
        handles("listSessions", _list_now),
        layer="scenarios",
    ),
    Mutant(
        "list-keeps-alive", "list-reads", "listSessions", "",
        "counts listing as activity of all sessions",
        handles("listSessions", _list_touches),
        layer="scenarios",
    ),
)  # fmt: skip
