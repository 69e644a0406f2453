"""Visits to the chat socket and the realtime endpoint, and what is said of what they tell."""

from __future__ import annotations

import base64
from collections.abc import Callable
from urllib.parse import quote

from contract.client import Client
from contract.findings import Findings
from contract.stimuli.rooms import Room, RoomUnfitError, make_visits
from contract.subject import RoomViewer
from contract.voice import judges
from contract.voice.frames import audio_frame, text_frame
from contract.voice.line import Line
from contract.voice.sounds import MICROPHONE, SPEECH, chunks, silence, tone
from contract.wire import RefusedError

PATIENCE = 3.0
"""Seconds for what a socket has to say."""

RULES = (
    "chat-opens", "chat-credentials", "chat-messages", "chat-answered", "voice-events",
    "voice-listening", "realtime-state", "realtime-speak", "realtime-interrupt", "realtime-errors",
    "sockets-end",
)  # fmt: skip

_CHAT = "/v1/ws/streaming.chat"
_STARTED, _ENDED = "agent.speak_started", "agent.speak_ended"
_STRANGER = "MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA"
_NO_SESSION = "00000000-0000-11f0-8000-000000000000"
_QUIET, _LOUD, _AFTER = 0.3, 0.6, 1.2
"""Seconds of a microphone's silence, of what is said into it, and of the silence after that."""
_PAUSE = 0.1
"""Seconds of silence that are sent as long, while nothing is told."""
_SHORT, _PIECE, _PIECES = 0.3, 1.0, 6
"""Seconds of a speech that is heard out, and of each piece of one that is interrupted: it would
last twice as long as its end is waited for."""
_BROKEN = (
    '{"type": "agent.spe',
    "[]",
    '{"type": "agent.dance", "event_id": "judge-0"}',
    '{"type": "agent.speak", "event_id": "judge-0"}',
)
_TAKEN = ("session.keep_alive", "agent.stop_listening", "agent.start_listening")


def visit_sockets(client: Client, findings: Findings, rooms: RoomViewer) -> None:
    """Every visit. Raises UnreachableError."""
    make_visits(VISITS, client, findings, rooms)
    for rule in RULES:
        if not findings.checked[rule] and rule not in findings.unjudged:
            findings.unable(rule, "what it is about was not come to; see the other findings")


def _chat(room: Room) -> None:
    """Silence, a text, a talk, and one that nobody listens to."""
    token = room.use_token()
    endpoint = room.open().get("realtime_endpoint")
    room.start()
    _be_there(room)
    agent = _open_realtime(room, endpoint)
    chat = _open_chat(room, token)
    if chat is None:
        return
    _try_doors(room, token)
    try:
        if agent is None:
            _talk_alone(room, chat)
        else:
            _converse(room, chat, agent)
    finally:
        chat.catch_up()
        if chat.told:
            wrong = judges.judge_messages(chat)
            room.judge("chat-messages", "JSON in a text, with an event_type", wrong)
    lines = (("chat socket", chat), ("realtime endpoint", agent))
    still_open = [(name, line) for name, line in lines if line is not None and not line.ended]
    room.stop()
    for name, line in still_open:
        over = line.attend(lambda it: it.ended, PATIENCE)
        wrong = None if over else f"a {name} that stays open"
        room.judge("sockets-end", f"the {name} closed", wrong, operation="stopSession")


def _converse(room: Room, chat: Line, agent: Line) -> None:
    _say(chat, silence(_QUIET, rate=MICROPHONE))
    answered = _write(chat, agent, "Good morning.")
    chat.catch_up()
    promise = "the avatar speaking after a text frame"
    room.judge("chat-answered", promise, None if answered else "no agent.speak_started")
    unheard = "nothing of a talk while all is silent"
    room.judge("voice-events", unheard, judges.judge_unheard(chat))

    room.call("interruptTask")
    before = len(agent.all_of(_STARTED))
    if _talk_alone(room, chat):
        answered = agent.attend(lambda it: len(it.all_of(_STARTED)) > before, PATIENCE)
        wrong = None if answered else f"no {_STARTED}"
        room.judge("chat-answered", "the avatar speaking after a talk", wrong)

    room.call("interruptTask")
    room.call("stopListening")
    since = len(chat.told)
    _say(chat, tone(_LOUD, rate=MICROPHONE) + silence(_AFTER, rate=MICROPHONE))
    # The answer shows that all that was sent before the text has been taken.
    if not _write(chat, agent, "Can you hear me?"):
        room.unable("voice-listening", "no text was answered, so when to look is not known")
        return
    chat.catch_up()
    wrong = judges.judge_unheard(chat, since)
    promise = "nothing of a talk that nobody listens to"
    room.judge("voice-listening", promise, wrong, operation="stopListening")
    room.call("startListening")
    since = len(chat.told)
    heard = _talk(chat, since)
    wrong = None if heard else judges.judge_talk(chat, since) or "no user_stop"
    room.judge("voice-listening", "a talk heard again", wrong, operation="startListening")


def _talk_alone(room: Room, chat: Line) -> bool:
    """A talk, and whether its end was told. Raises RoomUnfitError where nobody can read that."""
    since = len(chat.told)
    heard = _talk(chat, since)
    if judges.judge_messages(chat) is not None:
        for rule in ("voice-events", "voice-listening"):
            room.unable(rule, "what the chat socket tells cannot be read")
        raise RoomUnfitError
    told = ", ".join(judges.HEARD)
    room.judge("voice-events", f"{told}, as told of one talk", judges.judge_talk(chat, since))
    return heard


