"""A light client of a room's signalling: LiveKit's messages over a WebSocket, without asyncio."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from urllib.parse import urlencode

from livekit.protocol import rtc
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

_PATIENCE = 30.0


class SignallingError(Exception):
    """The server lets nobody in, or ended the connection. The text has what it said."""


class Signalling:
    """One participant's connection. It blocks until the offer is there, and never afterwards."""

    def __init__(self, url: str, token: str) -> None:
        query = urlencode({"access_token": token, "auto_subscribe": 1, "protocol": 15})
        uri = parse_uri(f"{url}/rtc?{query}")
        self._protocol = ClientProtocol(uri, max_size=None)
        self.sock = socket.create_connection((uri.host, uri.port), timeout=_PATIENCE)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._protocol.send_request(self._protocol.connect())
        self._flush()
        self._ping_every = 5.0
        self._next_ping = float("inf")

    def offer(self) -> str:
        """What the server offers to show, awaited. Raises SignallingError."""
        while True:
            for message in self._read():
                kind = message.WhichOneof("message")
                if kind == "join":
                    self._ping_every = float(message.join.ping_interval)
                elif kind == "offer":
                    self._next_ping = time.monotonic() + self._ping_every
                    self.sock.setblocking(False)
                    return message.offer.sdp
                elif kind == "leave":
                    raise SignallingError(f"told to leave: {message.leave.reason}")

    def answer(self, sdp: str) -> None:
        """Accepts the offer."""
        answer = rtc.SessionDescription(type="answer", sdp=sdp)
        self._send(rtc.SignalRequest(answer=answer))

    def receive(self) -> None:
        """Takes what has come, of which nothing matters but that it is read and answered."""
        with suppress(BlockingIOError, SignallingError):
            self._read()

    def tick(self, now: float) -> None:
        """Sends both kinds of ping when they are due, as livekit-client 2.11 does."""
        if now >= self._next_ping:
            self._next_ping = now + self._ping_every
            stamp = int(time.time() * 1000)
            self._send(rtc.SignalRequest(ping=stamp))
            self._send(rtc.SignalRequest(ping_req=rtc.Ping(timestamp=stamp)))

    def close(self) -> None:
        """Leaves the room."""
        with suppress(OSError):
            self._send(rtc.SignalRequest(leave=rtc.LeaveRequest()))
        self.sock.close()

    def _read(self) -> list[rtc.SignalResponse]:
        data = self.sock.recv(65536)
        if not data:
            raise SignallingError("the server closed the connection")
        self._protocol.receive_data(data)
        self._flush()
        if self._protocol.handshake_exc is not None:
            raise SignallingError(str(self._protocol.handshake_exc))
        return [
            rtc.SignalResponse.FromString(bytes(event.data))
            for event in self._protocol.events_received()
            if isinstance(event, Frame) and event.opcode is Opcode.BINARY
        ]

    def _send(self, message: rtc.SignalRequest) -> None:
        if self._protocol.state is State.OPEN:
            self._protocol.send_binary(message.SerializeToString())
            self._flush()

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self.sock.sendall(data)
