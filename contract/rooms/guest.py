"""A viewer at the signalling socket of a LiveKit room: what it was told, and what it says."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import urlencode

from google.protobuf.message import DecodeError
from livekit.protocol import models, rtc

from contract.wire import Dial, EndedError, Wire

AVATAR = "heygen"
"""The avatar's identity; a public client, 2025."""
_PROTOCOL = "15"
_PIECE = 0.05
"""Seconds for which is waited at one time."""

Answer = Callable[[str], str]
"""From the server's offer to an answer that fits. Raises ValueError."""


class Heard(NamedTuple):
    """A message of the server. ``kind`` is its name in SignalResponse, "" for what is none."""

    arrived: float
    kind: str
    message: rtc.SignalResponse


class Guest:
    """Joins at once. Raises RefusedError.

    Not thread-safe; nothing is read but in :meth:`attend`, which also answers offers.
    """

    def __init__(
        self,
        dial: Dial,
        url: str,
        token: str,
        *,
        answer: Answer,
        in_header: bool = False,
        resuming: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``in_header`` sends the token as Rust does; ``resuming`` is the sid of a former join."""
        self.heard: list[Heard] = []
        self.answered: list[str] = []
        """The offers that were answered."""
        self.shown = False
        """Whether an offer of the avatar's tracks was answered."""
        self.unanswerable: str | None = None
        """Why an offer could not be answered."""
        self.ended_at: float | None = None
        self._answer = answer
        self._clock = clock
        query = {"auto_subscribe": "1", "sdk": "python", "protocol": _PROTOCOL}
        if not in_header:
            query["access_token"] = token
        if resuming is not None:
            query |= {"reconnect": "1", "sid": resuming}
        headers = (("authorization", f"Bearer {token}"),) if in_header else ()
        self._wire: Wire = dial(f"{url.rstrip('/')}/rtc?{urlencode(query)}", headers)

    def attend(self, until: Callable[[Guest], object], seconds: float) -> bool:
        """Listens until the condition is true, the time is up or the server has closed.

        Whether it became true.
        """
        deadline = self._clock() + seconds
        while not until(self):
            left = deadline - self._clock()
            if left <= 0 or self.ended_at is not None:
                return False
            self._listen(min(left, _PIECE))
        return True

    def say(self, message: rtc.SignalRequest) -> None:
        """Says it; to a server that has hung up, nothing."""
        with suppress(EndedError):
            self._wire.send(message.SerializeToString())

    def close(self) -> None:
        """Hangs up."""
        self._wire.close()

    # what was told

    def kinds(self) -> list[str]:
        """The kinds of all messages, in order."""
        return [heard.kind for heard in self.heard]

    def all_of(self, kind: str) -> list[rtc.SignalResponse]:
        """The messages of one kind."""
        return [heard.message for heard in self.heard if heard.kind == kind]

    @property
    def join(self) -> rtc.JoinResponse | None:
        """What the room said of itself."""
        found = self.all_of("join")
        return found[0].join if found else None

    @property
    def avatar(self) -> models.ParticipantInfo | None:
        """What was told of the avatar at last; None where it is not there."""
        found = None
        for one in self.heard:
            told = one.message.update.participants if one.kind == "update" else ()
            told = one.message.join.other_participants if one.kind == "join" else told
            found = next((each for each in told if each.identity == AVATAR), found)
        return found

    def _listen(self, seconds: float) -> None:
        try:
            data = self._wire.receive(seconds)
        except EndedError:
            self.ended_at = self._clock()
            return
        if data is None:
            return
        message = rtc.SignalResponse()
        kind = ""
        with suppress(DecodeError):
            message.ParseFromString(data if isinstance(data, bytes) else data.encode())
            kind = message.WhichOneof("message") or ""
        self.heard.append(Heard(self._clock(), kind, message))
        if kind == "offer":
            self._take(message.offer)

    def _take(self, offer: rtc.SessionDescription) -> None:
        try:
            text = self._answer(offer.sdp)
        except ValueError as problem:
            self.unanswerable = str(problem)
            return
        answer = rtc.SessionDescription(type="answer", sdp=text, id=offer.id)
        self.say(rtc.SignalRequest(answer=answer))
        self.answered.append(offer.sdp)
        # What is offered before the avatar is there shows nothing of it.
        self.shown = self.shown or (self.avatar is not None and "m=video" in offer.sdp)
