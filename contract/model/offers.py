"""What the server's own offers and answers must promise."""

from __future__ import annotations

from contract.sdp import Description, SdpError, read_sdp

Verdicts = list[tuple[str, str, str | None]]
"""(rule, what is expected, what is there instead or None) per rule held."""


def judge_offer(text: str, encoding: str) -> Verdicts:
    """Holds the SDP of newSession against its rules; ``encoding`` is H264 or VP8."""
    try:
        offer = read_sdp(text)
    except SdpError as problem:
        return [("new-offers", "an SDP offer", f"an SDP that cannot be read: {problem}")]
    promise = "one bundle of sent video, sent audio and a data channel"
    found: Verdicts = [("new-offers", promise, _unlike(offer))]
    incomplete = None if offer.complete else "candidates or their end are missing"
    found.append(("new-offer-complete", "all candidates, and their end", incomplete))
    video = offer.of_kind("video")
    codecs = [codec for codec in video[0].codecs if not codec.is_repair] if video else []
    if codecs:
        first = codecs[0].name
        other = None if codecs[0].is_named(encoding) else f"{first} as the first codec"
        found.append(("new-encoding", f"{encoding} as the first codec", other))
    return found


def _unlike(offer: Description) -> str | None:
    kinds = [section.kind for section in offer.sections if not section.rejected]
    if sorted(kinds) != ["application", "audio", "video"]:
        return f"sections of {', '.join(kinds) or 'nothing'}"
    if not all(s.sends for s in offer.sections if s.kind != "application"):
        return "media that is not sent"
    if len(offer.bundle) != 3 or set(offer.bundle) != {s.mid for s in offer.sections}:
        return "sections that are not all in one bundle"
    transport = offer.transport
    if transport is None or not (transport.ice_ufrag and transport.ice_pwd):
        return "no ICE credentials"
    if not transport.fingerprints or transport.setup != "actpass":  # RFC 8842, section 5.2
        return "no DTLS fingerprint, or a setup other than actpass"
    return None


def judge_answer(text: str, offer: str) -> str | None:
    """What is wrong with the server's answer to a client's offer; None when it fits."""
    try:
        given, asked = read_sdp(text), read_sdp(offer)
    except SdpError as problem:
        return f"an SDP that cannot be read: {problem}"
    if [s.kind for s in given.sections] != [s.kind for s in asked.sections]:
        return "other sections than were offered"
    for mine, theirs in zip(given.sections, asked.sections, strict=True):
        if mine.kind == "application" or not theirs.receives:
            continue
        if not mine.sends:
            return f"{mine.kind} that is not sent"
        if not any(a.same_as(b) for a in mine.codecs for b in theirs.codecs):
            return f"no codec of those offered for {mine.kind}"
    transport = given.transport
    if transport is None or not (transport.ice_ufrag and transport.fingerprints):
        return "no ICE credentials or fingerprint"
    if transport.setup not in ("active", "passive"):  # RFC 8842, section 5.3
        return f"setup {transport.setup}"
    return None
