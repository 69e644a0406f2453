"""The names by which a LiveKit client finds out whose track a media section carries."""

from __future__ import annotations

import re
from collections.abc import Mapping

_LINE = re.compile(r"(?m)^(a=(?:msid:|ssrc:\d+ msid:))\S+ \S+")


def named(sdp: str, *, participant_sid: str, tracks: Mapping[str, str]) -> str:
    """The offer with ``a=msid:PARTICIPANT|NAME TRACK`` in each section of media.

    ``tracks`` maps "audio" and "video" to the sids of tracks; "|" is what the Rust SDK splits the
    stream's id at, and drops tracks without.
    """
    sections = re.split(r"(?m)(?=^m=)", sdp)
    return "".join(
        _LINE.sub(rf"\g<1>{participant_sid}|avatar {tracks[kind]}", section)
        if (kind := section[2:].partition(" ")[0]) in tracks
        else section
        for section in sections
    )
