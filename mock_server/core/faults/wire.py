"""Answers that are broken below HTTP's surface, or in its framing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from mock_server.core.faults.delivery import End, Fate, Pause, Step, Write
from mock_server.core.faults.kind import OPERATIONS, Kind, choice, whole
from mock_server.core.faults.plan import Deviation
from mock_server.core.faults.refusals import MAIN

_WHERE = choice("head: before the first byte; body: in the middle of the body", ("head", "body"))
_LENGTH = re.compile(rb"content-length: [0-9]+\r\n")
_HEADS = {
    "status-line": b"HTP/one OK\r\n",
    "header": b"this line is no header\r\n",
    "huge-header": b"x-padding: " + b"x" * 100_000 + b"\r\n",
}

PIECES = Kind(
    "pieces",
    "wire",
    OPERATIONS,
    "the body comes in many small pieces, evenly over a while",
    weight=2,
    parameters={"ms": whole("from first to last, in milliseconds", low=1, high=600_000)},
    required=("ms",),
    waits={"ms": 0.001},
    trials=({"ms": 1500, "on": (*MAIN, "createToken", "listSessions")},),
)
TRUNCATED = Kind(
    "truncated",
    "wire",
    OPERATIONS,
    "the connection is closed in the middle of the body",
    weight=4,
    parameters={
        "keep": whole("how much of the body comes, in percent; 50 when absent", low=0, high=99)
    },
    trials=({"on": ("newSession", "startSession", "sendTask", "createToken")},),
)
CLOSED = Kind(
    "closed",
    "wire",
    OPERATIONS,
    "the call is done, and the connection closed without an answer",
    weight=4,
)
RESET = Kind(
    "reset",
    "wire",
    OPERATIONS,
    "the call is done, and the connection reset (RST) before the answer or inside it",
    weight=4,
    parameters={"where": _WHERE},
    required=("where",),
    trials=(
        {"where": "head", "on": (*MAIN, "createToken")},
        {"where": "body", "on": ("newSession", "sendTask")},
    ),
)
STALLED = Kind(
    "stalled",
    "wire",
    OPERATIONS,
    "the call is done, and the answer never comes, or stops in its middle; the connection stays",
    weight=4,
    parameters={"where": _WHERE},
    required=("where",),
    trials=(
        {"where": "head"},
        {"where": "body", "on": (*MAIN, "createToken")},
    ),
)
DRIBBLE = Kind(
    "dribble",
    "wire",
    OPERATIONS,
    "the body comes one byte at a time: no single read waits long, the whole takes minutes",
    weight=4,
    parameters={"ms": whole("from byte to byte, in milliseconds", low=1, high=60_000)},
    required=("ms",),
    trials=({"ms": 200, "on": MAIN},),
)
WRONG_LENGTH = Kind(
    "wrong-length",
    "wire",
    OPERATIONS,
    "content-length says more bytes than come before the connection ends, or fewer",
    weight=4,
    parameters={"by": whole("bytes too many, or below 0 too few", low=-1_000_000, high=1_000_000)},
    required=("by",),
    trials=(
        {"by": 7, "on": ("newSession", "sendTask")},
        {"by": -7, "on": "startSession"},
    ),
)
BROKEN_CHUNK = Kind(
    "broken-chunk",
    "wire",
    OPERATIONS,
    "the body is chunked, and the size of the second chunk is no number",
    weight=4,
    trials=({"on": "newSession"},),
)
BAD_HEAD = Kind(
    "bad-head",
    "wire",
    OPERATIONS,
    "the head of the answer has a status line or a header that is none, or one of 100 kB",
    weight=4,
    parameters={"part": choice("what is wrong in it", tuple(_HEADS))},
    required=("part",),
    trials=(
        {"part": "header", "on": "newSession"},
        {"part": "huge-header", "on": "sendTask"},
        {"part": "status-line", "on": "stopSession"},
    ),
)

KINDS = (
    PIECES,
    TRUNCATED,
    CLOSED,
    RESET,
    STALLED,
    DRIBBLE,
    WRONG_LENGTH,
    BROKEN_CHUNK,
    BAD_HEAD,
)

_FRAMING = (WRONG_LENGTH.do, BROKEN_CHUNK.do, BAD_HEAD.do)
_TIMING = (PIECES.do, TRUNCATED.do, CLOSED.do, RESET.do, STALLED.do, DRIBBLE.do)
_PIECE = 0.025
"""Seconds from piece to piece: about as fine as an event loop under load keeps to."""


def playable(due: Iterable[Deviation], *, length: int) -> tuple[Deviation, ...]:
    """Those of the deviations that the socket can do together: of each kind of damage the first.

    ``length`` is that of the content, without which nothing can be done to its bytes.
    """
    chosen: dict[str, Deviation] = {}
    for one in due:
        if not _shows(one, length):
            continue
        if one.do in _FRAMING:
            # Both replace the length: the second would find none.
            chosen.setdefault("head" if one.do == BAD_HEAD.do else "length", one)
        elif one.do in _TIMING:
            chosen.setdefault("timing", one)
    timing = chosen.get("timing")
    return (timing,) if timing is not None and _is_mute(timing) else tuple(chosen.values())


def _shows(one: Deviation, length: int) -> bool:
    if one.do == WRONG_LENGTH.do:
        return _told_length(one, length) != length
    in_body = one.do in (PIECES.do, DRIBBLE.do, TRUNCATED.do) or one.get("where") == "body"
    return length > 0 or not in_body


def _told_length(one: Deviation, length: int) -> int:
    return max(0, length + int(one["by"]))


def _is_mute(one: Deviation) -> bool:
    """Whether not even the head is sent."""
    return one.do == CLOSED.do or one.get("where") == "head"


def fate(deviations: Iterable[Deviation]) -> Fate:
    """What becomes of an answer that they are played on, if the client waits for it."""
    status = complete = True
    for one in deviations:
        if _is_mute(one) or one.get("part") == "status-line":
            status = False
        complete = complete and one.do in (PIECES.do, DRIBBLE.do)
    return Fate(status, complete)


def script(deviations: Iterable[Deviation], head: bytes, content: bytes) -> Iterator[Step]:
    """The steps that send an answer as those deviations want it; see :func:`playable`."""
    ends = False
    timing: Deviation | None = None
    for one in deviations:
        if one.do == WRONG_LENGTH.do:
            told = b"content-length: %d\r\n" % _told_length(one, len(content))
            head, ends = _LENGTH.sub(told, head, count=1), True
        elif one.do == BROKEN_CHUNK.do:
            head, ends = _LENGTH.sub(b"transfer-encoding: chunked\r\n", head, count=1), True
            half = len(content) // 2
            first = content[:half] or b" "  # a chunk without anything would be the last
            content = b"%x\r\n%b\r\nzz\r\n%b\r\n" % (len(first), first, content[half:])
        elif one.do == BAD_HEAD.do:
            head, ends = _bad_head(one["part"], head), True
        else:
            timing = one
    yield from _timed(timing, head, content)
    if ends:
        yield End()


def _bad_head(part: str, head: bytes) -> bytes:
    line, _, rest = head.partition(b"\r\n")
    if part == "status-line":
        return _HEADS[part] + rest
    return line + b"\r\n" + _HEADS[part] + rest


def _timed(one: Deviation | None, head: bytes, content: bytes) -> Iterator[Step]:
    if one is None:
        yield Write(head + content)
    elif one.do in (PIECES.do, DRIBBLE.do):
        yield from _in_pieces(one, head, content)
    elif one.do == CLOSED.do:
        yield End()
    elif one.do == TRUNCATED.do:
        yield Write(head + content[: len(content) * one.get("keep", 50) // 100])
        yield End()
    else:
        if one["where"] == "body":
            yield Write(head + content[: len(content) // 2])
            if one.do == RESET.do:
                yield Pause(_PIECE)  # so that the client reads it before the reset
        yield Pause(None) if one.do == STALLED.do else End(reset=True)


def _in_pieces(one: Deviation, head: bytes, content: bytes) -> Iterator[Step]:
    if one.do == DRIBBLE.do:
        size, pause = 1, one["ms"] / 1000
    else:
        count = max(1, min(len(content), int(one["ms"] / 1000 / _PIECE)))
        size = max(1, -(-len(content) // count))
        pause = one["ms"] / 1000 / max(1, -(-len(content) // size))
    yield Write(head)
    for at in range(0, len(content), size):
        yield Pause(pause)
        yield Write(content[at : at + size])
