"""Offers and answers that say something odd or wrong, and a connection that goes silent.

``sdp_edits.py`` does what is done to the text, ``sdp_answers.py`` understands what is answered to
it, and ``odd_peers`` plays both.
"""

from __future__ import annotations

from mock_server.core.faults.kind import Json, Kind, choice, whole

_PEER = ("peer",)


def _odd(
    do: str,
    weight: int,
    sentence: str,
    *trials: Json,
    required: tuple[str, ...] = (),
    **parameters: Json,
) -> Kind:
    return Kind(
        do,
        "signalling",
        _PEER,
        sentence,
        weight,
        parameters=parameters,
        required=required,
        trials=trials or ({},),
    )


LF_ONLY = _odd("lf-only", 1, "the lines of the description end with LF alone")
UNKNOWN_ATTRIBUTES = _odd(
    "unknown-attributes", 1, "the description has attributes that nobody has registered"
)
UNKNOWN_LINES = _odd(
    "unknown-lines", 1, "the description has rare lines: i=, u=, e=, p=, b=, r= and z="
)
UNKNOWN_CODECS = _odd(
    "unknown-codecs", 1, "the first payload formats of the offer are ones the server cannot send"
)
MORE_CANDIDATES = _odd(
    "more-candidates",
    1,
    "candidates that lead nowhere come before the right one: TCP, IPv6, another host, twice",
)
PAYLOAD_NUMBERS = _odd(
    "payload-numbers",
    1,
    "the payload types are other numbers, in the offer and in the packets",
    {"shift": 13},
    shift=whole("how far each number moves within 96 to 127, 13 by default", low=1, high=31),
)
DTLS_ROLE = _odd(
    "dtls-role",
    1,
    "the offer leaves no choice of who begins the DTLS handshake",
    {"role": "active"},
    required=("role",),
    role=choice("the value of a=setup in the offer", ("passive", "active")),
)
ICE_LITE = _odd(
    "ice-lite", 1, "the description says ice-lite, though the server does the whole of ICE"
)
OLD_DATA_SECTION = _odd(
    "old-data-section", 1, "the data channel is offered as before RFC 8841, with a=sctpmap"
)
HUGE_LINE = _odd(
    "huge-line",
    2,
    "one attribute of the description is very long",
    {"bytes": 40_000},
    bytes=whole("the length of its value, 40000 by default", low=1, high=1_000_000),
)
AUDIO_FIRST = _odd("audio-first", 2, "the offer has its audio section before the video section")
SEPARATE_STREAMS = _odd(
    "separate-streams", 2, "sound and picture belong to two media streams, by their a=msid"
)
EXTRA_MLINE = _odd(
    "extra-mline",
    2,
    "the offer has one media section more, which an answer rejects with port 0 or leaves idle",
    {"media": "video"},
    {"media": "text"},
    required=("media",),
    media=choice(
        "the kind of the section", ("video", "audio", "text", "image", "message", "application")
    ),
)
ONE_CODEC = _odd(
    "one-codec",
    2,
    "the offer has one video codec only",
    {"codec": "H264"},
    required=("codec",),
    codec=choice("the codec", ("VP8", "H264")),
)
REJECTED_MLINE = _odd(
    "rejected-mline",
    3,
    "a media section of the description has port 0: that medium does not come",
    {"media": "application"},
    {"media": "audio"},
    {"media": "video"},
    required=("media",),
    media=choice("the kind of the section", ("application", "audio", "video")),
)
NO_BUNDLE = _odd(
    "no-bundle", 3, "the offer has no BUNDLE group: each section has a transport of its own"
)
MDNS_CANDIDATES = _odd(
    "mdns-candidates",
    3,
    "all candidates of the server are mDNS names that do not resolve; its own checks still come",
)
IPV6_CANDIDATES = _odd(
    "ipv6-candidates",
    3,
    "all candidates of the server are IPv6 addresses out of reach; its own checks still come",
)
NO_CANDIDATES = _odd(
    "no-candidates", 3, "the description has no candidates; the server's own checks still come"
)
TRAILING_GARBAGE = _odd(
    "trailing-garbage", 4, "after the last line of the description comes what is no SDP"
)
TRUNCATED_SDP = _odd(
    "truncated-sdp",
    5,
    "the description ends early",
    {"chars": 1000},
    {"chars": 0},
    required=("chars",),
    chars=whole("how many characters of it there are", low=0, high=100_000),
)
WRONG_FINGERPRINT = _odd(
    "wrong-fingerprint",
    5,
    "the certificate is not the one whose fingerprint was told: a client must not connect",
)
ICE_DISCONNECT = _odd(
    "ice-disconnect",
    5,
    "the server falls silent in mid-stream and answers no ICE check; it says no goodbye",
    {"at_ms": 300},
    at_ms=whole(
        "milliseconds since the session connected, 5000 by default", low=0, high=86_400_000
    ),
)

KINDS: tuple[Kind, ...] = (
    LF_ONLY,
    UNKNOWN_ATTRIBUTES,
    UNKNOWN_LINES,
    UNKNOWN_CODECS,
    MORE_CANDIDATES,
    PAYLOAD_NUMBERS,
    DTLS_ROLE,
    ICE_LITE,
    OLD_DATA_SECTION,
    HUGE_LINE,
    AUDIO_FIRST,
    SEPARATE_STREAMS,
    EXTRA_MLINE,
    ONE_CODEC,
    REJECTED_MLINE,
    NO_BUNDLE,
    MDNS_CANDIDATES,
    IPV6_CANDIDATES,
    NO_CANDIDATES,
    TRAILING_GARBAGE,
    TRUNCATED_SDP,
    WRONG_FINGERPRINT,
    ICE_DISCONNECT,
)
