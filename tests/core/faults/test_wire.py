"""What becomes of the bytes of an answer."""

from __future__ import annotations

import json
import zlib
from typing import Any

import pytest

from mock_server.core.faults.coding import recoded
from mock_server.core.faults.delivery import End, Fate, Pause, Step, Write
from mock_server.core.faults.plan import Deviation
from mock_server.core.faults.wire import fate, playable, script

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n"
CONTENT = b'{"a":"bc"}'
JSON = (b"content-type", b"application/json")


def one(do: str, **parameters: Any) -> Deviation:
    return Deviation(0, "sendTask", do, None, parameters)


def steps(*deviations: Deviation, content: bytes = CONTENT) -> list[Step]:
    return list(script(playable(deviations, length=len(content)), HEAD, content))


def coded(do: str, content: bytes = CONTENT, **parameters: Any) -> tuple[dict[bytes, bytes], bytes]:
    new = recoded(one(do, **parameters), [JSON, (b"x", b"y")], content)
    assert new is not None
    headers, sent = new
    assert (b"x", b"y") in headers
    return dict(headers), sent


# in one piece


def test_a_byte_order_mark_stands_first() -> None:
    assert coded("byte-order-mark") == (dict([JSON, (b"x", b"y")]), b"\xef\xbb\xbf" + CONTENT)


def test_right_json_is_declared_as_something_else() -> None:
    assert coded("content-type", type="text")[0][b"content-type"] == b"text/plain"
    assert b"content-type" not in coded("content-type", type="none")[0]
    assert coded("content-type", type="html")[1] == CONTENT


@pytest.mark.parametrize(
    ("how", "sent"),
    [
        ("cut", b'{"a":"bc"'),
        ("trailing-comma", b'{"a":"bc",}'),
        ("single-quotes", b"{'a':'bc'}"),
        ("not-utf-8", b'{"a":"bc\xe9"}'),
        ("words", b"Service is OK"),
    ],
)
def test_what_is_declared_as_json_is_none(how: str, sent: bytes) -> None:
    headers, content = coded("not-json", how=how)
    assert (headers[b"content-type"], content) == (b"application/json", sent)
    with pytest.raises(ValueError, match=r"."):
        json.loads(content.decode("utf-8"))


def test_a_page_comes_in_place_of_the_answer() -> None:
    headers, content = coded("html")
    assert headers[b"content-type"] == b"text/html; charset=utf-8"
    assert content.startswith(b"<!DOCTYPE html>")


def test_gzip_is_said_and_is_not_is_cut_or_was_not_asked_for() -> None:
    headers, content = coded("gzip", how="plain")
    assert (headers[b"content-encoding"], content) == (b"gzip", CONTENT)
    _, whole = coded("gzip", how="unasked")
    assert zlib.decompress(whole, wbits=31) == CONTENT
    _, half = coded("gzip", how="cut")
    assert whole.startswith(half)
    with pytest.raises(zlib.error, match="incomplete"):
        zlib.decompress(half, wbits=31)


@pytest.mark.parametrize(
    ("deviation", "headers", "content"),
    [
        (one("not-json", how="single-quotes"), [JSON], b"100"),
        (one("not-json", how="words"), [JSON], b"Service is OK"),
        (one("content-type", type="none"), [], CONTENT),
        (one("gzip", how="plain"), [JSON, (b"content-encoding", b"gzip")], CONTENT),
    ],
    ids=("single-quotes", "words", "content-type", "gzip"),
)
def test_what_is_so_already_is_not_changed(
    deviation: Deviation, headers: list[tuple[bytes, bytes]], content: bytes
) -> None:
    assert recoded(deviation, headers, content) is None


def test_other_kinds_leave_headers_and_content_alone() -> None:
    assert recoded(one("slow", ms=1), [JSON], CONTENT) is None


# on the socket


