"""What went through to a subject: calls, sessions that were opened, moves of the clock."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable

from contract.exchange import Headers, Request, Response, Send, UnreachableError
from contract.spec import Spec
from contract.subject import Advance, Viewer

_IN_VAIN = 3


class Tally:
    """Stands between stimuli and the subject's :data:`Send`, and keeps count.

    ``clock`` is the judge's, in Unix seconds: that of the exchanges.
    """

    def __init__(self, spec: Spec, send: Send, *, clock: Callable[[], float] = time.time) -> None:
        self.calls: Counter[str] = Counter()
        """operation id -> requests; "" for those that are no operation."""
        self.moves: list[tuple[float, float]] = []
        """When the subject's clock was moved, and by how many seconds."""
        self._spec = spec
        self._send = send
        self._clock = clock
        self._open: dict[str, Headers] = {}

    def send(self, request: Request) -> Response:
        """Sends it. Raises UnreachableError."""
        operation = self._spec.at(request.method, request.path)
        name = "" if operation is None else operation.id
        self.calls[name] += 1
        response = self._send(request)
        if response.status == 200 and name in {"newSession", "stopSession"}:
            self._note(name, request, response)
        return response

    def advance(self, move: Advance) -> Advance:
        """``move``, with its seconds written down."""

        def moved(seconds: float) -> None:
            move(seconds)
            self.moves.append((self._clock(), seconds))

        return moved

    @property
    def requests(self) -> int:
        """How many were sent."""
        return self.calls.total()

    @property
    def open_sessions(self) -> list[str]:
        """Ids of sessions that were opened and not stopped; some may have ended by themselves."""
        return list(self._open)

    def stop_all(self) -> None:
        """Stops what was opened and not stopped; an answer that it has ended is as good."""
        operation = self._spec.operations["stopSession"]
        for session_id, credentials in list(self._open.items()):
            body = json.dumps({"session_id": session_id}).encode()
            headers = (*credentials, ("content-type", "application/json"))
            try:
                self._send(Request(operation.method, operation.path, headers, body))
            except UnreachableError:
                return
            del self._open[session_id]

    def _note(self, name: str, request: Request, response: Response) -> None:
        try:
            if name == "newSession":
                session_id = response.json["data"]["session_id"]
                if isinstance(session_id, str) and session_id.isprintable():
                    self._open[session_id] = request.credentials
            else:
                self._open.pop(request.json["session_id"], None)
        except (ValueError, KeyError, TypeError):
            pass  # an odd answer is the Monitor's matter


class Doorman:
    """Counts what became of a viewer's connections, and gives up where nothing connects."""

    def __init__(self, viewer: Viewer) -> None:
        self.tried = 0
        self.connections = 0
        self._viewer = viewer

    def answer(self, session_id: str, offer: str) -> str:
        return self._viewer.answer(session_id, offer)

    def offer(self, session_id: str) -> str:
        return self._viewer.offer(session_id)

    def connected(self, session_id: str, answer: str | None = None) -> bool:
        """As the viewer says; False at once when three before it waited in vain."""
        if self.hopeless:
            return False
        self.tried += 1
        came = self._viewer.connected(session_id, answer)
        self.connections += came
        return came

    @property
    def hopeless(self) -> bool:
        """Whether so many have waited in vain that the rest need not."""
        return self.tried >= _IN_VAIN and not self.connections

    def leave(self, session_id: str) -> None:
        self._viewer.leave(session_id)

    def close(self) -> None:
        self._viewer.close()
