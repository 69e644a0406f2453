"""The places where a deliberately wrong fake differs from the right one.

A planted bug, which the judge must find, is ``dataclasses.replace(Seams(), ...)``; the product
itself has no switch for it. Every default is the real behaviour.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from mock_server.core.catalogue import Encoding
from mock_server.core.effects import SendEvent
from mock_server.core.registry import Caller, Registry, within_limit
from mock_server.core.replies import reply
from mock_server.core.session import Session, SessionConfig
from mock_server.core.speech import Speech, Utterance, speak
from mock_server.core.transitions import TRANSITIONS, Transitions
from mock_server.ids import Ids, IdSource
from mock_server.media.script import picture
from mock_server.settings import Settings
from mock_server.spec import Operation


def authenticate(
    registry: Registry, api_key: str | None, bearer: str | None, settings: Settings, now: float
) -> Caller:
    """Who calls. Raises ApiError(UNAUTHORIZED)."""
    return registry.authenticate(
        api_key, bearer, keys=settings.api_key, token_life=settings.token_life, now=now
    )


def encode_event(event: SendEvent) -> bytes | str | None:
    """A message of the data channel: binary UTF-8 JSON, as @heygen/streaming-avatar 1.0.16 wants.

    None drops the event.
    """
    body: dict[str, str | float] = {"type": event.type, "task_id": event.task_id}
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


def _shown(speech: Speech | None) -> Speech | None:
    return speech


@dataclass(frozen=True, slots=True)
class Seams:
    """Plain callables over which a fake can be made wrong on purpose."""

    ids: Callable[[Settings], Ids] = _ids
    authenticate: Callable[[Registry, str | None, str | None, Settings, float], Caller] = (
        authenticate
    )
    may_open: Callable[[int, int], bool] = within_limit
    """(active sessions of the account, limit) -> whether one more may open."""
    transitions: Transitions = field(default_factory=lambda: TRANSITIONS)
    session: Callable[..., Session] = Session
    utter: Callable[[str, float], Utterance] = _utter
    reply: Callable[[str, str], str] = _reply
    request_problem: Callable[[Operation, object], str | None] = request_problem
    answer: Callable[[str, dict[str, Any]], dict[str, Any]] = _answer
    """(operation id, body) -> the body that is sent."""
    event: Callable[[SendEvent], bytes | str | None] = encode_event
    shown: Callable[[Speech | None], Speech | None] = _shown
    """What the media is told to show, given what the session wants shown."""
    picture: Callable[[Speech | None, float, int], int] = picture
    """(speech, time, seed) -> the visual state of the atlas."""
    codecs: Callable[[Encoding], tuple[str, ...]] = codec_order

    def make_session(self, config: SessionConfig) -> Session:
        return self.session(config, transitions=self.transitions)
