"""What is wrong first is what is answered: path, method, size, credentials, type, JSON, schema,
state."""

from __future__ import annotations

import pytest

from mock_server.web.body import MAX_BODY
from tests.web.site import KEY, Gone, Headers, NoAnswerError, Site

JSON: Headers = (("content-type", "application/json"),)
TEXT: Headers = (("content-type", "text/plain"),)
BIG = b" " * (MAX_BODY + 1)
OF_NOBODY = b'{"session_id": "nobody", "text": "Hello!"}'

Fault = tuple[str, str, Headers, bytes]
# From a request with every fault to one with none but the last.
STEPS: list[tuple[Fault, tuple[int, int]]] = [
    (("GET", "/v1/streaming.tusk", TEXT, BIG), (404, 404)),
    (("GET", "/v1/streaming.task", TEXT, BIG), (405, 405)),
    (("POST", "/v1/streaming.task", TEXT, BIG), (413, 413)),
    (("POST", "/v1/streaming.task", TEXT, b"{"), (401, 400112)),
    (("POST", "/v1/streaming.task", (*KEY, *TEXT), b"{"), (415, 415)),
    (("POST", "/v1/streaming.task", (*KEY, *JSON), b"{"), (400, 400175)),
    (("POST", "/v1/streaming.task", (*KEY, *JSON), b'{"session_id": "nobody"}'), (400, 400175)),
    (("POST", "/v1/streaming.task", (*KEY, *JSON), OF_NOBODY), (400, 400004)),
]


@pytest.mark.parametrize(("faulty", "answered"), STEPS, ids=list("12345678"))
def test_the_first_fault_in_the_order_of_checks_is_answered(
    site: Site, faulty: Fault, answered: tuple[int, int]
) -> None:
    assert site.send(*faulty).error[:2] == answered


def test_json_comes_before_schema(site: Site) -> None:
    message = site.send("POST", "/v1/streaming.new", (*KEY, *JSON), b"{").error[2]
    assert message.startswith("Invalid JSON: ")
    message = site.send("POST", "/v1/streaming.new", (*KEY, *JSON), b"[]").error[2]
    assert message == "Invalid parameter: the body: an array is not an object"


def test_a_token_is_refused_before_the_body_is_looked_at(site: Site) -> None:
    token = site.call("createToken").json["data"]["token"]
    mine = (("authorization", f"Bearer {token}"),)
    site.new(mine)
    for path in ("/v1/streaming.create_token", "/v1/streaming.new"):
        assert site.send("POST", path, (*mine, *TEXT), b"{").error[:2] == (401, 400112)


def test_a_text_is_judged_before_the_state(site: Site) -> None:
    session_id = site.new()
    assert site.task(session_id, "a" * 1001).error[:2] == (400, 400175)
    assert site.task(session_id, " ").error[:2] == (400, 400175)
    assert site.task("nobody", "a" * 1001).error[:2] == (400, 400175)


@pytest.mark.parametrize(
    "path",
    [
        "/v1",
        "/v1/streaming.new/",
        "//v1/streaming.new",
        "/v1/streaming.NEW",
        "/v2/streaming.new",
        "/v1/streaming.new%00",
        "/v1/realtime.interrupt",
        "/%ff",
        "/favicon.ico",
        "/..%2f..%2fetc/passwd",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_path_is_not_found(site: Site, method: str, path: str) -> None:
    refused = site.send(method, path)
    assert refused.error[:2] == (404, 404)
    assert refused.error[2].startswith(f"Not Found: {method} /")


@pytest.mark.parametrize("host", ["[", "a]b", "[::1", "x y", "\xff", "http://a/b?c#d", "a" * 9000])
@pytest.mark.parametrize("path", ["/nowhere", "/v1/streaming.list", "/v1/streaming/avatar.list"])
def test_an_odd_host_changes_nothing_in_the_api(site: Site, host: str, path: str) -> None:
    answer = site.send("GET", path, (*KEY, ("host", host)))
    assert answer.status == (404 if path == "/nowhere" else 200)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "FOO"])
def test_a_wrong_method_is_refused_with_the_right_one(site: Site, method: str) -> None:
    for operation in site.services.contract.operations:
        if method != operation.method:
            refused = site.send(method, operation.path)
            assert refused.error[:2] == (405, 405)
            assert refused.headers["allow"] == operation.method


# size


def test_a_body_of_a_mebibyte_is_the_largest(site: Site) -> None:
    headers = (*KEY, *JSON)
    fits = b"{}" + b" " * (MAX_BODY - 2)
    assert MAX_BODY == 1024 * 1024
    assert site.send("POST", "/v1/streaming.new", headers, fits).status == 200
    assert site.send("POST", "/v1/streaming.new", headers, fits + b" ").error[:2] == (413, 413)


