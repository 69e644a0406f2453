"""Sends a recording's requests to another server, which gives other ids, tokens and offers."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from contract.exchange import Exchange, Headers, Request, Response, Send, UnreachableError
from contract.model.accounts import looks_like_token
from contract.spec import Spec
from contract.subject import Advance

Answerer = Callable[[str, str], str]
"""(session id, offer) -> an answer that fits. Raises ValueError."""

Enterer = Callable[[str, str, str], object]
"""(session id, url, token): a viewer joins the session's room, and watches."""

_LEFT_OUT = frozenset(
    {"host", "content-length", "connection", "accept-encoding", "transfer-encoding", "expect",
     "keep-alive", "te", "upgrade", "cookie", "origin", "referer"}
)  # fmt: skip
"""Headers of the recorded connection or page, not of the request."""
_SHORT_GAP = 0.05


class Resender:
    """Sends requests in the order in which they began, with the target's ids for the recorded.

    ``key`` is the target's; ``keys`` are recorded keys that the target knows too. ``answer``
    stands in for the viewer that was there when it was recorded, and ``enter`` for one in a room.
    With ``advance`` the pauses are made on the target's clock, without it they are left out.
    """

    def __init__(
        self,
        spec: Spec,
        send: Send,
        *,
        key: str,
        answer: Answerer,
        keys: Iterable[str] = (),
        advance: Advance | None = None,
        enter: Enterer | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._spec = spec
        self._send = send
        self._key = key
        self._answer = answer
        self._keys = frozenset(keys)
        self._advance = advance
        self._enter = enter
        self._clock = clock
        self._ahead = 0.0
        self._ids: dict[str, str] = {}
        """Recorded ids and tokens -> the target's."""
        self._offers: dict[str, str] = {}
        self._rooms: dict[str, tuple[str, str]] = {}
        """The target's sessions -> address and token of their rooms, while nobody is there."""
        self._open: dict[str, Headers] = {}
        """The target's sessions -> the credentials they were opened with."""
        self._extra = 0
        self._refused: list[str] = []
        self.exchanges: list[Exchange] = []
        """What the target answered; exchanges of our own have negative numbers."""

    @property
    def notes(self) -> list[str]:
        """What could not be sent again, and why."""
        return list(dict.fromkeys(self._refused))

    def run(self, recorded: Sequence[Exchange]) -> list[Exchange]:
        """The target's answers, numbered as recorded. Raises UnreachableError."""
        ordered = sorted(recorded, key=lambda exchange: (exchange.began, exchange.number))
        last = ordered[0].began if ordered else 0.0
        try:
            for exchange in ordered:
                self._pause(exchange.began - last)
                last = max(last, exchange.ended)
                self._repeat(exchange)
        finally:
            self._tidy()
        return self.exchanges

    def _repeat(self, exchange: Exchange) -> None:
        if "request body" in exchange.unknown:
            self._refused.append("requests whose bodies are unknown were not sent")
            return
        operation = self._spec.at(exchange.request.method, exchange.request.path)
        credentials = self._credentials(exchange)
        if operation is not None and exchange.response.status == 200:
            self._bring_in(exchange, operation.id, credentials)
        request = self._translated(exchange, credentials)
        if operation is not None and operation.id == "startSession":
            request = self._answered(request, exchange)
        if operation is not None and operation.id == "sendTask":
            self._watch(request, exchange)
        try:
            replayed = self._exchange(exchange.number, request)
        except ValueError as problem:  # what a browser sent can always be sent; a file says more
            self._refused.append(f"entry {exchange.number} cannot be sent: {problem}")
            return
        if operation is not None:
            self._learn(operation.id, exchange.response, replayed.response, credentials)
            if operation.id == "stopSession" and replayed.response.status == 200:
                self._open.pop(_text(request.members, "session_id"), None)

    def _exchange(self, number: int, request: Request) -> Exchange:
        began = self._clock() + self._ahead
        response = self._send(request)
        ended = self._clock() + self._ahead
        exchange = Exchange(number, request, response, began, ended)
        self.exchanges.append(exchange)
        return exchange

    def _pause(self, seconds: float) -> None:
        if self._advance is not None and seconds > _SHORT_GAP:
            self._advance(seconds)
            self._ahead += seconds

    # ids

    def _credentials(self, exchange: Exchange) -> Headers:
        """Those of the request, as the target knows them."""
        accepted = exchange.response.status != 401
        if "credentials" in exchange.unknown:
            return (("x-api-key", self._key),) if accepted else ()
        found = []
        for name, value in exchange.request.headers:
            if name == "x-api-key":
                found.append((name, self._known_key(value) if accepted else value))
            elif name == "authorization":
                scheme, _, bare = value.partition(" ")
                given = self._bearer(bare.strip(), accepted=accepted)
                found.append((name, f"{scheme} {given}" if bare else value))
        return tuple(found)

    def _known_key(self, value: str) -> str:
        return value if value in self._keys else self._key

    def _bearer(self, value: str, *, accepted: bool) -> str:
        if value in self._ids:
            return self._ids[value]
        if not accepted or not value:
            return value
        if not looks_like_token(value):
            return self._known_key(value)
        # A token from before the recording: the target makes another for it.
        answer = self._own("createToken", {}, (("x-api-key", self._key),))
        token = _text(_data(answer.response), "token")
        if token:
            self._ids[value] = token
        return token or value

    def _bring_in(self, exchange: Exchange, operation_id: str, credentials: Headers) -> None:
        """A session from before the recording: the target opens another for it."""
        session_id = _text(exchange.request.members, "session_id")
        if not session_id or session_id in self._ids or operation_id == "createToken":
            return
        answer = self._own("newSession", {}, credentials)
        self._learned_session(session_id, answer.response, credentials)
        mine = self._ids.get(session_id)
        if mine is None or operation_id == "startSession":
            return
        try:
            sdp = {"type": "answer", "sdp": self._answer(mine, self._offers.get(mine, ""))}
        except ValueError:
            return
        self._own("startSession", {"session_id": mine, "sdp": sdp}, credentials)

    def _own(self, operation_id: str, body: object, credentials: Headers) -> Exchange:
        operation = self._spec.operations[operation_id]
        self._extra -= 1
        headers = (*credentials, ("content-type", "application/json"))
        content = json.dumps(body).encode()
        return self._exchange(
            self._extra, Request(operation.method, operation.path, headers, content)
        )

    def _learn(
        self, operation_id: str, recorded: Response, replayed: Response, credentials: Headers
    ) -> None:
        theirs, mine = _data(recorded), _data(replayed)
        if operation_id == "newSession":
            self._learned_session(_text(theirs, "session_id"), replayed, credentials)
        for name in ("task_id", "token"):
            if _text(theirs, name) and _text(mine, name):
                self._ids[_text(theirs, name)] = _text(mine, name)

    def _learned_session(self, recorded: str, response: Response, credentials: Headers) -> None:
        data = _data(response)
        session_id, sdp = _text(data, "session_id"), data.get("sdp")
        if not session_id:
            return
        self._open[session_id] = credentials
        if recorded:
            self._ids[recorded] = session_id
        if isinstance(sdp, dict):
            self._offers[session_id] = _text(sdp, "sdp")
        url, token = _text(data, "url"), _text(data, "access_token")
        if url and token:
            self._rooms[session_id] = (url, token)

    # requests

    def _translated(self, exchange: Exchange, credentials: Headers) -> Request:
        request = exchange.request
        kept = tuple(
            pair
            for pair in request.headers
            if pair[0] not in _LEFT_OUT and pair[0] not in ("x-api-key", "authorization")
        )
        return Request(
            request.method,
            _replaced(request.path, self._ids),
            credentials + kept,
            _replaced(request.body.decode("latin-1"), self._ids).encode("latin-1"),
        )

    def _answered(self, request: Request, exchange: Exchange) -> Request:
        """A recorded answer belongs to the recorded offer; one that was refused is kept."""
        body = request.members
        sdp = body.get("sdp")
        offer = self._offers.get(_text(body, "session_id"), "")
        status, code = exchange.response.status, exchange.response.members.get("code")
        wrong_state = code in (10002, 10003, 10005)
        if not isinstance(sdp, dict) or sdp.get("type") != "answer" or not offer:
            return request
        if status != 200 and not wrong_state:
            return request
        try:
            text = self._answer(_text(body, "session_id"), offer)
        except ValueError:
            return request
        content = json.dumps({**body, "sdp": {**sdp, "sdp": text}}).encode()
        return dataclasses.replace(request, body=content)

    def _watch(self, request: Request, exchange: Exchange) -> None:
        """Where a task was taken, somebody was in the room."""
        session_id = _text(request.members, "session_id")
        if self._enter and exchange.response.status == 200 and session_id in self._rooms:
            self._enter(session_id, *self._rooms.pop(session_id))

    def _tidy(self) -> None:
        """Sessions that the recording does not stop are stopped: they count, and may cost."""
        for session_id, credentials in list(self._open.items()):
            try:
                self._own("stopSession", {"session_id": session_id}, credentials)
            except UnreachableError:
                return


def accepted_keys(recorded: Iterable[Exchange]) -> list[str]:
    """The API keys of the recording that were not refused, the most used first."""
    counts: dict[str, int] = {}
    for exchange in recorded:
        if exchange.response.status == 401:
            continue
        _, _, bearer = (exchange.request.header("authorization") or "").partition(" ")
        for value in (exchange.request.header("x-api-key"), bearer.strip()):
            if value and not looks_like_token(value):
                counts[value] = counts.get(value, 0) + 1
    return sorted(counts, key=lambda key: -counts[key])


def session_limit(recorded: Iterable[Exchange], spec: Spec) -> int:
    """How many active sessions the recorded server allowed at its first refusal; 0 for none."""
    active = 0
    for exchange in recorded:
        operation = spec.at(exchange.request.method, exchange.request.path)
        name = operation.id if operation else ""
        if exchange.response.status == 200:
            active += {"newSession": 1, "stopSession": -1}.get(name, 0)
        elif name == "newSession" and exchange.response.members.get("code") == 10007:
            return max(active, 1)
    return 0


def _replaced(text: str, names: Mapping[str, str]) -> str:
    for recorded, mine in names.items():
        text = text.replace(recorded, mine)
    return text


def _data(response: Response) -> dict[str, Any]:
    body = response.members if response.status == 200 else {}
    data = body.get("data")
    return {**body, **data} if isinstance(data, dict) else body


def _text(value: Mapping[str, Any], name: str) -> str:
    found = value.get(name)
    return found if isinstance(found, str) else ""
