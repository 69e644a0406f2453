"""Requests over HTTP/1.1, one connection after the other kept alive; the judge's own `Send`.

Raw sockets, because a deadline has to bound the whole exchange: the time-outs of http.client and
of the libraries above it (Python 3.13, urllib3 2.5) bound each read, so that a server which sends
one byte a second is never given up.
"""

from __future__ import annotations

import re
import socket
import ssl
import time
from collections import deque
from urllib.parse import urlsplit

from contract.exchange import Headers, Request, Response, UnreachableError

MAX_ANSWER = 10 * 1024 * 1024
_MAX_HEAD = 256 * 1024
_CHUNK = 64 * 1024

_METHOD = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # token of RFC 9110 section 5.6.2
_PATH = re.compile(r"/[!-~]*")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")  # field-value of RFC 9110 section 5.5
_STATUS = re.compile(rb"HTTP/1\.([01]) ([1-5][0-9]{2})(?: [^\r\n]*)?")
_HEADER = re.compile(r"([!-9;-~]+):[ \t]*([^\r\n\x00]*?)[ \t]*")
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,12})[ \t]*(?:;[^\r\n]*)?")

# How the message is carried is this file's business (RFC 9110 section 7.6.1); no encoding is
# asked for, because the body is judged as it was meant.
_OWN = frozenset(
    {
        "accept-encoding", "connection", "content-length", "expect", "host", "keep-alive",
        "proxy-connection", "te", "transfer-encoding", "upgrade",
    }
)  # fmt: skip


