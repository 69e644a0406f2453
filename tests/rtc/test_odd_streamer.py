"""What one viewer is sent when a plan has its media go wrong, without a network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from struct import unpack
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.core.faults import media, signalling
from mock_server.core.faults.misplay import Misplay
from mock_server.core.faults.plan import Deviation
from mock_server.media.atlas import H264Atlas
from mock_server.media.voice import VoiceBank
from mock_server.rtc.odd_streamer import OddStreamer
from mock_server.rtc.props import Props
from mock_server.rtc.rtp import StreamFormat
from mock_server.rtc.streamer import KeyPictures, Pictures
from tests.core.faults.drawing import plans, read
from tests.loops import StillLoop

VIDEO = StreamFormat(1, 97, 90000, "avatar", "0", None, 2, None)
AUDIO = StreamFormat(3, 96, 48000, "avatar", "1", None, 4, None)
SILENCE = b"silence"


class Named:
    """Pictures that say what they are of."""

    def __init__(self, name: str = "") -> None:
        self._name = name
        self.key: tuple[bytes, ...] = (f"{name}key".encode(),)

    def frame(self, state: int) -> tuple[bytes, ...]:
        return (f"{self._name}{state}".encode(),)


class Moving:
    """Shows the frame's number, and talks from half a second to a whole one."""

    def state(self, t: float, /) -> int:
        return round(t * 25)

    def packet(self, t: float, /) -> bytes:
        return b"word" if 0.5 <= t % 100 < 1 else SILENCE


class AtOnce(Executor):
    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - as a pool does
            future.set_exception(error)
        return future


class Never(Executor):
    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        return Future()


@dataclass
class Path:
    """Keeps (stream, RTP time, payload) of each packet, and the RTCP."""

    packets: list[tuple[str, int, bytes]] = field(default_factory=list)
    reports: list[bytes] = field(default_factory=list)
    cuts: int = 0

    def send_rtp(self, packets: Iterable[bytes]) -> None:
        for data in packets:
            _, _, _, timestamp, ssrc = unpack("!BBHII", data[:12])
            self.packets.append(("video" if ssrc == 1 else "audio", timestamp, data[12:]))

    def send_rtcp(self, packet: bytes) -> None:
        self.reports.append(packet)

    def cut(self) -> None:
        self.cuts += 1

    def of(self, stream: str) -> list[bytes]:
        return [payload for kind, _, payload in self.packets if kind == stream]

    def goodbyes(self) -> list[int]:
        """The streams of the RTCP BYE that were sent."""
        return [int.from_bytes(one[4:8], "big") for one in self.reports if one[1] == 203]


@dataclass
class Played:
    streamer: OddStreamer
    path: Path
    used: list[Deviation]

    def frames(self, first: int, last: int) -> Path:
        """What is sent in these frames' time."""
        self.path.packets.clear()
        for number in range(first, last):
            self.streamer.play(8 * number, number * 0.04, 0.0)
        return self.path


def bank() -> VoiceBank:
    class Sounds(dict[Any, tuple[bytes, ...]]):
        def __missing__(self, key: Any) -> tuple[bytes, ...]:
            return (b"noise",) * int(key[3])

    return VoiceBank(SILENCE, Sounds())


def paint(codec: str, scene: str) -> Pictures:
    return Named(f"{scene} ")


def playing(
    *deviations: Deviation, pictures: Pictures | None = None, threads: Executor | None = None
) -> Played:
    path, used = Path(), list[Deviation]()
    misplay = Misplay(deviations, used.append)
    props = Props(bank(), paint, threads or AtOnce(), usual="medium")
    streamer = OddStreamer(Moving(), misplay, props)
    streamer.pictures = pictures or Named()
    streamer.open(path)
    streamer.start_video(VIDEO)
    streamer.start_audio(AUDIO)
    return Played(streamer, path, used)


def wrong(do: str, **parameters: Any) -> Deviation:
    return Deviation(0, "media", do, None, parameters)


def test_it_tells_what_it_was_given_to_play() -> None:
    performance = Moving()
    played = playing(wrong("no-video"))
    played.streamer.performance = performance
    assert played.streamer.performance is performance
    assert played.streamer.pictures is not None


def test_before_its_time_nothing_is_wrong() -> None:
    played = playing(wrong("frozen", at_ms=400))
    sent = played.frames(0, 10)
    assert sent.of("video") == [b"key", *(str(number).encode() for number in range(10))]
    assert sent.of("audio") == [SILENCE] * 20
    assert played.used == []


