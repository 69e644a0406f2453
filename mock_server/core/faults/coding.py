"""Answers in one piece whose bytes are not what their headers say: the wire's quieter lies."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from mock_server.core.faults.body import HTML
from mock_server.core.faults.kind import OPERATIONS, Kind, choice
from mock_server.core.faults.plan import Deviation

Header = tuple[bytes, bytes]
Coded = tuple[tuple[Header, ...], bytes]
"""The headers and the content of an answer."""

_PAGE = (
    b"<!DOCTYPE html>\n<html><head><title>Just a moment...</title></head>\n"
    b"<body><h1>Checking your browser before you go on.</h1></body></html>\n"
)
_TYPES = {
    "none": None,
    "text": b"text/plain",
    "html": b"text/html; charset=utf-8",
    "binary": b"application/octet-stream",
    "utf-16": b"application/json; charset=utf-16",
}

BYTE_ORDER_MARK = Kind(
    "byte-order-mark",
    "wire",
    OPERATIONS,
    "a byte-order mark stands before the JSON (RFC 8259, section 8.1, forbids to send it)",
    weight=2,
    trials=({"on": "newSession"},),
)
CONTENT_TYPE = Kind(
    "content-type",
    "wire",
    OPERATIONS,
    "the body is the right JSON, and declared as something else, or not at all",
    weight=2,
    parameters={"type": choice("what it is declared as", tuple(_TYPES))},
    required=("type",),
    trials=(
        {"type": "text", "on": "newSession"},
        {"type": "none", "on": "sendTask"},
        {"type": "html", "on": "startSession"},
    ),
)
NOT_JSON = Kind(
    "not-json",
    "wire",
    OPERATIONS,
    "the body is nearly JSON, or plain words, declared as JSON and complete",
    weight=4,
    parameters={
        "how": choice(
            "what is wrong with it",
            ("cut", "trailing-comma", "single-quotes", "not-utf-8", "words"),
        )
    },
    required=("how",),
    trials=(
        {"how": "cut", "on": ("newSession", "stopSession")},
        {"how": "not-utf-8", "on": "sendTask"},
        {"how": "words", "on": "startSession"},
    ),
)
HTML_PAGE = Kind(
    "html",
    "wire",
    OPERATIONS,
    "a page of HTML comes in place of the answer, with its status",
    weight=4,
    trials=({"on": ("newSession", "createToken")},),
)
GZIP = Kind(
    "gzip",
    "wire",
    OPERATIONS,
    "the answer says that it is compressed, and is not, or only in part; or is, unasked",
    weight=4,
    parameters={
        "how": choice("plain: is not; cut: ends early; unasked: is", ("plain", "cut", "unasked"))
    },
    required=("how",),
    trials=(
        {"how": "unasked", "on": "newSession"},
        {"how": "plain", "on": "sendTask"},
        {"how": "cut", "on": "startSession"},
    ),
)

KINDS = (BYTE_ORDER_MARK, CONTENT_TYPE, NOT_JSON, HTML_PAGE, GZIP)


def recoded(deviation: Deviation, headers: Sequence[Header], content: bytes) -> Coded | None:
    """Headers and content as the deviation wants them; None when that changes nothing.

    Never fails, whatever other deviations made of the content before.
    """
    kept = tuple(headers)
    new = _recoded(deviation, kept, content)
    return None if new == (kept, content) else new


def _recoded(deviation: Deviation, kept: tuple[Header, ...], content: bytes) -> Coded:
    match deviation.do:
        case BYTE_ORDER_MARK.do:
            return kept, b"\xef\xbb\xbf" + content
        case CONTENT_TYPE.do:
            return _declared(kept, _TYPES[deviation["type"]]), content
        case NOT_JSON.do:
            return kept, _broken(deviation["how"], content)
        case HTML_PAGE.do:
            return _declared(kept, HTML.encode()), _PAGE
        case GZIP.do:
            said = tuple(one for one in kept if one[0] != b"content-encoding")
            return (*said, (b"content-encoding", b"gzip")), _zipped(deviation["how"], content)
        case _:
            return kept, content


def _declared(headers: Sequence[Header], media_type: bytes | None) -> tuple[Header, ...]:
    others = tuple(one for one in headers if one[0] != b"content-type")
    return others if media_type is None else ((b"content-type", media_type), *others)


def _broken(how: str, content: bytes) -> bytes:
    match how:
        case "cut":
            return content.rstrip()[:-1]
        case "trailing-comma":
            return content.rstrip()[:-1] + b"," + content.rstrip()[-1:]
        case "single-quotes":
            return content.replace(b'"', b"'")
        case "not-utf-8":
            before, quote, after = content.rpartition(b'"')
            return before + b"\xe9" + quote + after
        case _:
            return b"Service is OK"


def _zipped(how: str, content: bytes) -> bytes:
    if how == "plain":
        return content
    packer = zlib.compressobj(wbits=31)  # 31: with gzip's header and checksum
    packed = packer.compress(content) + packer.flush()
    return packed if how == "unasked" else packed[: len(packed) // 2]
