"""Bodies as deviations make them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.core.errors import RATE_LIMIT
from mock_server.core.faults import answers, coding, wire
from mock_server.core.faults.body import Body
from mock_server.core.faults.plan import Deviation
from mock_server.core.faults.refusals import delay, first_refusal, refusal, refusal_body
from tests.core.faults.drawing import plans, read
from tests.core.faults.kinds import family

TASK = {
    "code": 100,
    "message": "success",
    "data": {"task_id": "t1", "duration_ms": 2480.0},
    "task_id": "t1",
}


def one(do: str, **parameters: Any) -> Deviation:
    return Deviation(0, "sendTask", do, None, parameters)


def made(do: str, body: Any = TASK, /, **parameters: Any) -> Any:
    """The JSON that a deviation makes of a body."""
    new = answers.edited(one(do, **parameters), Body(body))
    assert new is not None
    return json.loads(new.encoded())


# odd, and the same


@pytest.mark.parametrize("do", ["reordered", "whitespace", "escapes", "duplicate-names"])
def test_the_same_is_said_in_other_bytes(do: str) -> None:
    new = answers.edited(one(do), Body(TASK))
    assert new is not None
    assert new.encoded() != Body(TASK).encoded()
    assert json.loads(new.encoded()) == TASK


def test_fields_come_in_the_opposite_order() -> None:
    assert list(made("reordered")) == ["task_id", "data", "message", "code"]
    assert list(made("reordered")["data"]) == ["duration_ms", "task_id"]


def test_white_space_is_wherever_it_may_be() -> None:
    new = answers.edited(one("whitespace"), Body({"a": [1, {}], "b": []}))
    assert new is not None
    assert new.encoded() == (
        b' \n\t{\r\n\t"a" :  [\r\n\t\t1 ,\t\r\n\t\t{}\r\n\t] ,\t\r\n\t"b" :  []\r\n}\r\n '
    )


def test_every_character_is_an_escape() -> None:
    new = answers.edited(one("escapes"), Body({"a": "\U0001f600\ud800"}))
    assert new is not None
    assert new.encoded() == rb'{"\u0061":"\uD83D\uDE00\uD800"}'


def test_names_are_given_twice_and_the_last_counts() -> None:
    new = answers.edited(one("duplicate-names"), Body({"a": 1, "b": {"c": 2}}))
    assert new is not None
    assert new.encoded() == b'{"a":null,"a":1,"b":{"c":null,"c":2}}'


def test_spellings_add_up_and_survive_later_changes() -> None:
    body: Body | None = Body({"message": "a", "b": 1})
    for deviation in (one("escapes"), one("duplicate-names"), one("odd-message", text="empty")):
        assert body is not None
        body = answers.edited(deviation, body)
    assert body is not None
    assert body.encoded() == (
        rb'{"\u006D\u0065\u0073\u0073\u0061\u0067\u0065":null,'
        rb'"\u006D\u0065\u0073\u0073\u0061\u0067\u0065":"","\u0062":1}'
    )


def test_every_object_has_one_more_field() -> None:
    body = made("extra-fields", {"a": {"b": 1}, "c": [{}]})
    assert set(body) == {"a", "c", "x_extra"}
    assert set(body["a"]) == {"b", "x_extra"}
    assert set(body["c"][0]) == {"x_extra"}


@pytest.mark.parametrize(("text", "length"), [("long", 100_000), ("empty", 0), ("unicode", 19)])
def test_the_message_is_odd(text: str, length: int) -> None:
    assert len(made("odd-message", text=text)["message"]) == length


# another body


@pytest.mark.parametrize(
    ("body", "sent"),
    [
        ("null", b"null"),
        ("array", b"[]"),
        ("text", b'"success"'),
        ("number", b"100"),
        ("empty-object", b"{}"),
        ("empty", b""),
        ("error", b'{"code":400175,"message":"Invalid parameter"}'),
        ("bare", b'{"task_id":"t1","duration_ms":2480.0}'),
        ("other", b'{"error":null,"data":{"token":"eyJ0b2tlbiI6ICJub25lIn0="}}'),
    ],
)
def test_the_body_is_another(body: str, sent: bytes) -> None:
    new = answers.edited(one("wrong-body", body=body), Body(TASK))
    assert new is not None
    assert new.encoded() == sent


# single values


@pytest.mark.parametrize("value", [0, -1, 1e308, 2**63, None, False, "\ud800"])
def test_a_value_is_set(value: Any) -> None:
    assert made("field", path="data.duration_ms", value=value)["data"]["duration_ms"] == value


def test_a_field_is_gone_null_or_empty() -> None:
    assert made("field-missing", path="data.task_id")["data"] == {"duration_ms": 2480.0}
    assert made("field-null", path="data")["data"] is None
    assert made("field-empty", path="data.task_id")["data"]["task_id"] == ""
    assert made("field-empty", path="data")["data"] == {}


@pytest.mark.parametrize(
    ("path", "wanted", "new"),
    [
        ("code", "text", "100"),
        ("code", "boolean", True),
        ("code", "list", [100]),
        ("code", "object", {"value": 100}),
        ("task_id", "number", 7),
        ("data", "text", '{"task_id": "t1", "duration_ms": 2480.0}'),
    ],
)
def test_a_value_is_of_another_type(path: str, wanted: str, new: Any) -> None:
    assert made("field-type", path=path, **{"as": wanted})[path] == new


def test_a_text_is_as_long_as_asked_for() -> None:
    assert made("field-long", path="task_id", characters=5)["task_id"] == "t1t1t"
    assert made("field-long", {"a": ""}, path="a", characters=3)["a"] == "aaa"


def test_a_list_repeats_what_it_holds_or_is_empty() -> None:
    assert made("field-entries", {"a": [1, 2]}, path="a", entries=5)["a"] == [1, 2, 1, 2, 1]
    assert made("field-entries", {"a": [1, 2]}, path="a", entries=0)["a"] == []


# nothing to do


@pytest.mark.parametrize(
    ("deviation", "body"),
    [
        (one("field", path="data.duration_ms", value=2480.0), Body(TASK)),
        (one("field-missing", path="data.sdp"), Body(TASK)),
        (one("field-empty", path="code"), Body(TASK)),
        (one("field-type", path="code", **{"as": "number"}), Body(TASK)),
        (one("field-type", path="data", **{"as": "object"}), Body(TASK)),
        (one("field-long", path="code", characters=9), Body(TASK)),
        (one("field-entries", path="data", entries=9), Body(TASK)),
        (one("field-entries", path="a", entries=9), Body({"a": []})),
        (one("field-null", path="code"), Body([TASK])),
        (one("field-null", path="code"), Body(TASK, raw=b"")),
        (one("odd-message", text="long"), Body({"error": None})),
        (one("reordered"), Body({"a": 1})),
        (one("extra-fields"), Body([])),
        (one("escapes"), Body(7)),
        (one("whitespace"), Body(None, raw=b"")),
        (one("wrong-body", body="bare"), Body(None)),
        (one("wrong-body", body="null"), Body(None)),
        (one("slow", ms=1), Body(TASK)),
        (one("status", row="forbidden"), Body(TASK)),
        (one("closed"), Body(TASK)),
    ],
)
def test_what_changes_nothing_is_not_applied(deviation: Deviation, body: Body) -> None:
    assert answers.edited(deviation, body) is None


# refusals


def test_a_body_grows_no_longer_than_a_server_can_stand() -> None:
    many = Body({"data": [{"task_id": "t"}] * 2000})
    long = one("field-long", path="data[].task_id", characters=10_000)
    assert answers.edited(long, many) is None
    text = one("field", path="data[].task_id", value="t" * 10_000)
    assert answers.edited(text, many) is None
    entries = one("field-entries", path="data.task_id", entries=2000)
    assert answers.edited(entries, Body({"data": {"task_id": ["t" * 10_000]}})) is None
    shorter = answers.edited(one("field-long", path="data[].task_id", characters=500), many)
    assert shorter is not None
    assert shorter.value["data"] == [{"task_id": "t" * 500}] * 2000


def test_the_first_refusal_is_the_one() -> None:
    two = [one("slow", ms=1), one("server-error", status=502), one("status", row="forbidden")]
    assert first_refusal(two) is two[1]
    assert first_refusal(two[:1]) is None


def test_a_row_is_refused_with_its_seconds() -> None:
    error = refusal(one("status", row="rate-limit", retry_after=2), session_id="")
    assert (error.row, error.headers) == (RATE_LIMIT, (("retry-after", "2"),))
    unknown = refusal(one("status", row="session-unknown"), session_id="s1")
    assert unknown.message == "Session does not exist. SessionID: s1"


@pytest.mark.parametrize(
    ("status", "words"), [(500, "Internal Server Error"), (502, "Bad Gateway"), (504, "Gateway")]
)
def test_a_gateway_answers_in_html_unless_asked_for_otherwise(status: int, words: str) -> None:
    page = refusal_body(one("server-error", status=status))
    assert page is not None
    assert page.media_type == "text/html; charset=utf-8"
    assert f"<title>{status} {words}".encode() in page.encoded()
    assert refusal_body(one("server-error", status=status, body="json")) is None
    nothing = refusal_body(one("server-error", status=status, body="empty"))
    assert nothing is not None
    assert nothing.encoded() == b""
    assert refusal_body(one("status", row="forbidden")) is None


def test_delays_add_up() -> None:
    assert delay([one("slow", ms=1500), one("closed"), one("slow", ms=250)]) == 1.75


# all together

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["code", "message", "data"]), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(plans(family("answers", "wire"), size=8), st.just(TASK) | json_values)
def test_any_deviations_make_bytes_of_any_answer(plan: Any, value: Any) -> None:
    due, body = read(plan), Body(value)
    for deviation in due:
        body = answers.edited(deviation, body) or body
    headers: Any = ((b"content-type", body.media_type.encode()),)
    content = body.encoded()
    for deviation in due:
        headers, content = coding.recoded(deviation, headers, content) or (headers, content)
    chosen = wire.playable(due, length=len(content))
    head = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(content)
    for step in wire.script(chosen, head, content):
        assert step is not None
    wire.fate(chosen)
