from contract.media.packets import Packet
from contract.media.recording import Codec, Recording, Report

CODECS = {
    97: Codec("video", "VP8", 90000),
    98: Codec("video", "RTX", 90000),
    96: Codec("audio", "OPUS", 48000),
}


def _packet(kind: int, sequence: int, timestamp: int, *, at: float = 0.0, ssrc: int = 1) -> Packet:
    return Packet(at, kind, False, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc, b"x")


def test_counters_that_wrap_go_on() -> None:
    packets = tuple(_packet(97, 65534 + n, 0xFFFFFFFF - 3600 + 3600 * n) for n in range(4))
    video = Recording(CODECS, packets).video
    assert video is not None
    assert [timed.time for timed in video.packets] == [0.0, 0.04, 0.08, 0.12]
    assert video.lost == 0


def test_packets_are_put_in_order_and_counted_once() -> None:
    packets = tuple(_packet(97, n, 3600 * n, at=i) for i, n in enumerate((5, 7, 6, 7, 9)))
    video = Recording(CODECS, packets).video
    assert video is not None
    assert [timed.number for timed in video.packets] == [0, 1, 2, 4]
    assert video.lost == 1


def test_repairs_and_other_streams_are_left_out() -> None:
    packets = (
        _packet(98, 1, 0, ssrc=9),
        _packet(97, 1, 0),
        _packet(97, 100, 0, ssrc=2),
        _packet(55, 1, 0),
        _packet(96, 1, 0, ssrc=3),
    )
    recording = Recording(CODECS, packets)
    assert recording.video is not None
    assert recording.audio is not None
    assert len(recording.video.packets) == len(recording.audio.packets) == 1
    assert recording.audio.codec.name == "OPUS"


def test_nothing_received_is_no_track() -> None:
    assert Recording(CODECS, ()).video is None


def test_a_report_says_when_a_track_starts() -> None:
    packets = (_packet(97, 1, 9000), _packet(97, 2, 12600))
    reports = (Report(7, 50.0, 0), Report(1, 100.0, 99000))
    video = Recording(CODECS, packets, reports).video
    assert video is not None
    assert video.starts == 99.0