def _realtime(room: Room) -> None:
    """What cannot be taken, a speech, and one that is interrupted."""
    endpoint = room.open().get("realtime_endpoint")
    room.start()
    _be_there(room)
    agent = _open_realtime(room, endpoint)
    if agent is None:
        return
    for message in _BROKEN:
        agent.say(message)
    wanted = len(_BROKEN)
    agent.attend(lambda it: len(it.all_of("error")) >= wanted, PATIENCE)
    found = len(agent.all_of("error"))
    wrong = None if found >= wanted else f"{found} for {wanted} such messages"
    wrong = "a closed socket" if agent.ended else wrong
    room.judge("realtime-errors", "an error for each message that cannot be taken", wrong)
    if agent.ended:
        raise RoomUnfitError

    since = len(agent.told)
    for kind in _TAKEN:
        agent.say_json(type=kind, event_id=kind)
    _speak(agent, "judge-1", tone(_SHORT, rate=SPEECH))
    agent.say_json(type="agent.speak_end", event_id="judge-1")
    agent.attend(lambda it: it.all_of(_ENDED, since), PATIENCE)
    refused = [e for e in agent.all_of("error", since) if e.get("event_id") != "judge-1"]
    wrong = f"{refused[0]!r:.200}" if refused else None
    room.judge("realtime-errors", "no error for messages of the reference", wrong)
    wrong = judges.judge_spoken(agent, "judge-1", since)
    room.judge("realtime-speak", "agent.speak_started and agent.speak_ended, once", wrong)

    since = len(agent.told)
    piece = tone(_PIECE, rate=SPEECH)
    for _ in range(_PIECES):
        _speak(agent, "judge-2", piece)
    if not agent.attend(lambda it: it.all_of(_STARTED, since), PATIENCE):
        room.unable("realtime-interrupt", "nothing is spoken that could be interrupted")
        return
    agent.say_json(type="agent.interrupt", event_id="judge-3")
    ended = agent.attend(lambda it: it.all_of(_ENDED, since), PATIENCE)
    wrong = None if ended else f"none within {PATIENCE:g} s"
    room.judge("realtime-interrupt", "agent.speak_ended soon after the interrupt", wrong)


def _be_there(room: Room) -> None:
    """Nobody is heard, and nothing is spoken, while nobody sees the avatar."""
    if not room.await_avatar(room.guest()):
        raise RoomUnfitError


def _try_doors(room: Room, token: str) -> None:
    """Who may not come in."""
    for what, session_id, secret in (
        ("without a token", room.session_id, None),
        ("with a token that was never given", room.session_id, _STRANGER),
        ("of a session that is not there", _NO_SESSION, token),
    ):
        try:
            room.line(_chat_url(room, session_id, secret), names="event_type").close()
        except RefusedError:
            wrong = None
        else:
            wrong = "an open socket"
        room.judge("chat-credentials", f"no chat socket {what}", wrong)


def _chat_url(room: Room, session_id: str, token: str | None) -> str:
    """As the SDK asks, which does not escape the token's base64."""
    secret = "" if token is None else f"&session_token={quote(token, safe='+/=')}"
    query = f"session_id={quote(session_id)}{secret}&silence_response=false"
    return f"{room.server}{_CHAT}?{query}"


def _open_chat(room: Room, token: str) -> Line | None:
    try:
        chat = room.line(_chat_url(room, room.session_id, token), names="event_type")
    except RefusedError as problem:
        room.judge("chat-opens", "a chat socket for the session's token", f"refused: {problem}")
        return None
    room.judge("chat-opens", "a chat socket for the session's token", None)
    return chat


def _open_realtime(room: Room, endpoint: object) -> Line | None:
    if not isinstance(endpoint, str) or not endpoint.startswith(("ws://", "wss://")):
        room.unable("realtime-state", "newSession gave no realtime_endpoint")
        return None
    try:
        agent = room.line(endpoint, names="type")
    except RefusedError as problem:
        room.judge("realtime-state", "an open socket", f"refused: {problem}")
        return None
    agent.attend(lambda it: it.told, PATIENCE)
    promise = "session.state_updated with connecting or connected"
    room.judge("realtime-state", promise, judges.judge_greeting(agent))
    return agent


def _say(chat: Line, pcm: bytes) -> None:
    for piece in chunks(pcm):
        chat.say(audio_frame(piece, rate=MICROPHONE))


def _talk(chat: Line, since: int) -> bool:
    """Says something into the microphone, and is silent until that was heard; whether it was."""
    _say(chat, tone(_LOUD, rate=MICROPHONE) + silence(_AFTER, rate=MICROPHONE))
    for _ in range(round(PATIENCE / _PAUSE)):
        if chat.attend(lambda it: "user_stop" in it.kinds(since), _PAUSE):
            return True
        _say(chat, silence(_PAUSE, rate=MICROPHONE))
    return False


def _write(chat: Line, agent: Line, text: str) -> bool:
    """Writes as a user does, and waits for the avatar to answer; whether it does."""
    agent.catch_up()
    before = len(agent.all_of(_STARTED))
    chat.say(text_frame(text))
    return agent.attend(lambda it: len(it.all_of(_STARTED)) > before, PATIENCE)


def _speak(agent: Line, event_id: str, pcm: bytes) -> None:
    audio = base64.b64encode(pcm).decode()
    agent.say_json(type="agent.speak", event_id=event_id, audio=audio)


VISITS: tuple[Callable[[Room], None], ...] = (_chat, _realtime)
