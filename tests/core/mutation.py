"""Text that is nearly right: what a careless or hostile client sends."""

from __future__ import annotations

import random

JUNK = (
    "",
    " ",
    "-1",
    "0",
    "99999999999",
    "\x00",
    "é",
    "\ud800",
    "9" * 20,
    "/",
    ":",
    "255",
    "a=",
    "x",
    "a=candidate:1 2 udp 1 1.1.1.1 1 typ host",
    "a=group:BUNDLE",
    "a=ice-lite",
    "a=inactive",
    "a=mid:0",
    "a=mid:1",
    "a=sendonly",
    "a=setup:actpass",
    "m=application 0 UDP/DTLS/SCTP webrtc-datachannel",
    "m=audio 0 UDP/TLS/RTP/SAVPF 96",
    "m=video 9 UDP/TLS/RTP/SAVPF 96",
)


def mutated(source: random.Random, text: str, *, separator: str = "\r\n") -> str:
    """``text`` with one to three changes to its lines, or to what else ``separator`` parts."""
    lines = text.split(separator)
    for _ in range(source.choice((1, 1, 1, 1, 2, 3))):
        at = source.randrange(len(lines))
        line = lines[at]
        match source.randrange(9):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, source.choice(lines))
            case 2:
                lines[at] = source.choice(JUNK)
            case 3 if line:
                cut = source.randrange(len(line))
                lines[at] = line[:cut] + source.choice((*JUNK, *"abc09:/ ")) + line[cut + 1 :]
            case 4:
                other = source.randrange(len(lines))
                lines[at], lines[other] = lines[other], lines[at]
            case 5:
                del lines[at + 1 :]
            case 6:
                lines[at] = line.split(":")[0] + ":" + source.choice(JUNK)
            case 7:
                words = line.split(" ")
                words[source.randrange(len(words))] = source.choice(JUNK)
                lines[at] = " ".join(words)
            case _:
                lines.insert(at, source.choice(JUNK))
        lines = lines or [""]
    return separator.join(lines)