def test_a_body_that_is_too_large_is_refused_while_it_comes(site: Site) -> None:
    def chunks() -> list[bytes]:
        return [b" " * 65536] * 17

    endless = [*chunks(), *[b"x"] * 100]
    refused = site.send("POST", "/v1/streaming.new", (*KEY, *JSON), endless)
    assert refused.error == (413, 413, "Payload Too Large: the limit is 1048576 bytes")


def test_a_body_that_says_it_is_too_large_is_not_read(site: Site) -> None:
    headers = (*KEY, *JSON, ("content-length", "1048577"))
    assert site.send("POST", "/v1/streaming.new", headers, [1e9]).error[:2] == (413, 413)


@pytest.mark.parametrize("length", ["-1", "1e9", "", "\xb2", "9" * 5000, "0x10", "None"])
def test_an_odd_content_length_changes_nothing(site: Site, length: str) -> None:
    headers = (*KEY, *JSON, ("content-length", length))
    assert site.send("POST", "/v1/streaming.new", headers, b"{}").status == 200


# slow and aborted requests


def test_a_body_that_does_not_come_is_timed_out(site: Site) -> None:
    began = site.loop.time()
    refused = site.send("POST", "/v1/streaming.new", (*KEY, *JSON), [b"{", 1e6, b"}"])
    assert refused.error == (408, 408, "Request Timeout")
    assert 30 <= site.loop.time() - began < 31
    assert site.call("listSessions").json["sessions"] == []


def test_a_body_that_comes_byte_by_byte_is_read(site: Site) -> None:
    slow = [part for byte in b'{"quality": "low"}' for part in (bytes([byte]), 0.1)]
    assert site.send("POST", "/v1/streaming.new", (*KEY, *JSON), slow).status == 200


@pytest.mark.parametrize("body", [[Gone()], [b"{", Gone()], [b"{", 5.0, Gone()]])
def test_a_client_that_goes_away_gets_no_answer_and_leaves_nothing(
    site: Site, body: list[bytes | float | Gone]
) -> None:
    with pytest.raises(NoAnswerError):
        site.send("POST", "/v1/streaming.new", (*KEY, *JSON), body)
    assert site.call("listSessions").json["sessions"] == []
    assert [r["operation"] for r in site.control("GET", "requests").json] == ["listSessions"]


# types and JSON


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "application/json, application/json",
        "json",
        "\xff",
    ],
)
def test_a_body_of_another_type_is_refused(site: Site, content_type: str) -> None:
    headers = (*KEY, ("content-type", content_type))
    refused = site.send("POST", "/v1/streaming.new", headers, b"{}")
    assert refused.error == (415, 415, "Unsupported Media Type: send application/json")


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (("content-type", ""),),
        (("content-type", "application/json; charset=utf-8"),),
        (("content-type", "Application/JSON"),),
        (("content-type", "application/json;"),),
    ],
)
def test_json_is_taken_with_any_parameters_and_without_a_type(site: Site, headers: Headers) -> None:
    assert site.send("POST", "/v1/streaming.new", (*KEY, *headers), b"{}").status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"{}{}",
        b"{'quality': 'low'}",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": 01}',
        b'{"a": "\x00"}',
        b'{"a": "\xff"}',
        b"\xef\xbb\xbf{}",
        "{}".encode("utf-16"),
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"a": "\\ud8"}',
        b"\x00",
    ],
    ids=lambda body: repr(body[:20]),
)
def test_broken_json_is_refused(site: Site, body: bytes) -> None:
    refused = site.send("POST", "/v1/streaming.new", (*KEY, *JSON), body)
    assert refused.error[:2] == (400, 400175)
    assert refused.error[2].startswith("Invalid JSON: ")
    assert len(refused.error[2]) < 300


def test_of_a_key_given_twice_the_last_value_counts(site: Site) -> None:
    body = b'{"quality": "ultra", "quality": "high"}'
    assert site.send("POST", "/v1/streaming.new", (*KEY, *JSON), body).status == 200
    body = b'{"quality": "high", "quality": "ultra"}'
    assert site.send("POST", "/v1/streaming.new", (*KEY, *JSON), body).status == 400


def test_of_a_header_given_twice_the_first_counts(site: Site) -> None:
    assert site.send("GET", "/v1/streaming.list", (*KEY, ("x-api-key", ""))).status == 200
    assert site.send("GET", "/v1/streaming.list", (("x-api-key", ""), *KEY)).status == 401
