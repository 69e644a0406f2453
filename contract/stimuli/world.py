"""Plays actions against a subject, and keeps what came of them: sessions, tokens, offers."""

from __future__ import annotations

import time
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace

from contract.client import Client
from contract.exchange import Exchange, Headers, Request
from contract.model.session import State
from contract.stimuli import actions
from contract.stimuli.actions import Action
from contract.stimuli.bodies import FORMS, edited, filled
from contract.stimuli.credentials import headers, known
from contract.stimuli.descriptions import VARIANTS
from contract.viewers.paper import PaperViewer, write_answer, write_offer

UNKNOWN_ID = "00000000-0000-11f0-8000-000000000000"
"""A session_id of the right form that no server has given."""
MALFORMED_ID = "no such session"
_SOME_OFFER = write_offer("nobody").replace("recvonly", "sendonly")
_ON_ITS_WAY = 0.05
"""Seconds in which a request sent later surely has reached the server on loopback; when it has
not, another order of the two is judged, which is as right."""
_GLANCES, _BETWEEN = 40, 0.05
"""How often, and how many seconds apart, it is looked whether a leaving was noticed."""


@dataclass(slots=True)
class Opened:
    """A session that newSession gave; ``credentials`` are the headers that opened it."""

    session_id: str
    offer: str
    credentials: Headers
    room: tuple[str, str] | None = None
    """The address of its room and the viewer's token; None in version v1."""
    entered: bool = False
    """Whether the viewer is in the room."""
    ended: bool = False
    speaking: bool = False
    """Whether a task was taken since the last interrupt: another sync task would wait."""


