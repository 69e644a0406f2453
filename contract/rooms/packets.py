"""What comes on the data channels of a room: packets around the payload of an event."""

from __future__ import annotations

from dataclasses import dataclass

from google.protobuf.message import DecodeError
from livekit.protocol import models

from contract.rooms.guest import AVATAR


@dataclass(frozen=True, slots=True)
class Packet:
    """``payload`` is what it carries, the message itself where it is no packet; ``wrong`` says
    what is wrong with it, None where it is as it should be.
    """

    payload: bytes
    wrong: str | None = None


def read_packet(data: bytes | str) -> Packet:
    """The packet in a message of a data channel. Never raises."""
    if isinstance(data, str):
        return Packet(data.encode("utf-8", "surrogatepass"), "a text")
    packet = models.DataPacket()
    try:
        packet.ParseFromString(data)
    except DecodeError:
        return Packet(data, "what is no packet")
    if packet.WhichOneof("value") != "user":
        return Packet(data, f"a packet of the kind {packet.WhichOneof('value')}")
    return Packet(packet.user.payload, _wrong(packet))


def _wrong(packet: models.DataPacket) -> str | None:
    senders = {packet.participant_identity, packet.user.participant_identity} - {""}
    if senders != {AVATAR}:
        return f"a packet of {', '.join(sorted(senders)) or 'nobody'}"
    if packet.kind != models.DataPacket.RELIABLE:
        return "a packet that may be lost"
    return None
