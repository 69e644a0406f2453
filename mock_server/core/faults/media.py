"""Pictures and sounds that are missing, late or broken.

``misplay.py`` says when each acts, ``weather.py`` what becomes of packets, and
``rtc/odd_streamer.py`` plays it. Without real media (``--media none``) none takes effect.
"""

from __future__ import annotations

from collections.abc import Mapping

from mock_server.core.catalogue import Quality
from mock_server.core.faults.kind import AT_MS, FOR_MS, SEED, Json, Kind, choice, whole

_MEDIA = ("media",)
_MILLISECONDS = 0.001
_TIMED: Json = {"at_ms": AT_MS, "for_ms": FOR_MS}
_LATE = whole("milliseconds since the session connected, 1000 by default", low=1, high=86_400_000)
_STREAM = choice("of which stream; absent: of both", ("video", "audio"))


def _wrong(
    do: str,
    weight: int,
    sentence: str,
    *trials: Json,
    parameters: Json | None = None,
    waits: Mapping[str, float] | None = None,
) -> Kind:
    return Kind(
        do,
        "media",
        _MEDIA,
        sentence,
        weight,
        parameters=parameters or {},
        waits=waits or {},
        trials=trials or ({},),
    )


DUPLICATE_PACKETS = _wrong(
    "duplicate-packets",
    1,
    "each packet of sound and picture comes twice",
    parameters={**_TIMED, "stream": _STREAM},
)
JITTER = _wrong(
    "jitter",
    1,
    "packets come in order, but each later by another time",
    {"ms": 60, "seed": 1},
    parameters={
        **_TIMED,
        "ms": whole("the largest delay, 100 by default", low=1, high=10_000),
        "seed": SEED,
        "stream": _STREAM,
    },
)
REORDERING = _wrong(
    "reordering",
    1,
    "one packet in four is overtaken by later ones",
    {"seed": 1},
    parameters={**_TIMED, "seed": SEED, "stream": _STREAM},
)
BURST_LOSS = _wrong(
    "burst-loss",
    2,
    "packets are lost in a row, repeats of them too while it lasts",
    {"at_ms": 300, "packets": 5, "seed": 1},
    {"at_ms": 300, "packets": 25, "seed": 1},
    parameters={
        **_TIMED,
        "packets": whole("how many in a row, 10 by default", low=1, high=5000),
        "every": whole(
            "a burst begins about once in so many packets; absent: there is one burst",
            low=2,
            high=100_000,
        ),
        "seed": SEED,
        "stream": _STREAM,
    },
)
TIMESTAMP_JUMP = _wrong(
    "timestamp-jump",
    2,
    "the time stamps of the packets jump ahead, as after a restart of the encoder",
    {"at_ms": 300, "ms": 5000},
    parameters={
        "at_ms": AT_MS,
        "ms": whole("by how much, 5000 by default", low=1, high=40_000_000),
        "stream": _STREAM,
    },
)
SIZE_CHANGE = _wrong(
    "size-change",
    2,
    "the picture changes its size in mid-stream, with a key frame",
    {"at_ms": 300},
    parameters={
        **_TIMED,
        "quality": choice(
            "the quality whose size it has then; absent: low, or medium where it was low",
            tuple(map(str, Quality)),
        ),
    },
)
LOW_RATE = _wrong(
    "low-rate",
    2,
    "few pictures per second are sent",
    {"fps": 2},
    parameters={
        **_TIMED,
        "fps": whole("how many, 2 by default", low=1, high=25),
    },
)
STILL = _wrong(
    "still",
    2,
    "the picture does not move any more, though it is sent as often as before",
    {"at_ms": 300},
    parameters=_TIMED,
)
FROZEN = _wrong(
    "frozen",
    3,
    "no picture is sent for a while; the sound goes on",
    {"at_ms": 300, "for_ms": 500},
    {"at_ms": 300},
    parameters=_TIMED,
)
BLACK = _wrong(
    "black",
    3,
    "the picture is black",
    {"at_ms": 300, "for_ms": 500},
    {},
    parameters=_TIMED,
)
SILENCE = _wrong(
    "silence",
    3,
    "nothing is heard while the avatar talks",
    parameters=_TIMED,
)
NOISE = _wrong(
    "noise",
    2,
    "a voice is heard while the avatar is silent",
    parameters=_TIMED,
)
LATE_AUDIO = _wrong(
    "late-audio",
    2,
    "sound comes a while after the connection",
    {"ms": 700},
    parameters={"ms": _LATE},
    waits={"ms": _MILLISECONDS},
)
LATE_VIDEO = _wrong(
    "late-video",
    2,
    "pictures come a while after the connection",
    {"ms": 700},
    parameters={"ms": _LATE},
    waits={"ms": _MILLISECONDS},
)
NO_KEY_FRAME = _wrong(
    "no-key-frame",
    2,
    "pictures come without what they build on, whoever asks for it, and so cannot be decoded",
    {"for_ms": 700},
    parameters={
        "for_ms": whole(
            "milliseconds since the session connected, 1000 by default", low=1, high=86_400_000
        )
    },
    waits={"for_ms": _MILLISECONDS},
)
AUDIO_ENDS = _wrong(
    "audio-ends",
    3,
    "the sound ends, with an RTCP BYE",
    {"at_ms": 300},
    parameters={"at_ms": AT_MS},
)
VIDEO_ENDS = _wrong(
    "video-ends",
    4,
    "the pictures end, with an RTCP BYE",
    {"at_ms": 300},
    parameters={"at_ms": AT_MS},
)
NO_AUDIO = _wrong("no-audio", 4, "no sound is ever sent, though it was offered")
NO_VIDEO = _wrong("no-video", 4, "no picture is ever sent, though it was offered")

KINDS: tuple[Kind, ...] = (
    DUPLICATE_PACKETS,
    JITTER,
    REORDERING,
    BURST_LOSS,
    TIMESTAMP_JUMP,
    SIZE_CHANGE,
    LOW_RATE,
    STILL,
    NOISE,
    LATE_AUDIO,
    LATE_VIDEO,
    NO_KEY_FRAME,
    FROZEN,
    BLACK,
    SILENCE,
    AUDIO_ENDS,
    VIDEO_ENDS,
    NO_AUDIO,
    NO_VIDEO,
)
