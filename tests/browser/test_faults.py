"""Each misbehaviour of descriptions and media, by what Chromium counts, says and shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from mock_server.core.faults import signalling
from tests.browser.served import Fake
from tests.browser.watching import Counted, Watching


@pytest.fixture
def watching(page: Page, fake: Fake) -> Iterator[Watching]:
    watching = Watching(page, fake)
    yield watching
    watching.close()
    fake.call("POST", "/__mock__/reset")


def wrong(do: str, **parameters: Any) -> dict[str, Any]:
    return {"on": "media", "nth": 1, "do": do, **parameters}


def odd(do: str, **parameters: Any) -> dict[str, Any]:
    return {"on": "peer", "nth": 1, "do": do, **parameters}


def decoded(seen: Counted) -> int:
    return int(seen["video"].get("framesDecoded", 0))


def heard(seen: Counted) -> int:
    return int(seen["audio"].get("packetsReceived", 0))


# what is right, to compare with


def trouble(seen: Counted) -> dict[str, float]:
    """What is counted of a bad connection, or of a machine that had other things to do."""
    video, audio = seen["video"], seen["audio"]
    counts = {name: video[name] for name in ("freezeCount", "pliCount", "nackCount")}
    counts["packetsLost"] = video["packetsLost"] + audio["packetsLost"]
    counts["jitter"] = video["jitter"] if video["jitter"] >= 0.01 else 0
    return {name: count for name, count in counts.items() if count}


def talked(watching: Watching) -> Counted:
    watching.connect()
    watching.talk()
    return watching.after(1.2)


def test_a_healthy_session_counts_nothing_bad(watching: Watching) -> None:
    seen = talked(watching)
    for _ in range(3):
        if trouble(seen):
            watching.close()
            seen = talked(watching)
    assert trouble(seen) == {}
    assert decoded(seen) > 20
    assert seen["video"]["keyFramesDecoded"] == 1
    assert seen["audio"]["totalAudioEnergy"] > 0.01
    assert seen["luma"] > 100
    # One packet of RTP for each that is counted, and few others.
    assert seen["transport"] < 1.5 * (seen["video"]["packetsReceived"] + heard(seen)) + 20


# media


def warm_up(watching: Watching, encoding: str) -> None:
    """Has the server make its pictures in H264 once, which takes a while."""
    for quality in ("low", "medium") if encoding == "H264" else ():
        watching.connect(quality=quality, video_encoding=encoding)
        watching.until(decoded)
        watching.close()


def test_duplicates_come_but_are_not_counted(watching: Watching) -> None:
    watching.connect(wrong("duplicate-packets"))
    seen = watching.after(1.0)
    assert seen["transport"] > 1.8 * (seen["video"]["packetsReceived"] + heard(seen))
    assert decoded(seen) > 15


def test_jitter_is_measured(watching: Watching) -> None:
    watching.connect(wrong("jitter", ms=100, seed=1))
    watching.until(lambda seen: seen["video"].get("jitter", 0) > 0.012 and decoded(seen) > 3)


def test_reordering_is_taken_for_loss_and_repaired(watching: Watching) -> None:
    watching.connect(wrong("reordering", seed=1))
    watching.until(lambda seen: seen["video"].get("nackCount", 0) > 1 and decoded(seen) > 5)


def test_a_burst_is_counted_as_lost(watching: Watching) -> None:
    watching.connect(wrong("burst-loss", at_ms=300, packets=25))
    seen = watching.until(lambda seen: seen["video"].get("freezeCount", 0) > 0)
    assert seen["video"]["packetsLost"] >= 20
    assert seen["audio"]["packetsLost"] >= 20
    assert seen["audio"]["concealedSamples"] > 10_000


def test_a_jump_of_time_freezes_the_picture_for_a_moment_only(watching: Watching) -> None:
    watching.connect(wrong("timestamp-jump", at_ms=300, ms=5000))
    watching.until(lambda seen: watching.unused() == [])
    before = decoded(watching.counted())
    watching.until(lambda seen: decoded(seen) > before + 10)


@pytest.mark.parametrize("encoding", ["VP8", "H264"])
def test_the_size_changes_in_mid_stream(watching: Watching, encoding: str) -> None:
    warm_up(watching, encoding)
    watching.connect(wrong("size-change", at_ms=500), video_encoding=encoding)
    watching.until(lambda seen: seen["video"].get("frameWidth") == 854)
    seen = watching.until(lambda seen: seen["video"].get("frameWidth") == 1280)
    assert seen["video"]["frameHeight"] == 720
    assert seen["video"]["keyFramesDecoded"] >= 2
    assert encoding in seen["codec"]


def test_few_pictures_come_at_a_low_rate(watching: Watching) -> None:
    watching.connect(wrong("low-rate", fps=2))
    seen = watching.after(1.5)
    assert 2 <= decoded(seen) <= 6


def test_a_still_picture_is_sent_but_does_not_move(watching: Watching) -> None:
    watching.connect(wrong("still"))
    watching.talk()
    watching.until(lambda seen: decoded(seen) > 5)
    first = watching.shown()
    watching.until(lambda seen: decoded(seen) > 25)
    assert watching.shown() == first


def test_a_picture_that_is_not_still_moves_with_what_is_said(watching: Watching) -> None:
    watching.connect()
    watching.talk()
    watching.until(lambda seen: decoded(seen) > 5)
    first = watching.shown()
    watching.until(lambda seen: watching.shown() != first)


def test_a_frozen_picture_is_counted_as_a_freeze(watching: Watching) -> None:
    watching.connect(wrong("frozen", at_ms=300, for_ms=600))
    seen = watching.until(lambda seen: seen["video"].get("freezeCount", 0) == 1)
    assert 0.4 <= seen["video"]["totalFreezesDuration"] <= 1.5


@pytest.mark.parametrize("encoding", ["VP8", "H264"])
def test_the_picture_is_black_for_a_while(watching: Watching, encoding: str) -> None:
    warm_up(watching, encoding)
    watching.connect(wrong("black", at_ms=500, for_ms=1000), video_encoding=encoding)
    watching.until(lambda seen: (seen["luma"] or 0) > 100)
    watching.until(lambda seen: seen["luma"] < 5)
    watching.until(lambda seen: seen["luma"] > 100)


def test_the_avatar_talks_in_silence(watching: Watching) -> None:
    watching.connect(wrong("silence"))
    watching.talk()
    seen = watching.after(1.2)
    assert heard(seen) > 40
    assert seen["audio"]["totalAudioEnergy"] < 1e-6
    assert watching.unused() == []


def test_a_voice_is_heard_in_silence(watching: Watching) -> None:
    watching.connect(wrong("noise"))
    watching.until(lambda seen: seen["audio"].get("totalAudioEnergy", 0) > 0.01)


@pytest.mark.parametrize("stream", ["video", "audio"])
def test_a_stream_is_late(watching: Watching, stream: str) -> None:
    watching.connect(wrong(f"late-{stream}", ms=1200))
    here, late = (heard, decoded) if stream == "video" else (decoded, heard)
    seen = watching.until(lambda seen: here(seen) > 10)
    assert late(seen) == 0
    watching.until(lambda seen: late(seen) > 10)


def test_no_key_frame_comes_though_chromium_asks_for_it(watching: Watching) -> None:
    watching.connect(wrong("no-key-frame", for_ms=1000))
    seen = watching.until(lambda seen: seen["video"].get("pliCount", 0) > 1)
    assert seen["video"]["packetsReceived"] > 0
    assert decoded(seen) == 0
    seen = watching.until(lambda seen: decoded(seen) > 5)
    assert seen["video"]["keyFramesDecoded"] == 1


@pytest.mark.parametrize("stream", ["video", "audio"])
def test_a_stream_ends_early(watching: Watching, stream: str) -> None:
    watching.connect(wrong(f"{stream}-ends", at_ms=300))
    other, ended = (heard, decoded) if stream == "video" else (decoded, heard)
    watching.until(lambda seen: watching.unused() == [])
    seen = watching.counted()
    before, rest = ended(seen), other(seen)
    assert before
    seen = watching.until(lambda seen: other(seen) > rest + 15)
    assert ended(seen) <= before + 2  # of what was on its way


@pytest.mark.parametrize("stream", ["video", "audio"])
def test_a_stream_never_comes(watching: Watching, stream: str) -> None:
    watching.connect(wrong(f"no-{stream}"))
    other, missing = (heard, decoded) if stream == "video" else (decoded, heard)
    seen = watching.until(lambda seen: other(seen) > 25)
    assert missing(seen) == 0


# descriptions

NOT_CONNECTING = (
    "no-candidates",
    "mdns-candidates",
    "ipv6-candidates",
    "trailing-garbage",
    "truncated-sdp",
    "wrong-fingerprint",
    "ice-disconnect",
)
CONNECTING = [
    one for kind in signalling.KINDS if kind.do not in NOT_CONNECTING for one in kind.sweep()
]


def test_chromium_takes_every_odd_offer_well(watching: Watching) -> None:
    for one in CONNECTING:
        missing = one["media"] if one["do"] == "rejected-mline" else ""
        watching.connect(one)
        watching.talk("Hello.")
        try:
            watching.until(lambda seen: missing == "video" or decoded(seen))  # noqa: B023
            watching.until(lambda seen: missing == "audio" or heard(seen))  # noqa: B023
            watching.until(lambda seen: missing == "application" or seen["messages"])  # noqa: B023
        except TimeoutError as error:
            pytest.fail(f"{one}: {error}")
        assert watching.unused() == []
        watching.close()


@pytest.mark.parametrize("do", ["no-candidates", "mdns-candidates", "ipv6-candidates"])
def test_chromium_that_hides_its_addresses_is_not_found_and_finds_nobody(
    watching: Watching, do: str
) -> None:
    watching.open(odd(do))
    began = watching.counted()
    assert began["problem"] is None
    seen = watching.until(lambda seen: seen["now"] > began["now"] + 1000)
    assert "connected" not in seen["ice"]


@pytest.mark.parametrize(
    "one",
    [odd("trailing-garbage"), odd("truncated-sdp", chars=1000), odd("truncated-sdp", chars=0)],
    ids=["garbage", "truncated", "empty"],
)
def test_chromium_refuses_what_is_no_sdp(watching: Watching, one: dict[str, Any]) -> None:
    watching.open(one)
    assert "Failed to parse SessionDescription" in watching.counted()["problem"]


def test_a_wrong_fingerprint_fails_though_ice_connects(watching: Watching) -> None:
    watching.open(odd("wrong-fingerprint"))
    seen = watching.until(lambda seen: "failed" in seen["states"])
    assert "connected" not in seen["states"]
    assert "connected" in seen["ice"]


def test_ice_that_disconnects_is_noticed_after_some_seconds(watching: Watching) -> None:
    watching.connect(odd("ice-disconnect", at_ms=300))
    watching.until(lambda seen: decoded(seen) > 2)
    seen = watching.until(lambda seen: "disconnected" in seen["states"], seconds=15)
    assert seen["states"] == ["connecting", "connected", "disconnected"]
    assert "disconnected" in seen["ice"]
    assert seen["since"] > 2000
    assert watching.unused() == []
