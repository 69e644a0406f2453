"""What a participant of a room sends is heard while its connection lasts; nothing stays behind."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest
from aiortc.mediastreams import AudioStreamTrack

from mock_server.core.sdp import SdpError, parse_description
from mock_server.rtc.publisher import RtcPublisher
from tests.rtc.viewer import Show, Viewer, eventually, run, showing

pytestmark = pytest.mark.peers


@dataclass
class Heard:
    """Implements ``peers.Hearing``."""

    messages: list[bytes] = field(default_factory=list)
    blocks: list[tuple[float, float]] = field(default_factory=list)

    def data(self, message: bytes) -> None:
        self.messages.append(message)

    def sound(self, level: float, seconds: float) -> None:
        self.blocks.append((level, seconds))


async def send_to(publisher: RtcPublisher, viewer: Viewer) -> None:
    offer = parse_description("offer", await viewer.offer())
    await viewer.take(await publisher.answer(offer))


def task_name(task: asyncio.Task[object]) -> str:
    return task.get_name()


def microphone(show: Show) -> Viewer:
    viewer = show.viewer()
    viewer.peer.addTrack(AudioStreamTrack())
    return viewer


def test_data_is_heard_and_sound_that_joins_it_later() -> None:
    async def main() -> None:
        async with showing() as show:
            heard, viewer = Heard(), show.viewer()
            publisher = show.factory.publisher(heard)
            channel = viewer.open_channel("_reliable")
            await send_to(publisher, viewer)
            await eventually(lambda: channel.readyState == "open")
            channel.send("text is no packet")
            channel.send(b"packet")
            await eventually(lambda: heard.messages)
            viewer.peer.addTrack(AudioStreamTrack())
            await send_to(publisher, viewer)
            await eventually(lambda: len(heard.blocks) > 2)
            assert heard.messages == [b"packet"]
            assert heard.blocks[-1] == (-120.0, 0.02)
            await publisher.close()

    run(main)


def test_one_that_is_closed_takes_no_offer() -> None:
    async def main() -> None:
        async with showing() as show:
            publisher = show.factory.publisher(Heard())
            await publisher.close()
            await publisher.close()
            offer = parse_description("offer", await microphone(show).offer())
            with pytest.raises(SdpError, match="is gone"):
                await publisher.answer(offer)

    run(main)


def test_one_whose_client_has_closed_its_end_takes_no_offer() -> None:
    async def main() -> None:
        async with showing() as show:
            heard, viewer = Heard(), microphone(show)
            publisher = show.factory.publisher(heard)
            await send_to(publisher, viewer)
            await eventually(lambda: heard.blocks)
            await viewer.close()
            await eventually(lambda: "microphone" not in map(task_name, asyncio.all_tasks()))
            offer = parse_description("offer", await microphone(show).offer())
            with pytest.raises(SdpError, match="has closed"):
                await publisher.answer(offer)
            await publisher.close()

    run(main)


def test_closing_while_a_microphone_connects_leaves_nothing() -> None:
    async def main() -> None:
        async with showing() as show:
            for step in range(24):
                viewer = microphone(show)
                viewer.open_channel("_reliable")
                publisher = show.factory.publisher(Heard())
                await send_to(publisher, viewer)
                await asyncio.sleep(0.001 * step)  # to another moment of the handshake
                await publisher.close()
                await viewer.close()

    run(main)
