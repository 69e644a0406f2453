"""SDP: offers that are right and unusual, and offers that cannot be used."""

from __future__ import annotations

from typing import Any

from contract.clients.cases.case import Case, Evidence, play
from contract.clients.plan import Plan


def _peer(do: str, **parameters: Any) -> Plan:
    return play({"on": "peer", "nth": 1, "do": do, **parameters})


CASES: tuple[Case, ...] = (
    Case(
        "SDP-LF-ONLY",
        "Lines that end with LF",
        server="The lines of the offer end with LF alone.",
        good="Reads them.",
        demand="succeed",
        plan=_peer("lf-only"),
        evidence=Evidence("inferred", "RFC 8866, section 5: parsers should accept it"),
    ),
    Case(
        "SDP-UNKNOWN-ATTRIBUTES",
        "Attributes that nobody has registered",
        server="The offer has attributes of a new kind.",
        good="Ignores them.",
        demand="succeed",
        plan=_peer("unknown-attributes"),
        evidence=Evidence(
            "recorded", "public clients, 2024 and 2025: msid-semantic was new in the later offers"
        ),
    ),
    Case(
        "SDP-UNKNOWN-LINES",
        "Rare lines",
        server="The offer has i=, u=, e=, p=, b=, r= and z= lines.",
        good="Ignores them.",
        demand="succeed",
        plan=_peer("unknown-lines"),
        evidence=Evidence("inferred", "RFC 8829, section 5.8.1: to be parsed, and not used"),
    ),
    Case(
        "SDP-UNKNOWN-CODECS",
        "Codecs that the server does not send",
        server="The first payload formats of the offer are ones that nobody sends.",
        good="Answers with the ones it knows.",
        demand="succeed",
        plan=_peer("unknown-codecs"),
        evidence=Evidence("inferred", "RFC 3264, section 6.1: the answerer takes what it can"),
    ),
    Case(
        "SDP-PAYLOAD-NUMBERS",
        "Other payload numbers",
        server="The payload types have other numbers, in the offer and in the packets.",
        good="Takes them from the offer.",
        demand="succeed",
        plan=_peer("payload-numbers"),
        evidence=Evidence("inferred", "RFC 3551, section 3: dynamic types are bound by the offer"),
    ),
    Case(
        "SDP-DTLS-ACTIVE",
        "The server begins DTLS",
        server="The offer says a=setup:active.",
        good="Answers with passive, and waits.",
        demand="either",
        plan=_peer("dtls-role", role="active"),
        evidence=Evidence("inferred", "RFC 8842, section 5.2: offers should say actpass"),
    ),
    Case(
        "SDP-DTLS-PASSIVE",
        "The server waits for DTLS",
        server="The offer says a=setup:passive.",
        good="Answers with active, and begins.",
        demand="either",
        plan=_peer("dtls-role", role="passive"),
        evidence=Evidence("inferred", "RFC 8842, section 5.2: offers should say actpass"),
    ),
    Case(
        "SDP-OLD-DATA-SECTION",
        "A data section of the old kind",
        server="The data channel is offered with a=sctpmap, as before RFC 8841.",
        good="Answers in kind, or without events.",
        demand="either",
        plan=_peer("old-data-section"),
        evidence=Evidence("inferred", "our guess: servers that keep to the drafts of RFC 8841"),
    ),
    Case(
        "SDP-HUGE-LINE",
        "A very long line",
        server="One attribute of the offer is very long.",
        good="Reads it.",
        demand="succeed",
        plan=_peer("huge-line"),
        evidence=Evidence("inferred", "RFC 8866, section 5: lines have no largest length"),
    ),
    Case(
        "SDP-AUDIO-FIRST",
        "Audio before video",
        server="The offer has its audio section before the video section.",
        good="Finds sections by their kind.",
        demand="succeed",
        plan=_peer("audio-first"),
        evidence=Evidence("inferred", "our guess: offers of most servers have audio first"),
    ),
    Case(
        "SDP-EXTRA-VIDEO",
        "A second video section",
        server="The offer has one video section more.",
        good="Answers it, or rejects it with port 0.",
        demand="succeed",
        plan=_peer("extra-mline", media="video"),
        evidence=Evidence("inferred", "RFC 3264, section 6: an answer has as many sections"),
    ),
    Case(
        "SDP-EXTRA-MLINE",
        "A section of an unknown kind",
        server="The offer has a section m=text more.",
        good="Rejects it with port 0, and goes on.",
        demand="either",
        plan=_peer("extra-mline", media="text"),
        evidence=Evidence("inferred", "RFC 3264, section 6: what is not known is rejected"),
    ),
    Case(
        "SDP-ONLY-VP8",
        "One video codec: VP8",
        server="VP8 is the only video codec of the offer.",
        good="Plays it.",
        demand="succeed",
        plan=_peer("one-codec", codec="VP8"),
        evidence=Evidence("recorded", "public clients, 2024 and 2025"),
    ),
    Case(
        "SDP-ONLY-H264",
        "One video codec: H264",
        server="H264 is the only video codec of the offer.",
        good="Plays it: every WebRTC endpoint can.",
        demand="succeed",
        plan=_peer("one-codec", codec="H264"),
        evidence=Evidence("documented", "API document, 1. New Session: video_encoding"),
    ),
    Case(
        "SDP-NO-DATA",
        "No data channel",
        server="The application section of the offer has port 0: no event will come.",
        good="Goes by durations, or says that it cannot.",
        demand="either",
        plan=_peer("rejected-mline", media="application"),
        evidence=Evidence("inferred", "RFC 3264, section 5.1: port 0 offers no stream"),
    ),
    Case(
        "SDP-NO-VIDEO",
        "No video section",
        server="The video section of the offer has port 0.",
        good="Goes on with sound, or says that it cannot.",
        demand="either",
        plan=_peer("rejected-mline", media="video"),
        evidence=Evidence("inferred", "RFC 3264, section 5.1: port 0 offers no stream"),
    ),
    Case(
        "SDP-NO-BUNDLE",
        "A transport for each section",
        server="The offer has no BUNDLE group.",
        good="Opens a transport for each section, or says that it cannot.",
        demand="either",
        plan=_peer("no-bundle"),
        evidence=Evidence("inferred", "RFC 8829, section 4.1.1: who cannot bundle"),
    ),
    Case(
        "SDP-TRAILING-GARBAGE",
        "Garbage after the offer",
        server="After the last line of the offer comes what is no SDP.",
        good="Ignores it, or says that it cannot read the offer; stops the session then.",
        demand="either",
        plan=_peer("trailing-garbage"),
        evidence=Evidence("inferred", "our guess: a text that was escaped twice"),
    ),
    Case(
        "SDP-TRUNCATED",
        "Half an offer",
        server="The offer ends after 400 characters.",
        good="Says that it cannot use it, and stops the session.",
        demand="report",
        plan=_peer("truncated-sdp", chars=400),
        evidence=Evidence("inferred", "our guess: a column of a database that is too short"),
    ),
    Case(
        "SDP-WRONG-FINGERPRINT",
        "Another certificate",
        server="The certificate is not the one whose fingerprint the offer told.",
        good="Does not connect, says so, and stops the session.",
        demand="refuse",
        plan=_peer("wrong-fingerprint"),
        evidence=Evidence(
            "inferred", "RFC 8122, section 6.2: the connection must be torn down; an attacker"
        ),
    ),
)
