"""What a good client answers to offers of any kind."""

from __future__ import annotations

from mock_server.core.faults.sdp_text import SdpText
from mock_server.core.null_sdp import NullTransport

VIEWER = NullTransport.for_session("viewer")


def good_answer(offer: str) -> str:
    """Rejects what it does not know, and what has port 0."""
    text = SdpText.of(offer)
    lines: list[str] = []
    for part in text.sections:
        words = part.lines[0].split(" ")
        known = part.kind in ("audio", "video", "application") and "extra" not in part.mid
        port = "9" if known and words[1] != "0" else "0"
        lines += [" ".join((words[0], port, *words[2:])), f"a=mid:{part.mid}", "a=recvonly"]
        lines += part.having("a=rtpmap", "a=fmtp", "a=sctp")
        lines += ["a=rtcp-mux"]
    bundle = " ".join(("a=group:BUNDLE", *text.bundle))
    head = ["v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0", bundle, *VIEWER.lines("active")]
    return "\r\n".join((*head, *lines)) + "\r\n"
