"""The sessions of a stimulus that opens more than an account may have: room, viewers, the end."""

from __future__ import annotations

from random import Random

from contract.client import Client
from contract.exchange import Exchange, Headers, Request

USUAL_LIMIT = 3
"""Active sessions of an account whose limit is not known: the README of
@heygen/streaming-avatar 2.1.0 names this number for trial accounts."""

MANY = 10
"""Sessions that are left open at once where there is no limit."""


class Slots:
    """Sends requests through a client so that the account's limit never starves a stimulus.

    Before a newSession that could meet the limit the oldest session is stopped, by the credentials
    that opened it. While :attr:`connecting` is set, some of the sessions that open are connected by
    the subject's viewer, at most ``connects`` in all.
    """

    def __init__(self, client: Client, *, chance: Random, connects: int = 16) -> None:
        self.connecting = False
        self._client = client
        self._chance = chance
        self._connects = connects
        self._watched: list[str] = []
        self._openers: dict[str, Headers] = {}
        limit = client.subject.max_sessions
        self._limit = USUAL_LIMIT if limit is None else limit or MANY

    def send(self, request: Request) -> Exchange:
        """Sends and has it judged, with all that must happen around it. Raises UnreachableError."""
        operation = self._client.subject.spec.at(request.method, request.path)
        opens = operation is not None and operation.id == "newSession"
        if opens:
            self._make_room()
        exchange = self._client.send(request)
        opened = _session(exchange) if opens else None
        if opened is not None:
            session_id, offer = opened
            self._openers[session_id] = request.credentials
            chosen = self.connecting and self._connects and self._chance.random() < 0.6
            if offer is not None and chosen:
                self._connect(session_id, offer)
        return exchange

    def end(self) -> None:
        """Stops all that may be open, and closes the viewers. Raises UnreachableError."""
        try:
            for session_id in self._client.monitor.open_sessions:
                self._stop(session_id)
        finally:
            for session_id in list(self._watched):
                self._leave(session_id)

    def _make_room(self) -> None:
        open_sessions = self._client.monitor.open_sessions
        for session_id in open_sessions[: max(0, len(open_sessions) - self._limit + 1)]:
            self._stop(session_id)

    def _stop(self, session_id: str) -> None:
        self._client.call(
            "stopSession", {"session_id": session_id}, credentials=self._openers.get(session_id)
        )
        self._leave(session_id)

    def _leave(self, session_id: str) -> None:
        viewer = self._client.subject.viewer
        if viewer is not None and session_id in self._watched:
            self._watched.remove(session_id)
            viewer.leave(session_id)

    def _connect(self, session_id: str, offer: str) -> None:
        viewer = self._client.subject.viewer
        if viewer is None:
            return
        try:
            answer = viewer.answer(session_id, offer)
        except ValueError:
            return  # The Monitor says what is wrong with an offer.
        self._connects -= 1
        self._watched.append(session_id)
        started = self._client.call(
            "startSession",
            {"session_id": session_id, "sdp": {"type": "answer", "sdp": answer}},
            credentials=self._openers[session_id],
        )
        if started.response.status == 200:
            if viewer.connected(session_id):
                self._client.monitor.connected(session_id)
            else:
                self._client.monitor.not_connected(session_id)


def _session(exchange: Exchange) -> tuple[str, str | None] | None:
    """Id and offer of the session that an answer of newSession gives, if it gives one.

    One in a room has no offer.
    """
    if exchange.response.status != 200:
        return None
    try:
        data = exchange.response.json["data"]
        session_id, offer = data["session_id"], (data["sdp"] or {}).get("sdp")
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        return None
    if not isinstance(session_id, str):
        return None
    return session_id, offer if isinstance(offer, str) else None
