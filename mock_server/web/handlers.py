"""One handler per operation of openapi.yaml."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from mock_server.core import effects as ef
from mock_server.core import errors
from mock_server.core import events as ev
from mock_server.core.access_token import Grant, claims, signed
from mock_server.core.candidates import parse_candidate
from mock_server.core.catalogue import AVATARS, VOICES, Version
from mock_server.core.errors import ApiError
from mock_server.core.faults.kind import Kind
from mock_server.core.faults.lifecycle import LIST_STALE, STOP_IGNORED, early_ends
from mock_server.core.faults.plan import Deviation
from mock_server.core.magic import parse_magic
from mock_server.core.new_session import (
    avatar_for,
    session_config,
    wanted_avatar_id,
    wanted_version,
)
from mock_server.core.registry import Caller
from mock_server.core.sdp import SdpError, parse_description
from mock_server.core.session import Session
from mock_server.core.task import read_task
from mock_server.core.tokens import Token, token_text
from mock_server.core.transitions import State
from mock_server.settings import Settings
from mock_server.web.answers import STATUS_SUCCESS, Answer, enveloped
from mock_server.web.services import Services

Body = Mapping[str, Any]
_HOST = re.compile(r"(?:[A-Za-z0-9._-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")


def _unused(deviation: Deviation) -> None:
    """Nobody asks what is applied."""


class Call(NamedTuple):
    """One valid request. ``host`` is the server's address as the client wrote it, ``secure``
    whether by TLS; ``deviations`` are what the plan asks for at this occurrence of the operation.
    """

    operation_id: str
    caller: Caller
    body: Body
    host: str
    deviations: tuple[Deviation, ...] = ()
    use: Callable[[Deviation], None] = _unused
    """To be called with each of them that a handler applies."""
    secure: bool = False
    bound: tuple[str, int] = ("127.0.0.1", 80)
    """The address that was connected to, for a client that names none or an odd one."""

    def deviation(self, kind: Kind) -> Deviation | None:
        """The first of that kind; None without one."""
        return next((one for one in self.deviations if one.do == kind.do), None)

    def origin(self, scheme: str) -> str:
        """``http`` or ``ws`` URL of this server, as the client reached it."""
        safe = "s" if self.secure else ""
        host = self.host
        if not _HOST.fullmatch(host):
            address, port = self.bound
            host = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        return f"{scheme}{safe}://{host}"


Handler = Callable[[Services, Call], Awaitable[Answer]]


async def new_session(services: Services, call: Call) -> Answer:
    body, settings = call.body, services.settings
    wanted_version(body)  # before all that may have an effect
    avatar_id = wanted_avatar_id(body)
    magic = None
    if settings.magic:
        magic = parse_magic(
            avatar_id,
            natural=services.natural_operations,
            operations=frozenset(HANDLERS),
        )
    if magic is not None and magic.operation_id == call.operation_id:
        raise ApiError(magic.row)
    avatar = avatar_for(avatar_id, strict=settings.strict_avatars and magic is None)
    services.registry.check_may_open(
        call.caller, limit=settings.max_sessions, allowed=services.may_open
    )
    config = session_config(
        body,
        avatar=avatar,
        session_id=services.ids.session_id(),
        account=call.caller.account,
        created_at=services.clock.now(),
        duration_limit=float(settings.session_limit),
        idle_timeout=settings.idle_timeout,
        seed=services.ids.seed(),
        ends=early_ends(services.faults.meet("session")),
    )
    session = services.make_session(config)
    session_id = session.config.session_id
    services.registry.add(session, call.caller)
    try:
        offer = await services.runtime.open(session)
    except (ApiError, asyncio.CancelledError):
        services.registry.forget(session, call.caller)
        raise
    if magic is not None:
        services.remember_magic(session_id, magic)
    if offer is None:
        return _room_answer(services, call, session_id)
    return _new_answer(session_id, offer, settings)


def _room_answer(services: Services, call: Call, session_id: str) -> Answer:
    """The answer of v2: what it takes to join the room."""
    settings = services.settings
    # Who serves the room elsewhere has a clock of its own, which cannot be moved on.
    now = time.time() if settings.livekit_url else services.clock.now()

    def token(name: str) -> str:
        grant = Grant(room=session_id, identity=name, name=name)
        content = claims(grant, key=settings.livekit_key, now=now)
        return signed(services.edit_claims(content), secret=settings.livekit_secret)

    here = call.origin("ws")
    documented = {
        "session_id": session_id,
        "url": settings.livekit_url or here,
        "access_token": token("client"),
        "is_paid": True,
        "session_duration_limit": settings.session_limit,
        "realtime_endpoint": f"{here}/v2-alpha/interactive-avatar/session/{session_id}",
    }
    nothing = {"sdp": None, "ice_servers": None, "ice_servers2": None}
    answer = enveloped({**documented, **nothing, "livekit_agent_token": token("agent")})
    return Answer(answer.recorded, {**answer.recorded, "data": documented})


def _new_answer(session_id: str, offer: str, settings: Settings) -> Answer:
    sdp = {"type": "offer", "sdp": offer}
    servers = list(settings.ice_server)
    data = {
        "session_id": session_id,
        "sdp": sdp,
        "access_token": None,
        "url": None,
        "ice_servers": servers,
        "ice_servers2": [{"urls": [url], "credentialType": "password"} for url in servers],
        "is_paid": True,
        "session_duration_limit": settings.session_limit,
        "realtime_endpoint": None,
        "livekit_agent_token": None,
    }
    documented = {"session_id": session_id, "sdp": sdp, "ice_servers": servers}
    answer = enveloped(data)
    return Answer(answer.recorded, {**answer.recorded, "data": documented})


async def start_session(services: Services, call: Call) -> Answer:
    session = _allowed(services, call, ev.Start)
    if session.config.version is Version.V2:  # no SDP: the room negotiates
        await services.runtime.call(session, lambda n: ev.Start(n, None))
        return enveloped(None, STATUS_SUCCESS)
    sdp = call.body.get("sdp")
    if sdp is None:
        raise ApiError(errors.INVALID_PARAMS)
    try:
        description = parse_description(sdp.get("type") or "offer", sdp["sdp"])
    except SdpError as error:
        raise ApiError(errors.PEER_START_FAILED, str(error)) from None
    outcome = await services.runtime.call(session, lambda n: ev.Start(n, description))
    assert isinstance(outcome, ef.Started)
    answer = None if outcome.sdp is None else {"sdp": {"type": "answer", "sdp": outcome.sdp}}
    return enveloped(answer, STATUS_SUCCESS)


async def submit_ice(services: Services, call: Call) -> Answer:
    session = _allowed(services, call, ev.Candidate)
    wanted = call.body["candidate"] or {}
    index = wanted.get("sdpMLineIndex")
    try:
        candidate = parse_candidate(
            wanted.get("candidate") or "",
            sdp_mid=wanted.get("sdpMid"),
            sdp_mline_index=None if index is None else int(index),  # 1.0 is an integer in JSON
            username_fragment=wanted.get("usernameFragment"),
        )
    except SdpError as error:
        raise errors.invalid("candidate", str(error)) from None
    await services.runtime.call(session, lambda n: ev.Candidate(n, candidate))
    return enveloped(None, STATUS_SUCCESS)


async def send_task(services: Services, call: Call) -> Answer:
    settings = services.settings
    task = read_task(call.body, max_text=settings.max_text)
    session = services.session(call.caller, call.body, call.operation_id)
    await services.runtime.catch_up(session)
    _check_state(session, ev.Speak)
    text = _chat_reply(services, session, task.text) if task.chat else task.text
    utterance = services.utter(text, session.config.rate)
    task_id = services.ids.task_id()
    blocks = task.sync and settings.sync_blocks
    told = services.conversation.told(session, utterance)
    outcome = await services.runtime.call(
        session,
        lambda n: ev.Speak(n, task_id, utterance, task.sync, blocks=blocks, messages=told),
    )
    assert isinstance(outcome, ef.Spoken)
    spoken = {"task_id": outcome.task_id, "duration_ms": outcome.duration_ms}
    return enveloped(spoken, spoken)


def _chat_reply(services: Services, session: Session, text: str) -> str:
    return services.replies.answer(text, session.config.knowledge_base)


async def list_sessions(services: Services, call: Call) -> Answer:
    services.meet_magic(call.caller, call.operation_id)
    stale = call.deviation(LIST_STALE)
    over = services.registry.ended(call.caller) if stale is not None else []
    if stale is not None and over:
        call.use(stale)
    sessions = [
        {
            "session_id": session.config.session_id,
            "status": State.CONNECTED if session.is_over else session.status,
            "created_at": int(session.config.created_at),
            "api_key_type": "regular",
        }
        for session in (*over, *services.registry.active(call.caller))
    ]
    return enveloped({"sessions": sessions}, {"sessions": sessions})


async def stop_session(services: Services, call: Call) -> Answer:
    session = _allowed(services, call, ev.Stop)
    ignored = call.deviation(STOP_IGNORED)
    if ignored is not None:
        call.use(ignored)
        services.journal.fault(session.config.session_id, ignored)
    else:
        await services.runtime.call(session, ev.Stop)
    return enveloped(None, STATUS_SUCCESS)


async def interrupt_task(services: Services, call: Call) -> Answer:
    session = _allowed(services, call, ev.Interrupt)
    await services.runtime.call(session, ev.Interrupt)
    return enveloped(None)


async def create_token(services: Services, call: Call) -> Answer:
    services.meet_magic(call.caller, call.operation_id)
    now = services.clock.now()
    token = Token(token_text(services.ids.secret(), now), call.caller.account, now)
    services.registry.add_token(token)
    return Answer({"error": None, "data": {"token": token.text}})


async def keep_alive(services: Services, call: Call) -> Answer:
    session = _allowed(services, call, ev.KeepAlive)
    await services.runtime.call(session, ev.KeepAlive)
    return enveloped(None)


async def start_listening(services: Services, call: Call) -> Answer:
    session = _allowed(services, call, ev.Listen)
    await services.runtime.call(session, lambda n: ev.Listen(n, on=True))
    return enveloped(None)


async def stop_listening(services: Services, call: Call) -> Answer:
    session = _allowed(services, call, ev.Listen)
    await services.runtime.call(session, lambda n: ev.Listen(n, on=False))
    return enveloped(None)


async def list_avatars(services: Services, call: Call) -> Answer:
    origin = call.origin("http")
    services.meet_magic(call.caller, call.operation_id)
    avatars = [
        {
            "avatar_id": avatar.avatar_id,
            "created_at": 1714521600,
            "default_voice": avatar.default_voice,
            "is_public": True,
            "normal_preview": f"{origin}/__mock__/page/{avatar.avatar_id}.jpg",
            "pose_name": avatar.pose_name,
            "status": "ACTIVE",
        }
        for avatar in AVATARS
    ]
    return Answer({"code": 100, "message": "Success", "data": avatars})


async def list_voices(services: Services, call: Call) -> Answer:
    services.meet_magic(call.caller, call.operation_id)
    voices = [
        {
            "voice_id": voice.voice_id,
            "language": voice.language,
            "gender": voice.gender,
            "name": voice.name,
            "preview_audio": "",
            "support_pause": True,
            "emotion_support": True,
            "support_interactive_avatar": True,
            "support_locale": False,
        }
        for voice in VOICES
    ]
    return Answer({"error": None, "data": {"voices": voices}})


def _allowed(services: Services, call: Call, event: type[ev.ClientCall]) -> Session:
    """The session of the request, if its state allows the call. Raises ApiError."""
    session = services.session(call.caller, call.body, call.operation_id)
    _check_state(session, event)
    return session


def _check_state(session: Session, event: type[ev.ClientCall]) -> None:
    row = session.refusal(event)
    if row is not None:
        raise ApiError(row)


HANDLERS: Mapping[str, Handler] = {
    "newSession": new_session,
    "startSession": start_session,
    "submitIce": submit_ice,
    "sendTask": send_task,
    "listSessions": list_sessions,
    "stopSession": stop_session,
    "interruptTask": interrupt_task,
    "createToken": create_token,
    "keepAlive": keep_alive,
    "startListening": start_listening,
    "stopListening": stop_listening,
    "listAvatars": list_avatars,
    "listVoices": list_voices,
}
