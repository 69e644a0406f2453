"""The places where a deliberately wrong fake differs from the right one.

A planted bug, which the judge must find, is ``dataclasses.replace(Seams(), ...)``; the product
itself has no switch for it. Every default is the real behaviour.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mock_server.core.access_token import Grant, read_token
from mock_server.core.catalogue import Encoding, Version
from mock_server.core.effects import SendEvent
from mock_server.core.errors import ApiError
from mock_server.core.registry import Caller, Credentials, Registry, within_limit
from mock_server.core.replies import reply
from mock_server.core.session import Session, SessionConfig
from mock_server.core.speech import Speech, Utterance, speak
from mock_server.core.transitions import ROOM_TRANSITIONS, TRANSITIONS, Transitions
from mock_server.ids import Ids, IdSource
from mock_server.media.script import picture, sound
from mock_server.peers import PeerFactory
from mock_server.settings import Settings
from mock_server.spec import Operation
from mock_server.web.answers import HttpAnswer
from mock_server.web.body import parse_json
from mock_server.web.handlers import HANDLERS, Handler
from mock_server.web.services import Authenticate

if TYPE_CHECKING:  # importing it imports aiortc, which the server does later and in a thread
    from mock_server.rtc.streamer import Streamer


def authenticate(
    operation: Operation,
    registry: Registry,
    sent: Credentials,
    settings: Settings,
    now: float,
) -> Caller:
    """Who calls the operation. Raises ApiError(UNAUTHORIZED)."""
    return registry.authenticate(
        sent.api_key, sent.bearer, keys=settings.api_key, token_life=settings.token_life, now=now
    )


def encode_event(event: SendEvent) -> bytes | str | None:
    """A message to viewers: binary UTF-8 JSON, as @heygen/streaming-avatar 1.0.16 and 2.1.0 want.

    None drops the event.
    """
    body: dict[str, str | float] = {"type": event.type}
    if event.task_id:
        body["task_id"] = event.task_id
    if event.message is not None:
        body["message"] = event.message
    if event.duration_ms is not None:
        body["duration_ms"] = event.duration_ms
    return json.dumps(body, separators=(",", ":")).encode()


def codec_order(encoding: Encoding) -> tuple[str, ...]:
    """The video codecs of the server's offer, the preferred one first."""
    return ("H264", "VP8") if encoding is Encoding.H264 else ("VP8", "H264")


def request_problem(operation: Operation, body: object) -> str | None:
    """Why a request's body is refused; None when it is valid."""
    return operation.request_problem(body)


def _reply(text: str, knowledge_base: str) -> str:
    return reply(text, knowledge_base=knowledge_base)


def _utter(text: str, rate: float) -> Utterance:
    return speak(text, rate=rate)


def _ids(settings: Settings) -> Ids:
    return IdSource(settings.seed)


def _answer(operation_id: str, body: dict[str, Any]) -> dict[str, Any]:
    return body


def _access_token(claims: dict[str, Any]) -> dict[str, Any]:
    return claims


def _signal(kind: str, message: Any) -> Any:
    return message


def _socket(path: str, app: Any) -> Any:
    return app


def _refusal(operation_id: str, error: ApiError) -> ApiError:
    return error


def _http(method: str, path: str, answer: HttpAnswer) -> HttpAnswer:
    return answer


def _shown(speech: Speech | None) -> Speech | None:
    return speech


def _peers(factory: PeerFactory) -> PeerFactory:
    return factory


def _streamer(streamer: Streamer) -> Streamer:
    return streamer


@dataclass(frozen=True, slots=True)
class Seams:
    """Plain callables over which a fake can be made wrong on purpose."""

    ids: Callable[[Settings], Ids] = _ids
    authenticate: Authenticate = authenticate
    may_open: Callable[[int, int], bool] = within_limit
    """(active sessions of the account, limit) -> whether one more may open."""
    registry: Callable[[], Registry] = Registry
    handlers: Mapping[str, Handler] = field(default_factory=lambda: HANDLERS)
    """operation id -> what is done for a valid request."""
    transitions: Transitions = field(default_factory=lambda: TRANSITIONS)
    room_transitions: Transitions = field(default_factory=lambda: ROOM_TRANSITIONS)
    session: Callable[..., Session] = Session
    utter: Callable[[str, float], Utterance] = _utter
    reply: Callable[[str, str], str] = _reply
    read_json: Callable[[bytes, str], Any] = parse_json
    """(body, content type) -> its value. Raises ApiError."""
    request_problem: Callable[[Operation, object], str | None] = request_problem
    answer: Callable[[str, dict[str, Any]], dict[str, Any]] = _answer
    """(operation id, body) -> the body that is sent with status 200."""
    access_token: Callable[[dict[str, Any]], dict[str, Any]] = _access_token
    """The claims of a token for a room, before it is signed."""
    check_token: Callable[..., Grant] = read_token
    """(token, key=, secret=, now=) -> whom it lets in. Raises TokenError."""
    signal: Callable[[str, Any], Any] = _signal
    """(kind of SignalResponse, message) -> what a participant is told; None for nothing."""
    socket: Callable[[str, Any], Any] = _socket
    """(path, the ASGI application of a WebSocket of the API) -> the application that is used."""
    refusal: Callable[[str, ApiError], ApiError] = _refusal
    """(operation id, error) -> the error that is told."""
    http: Callable[[str, str, HttpAnswer], HttpAnswer] = _http
    """(method, path, answer) -> what goes out, also for a path or method that is unknown."""
    event: Callable[[SendEvent], bytes | str | None] = encode_event
    shown: Callable[[Speech | None], Speech | None] = _shown
    """What the media is told to show, given what the session wants shown."""
    picture: Callable[[Speech | None, float, int], int] = picture
    """(speech, time, seed) -> the visual state of the atlas."""
    sound: Callable[[Speech | None, tuple[bytes, ...], float, bytes], bytes] = sound
    """(speech, its packets, time, silence) -> the Opus packet."""
    codecs: Callable[[Encoding], tuple[str, ...]] = codec_order
    peers: Callable[[PeerFactory], PeerFactory] = _peers
    """The factory that is used, given the real one."""
    streamer: Callable[[Streamer], Streamer] = _streamer
    """What plays one viewer's media, given what really would."""

    def make_session(self, config: SessionConfig) -> Session:
        in_room = config.version is Version.V2
        transitions = self.room_transitions if in_room else self.transitions
        return self.session(config, transitions=transitions)
