"""The HTTP side of the reference clients: calls that end in time, and answers that are checked."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import os
import socket
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

Json = dict[str, Any]

SAFE = frozenset({"stop", "list"})
"""Calls that may be made again when nobody knows what came of the first."""

TRIES = 3

GONE = frozenset({400, 404})
"""How a second stop is refused when the first has ended the session, but its answer was lost."""


class ClientError(Exception):
    """What went wrong, in words for the person at the terminal."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A try of a call that came to nothing."""

    call: str
    nth: int
    said: str
    status: int | None = None
    retry_after: str | None = None

    def __str__(self) -> str:
        return f"streaming.{self.call}: {self.said}"


Again = Callable[[Failure], float | None]
"""After how many seconds a call is tried again; None: not at all."""


def with_care(patience: float) -> Again:
    """Waits as long as the server asks for, within its patience; repeats only what may be."""

    def pause(failure: Failure) -> float | None:
        if failure.nth >= TRIES:
            return None
        if failure.retry_after is not None:
            try:
                asked = float(failure.retry_after)
            except ValueError:  # a date, or nonsense: nothing that a short program waits for
                return None
            return asked if 0 <= asked <= patience else None
        if failure.status == 429:
            return 0.1 * failure.nth
        return 0.05 if failure.call in SAFE else None

    return pause


class Api:
    """One method per kind of request; the ``data`` of the answer back.

    ``seconds`` is the longest that one try may take as a whole, connecting and reading included;
    None is for ever. ``again`` decides about another try.
    """

    def __init__(self, url: str, *, key: str, seconds: float | None, again: Again) -> None:
        parts = urlsplit(url)
        self._secure = parts.scheme == "https"
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port
        self._path = parts.path.rstrip("/")
        self._key = key
        self._seconds = seconds
        self._again = again

    async def post(self, call: str, body: Json) -> Json:
        return await self._until_done("POST", call, body)

    async def get(self, call: str) -> Json:
        return await self._until_done("GET", call, None)

    async def stop(self, session_id: str, *, within: float | None) -> None:
        """Ends a session, which costs money until then. Raises ClientError after the last try."""
        try:
            async with asyncio.timeout(within):
                await self.post("stop", {"session_id": session_id})
        except (ClientError, TimeoutError) as error:
            said = str(error) or f"no answer in {within} s"
            raise ClientError(f"session {session_id!a} may be open still: {said}") from None

    async def _until_done(self, method: str, call: str, body: Json | None) -> Json:
        nth = 1
        while True:
            answer = await self._once(method, call, body, nth)
            if not isinstance(answer, Failure):
                return answer
            pause = self._again(answer)
            if pause is None:
                raise ClientError(str(answer))
            await asyncio.sleep(pause)
            nth += 1

    async def _once(self, method: str, call: str, body: Json | None, nth: int) -> Json | Failure:
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        connection = kind(self._host, self._port)  # whose time limit would be one of each read
        answered: Future[Json | Failure] = Future()

        def work() -> None:
            answered.set_running_or_notify_cancel()
            try:
                found = self._exchange(connection, method, call, body, nth)
            except (OSError, http.client.HTTPException) as error:
                found = Failure(call, nth, f"no whole answer ({error!r:.80})")
            answered.set_result(found)

        # Of its own, and a daemon: a thread that hangs must not keep the program from ending.
        Thread(target=work, daemon=True).start()
        try:
            async with asyncio.timeout(self._seconds):
                return await asyncio.wrap_future(answered)
        except TimeoutError:
            return Failure(call, nth, f"no whole answer in {self._seconds:g} s")
        finally:
            if not answered.done():  # a call that was given up must not come through later
                with contextlib.suppress(OSError, AttributeError):
                    connection.sock.shutdown(socket.SHUT_RDWR)

    def _exchange(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        call: str,
        body: Json | None,
        nth: int,
    ) -> Json | Failure:
        headers = {"X-Api-Key": self._key, "Content-Type": "application/json"}
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, f"{self._path}/v1/streaming.{call}", text, headers)
            answer = connection.getresponse()
            read = answer.read()
        finally:
            connection.close()
        succeeded = 200 <= answer.status < 300
        if call == "stop" and (succeeded or (nth > 1 and answer.status in GONE)):
            return {}
        if not succeeded:
            said = f"{answer.status} {read[:200].decode(errors='replace')!r}"
            return Failure(call, nth, said, answer.status, answer.getheader("Retry-After"))
        try:
            data = json.loads(read)["data"]
        except (ValueError, LookupError, TypeError, RecursionError):
            return Failure(call, nth, f"not the JSON it should be: {read[:80]!r}", answer.status)
        return data if isinstance(data, dict) else {}


def text_of(data: Json, name: str) -> str:
    """A text that must be there. Raises ClientError."""
    value = data.get(name)
    if not isinstance(value, str) or not value:
        raise ClientError(f"the answer's {name} is no text: {value!r:.80}")
    return value


def sdp_of(data: Json) -> str:
    """The text of the server's offer. Raises ClientError."""
    sdp = data.get("sdp")
    if not isinstance(sdp, dict) or sdp.get("type") != "offer":
        raise ClientError(f"the answer's sdp is no offer: {sdp!r:.80}")
    return text_of(sdp, "sdp")


def from_environment(*, seconds: float | None, again: Again) -> Api:
    """The server that HEYGEN_BASE_URL and HEYGEN_API_KEY name."""
    url = os.environ.get("HEYGEN_BASE_URL", "http://127.0.0.1:8000")
    key = os.environ.get("HEYGEN_API_KEY", "test-key")
    return Api(url, key=key, seconds=seconds, again=again)