@pytest.mark.parametrize(
    ("deviation", "sent", "what_becomes_of_it"),
    [
        (one("closed"), [End()], Fate(status=False, whole=False)),
        (one("reset", where="head"), [End(reset=True)], Fate(status=False, whole=False)),
        (
            one("reset", where="body"),
            [Write(HEAD + CONTENT[:5]), Pause(0.025), End(reset=True)],
            Fate(status=True, whole=False),
        ),
        (one("stalled", where="head"), [Pause(None)], Fate(status=False, whole=False)),
        (
            one("stalled", where="body"),
            [Write(HEAD + CONTENT[:5]), Pause(None)],
            Fate(status=True, whole=False),
        ),
        (one("truncated"), [Write(HEAD + CONTENT[:5]), End()], Fate(status=True, whole=False)),
        (one("truncated", keep=99), [Write(HEAD + CONTENT[:9]), End()], Fate(whole=False)),
        (
            one("wrong-length", by=7),
            [Write(HEAD.replace(b": 10", b": 17") + CONTENT), End()],
            Fate(status=True, whole=False),
        ),
        (
            one("wrong-length", by=-99),
            [Write(HEAD.replace(b": 10", b": 0") + CONTENT), End()],
            Fate(status=True, whole=False),
        ),
        (
            one("broken-chunk"),
            [
                Write(
                    HEAD.replace(b"content-length: 10", b"transfer-encoding: chunked")
                    + b'5\r\n{"a":\r\nzz\r\n"bc"}\r\n'
                ),
                End(),
            ],
            Fate(status=True, whole=False),
        ),
        (
            one("bad-head", part="status-line"),
            [Write(HEAD.replace(b"HTTP/1.1 200 OK", b"HTP/one OK") + CONTENT), End()],
            Fate(status=False, whole=False),
        ),
        (
            one("bad-head", part="header"),
            [Write(HEAD.replace(b"OK\r\n", b"OK\r\nthis line is no header\r\n") + CONTENT), End()],
            Fate(status=True, whole=False),
        ),
    ],
    ids=lambda value: f"{value.do}-{value.parameters}" if isinstance(value, Deviation) else "",
)
def test_an_answer_is_sent_in_these_steps(
    deviation: Deviation, sent: list[Step], what_becomes_of_it: Fate
) -> None:
    assert steps(deviation) == sent
    assert fate([deviation]) == what_becomes_of_it


def written(sent: list[Step]) -> bytes:
    return b"".join(step.data for step in sent if isinstance(step, Write))


def waited(sent: list[Step]) -> float:
    return sum(step.seconds or 0 for step in sent if isinstance(step, Pause))


@pytest.mark.parametrize("size", [0, 1, 10, 3000])
def test_pieces_take_the_time_that_is_asked_for_whatever_the_size(size: int) -> None:
    sent = steps(one("pieces", ms=1500), content=b"x" * size)
    assert written(sent) == HEAD + b"x" * size
    assert waited(sent) == pytest.approx(1.5 if size else 0)
    assert len(sent) <= 121
    assert fate([one("pieces", ms=1500)]) == Fate()


def test_a_dribble_comes_byte_by_byte() -> None:
    sent = steps(one("dribble", ms=200))
    assert sent[:3] == [Write(HEAD), Pause(0.2), Write(b"{")]
    assert written(sent) == HEAD + CONTENT
    assert waited(sent) == pytest.approx(2.0)


def test_of_each_kind_of_damage_the_first_is_played() -> None:
    all_of_it = [
        one("stalled", where="body"),
        one("bad-head", part="header"),
        one("closed"),
        one("wrong-length", by=1),
        one("broken-chunk"),
        one("slow", ms=1),
    ]
    assert playable(all_of_it, length=10) == (all_of_it[0], all_of_it[1], all_of_it[3])
    sent = steps(*all_of_it)
    assert sent[0] == Write(
        HEAD.replace(b"OK\r\n", b"OK\r\nthis line is no header\r\n").replace(b": 10", b": 11")
        + CONTENT[:5]
    )


def test_nothing_broken_is_sent_as_it_is() -> None:
    assert steps() == [Write(HEAD + CONTENT)]
    assert fate([]) == Fate()


@pytest.mark.parametrize(
    ("deviation", "length"),
    [
        (one("wrong-length", by=0), 10),
        (one("wrong-length", by=-7), 0),
        (one("truncated"), 0),
        (one("pieces", ms=100), 0),
        (one("dribble", ms=100), 0),
        (one("reset", where="body"), 0),
        (one("stalled", where="body"), 0),
    ],
    ids=("wrong-length-0", "wrong-length-7", "truncated", "pieces", "dribble", "reset", "stalled"),
)
def test_what_would_break_nothing_is_not_played(deviation: Deviation, length: int) -> None:
    assert playable([deviation], length=length) == ()


@pytest.mark.parametrize(
    "mute", [one("closed"), one("stalled", where="head")], ids=lambda mute: mute.do
)
def test_what_is_never_sent_has_no_other_damage(mute: Deviation) -> None:
    assert playable([one("wrong-length", by=7), mute], length=10) == (mute,)
