"""CHAT: the WebSocket streaming.chat, which SDKs of v2 open beside the room."""

from __future__ import annotations

from typing import Any

from contract.clients.cases.case import Case, Evidence, play
from contract.clients.plan import Plan

_SDK = "@heygen/streaming-avatar 2.1.0"


def _every(do: str, **parameters: Any) -> Plan:
    return play({"on": "chat", "do": do, **parameters})


CASES: tuple[Case, ...] = (
    Case(
        "CHAT-STALLED",
        "A chat socket that never opens",
        server="The handshake of the chat socket is never answered.",
        good="Gives up in time: goes on without it, or says so and stops the session.",
        demand="either",
        plan=_every("socket-stalled"),
        evidence=Evidence("inferred", f"our guess; {_SDK} awaits the socket without a time limit"),
    ),
    Case(
        "CHAT-UNAUTHORIZED",
        "The chat socket is refused",
        server="The handshake of the chat socket is answered with 401.",
        good="Goes on without it, or says so and stops the session.",
        demand="either",
        plan=_every("socket-refused", status=401),
        evidence=Evidence("inferred", "our guess: a token that has ended meanwhile"),
    ),
    Case(
        "CHAT-NOT-FOUND",
        "There is no chat socket",
        server="The handshake of the chat socket is answered with 404.",
        good="Goes on without it, or says so and stops the session.",
        demand="either",
        plan=_every("socket-refused", status=404),
        evidence=Evidence("inferred", "our guess: a gateway that knows no WebSockets"),
    ),
    Case(
        "CHAT-FAILS",
        "The chat socket fails",
        server="The handshake of the chat socket is answered with 500.",
        good="Goes on without it, or says so and stops the session.",
        demand="either",
        plan=_every("socket-refused", status=500),
        evidence=Evidence("inferred", "our guess, by RFC 9110, section 15.6.1"),
    ),
    Case(
        "CHAT-CLOSED-EARLY",
        "The chat socket is closed at once",
        server="The chat socket is closed as soon as it has opened.",
        good="Opens it again a few times, goes on without it, or says so.",
        demand="either",
        plan=_every("socket-closed-early"),
        evidence=Evidence("inferred", "our guess: a server that is being replaced"),
    ),
    Case(
        "CHAT-CLOSED",
        "The chat socket breaks",
        server="The first chat socket is closed 100 ms after it has opened.",
        good="Opens it again, goes on without it, or says so.",
        demand="either",
        plan=play({"on": "chat", "nth": 1, "do": "socket-closed", "at_ms": 100}),
        evidence=Evidence("inferred", "our guess, by RFC 6455, section 7.4.1: 1001, going away"),
    ),
    Case(
        "CHAT-UNKNOWN-EVENT",
        "An event of an unknown type",
        server="The chat socket's first message is of a type that nobody documents.",
        good="Ignores it.",
        demand="succeed",
        plan=_every("chat-unknown-event"),
        evidence=Evidence("inferred", "our guess: a new release of the service"),
    ),
    Case(
        "CHAT-NOT-JSON",
        "Words that are no JSON",
        server="The chat socket's first message is a bare word.",
        good="Ignores it.",
        demand="succeed",
        plan=_every("chat-not-json", form="word"),
        evidence=Evidence("inferred", f"our guess; {_SDK} parses each message as JSON"),
    ),
    Case(
        "CHAT-BINARY",
        "Bytes in place of a text",
        server="The chat socket's first message is a binary one.",
        good="Ignores it.",
        demand="succeed",
        plan=_every("chat-not-json", form="binary"),
        evidence=Evidence("inferred", f"our guess: {_SDK} sends binary frames itself"),
    ),
)
