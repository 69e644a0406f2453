"""The service behind the guard: one request out, one answer back, or a reason why not."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx2

from contract.exchange import Request, Response, UnreachableError

MAX_BODY = 4 * 1024 * 1024
"""Bytes of an answer, or of a request: four times what the contract's limit is probed with."""

# Those of one connection (RFC 9110, 7.6.1), and what follows from the body as it is read here.
_OWN = frozenset(
    {
        "accept-encoding", "connection", "content-encoding", "content-length", "expect", "host",
        "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te",
        "trailer", "transfer-encoding", "upgrade",
    }
)  # fmt: skip
_CONNECT_TIME = 10.0
_NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError)


class NoAnswerError(UnreachableError):
    """``sent`` says whether the service may have got the request all the same."""

    def __init__(self, message: str, *, sent: bool) -> None:
        super().__init__(message)
        self.sent = sent


class Service:
    """Follows no redirects, keeps no cookies, verifies TLS. ``timeout`` in seconds bounds a whole
    exchange, and not only each read of it.
    """

    def __init__(self, url: str, *, timeout: float) -> None:
        self.url = url.rstrip("/")
        self._timeout = timeout
        parts = urlsplit(url)
        self._client = httpx2.AsyncClient(
            timeout=httpx2.Timeout(timeout, connect=min(timeout, _CONNECT_TIME)),
            follow_redirects=False,
            # Plain HTTP has nothing to verify, and loading the authorities takes 50 ms
            # (httpx2 2.16).
            verify=parts.scheme == "https",
            # A proxy of the environment cannot reach this machine's loopback.
            trust_env=parts.hostname not in {"localhost", "127.0.0.1", "::1"},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.aclose()

    async def call(self, request: Request) -> Response:
        """The answer, decoded if it was compressed. Raises NoAnswerError."""
        try:
            async with asyncio.timeout(self._timeout):
                return await self._call(request)
        except _NEVER_SENT as problem:
            raise NoAnswerError(self._words(problem), sent=False) from problem
        except TimeoutError:
            words = f"{self.url} did not answer within {self._timeout:g} s"
            raise NoAnswerError(words, sent=True) from None
        except (httpx2.HTTPError, httpx2.StreamError) as problem:
            raise NoAnswerError(self._words(problem), sent=True) from problem
        except (httpx2.InvalidURL, ValueError) as problem:
            raise NoAnswerError(f"{self.url}: {problem}", sent=False) from problem

    async def _call(self, request: Request) -> Response:
        outgoing = httpx2.Request(
            request.method,
            self.url + request.path,
            # identity: the body is judged as it was meant, and secrets in it must be found.
            headers=[*carried(request.headers), ("accept-encoding", "identity")],
            content=request.body or None,
        )
        answer = await self._client.send(outgoing, stream=True)
        try:
            body = bytearray()
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > MAX_BODY:
                    words = f"{self.url} sent an answer of more than {MAX_BODY} bytes"
                    raise NoAnswerError(words, sent=True)
        finally:
            await answer.aclose()
        headers = [
            (name.decode("latin-1").lower(), value.decode("latin-1"))
            for name, value in answer.headers.raw
        ]
        return Response(answer.status_code, tuple(carried(headers)), bytes(body))

    def _words(self, problem: Exception) -> str:
        if isinstance(problem, httpx2.ConnectTimeout):
            return f"{self.url} cannot be reached: no connection within {_CONNECT_TIME:g} s"
        verb = "cannot be reached" if isinstance(problem, _NEVER_SENT) else "broke off"
        return f"{self.url} {verb}: {str(problem) or type(problem).__name__}"


def carried(headers: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The headers that go from end to end."""
    return [(name, value) for name, value in headers if name not in _OWN]
