"""Packets of a room's data channels."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from livekit.protocol import models

from contract.rooms.packets import Packet, read_packet


def _packet(**changes: object) -> bytes:
    packet = models.DataPacket(
        kind=models.DataPacket.RELIABLE,
        participant_identity="heygen",
        user=models.UserPacket(participant_identity="heygen", payload=b"{}"),
    )
    for name, value in changes.items():
        setattr(packet, name, value)
    return packet.SerializeToString()


def test_a_packet_of_the_avatar_is_right() -> None:
    assert read_packet(_packet()) == Packet(b"{}")


def test_others_are_not() -> None:
    assert read_packet("{}").wrong == "a text"
    assert read_packet(b"{}").wrong is not None
    assert read_packet(b"").wrong == "a packet of the kind None"
    assert read_packet(_packet(kind=models.DataPacket.LOSSY)).wrong == "a packet that may be lost"
    assert read_packet(_packet(participant_identity="client")).wrong == "a packet of client, heygen"


@given(st.binary(max_size=80) | st.text(max_size=20))
def test_any_message_is_read(data: bytes | str) -> None:
    assert isinstance(read_packet(data).payload, bytes)
