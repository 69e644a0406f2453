"""Sessions driven by hand: made, brought to a state, and read by what they ask for."""

from __future__ import annotations

from typing import Any

from mock_server.core import effects as ef
from mock_server.core import events as ev
from mock_server.core.catalogue import AVATARS, VOICES, Emotion, Encoding, Quality
from mock_server.core.sdp import SessionDescription
from mock_server.core.session import Session, SessionConfig
from mock_server.core.speech import Utterance
from mock_server.core.transitions import State

ANSWER = SessionDescription(type="answer", text="", media=(), bundle=(), ice_lite=False)


def config(**changes: Any) -> SessionConfig:
    values: dict[str, Any] = {
        "session_id": "session-1",
        "account": "key",
        "avatar_id": "default",
        "avatar": AVATARS[0],
        "voice": VOICES[0],
        "rate": 1.0,
        "emotion": Emotion.NEUTRAL,
        "quality": Quality.LOW,
        "encoding": Encoding.VP8,
        "knowledge_base": "",
        "created_at": 0.0,
        "duration_limit": 600.0,
        "idle_timeout": 120.0,
        "seed": 1,
    }
    return SessionConfig(**{**values, **changes})


def utterance(milliseconds: int = 1000) -> Utterance:
    """Silence of that length, a multiple of 20 ms."""
    return Utterance("text", 1.0, (), bytes(milliseconds // 20))


def task(
    call: int,
    *,
    milliseconds: int = 1000,
    sync: bool = True,
    blocks: bool = False,
    name: str | None = None,
) -> ev.Speak:
    return ev.Speak(call, name or f"task-{call}", utterance(milliseconds), sync, blocks)


def session_in(state: State, **changes: Any) -> Session:
    """A session in ``state`` at time 0, whose calls so far are answered."""
    session = Session(config(**changes))
    session.handle(ev.Open(-1), 0.0)
    session.handle(ev.OfferMade("offer"), 0.0)
    if state in (State.CONNECTING, State.CONNECTED):
        session.handle(ev.Start(-2, ANSWER), 0.0)
        session.handle(ev.DescriptionAccepted(None), 0.0)
    if state is State.CONNECTED:
        session.handle(ev.Connected(), 0.0)
    if state is State.LEFT:
        session.handle(ev.Lost("gone"), 0.0)
    if state is State.LEFT:
        session.handle(ev.Lost("closed its end"), 0.0)
    if state is State.CLOSED:
        session.handle(ev.Stop(-3), 0.0)
    assert session.state is state
    return session


def connected(**changes: Any) -> Session:
    return session_in(State.CONNECTED, **changes)


def replies(effects: list[ef.Effect]) -> dict[int, ef.Outcome]:
    return {e.call: e.outcome for e in effects if isinstance(e, ef.Reply)}


def refusals(effects: list[ef.Effect]) -> dict[int, tuple[int, str]]:
    """Call -> (code, message) of those refused."""
    return {e.call: (e.row.code, e.row.message) for e in effects if isinstance(e, ef.Refuse)}


def sent(effects: list[ef.Effect]) -> list[ef.SendEvent]:
    return [e for e in effects if isinstance(e, ef.SendEvent)]