def test_a_frozen_picture_is_not_sent_and_goes_on_afterwards() -> None:
    played = playing(wrong("frozen", at_ms=200, for_ms=400))
    played.frames(0, 5)
    sent = played.frames(5, 15)
    assert (sent.of("video"), len(sent.of("audio"))) == ([], 20)
    assert played.frames(15, 17).of("video") == [b"15", b"16"]
    assert played.used[0].do == "frozen"


def test_a_still_picture_is_sent_again_and_again() -> None:
    played = playing(wrong("still", at_ms=200, for_ms=400))
    played.frames(0, 5)
    assert played.frames(5, 15).of("video") == [b"5"] * 10
    assert played.frames(15, 16).of("video") == [b"15"]


def test_a_low_rate_is_kept() -> None:
    played = playing(wrong("low-rate", fps=5))
    played.frames(0, 5)
    assert len(played.frames(5, 55).of("video")) == 10


def test_black_pictures_begin_and_end_with_a_key_frame() -> None:
    played = playing(wrong("black", at_ms=200, for_ms=80))
    played.frames(0, 5)
    assert played.frames(5, 10).of("video") == [b"black key", b"black 6", b"key", b"8", b"9"]


def test_pictures_that_are_to_be_black_from_the_start_wait_until_they_are() -> None:
    played = playing(wrong("black"), threads=Never())
    assert played.frames(0, 5).of("video") == []
    assert played.used == []


def test_pictures_that_are_to_be_black_later_stay_until_they_are() -> None:
    played = playing(wrong("black", at_ms=200), threads=Never())
    played.frames(0, 5)
    assert played.frames(5, 7).of("video") == [b"5", b"6"]


def test_the_size_changes_with_a_key_frame() -> None:
    for scene, named in (("low", {"quality": "low"}), ("another size", {})):
        played = playing(wrong("size-change", at_ms=200, **named))
        played.frames(0, 5)
        names = [f"{scene} key".encode(), f"{scene} 6".encode()]
        assert played.frames(5, 7).of("video") == names


def test_a_change_to_the_usual_size_is_none() -> None:
    played = playing(wrong("size-change", at_ms=200, quality="medium"))
    assert played.frames(0, 5).of("video")[:2] == [b"key", b"0"]
    assert played.frames(5, 7).of("video") == [b"5", b"6"]
    assert played.used == []


def test_a_key_frame_is_held_back_from_whoever_asks_and_comes_by_itself_in_the_end() -> None:
    played = playing(wrong("no-key-frame", for_ms=400))
    played.streamer.want_key()
    played.streamer.show_picture(0, 0.0, 0.0)
    played.streamer.want_key()
    sent = played.frames(1, 10).of("video")
    assert b"key" not in sent
    assert played.frames(10, 12).of("video")[0] == b"key"


def test_without_their_parameter_sets_h264_pictures_cannot_be_decoded() -> None:
    pair = ((b"\x18sets", b"a"), (b"\x18sets", b"b"))
    played = playing(
        wrong("no-key-frame", for_ms=400), pictures=KeyPictures(H264Atlas((), (pair,) * 500))
    )
    assert set(played.frames(0, 10).of("video")) == {b"a", b"b"}
    assert b"\x18sets" in played.frames(10, 12).of("video")


def test_the_avatar_can_talk_in_silence() -> None:
    played = playing(wrong("silence"))
    assert set(played.frames(0, 30).of("audio")) == {SILENCE}
    assert played.used


def test_silence_is_not_noticed_before_the_avatar_talks() -> None:
    played = playing(wrong("silence"))
    played.frames(0, 12)
    assert played.used == []


def test_a_voice_can_be_heard_where_there_is_silence() -> None:
    played = playing(wrong("noise"))
    sent = played.frames(0, 30).of("audio")
    assert {b"noise", b"word"} <= set(sent) <= {b"noise", b"word", SILENCE}
    assert sent.count(b"word") == 25


def test_a_stream_can_be_missing_or_late() -> None:
    for stream, other in (("video", "audio"), ("audio", "video")):
        missing = playing(wrong(f"no-{stream}")).frames(0, 50)
        assert (missing.of(stream), bool(missing.of(other))) == ([], True)
        late = playing(wrong(f"late-{stream}", ms=400))
        assert late.frames(0, 10).of(stream) == []
        assert late.frames(10, 12).of(stream)[0] == (b"key" if stream == "video" else SILENCE)


def test_a_stream_can_end_early_and_says_goodbye_once() -> None:
    for stream, ssrc, other in (("video", 1, 3), ("audio", 3, 1)):
        played = playing(wrong(f"{stream}-ends", at_ms=200))
        assert played.frames(0, 5).of(stream)
        assert played.frames(5, 20).of(stream) == []
        assert played.path.goodbyes() == [ssrc]
        played.streamer.stop()
        assert played.path.goodbyes() == [ssrc, other]


