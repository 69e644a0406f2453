"""What one viewer is sent at which tick, without a network."""

from __future__ import annotations

from collections.abc import Iterable
from struct import unpack

from mock_server.media.atlas import H264Atlas
from mock_server.rtc.rtp import HISTORY, StreamFormat
from mock_server.rtc.streamer import KeyPictures, Streamer

VIDEO = StreamFormat(1, 97, 90000, "avatar", "0", None, 2, None)
AUDIO = StreamFormat(3, 96, 48000, "avatar", "1", None, 4, None)


class Pictures:
    key = (b"key-1", b"key-2")

    def frame(self, state: int) -> tuple[bytes, ...]:
        return (f"state-{state}".encode(),)


class Performance:
    """Shows the second it is asked for."""

    def state(self, t: float, /) -> int:
        return int(t)

    def packet(self, t: float, /) -> bytes:
        return f"sound-{int(t)}".encode()


class Path:
    def __init__(self) -> None:
        self.packets: list[tuple[int, bool, int, bytes]] = []
        self.reports: list[bytes] = []

    def send_rtp(self, packets: Iterable[bytes]) -> None:
        for data in packets:
            _, second, _, timestamp, ssrc = unpack("!BBHII", data[:12])
            self.packets.append((ssrc, bool(second & 0x80), timestamp, data[12:]))

    def send_rtcp(self, packet: bytes) -> None:
        self.reports.append(packet)

    def sent(self) -> list[bytes]:
        payloads = [payload for *_, payload in self.packets]
        self.packets.clear()
        return payloads


def _streamer() -> tuple[Streamer, Path]:
    streamer, path = Streamer(Performance()), Path()
    streamer.pictures = Pictures()
    streamer.open(path)
    streamer.start_video(VIDEO)
    streamer.start_audio(AUDIO)
    return streamer, path


def test_the_first_frame_is_the_key_frame_with_the_present_state_right_behind_it() -> None:
    streamer, path = _streamer()
    streamer.show_picture(800, 5.0, 0.0)
    (_, m1, t1, key1), (_, m2, t2, key2), (_, m3, t3, state) = path.packets
    assert (key1, key2, state) == (b"key-1", b"key-2", b"state-5")
    assert (m1, m2, m3) == (False, True, True)
    assert t1 == t2
    assert (t3 - t1) & 0xFFFFFFFF == 90


def test_after_that_each_frame_is_its_state_alone() -> None:
    streamer, path = _streamer()
    streamer.show_picture(800, 5.0, 0.0)
    first = path.packets[0][2]
    path.sent()
    streamer.show_picture(808, 6.0, 0.0)
    assert [(t - first) & 0xFFFFFFFF for _, _, t, _ in path.packets] == [3600]
    assert path.sent() == [b"state-6"]


def test_a_key_frame_is_sent_when_asked_for_but_not_twice_in_100_ms() -> None:
    streamer, path = _streamer()
    streamer.show_picture(0, 0.0, 0.0)
    path.sent()
    streamer.want_key()
    streamer.show_picture(8, 0.0, 0.0)
    streamer.show_picture(16, 0.0, 0.0)
    assert path.sent() == [b"state-0", b"state-0"]
    streamer.show_picture(24, 0.0, 0.0)
    assert path.sent() == [b"key-1", b"key-2", b"state-0"]
    streamer.show_picture(32, 0.0, 0.0)
    assert path.sent() == [b"state-0"]


def test_a_late_tick_does_not_go_back_behind_a_frame_out_of_turn() -> None:
    streamer, path = _streamer()
    streamer.show_picture(800, 5.0, 0.0)
    path.sent()
    streamer.play(792, 4.0, 0.0)
    streamer.play(800, 5.0, 0.0)
    assert path.sent() == [b"sound-4", b"sound-4", b"sound-5", b"sound-5"]
    streamer.play(808, 6.0, 0.0)
    assert path.sent() == [b"sound-6", b"sound-6", b"state-6"]


def test_another_performance_shows_at_the_next_tick() -> None:
    class Silence(Performance):
        def packet(self, t: float, /) -> bytes:
            return b"silence"

    streamer, path = _streamer()
    streamer.show_picture(0, 0.0, 0.0)
    path.sent()
    streamer.play(8, 1.0, 0.0)
    streamer.performance = Silence()
    streamer.play(16, 1.04, 0.0)
    assert path.sent() == [b"sound-1", b"sound-1", b"state-1", b"silence", b"silence", b"state-1"]


def test_a_frame_brings_the_sound_of_all_its_time() -> None:
    class Slots(Performance):
        def packet(self, t: float, /) -> bytes:
            return f"slot-{round(t * 50)}".encode()

    streamer, path = _streamer()
    streamer.performance = Slots()
    for frame in range(3):
        streamer.play(8 * frame, 0.04 * frame, 0.0)
    sounds = [packet for packet in path.packets if packet[3].startswith(b"slot")]
    assert [packet[3] for packet in sounds] == [f"slot-{n}".encode() for n in range(6)]
    times = [packet[2] for packet in sounds]
    assert [(later - times[0]) % 2**32 for later in times] == [960 * n for n in range(6)]


def test_sound_and_picture_of_one_tick_have_the_same_time_in_reports() -> None:
    streamer, path = _streamer()
    streamer.show_picture(1600, 0.0, 1_700_000_000.0)
    video, audio = path.reports
    assert video[8:16] == audio[8:16]  # the NTP timestamp of RFC 3550 section 6.4.1
    shown = path.packets[0][2]
    assert int.from_bytes(video[16:20], "big") == shown
    path.sent()
    streamer.play(1600, 0.0, 1_700_000_000.0)
    assert int.from_bytes(audio[16:20], "big") == path.packets[0][2]


def test_reports_come_once_a_second() -> None:
    streamer, path = _streamer()
    for tick in range(0, 1001, 8):
        streamer.show_picture(tick, 0.0, 0.0)
    assert len(path.reports) == 2 * 6


def test_at_most_a_history_of_packets_is_repeated_per_frame() -> None:
    streamer, path = _streamer()
    for tick in range(0, 8 * HISTORY, 8):
        streamer.show_picture(tick, 0.0, 0.0)
    path.sent()
    streamer.repeat(list(range(65536)) * 2)
    assert len(path.sent()) == HISTORY


def test_nothing_is_sent_before_the_pictures_are_there_nor_after_the_end() -> None:
    streamer, path = _streamer()
    streamer.pictures = None
    streamer.show_picture(0, 0.0, 0.0)
    assert path.sent() == []
    streamer.pictures = Pictures()
    streamer.show_picture(8, 0.0, 0.0)
    assert path.sent()[0] == b"key-1"
    streamer.stop()
    assert [packet[1] for packet in path.reports[-2:]] == [203, 203]  # BYE
    streamer.stop()
    streamer.show_picture(16, 0.0, 0.0)
    streamer.play(24, 0.0, 0.0)
    streamer.repeat([0])
    assert path.sent() == []


def test_two_h264_frames_in_a_row_differ_in_parity() -> None:
    atlas = H264Atlas((), tuple(((f"{n}a".encode(),), (f"{n}b".encode(),)) for n in range(2)))
    pictures = KeyPictures(atlas)
    assert [pictures.frame(s) for s in (0, 0, 1, 0)] == [(b"0b",), (b"0a",), (b"1b",), (b"0a",)]