class HttpSend:
    """Sends requests to one base URL. Any number of threads may share it."""

    def __init__(self, base_url: str, *, timeout: float = 30.0) -> None:
        """Raises ValueError for what is no http or https URL.

        ``base_url`` may have a path, which all paths follow; ``timeout`` is in seconds and bounds
        a whole exchange.
        """
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{base_url!r} is no http:// or https:// URL")
        if parts.query or parts.fragment or parts.username is not None:
            raise ValueError(f"{base_url!r} has more than scheme, host, port and path")
        self._host = parts.hostname
        self._secure = parts.scheme == "https"
        self._port = parts.port or (443 if self._secure else 80)
        self._prefix = parts.path.rstrip("/")
        if self._prefix and not _PATH.fullmatch(self._prefix):
            raise ValueError(f"{base_url!r} has a path that cannot be sent")
        self._address = parts.netloc
        self._timeout = timeout
        self._tls: ssl.SSLContext | None = None
        # A connection is taken by one thread and given back after the answer, so that there are
        # as many as requests at one time. append and pop of a deque need no lock.
        self._idle: deque[_Connection] = deque()
        self._closed = False

    def __call__(self, request: Request) -> Response:
        """The answer. Raises UnreachableError; ValueError for a request that cannot be sent."""
        data = self._encode(request)
        deadline = time.monotonic() + self._timeout
        try:
            return self._exchange(request.method, data, deadline)
        except (_UnusableError, _GoneError) as problem:
            raise UnreachableError(f"{self._address} {problem}") from None
        except TimeoutError:
            raise UnreachableError(
                f"{self._address} did not answer {request.method} {request.path[:200]} "
                f"within {self._timeout:g} s"
            ) from None
        except OSError as problem:
            reason = problem.strerror or str(problem) or type(problem).__name__
            raise UnreachableError(f"{self._address} cannot be reached: {reason}") from None

    def close(self) -> None:
        """Closes the connections; those in use when their answers are there."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()

    def _exchange(self, method: str, data: bytes, deadline: float) -> Response:
        try:
            connection = self._idle.pop()
        except IndexError:
            return self._use(self._connect(deadline), method, data, deadline)
        try:
            return self._use(connection, method, data, deadline)
        except _GoneError:
            # RFC 9112 section 9.3.1: the peer may close an idle connection at any time, and not a
            # byte of an answer came: it was closed, most likely, before the request arrived.
            return self._use(self._connect(deadline), method, data, deadline)

    def _use(self, connection: _Connection, method: str, data: bytes, deadline: float) -> Response:
        keep = False
        try:
            response, keep = connection.exchange(method, data, deadline)
        finally:
            if keep and not self._closed:
                self._idle.append(connection)
            else:
                connection.close()
        return response

    def _connect(self, deadline: float) -> _Connection:
        remaining = max(0.001, deadline - time.monotonic())
        try:
            plain = socket.create_connection((self._host, self._port), remaining)
        except UnicodeError:
            raise _UnusableError("is no host name") from None
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not self._secure:
            return _Connection(plain)
        self._tls = self._tls or ssl.create_default_context()
        try:
            return _Connection(self._tls.wrap_socket(plain, server_hostname=self._host))
        except BaseException:
            plain.close()
            raise

    def _encode(self, request: Request) -> bytes:
        if not _METHOD.fullmatch(request.method):
            raise ValueError(f"{request.method!r} is no method")
        if not _PATH.fullmatch(request.path):
            raise ValueError(f"{request.path[:200]!r} is no path that can be sent")
        lines = [
            f"{request.method} {self._prefix}{request.path} HTTP/1.1",
            f"host: {self._address}",
        ]
        for name, value in request.headers:
            if not _METHOD.fullmatch(name):
                raise ValueError(f"{name[:80]!r} is no header name")
            if not _VALUE.fullmatch(value):
                raise ValueError(f"the value of {name[:80]} cannot be sent in a header")
            if name.lower() not in _OWN:
                lines.append(f"{name}: {value}")
        if request.body or request.method in ("POST", "PUT", "PATCH"):
            lines.append(f"content-length: {len(request.body)}")
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + request.body


class _UnusableError(Exception):
    """The peer answers, but not with HTTP that can be read."""


class _GoneError(ConnectionError):
    """The peer closed before a byte of the answer came."""

    def __init__(self) -> None:
        super().__init__("closed the connection without an answer")


class _Connection:
    """One socket, and what was read from it beyond the last answer's end."""

    def __init__(self, plain: socket.socket) -> None:
        self._socket = plain
        self._buffer = bytearray()
        self._deadline = 0.0

    def close(self) -> None:
        self._socket.close()

    def exchange(self, method: str, data: bytes, deadline: float) -> tuple[Response, bool]:
        """The answer, and whether another request may follow on this connection."""
        self._deadline = deadline
        try:
            self._limit()
            self._socket.sendall(data)
            whole = True
        except TimeoutError:
            raise
        except OSError:
            whole = False  # a server may refuse a large body while it is still being sent
        version, status, headers = self._head()
        while status < 200:  # RFC 9110 section 15.2
            version, status, headers = self._head()
        named = dict(reversed(headers))
        body, ended = self._body(method, status, named)
        again = version == b"1" and "close" not in named.get("connection", "").lower()
        return Response(status, headers, body), whole and again and ended and not self._buffer

    def _head(self) -> tuple[bytes, int, Headers]:
        end = self._find(b"\r\n\r\n", _MAX_HEAD, "a head")
        lines = bytes(self._buffer[:end]).split(b"\r\n")
        del self._buffer[: end + 4]
        status = _STATUS.fullmatch(lines[0])
        if status is None:
            raise _UnusableError(f"does not speak HTTP/1.1: {lines[0][:80]!r}")
        headers: list[tuple[str, str]] = []
        for line in lines[1:]:
            header = _HEADER.fullmatch(line.decode("latin-1"))
            if header is None:
                raise _UnusableError(f"sent what is no header: {line[:80]!r}")
            headers.append((header[1].lower(), header[2]))
        return status[1], int(status[2]), tuple(headers)

    def _body(self, method: str, status: int, headers: dict[str, str]) -> tuple[bytes, bool]:
        """The body, and whether its end was marked (RFC 9112 section 6.3)."""
        if method == "HEAD" or status in (204, 304):
            return b"", True
        coding = headers.get("transfer-encoding")
        if coding is not None:
            if coding.strip().lower() != "chunked":
                raise _UnusableError(f"sent transfer-encoding {coding[:80]!r}, not chunked")
            return self._chunks(), True
        length = headers.get("content-length")
        if length is None:
            while self._more():
                self._check(len(self._buffer))
            return self._take(len(self._buffer)), False
        if not (length.isascii() and length.isdigit() and len(length) < 20):
            raise _UnusableError(f"sent content-length {length[:80]!r}")
        return self._exactly(int(length)), True

    def _chunks(self) -> bytes:
        parts: list[bytes] = []
        size = 0
        while True:
            end = self._find(b"\r\n", 4096, "a chunk's size")
            found = _SIZE.fullmatch(self._take(end))
            self._take(2)
            if found is None:
                raise _UnusableError("sent a chunk without a size")
            length = int(found[1], 16)
            if length == 0:
                while self._take(self._find(b"\r\n", 4096, "a trailer")):
                    self._take(2)
                self._take(2)
                return b"".join(parts)
            size += length
            self._check(size)
            parts.append(self._exactly(length))
            if self._exactly(2) != b"\r\n":
                raise _UnusableError("sent a chunk longer than it said")

    def _exactly(self, size: int) -> bytes:
        self._check(size)
        while len(self._buffer) < size:
            if not self._more():
                raise _UnusableError(
                    f"closed the connection after {len(self._buffer)} of {size} bytes"
                )
        return self._take(size)

    def _find(self, mark: bytes, limit: int, what: str) -> int:
        """Where ``mark`` is, after reading on until it is there."""
        seen = 0
        while (at := self._buffer.find(mark, max(0, seen - len(mark)))) < 0:
            seen = len(self._buffer)
            if seen > limit:
                raise _UnusableError(f"sent {what} of more than {limit} bytes")
            if not self._more():
                if not seen:
                    raise _GoneError
                raise _UnusableError(f"closed the connection within {what}")
        return at

    def _more(self) -> bool:
        """Reads what there is; False at the end of the connection."""
        self._limit()
        try:
            data = self._socket.recv(_CHUNK)
        except TimeoutError:
            raise
        except ConnectionError:
            data = b""
        self._buffer += data
        return bool(data)

    def _limit(self) -> None:
        remaining = self._deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError
        self._socket.settimeout(remaining)

    def _take(self, size: int) -> bytes:
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return data

    def _check(self, size: int) -> None:
        if size > MAX_ANSWER:
            raise _UnusableError(f"sent an answer of more than {MAX_ANSWER} bytes")