def test_when_ice_disconnects_nothing_is_sent_any_more_and_no_goodbye() -> None:
    played = playing(Deviation(0, "peer", "ice-disconnect", None, {"at_ms": 200}))
    played.frames(0, 5)
    assert played.frames(5, 20).packets == []
    played.streamer.repeat([0, 1])
    played.streamer.stop()
    assert (played.path.cuts, played.path.packets, played.path.goodbyes()) == (1, [], [])


def test_rtp_time_jumps_ahead_and_the_reports_with_it() -> None:
    played = playing(wrong("timestamp-jump", at_ms=1000, ms=2000, stream="video"))
    before = {kind: time for kind, time, _ in played.frames(0, 25).packets}
    after = played.frames(25, 60).packets
    first = {kind: time for kind, time, _ in reversed(after)}
    assert (first["video"] - before["video"]) % 2**32 == 3600 + 180_000
    assert (first["audio"] - before["audio"]) % 2**32 == 960
    reported = [
        int.from_bytes(one[16:20], "big")
        for one in played.path.reports
        if one[1] == 200 and one[4:8] == b"\0\0\0\1"
    ]
    times = {time for kind, time, _ in after if kind == "video"}
    assert reported[-1] in times


def test_packets_are_lost_and_doubled() -> None:
    lost = playing(wrong("burst-loss", packets=6, at_ms=200, stream="video"))
    lost.frames(0, 5)
    assert lost.frames(5, 15).of("video") == [b"11", b"12", b"13", b"14"]
    twice = playing(wrong("duplicate-packets", at_ms=200, stream="video"))
    twice.frames(0, 5)
    assert twice.frames(5, 7).of("video") == [b"5", b"5", b"6", b"6"]


def in_time(body: Callable[[], Any]) -> None:
    """Runs it in a loop whose time passes at once."""

    async def main() -> None:
        body()
        await asyncio.sleep(30)

    with asyncio.Runner(loop_factory=StillLoop) as runner:
        runner.run(main())


def test_late_packets_keep_their_order_under_jitter_and_lose_it_under_reordering() -> None:
    for do, in_order in (("jitter", True), ("reordering", False)):
        played = playing(wrong(do, at_ms=200, seed=3, stream="video"))

        def body(played: Played = played) -> None:
            played.frames(0, 5)
            loop = asyncio.get_running_loop()
            for number in range(5, 60):
                loop.call_later(number * 0.04, played.streamer.play, 8 * number, number * 0.04, 0.0)
            played.path.packets.clear()

        in_time(body)
        numbers = [int(payload) for payload in played.path.of("video")]
        assert sorted(numbers) == list(range(5, 60))
        assert (numbers == sorted(numbers)) == in_order


def test_nothing_late_is_sent_after_the_end() -> None:
    played = playing(wrong("jitter", ms=5000, seed=3))

    def body() -> None:
        played.frames(0, 5)
        played.streamer.stop()
        played.path.packets.clear()

    in_time(body)
    assert played.path.packets == []


KINDS = (*media.KINDS, signalling.ICE_DISCONNECT)


@settings(deadline=None)
@given(
    plan=plans(KINDS, size=8),
    h264=st.booleans(),
    events=st.lists(st.sampled_from(["key", "repeat", "again", "stop", "pictures"]), max_size=4),
)
def test_any_plan_can_be_played(plan: list[dict[str, Any]], h264: bool, events: list[str]) -> None:
    pair = ((b"\x18sets", b"a"), (b"\x18sets", b"b"))
    right: Pictures = KeyPictures(H264Atlas((), (pair,) * 500)) if h264 else Named()
    played = playing(*read(plan), pictures=right)

    def body() -> None:
        streamer = played.streamer
        streamer.show_picture(0, 0.0, 0.0)
        for number in range(60):
            streamer.play(8 * number, number * 0.04, 0.0)
            match events[number // 15] if number % 15 == 7 and number // 15 < len(events) else "":
                case "key":
                    streamer.want_key()
                case "repeat":
                    streamer.repeat(range(0, 65536, 7))
                case "again":
                    streamer.open(played.path)
                    streamer.start_video(VIDEO)
                case "stop":
                    streamer.stop()
                case "pictures":
                    streamer.pictures = Named("other ")
        streamer.stop()

    in_time(body)
    assert {one.at for one in played.used} <= set(range(len(plan)))
