"""MEDIA: pictures and sound that are late, broken, or not there."""

from __future__ import annotations

from typing import Any

from contract.clients.cases.case import Case, Evidence, play
from contract.clients.plan import Plan

_NETWORK = Evidence("inferred", "RFC 3550, section 1: packets may be lost, late and out of order")


def _media(do: str, **parameters: Any) -> Plan:
    return play({"on": "media", "nth": 1, "do": do, **parameters})


CASES: tuple[Case, ...] = (
    Case(
        "MEDIA-DUPLICATE-PACKETS",
        "Every packet twice",
        server="Each packet of sound and picture comes twice.",
        good="Plays on.",
        demand="succeed",
        plan=_media("duplicate-packets"),
        evidence=_NETWORK,
    ),
    Case(
        "MEDIA-JITTER",
        "Packets at uneven times",
        server="Packets come up to 100 ms late, each by another time.",
        good="Plays on.",
        demand="succeed",
        plan=_media("jitter", seed=1),
        evidence=_NETWORK,
    ),
    Case(
        "MEDIA-REORDERING",
        "Packets out of order",
        server="One packet in four is overtaken by later ones.",
        good="Plays on.",
        demand="succeed",
        plan=_media("reordering", seed=1),
        evidence=_NETWORK,
    ),
    Case(
        "MEDIA-BURST-LOSS",
        "Packets lost in a row",
        server="Ten packets in a row are lost.",
        good="Asks for a key frame, and plays on.",
        demand="succeed",
        plan=_media("burst-loss", seed=1),
        evidence=_NETWORK,
    ),
    Case(
        "MEDIA-TIMESTAMP-JUMP",
        "Time stamps that jump",
        server="300 ms after connecting the time stamps jump ahead by five seconds.",
        good="Plays on.",
        demand="succeed",
        plan=_media("timestamp-jump", at_ms=300),
        evidence=Evidence("inferred", "our guess: an encoder that starts again"),
    ),
    Case(
        "MEDIA-SIZE-CHANGE",
        "A picture of another size",
        server="300 ms after connecting the picture changes its size, with a key frame.",
        good="Plays on.",
        demand="succeed",
        plan=_media("size-change", quality="high", at_ms=300),
        evidence=Evidence("inferred", "RFC 6386, section 9.1: a VP8 key frame tells its size"),
    ),
    Case(
        "MEDIA-LOW-RATE",
        "Two pictures a second",
        server="Two pictures per second are sent.",
        good="Plays on.",
        demand="succeed",
        plan=_media("low-rate", fps=2),
        evidence=Evidence("inferred", "our guess: a server or a network that is busy"),
    ),
    Case(
        "MEDIA-NO-KEY-FRAME",
        "Nothing to begin with",
        server="For half a second pictures come that cannot be decoded.",
        good="Waits, and asks for a key frame.",
        demand="succeed",
        plan=_media("no-key-frame", for_ms=500),
        evidence=Evidence("inferred", "RFC 8834, section 5.1.2: why receivers ask for one"),
    ),
    Case(
        "MEDIA-LATE-VIDEO",
        "Pictures come late",
        server="Pictures come half a second after the connection.",
        good="Waits.",
        demand="succeed",
        plan=_media("late-video", ms=500),
        evidence=Evidence("inferred", "our guess: an avatar that is still being loaded"),
    ),
    Case(
        "MEDIA-LATE-AUDIO",
        "Sound comes late",
        server="Sound comes half a second after the connection.",
        good="Does not wait for sound where nothing is said.",
        demand="succeed",
        plan=_media("late-audio", ms=500),
        evidence=Evidence("inferred", "our guess: an avatar that is still being loaded"),
    ),
    Case(
        "MEDIA-FROZEN",
        "The picture freezes",
        server="300 ms after connecting no picture is sent any more; the sound goes on.",
        good="Goes on, or says so.",
        demand="either",
        plan=_media("frozen", at_ms=300),
        evidence=Evidence("inferred", "our guess: a renderer that stalls"),
    ),
    Case(
        "MEDIA-BLACK",
        "The picture is black",
        server="All pictures are black.",
        good="Goes on; one that looks at pictures says so.",
        demand="observe",
        plan=_media("black"),
        evidence=Evidence("inferred", "our guess: an avatar that could not be loaded"),
    ),
    Case(
        "MEDIA-SILENCE",
        "The avatar is not heard",
        server="The avatar talks, and nothing is heard.",
        good="Goes on; one that listens says so.",
        demand="observe",
        plan=_media("silence"),
        evidence=Evidence("inferred", "our guess: a speech that could not be made"),
    ),
    Case(
        "MEDIA-NO-VIDEO",
        "No picture ever",
        server="Video was offered, and no picture is ever sent.",
        good="Says in time that it sees nothing, or goes on with sound.",
        demand="either",
        plan=_media("no-video"),
        evidence=Evidence("inferred", "our guess: a server without a free renderer"),
    ),
    Case(
        "MEDIA-NO-AUDIO",
        "No sound ever",
        server="Audio was offered, and no sound is ever sent.",
        good="Says so, or goes on.",
        demand="either",
        plan=_media("no-audio"),
        evidence=Evidence(
            "inferred", "our guess: @heygen/streaming-avatar 2.1.0 waits until both have come"
        ),
    ),
    Case(
        "MEDIA-VIDEO-ENDS",
        "The pictures end",
        server="300 ms after connecting the pictures end with an RTCP BYE.",
        good="Goes on with sound, or says so.",
        demand="either",
        plan=_media("video-ends", at_ms=300),
        evidence=Evidence("inferred", "RFC 3550, section 6.6"),
    ),
    Case(
        "MEDIA-AUDIO-ENDS",
        "The sound ends",
        server="300 ms after connecting the sound ends with an RTCP BYE.",
        good="Goes on, or says so.",
        demand="either",
        plan=_media("audio-ends", at_ms=300),
        evidence=Evidence("inferred", "RFC 3550, section 6.6"),
    ),
)
