"""HAR files of all sorts: what is read, what is unknown, and what is refused with which words."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.exchange import Exchange
from contract.recording.har import read_har
from contract.recording.recording import Recording, RecordingError
from contract.spec import Spec
from tests.contract.recording.hars import SESSION_ID, entry, write


@pytest.fixture
def read(tmp_path: Path, spec: Spec) -> Any:
    def read_entries(*entries: object, host: str | None = None, **log: object) -> Recording:
        return read_har(write(tmp_path / "r.har", *entries, **log), paths=spec.paths, host=host)

    return read_entries


@pytest.fixture
def one(read: Any) -> Any:
    def read_one(**changes: Any) -> Exchange:
        (exchange,) = read(entry(**changes)).exchanges
        assert isinstance(exchange, Exchange)
        return exchange

    return read_one


def test_an_entry_is_an_exchange_with_its_time(one: Any) -> None:
    exchange = one()
    assert exchange.number == 1
    assert (exchange.request.method, exchange.request.path) == ("POST", "/v1/streaming.keep_alive")
    assert exchange.request.headers == (
        ("content-type", "application/json"),
        ("x-api-key", "a-key"),
    )
    assert exchange.request.json == {"session_id": SESSION_ID}
    assert exchange.response.json == {"code": 100, "message": "success", "data": None}
    assert (exchange.began, exchange.ended) == (1746100800.0, 1746100800.25)
    assert exchange.unknown == frozenset()


@pytest.mark.parametrize(
    ("text", "began"),
    [
        ("2025-05-01T12:00:00Z", 1746100800.0),
        ("2025-05-01T14:00:00.500+02:00", 1746100800.5),
        ("2025-05-01T12:00:00.123456789Z", 1746100800.123456),
        ("2025-05-01T12:00:00", 1746100800.0),
    ],
)
def test_times_have_zones_and_any_precision(one: Any, text: str, began: float) -> None:
    assert one(startedDateTime=text).began == began


@pytest.mark.parametrize("time", [-1, None, "250", 1e12])
def test_a_time_that_the_exporter_does_not_know_is_none(one: Any, time: Any) -> None:
    assert one(time=time).ended == 1746100800.0


def test_exchanges_come_in_the_order_in_which_they_ended(read: Any) -> None:
    slow = entry("/v1/streaming.start", time=900)
    fast = entry("/v1/streaming.ice", time=100, startedDateTime="2025-05-01T12:00:00.300Z")
    assert [exchange.number for exchange in read(slow, fast).exchanges] == [2, 1]


def test_other_hosts_and_paths_are_not_the_api(read: Any) -> None:
    recording = read(
        entry("/logo.png", host="https://example.com"),
        entry("/v1/streaming.new?x=1", host="http://127.0.0.1:8000"),
        entry("/v2/avatars"),
        entry("data:text/plain,hello", host=""),
    )
    assert [exchange.number for exchange in recording.exchanges] == [2]
    assert recording.exchanges[0].request.path == "/v1/streaming.new?x=1"
    assert recording.hosts == ("127.0.0.1:8000",)


def test_a_prefix_before_the_path_is_a_proxy_and_aliases_are_the_api(read: Any) -> None:
    recording = read(
        entry("/heygen/v1/streaming.new", host="https://example.com"),
        entry("/v1/realtime.stop", host="https://example.com"),
    )
    paths = [exchange.request.path for exchange in recording.exchanges]
    assert paths == ["/v1/streaming.new", "/v1/realtime.stop"]


def test_one_of_several_hosts_can_be_chosen(read: Any) -> None:
    both = (entry(), entry(host="http://127.0.0.1:9000"))
    assert "2 hosts are judged together" in read(*both).notes[0]
    chosen = read(*both, host="127.0.0.1:9000")
    assert [exchange.number for exchange in chosen.exchanges] == [2]
    assert chosen.notes == ()


def test_preflights_internal_redirects_and_the_guard_s_answers_say_nothing(read: Any) -> None:
    guarded = [{"name": "x-guard", "value": "budget"}]
    recording = read(
        entry(method="OPTIONS"),
        entry(status=307, statusText="Internal Redirect"),
        entry(status=429, headers={"X-Api-Key": "k"})
        | {"response": {"status": 429, "headers": guarded}},
        entry(),
    )
    assert [exchange.number for exchange in recording.exchanges] == [4]
    assert recording.notes == ()


@pytest.mark.parametrize(
    "changes", [{"status": 0}, {"status": -1}, {"status": None}, {"response": None}]
)
def test_requests_without_an_answer_are_counted_and_passed_over(read: Any, changes: Any) -> None:
    recording = read(entry(**changes), entry())
    assert [exchange.number for exchange in recording.exchanges] == [2]
    assert recording.notes == ("1 requests have no answer, and are passed over",)


def test_pseudo_headers_and_encodings_that_are_undone_are_dropped(read: Any) -> None:
    made = entry(headers={":authority": "api.heygen.com", "X-API-KEY": "k"})
    made["response"]["headers"] += [
        {"name": "content-encoding", "value": "br"},
        {"name": "content-length", "value": "17"},
        {"name": "Date", "value": "today"},
    ]
    (exchange,) = read(made).exchanges
    assert exchange.request.headers == (("x-api-key", "k"),)
    assert exchange.response.headers == (("content-type", "application/json"), ("date", "today"))


def test_content_in_base64_is_decoded(one: Any) -> None:
    text = base64.b64encode(b'{"code":100}').decode()
    exchange = one(content={"size": 12, "mimeType": "", "text": text, "encoding": "base64"})
    assert exchange.response.body == b'{"code":100}'


def test_an_answer_without_headers_has_the_type_that_the_file_gives(one: Any) -> None:
    assert one(headers={"x-api-key": "k"}).response.media_type == "application/json"


def test_parameters_stand_for_a_form_s_text(one: Any) -> None:
    data = {
        "mimeType": "application/x-www-form-urlencoded",
        "params": [{"name": "a", "value": "b c"}],
    }
    assert one(postData=data).request.body == b"a=b+c"


def test_credentials_that_browsers_leave_out_are_unknown_and_told_once(read: Any) -> None:
    bare = entry(headers={"Content-Type": "application/json"})
    recording = read(bare, bare)
    assert [e.unknown for e in recording.exchanges] == [{"credentials"}, {"credentials"}]
    (note,) = recording.notes
    assert "2 of 2 exchanges have no credentials" in note
    assert "Export HAR (with sensitive data)" in note
    assert "Save All As HAR" in note


def test_a_file_that_shows_authorization_anywhere_leaves_no_credentials_out(read: Any) -> None:
    bare = entry(headers={})
    page = entry("/page", headers={"Cookie": "a=b"}, host="https://example.com")
    recording = read(bare, page)
    assert recording.exchanges[0].unknown == frozenset()


def test_credentials_that_a_tool_has_filtered_are_unknown(one: Any) -> None:
    exchange = one(
        headers={"Authorization": "Bearer [Filtered]", "Content-Type": "application/json"}
    )
    assert exchange.unknown == {"credentials"}
    assert exchange.request.header("authorization") is None


def test_a_body_that_is_left_out_is_unknown_and_an_empty_one_is_not(read: Any) -> None:
    without_text = {"size": 52, "mimeType": "application/json"}
    recording = read(
        entry(postData=None, content=without_text),
        entry("/v1/streaming.create_token", postData=None, bodySize=0),
    )
    assert recording.exchanges[0].unknown == {"request body", "response body"}
    assert recording.exchanges[1].unknown == frozenset()
    assert recording.exchanges[1].request.body == b""
    assert "1 of 2 exchanges have no request body" in recording.notes[0]


def test_a_byte_order_mark_is_passed_over(tmp_path: Path, spec: Spec) -> None:
    file = write(tmp_path / "r.har", entry())
    for encoding in ("utf-8-sig", "utf-16"):
        other = tmp_path / f"{encoding}.har"
        other.write_bytes(file.read_text().encode(encoding))
        assert len(read_har(other, paths=spec.paths).exchanges) == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty; export the recording again"),
        (b'{"log": {"entries": [{"star', "ends in the middle: Unterminated string"),
        (b'{"log": {"entries": [', "ends in the middle"),
        (b"<html></html>", "is not JSON: Expecting value at line 1 column 1"),
        (b"\xff\xfe\x00\xd8", "is not JSON"),
        (b"PK\x03\x04", "is compressed; unpack it"),
        (b"\x1f\x8b\x08", "is compressed; unpack it"),
        (b"[" * 100_000, "is not JSON"),
        (b"[]", "is not a HAR: it has no log.entries"),
        (b'{"log": {"entries": {}}}', "is not a HAR: it has no log.entries"),
        (b'{"log": {"entries": []}}', "has no entries; record while the client runs"),
        (b'{"log": {"entries": [1]}}', "entry 1 is no object"),
        (b'{"log": {"entries": [{}]}}', "entry 1 has no request.url"),
    ],
)
def test_a_file_that_is_no_recording_is_refused_by_name(
    tmp_path: Path, spec: Spec, content: bytes, words: str
) -> None:
    file = tmp_path / "odd.har"
    file.write_bytes(content)
    with pytest.raises(RecordingError) as refusal:
        read_har(file, paths=spec.paths)
    assert str(refusal.value).startswith(str(file))
    assert words in str(refusal.value)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"status": "200"}, "entry 2: response.status is '200', not an HTTP status"),
        ({"startedDateTime": "yesterday"}, "entry 2: startedDateTime is 'yesterday', not a time"),
        ({"startedDateTime": None}, "entry 2: startedDateTime is None, not a time"),
        ({"method": None}, "entry 2 has no request.method"),
        ({"headers": "none"}, "entry 2: request.headers is no list"),
        ({"content": {"text": "a", "encoding": "base64"}}, "response.content.text is not base64"),
    ],
)
def test_an_odd_entry_is_refused_by_its_number(read: Any, changes: Any, words: str) -> None:
    made = entry()
    for name, value in changes.items():
        place = next(p for p in (made, made["request"], made["response"]) if name in p)
        place[name] = value
    with pytest.raises(RecordingError, match=r"r\.har: entry 2") as refusal:
        read(entry(), made)
    assert words in str(refusal.value)


def test_a_file_without_an_exchange_of_the_api_is_refused(read: Any) -> None:
    with pytest.raises(
        RecordingError, match="no exchange of the API among its 1 entries: none calls"
    ):
        read(entry("/index.html"))
    with pytest.raises(RecordingError, match="1 requests to it have no answer"):
        read(entry(status=0))
    with pytest.raises(RecordingError, match=r"no exchange of the API at example\.com"):
        read(entry(), host="example.com")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path, spec: Spec) -> None:
    with pytest.raises(RecordingError, match="cannot be read: No such file"):
        read_har(tmp_path / "none.har", paths=spec.paths)
    with pytest.raises(RecordingError, match="cannot be read: Is a directory"):
        read_har(tmp_path, paths=spec.paths)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
PLACES = [
    (), ("log",), ("log", "entries"), ("log", "entries", 0), ("log", "_contract"),
    *(("log", "entries", 0, name) for name in entry()),
    *(("log", "entries", 0, "request", name) for name in entry()["request"]),
    *(("log", "entries", 0, "response", name) for name in entry()["response"]),
    ("log", "entries", 0, "request", "headers", 0),
    ("log", "entries", 0, "request", "postData", "text"),
    ("log", "entries", 0, "request", "postData", "params"),
    ("log", "entries", 0, "response", "content", "text"),
    ("log", "entries", 0, "response", "content", "encoding"),
    ("log", "entries", 0, "_contract"),
]  # fmt: skip


@given(place=st.sampled_from(PLACES), value=JSON)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_json_in_any_place_is_a_recording_or_refused(
    place: tuple[str | int, ...], value: object, tmp_path: Path, spec: Spec
) -> None:
    document: Any = {"log": {"entries": [entry()]}}
    if place:
        inner = document
        for step in place[:-1]:
            inner = inner[step]
        inner[place[-1]] = value
    else:
        document = value
    file = tmp_path / "any.har"
    file.write_text(json.dumps(document))
    try:
        recording: Recording | RecordingError = read_har(file, paths=spec.paths)
    except RecordingError as refusal:
        recording = refusal
    if isinstance(recording, Recording):
        assert len(recording.exchanges) == 1
    else:
        assert str(recording).startswith(str(file))
        assert "\n" not in str(recording)


@given(data=st.binary(max_size=60))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_refused(data: bytes, tmp_path: Path, spec: Spec) -> None:
    file = tmp_path / "any.har"
    file.write_bytes(data)
    with pytest.raises(RecordingError):
        read_har(file, paths=spec.paths)