class World:
    """What one run has made, by number. Not thread-safe; :meth:`play` one action at a time."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._closed = client.subject.spec.errors["session-closed"].code
        self.subject = client.subject
        self.monitor = client.monitor
        self.sessions: list[Opened] = []
        self.tokens: list[str] = []
        self.played: list[Action] = []
        """The actions since the last reset, to be played again."""
        self.moved = 0.0
        """By how many seconds the subject's clock was moved."""
        self._later: list[Future[Exchange]] = []
        self._pool: ThreadPoolExecutor | None = None

    @property
    def on_paper(self) -> bool:
        """Whether an answer with nobody behind it connects a session."""
        return self.subject.on_paper or isinstance(self.subject.viewer, PaperViewer)

    @property
    def can_leave(self) -> bool:
        """Whether a viewer's leaving is something that the server can notice."""
        return self.subject.viewer is not None and not self.on_paper

    def token_used(self, number: int) -> bool:
        """Whether the token has opened one of the sessions."""
        value = f"Bearer {self.tokens[number]}"
        return any(value in dict(session.credentials).values() for session in self.sessions)

    def states(self, number: int) -> frozenset[State]:
        """The states that the session can be in."""
        return self.monitor.states(self.sessions[number].session_id)

    def possible(self, action: Action) -> bool:
        """Whether the action can be played now: what it names is there."""
        if isinstance(action.session, int) and action.session >= len(self.sessions):
            return False
        other = self.subject.other_key is not None
        if not known(action.credentials, tokens=len(self.tokens), other=other):
            return False
        if action.later and not self.subject.concurrent:
            return False
        match action.do:
            case actions.ADVANCE:
                return self.subject.advance is not None
            case actions.ENTER | actions.LEAVE:
                return isinstance(action.session, int) and self._can_move(action)
        return True

    def _can_move(self, action: Action) -> bool:
        """Whether the viewer can come or leave, as the action says."""
        assert isinstance(action.session, int)
        session = self.sessions[action.session]
        if session.room is None:
            return action.do == actions.LEAVE and self.can_leave
        enters = action.do == actions.ENTER
        return (
            self.subject.rooms is not None
            and session.entered is not enters
            and (not session.ended or not enters)
        )

    def play(self, action: Action) -> Exchange | None:
        """Does what the action says; None where no single call is made.

        Raises UnreachableError; KeyError for an action that names what does not exist.
        """
        self.played.append(action)
        match action.do:
            case actions.ADVANCE:
                self.client.advance(action.seconds)
                self.moved += action.seconds
            case actions.ENTER:
                self._enter(action)
            case actions.LEAVE:
                self._leave(action)
            case actions.JOIN:
                self._join()
            case actions.CONNECTED:
                return self._new_connected(action)
            case _:
                return self._call(action)
        return None

    def play_all(self, several: Iterable[Action]) -> Exchange | None:
        """Plays one after the other; what the last gave."""
        last = None
        for action in several:
            last = self.play(action)
        return last

    def play_through(self, several: Iterable[Action]) -> None:
        """Plays those that are possible, from nothing to nothing."""
        self.reset()
        for action in several:
            if self.possible(action):
                self.play(action)
        self.reset()

    def reset(self) -> None:
        """Stops all that is open, and forgets what there was; numbers begin at 0 again."""
        self._join()
        for session in self.sessions:
            if not session.ended:
                self._stop(session)
        self.sessions, self.tokens, self.played = [], [], []

    def close(self) -> None:
        """Stops all that is open. To be called whatever happened."""
        try:
            self.reset()
        finally:
            if self._pool is not None:
                self._pool.shutdown(wait=False, cancel_futures=True)
                self._pool = None

    # one action

    def _call(self, action: Action) -> Exchange | None:
        session = self.sessions[action.session] if isinstance(action.session, int) else None
        request, used = self._request(action, session)
        if action.later:
            return self._send_later(request, action, session)
        exchange = self.client.send(request)
        self._learn(action, session, exchange, used)
        return exchange

    def _new_connected(self, action: Action) -> Exchange | None:
        opened = len(self.sessions)
        exchange = self._call(replace(action, do="newSession"))
        if len(self.sessions) == opened:
            return exchange
        credentials = action.credentials
        return self._call(Action("startSession", opened, credentials=credentials))

    def _leave(self, action: Action) -> None:
        assert isinstance(action.session, int)
        session = self.sessions[action.session]
        session_id = session.session_id
        if session.room is not None:
            assert self.subject.rooms is not None
            self.subject.rooms.leave(session_id)
            session.entered = False
            self.monitor.left(session_id)
            return
        assert self.subject.viewer is not None
        was = self.monitor.states(session_id)
        self.subject.viewer.leave(session_id)
        if State.CONNECTED in was:
            self.monitor.left(session_id)
            self._until_noticed(session_id)

    def _enter(self, action: Action) -> None:
        assert isinstance(action.session, int)
        session = self.sessions[action.session]
        self._go_in(session)
        if State.NEW not in self.states(action.session):
            self._connect_in_room(session)

    def _go_in(self, session: Opened) -> None:
        """The viewer joins the session's room."""
        assert session.room is not None
        if self.subject.rooms is not None:
            session.entered = self.subject.rooms.enter(session.session_id, *session.room)

    def _connect_in_room(self, session: Opened) -> None:
        """Waits until the viewer that is in the room has been shown the avatar."""
        rooms, session_id = self.subject.rooms, session.session_id
        if rooms is not None and session.entered and rooms.connected(session_id):
            self.monitor.connected(session_id)
        else:
            self.monitor.not_connected(session_id)

    def _until_noticed(self, session_id: str) -> None:
        """Lists until the server has noticed, for the little while that a closed viewer takes."""
        for _ in range(_GLANCES):
            if session_id.encode() not in self.client.call("listSessions").response.body:
                break
            time.sleep(_BETWEEN)

    # requests

    def _request(self, action: Action, session: Opened | None) -> tuple[Request, str]:
        """The request, and who stands behind the SDP in it: viewer, paper or nobody."""
        used = "nobody"

        def fill(name: str) -> str:
            nonlocal used
            text, by = self._filled(name, action, session)
            used = by or used
            return text

        said = headers(
            action.credentials,
            key=self.subject.key,
            other_key=self.subject.other_key,
            tokens=self.tokens,
        )
        if action.do == actions.REQUEST:
            return Request(action.method or "GET", action.path or "/", said), used
        operation = self.subject.spec.operations[action.do]
        method, path = action.method or operation.method, action.path or operation.path
        if not operation.has_body:
            return Request(method, path, said), used
        plain = edited(action.do, action.edits)
        if _goes_without_sdp(action, session):
            plain.pop("sdp", None)
            used = "viewer"
        body = filled(plain, fill)
        more, content = FORMS[action.form](body)
        return Request(method, path, (*said, *more), content), used

    def _filled(self, name: str, action: Action, session: Opened | None) -> tuple[str, str | None]:
        session_id = {"unknown": UNKNOWN_ID, "malformed": MALFORMED_ID}.get(str(action.session), "")
        session_id = session.session_id if session is not None else session_id
        if name == "$session":
            return session_id, None
        viewer = self.subject.viewer
        # A real viewer is made only where it can come to something: each one costs.
        in_room = session is not None and session.room is not None
        wanted = not in_room and State.NEW in self.monitor.states(session_id)
        if wanted and viewer is not None and session is not None:
            try:
                if name == "$answer":
                    return viewer.answer(session_id, session.offer), "viewer"
                if name == "$offer":
                    return viewer.offer(session_id), "viewer"
            except ValueError:
                pass  # an offer that nobody can answer: the Monitor has said so
        if name in ("$offer", "$paper-offer"):
            return write_offer(session_id), "paper"
        variant = name.partition("/")[2]
        answer = self._paper(session_id, session)
        if name == "$answer" or name.startswith("$paper"):
            return VARIANTS[variant](answer) if variant else answer, "paper"
        return name, None  # text that happens to begin so

    @staticmethod
    def _paper(session_id: str, session: Opened | None) -> str:
        try:
            return write_answer(session_id, _SOME_OFFER if session is None else session.offer)
        except ValueError:
            return write_answer(session_id, _SOME_OFFER)

    def _send_later(
        self, request: Request, action: Action, session: Opened | None
    ) -> Exchange | None:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(max_workers=8)
        future = self._pool.submit(self.client.send, request)
        self._later.append(future)
        done, _ = wait([future], _ON_ITS_WAY)
        if session is not None and action.do == "sendTask":
            session.speaking = True
        return future.result() if done else None

    def _join(self) -> None:
        waiting, self._later = self._later, []
        for future in waiting:
            future.result()

    # what came of it

    def _learn(self, action: Action, session: Opened | None, exchange: Exchange, used: str) -> None:
        done = exchange.response.status == 200
        match action.do:
            case "newSession":
                self._opened(exchange)
            case "createToken" if (token := _text_at(exchange, "data", "token")) is not None:
                self.tokens.append(token)
            case "startSession" if session is not None:
                self._started(session, exchange, used)
            case "stopSession" if session is not None and done:
                self._ended(session)
            case "sendTask" if session is not None and done:
                session.speaking = True
            case "interruptTask" if session is not None and done:
                session.speaking = False

    def _opened(self, exchange: Exchange) -> None:
        session_id = _text_at(exchange, "data", "session_id")
        if session_id is not None:
            offer = _text_at(exchange, "data", "sdp", "sdp") or ""
            said = tuple(h for h in exchange.request.headers if h[0] != "content-type")
            url, token = (_text_at(exchange, "data", name) for name in ("url", "access_token"))
            room = None if url is None or token is None else (url, token)
            self.sessions.append(Opened(session_id, offer, said, room))

    def _started(self, session: Opened, exchange: Exchange, used: str) -> None:
        viewer, session_id = self.subject.viewer, session.session_id
        if session.room is not None:
            if exchange.response.status == 200:
                if used == "viewer" and not session.entered:
                    self._go_in(session)
                self._connect_in_room(session)
            return
        if exchange.response.status != 200:
            if used == "viewer" and viewer is not None:
                viewer.leave(session_id)
            return
        if viewer is None:
            return  # whether a server connects on paper cannot be known
        answer = _text_at(exchange, "data", "sdp", "sdp")
        stands = used == "viewer" or self.on_paper
        if stands and viewer.connected(session_id, answer):
            self.monitor.connected(session_id)
        else:
            self.monitor.not_connected(session_id)

    def _ended(self, session: Opened) -> None:
        session.ended = True
        session.speaking = False
        if session.entered and self.subject.rooms is not None:
            self.subject.rooms.leave(session.session_id)
            session.entered = False
        if self.subject.viewer is not None:
            self.subject.viewer.leave(session.session_id)

    def _stop(self, session: Opened) -> None:
        """Stops it with the key; one that a broken server gave to another, with that one's."""
        body = {"session_id": session.session_id}
        other = self.subject.other_key
        keys: list[Headers | None] = [None]
        if session.credentials == (("x-api-key", other),):
            keys = [session.credentials]
        elif session.credentials != self.client.key:
            keys.append(session.credentials)
        for credentials in keys:
            answer = self.client.call("stopSession", body, credentials=credentials).response
            if answer.status == 200 or answer.members.get("code") == self._closed:
                break
        self._ended(session)


def _goes_without_sdp(action: Action, session: Opened | None) -> bool:
    """Whether a plain start is one without an SDP: of a session in a room."""
    spoilt = any(edit.place.partition(".")[0] in ("", "sdp") for edit in action.edits)
    in_room = session is not None and session.room is not None
    return action.do == "startSession" and in_room and not spoilt


def _text_at(exchange: Exchange, *path: str) -> str | None:
    """The string at that place of a successful answer; None when there is none."""
    if exchange.response.status != 200:
        return None
    try:
        value = exchange.response.json
    except ValueError:
        return None
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) and value else None
