"""Where to test: what a --target may be, and the fake as a process of its own."""

from __future__ import annotations

import os
import signal
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contract.exchange import Request, UnreachableError
from contract.target import FakeProcess, Target, parse_target, parse_url
from contract.transport import HttpSend
from contract.unable import UnableError
from tests.contract.fakes import running_fake


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("fake", Target("fake")),
        ("real", Target("real")),
        ("http://127.0.0.1:8000", Target("url", "http://127.0.0.1:8000")),
        ("http://127.0.0.1:8000/", Target("url", "http://127.0.0.1:8000")),
        ("https://judge.example/behind/", Target("url", "https://judge.example/behind")),
        ("http://[::1]:9", Target("url", "http://[::1]:9")),
    ],
)
def test_a_target_is_read(text: str, target: Target) -> None:
    assert parse_target(text) == target


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "none of fake, real and a URL"),
        ("faek", "none of fake, real and a URL"),
        ("127.0.0.1:8000", "did you mean http://127.0.0.1:8000?"),
        ("localhost:8000", "did you mean http://localhost:8000?"),
        ("ftp://127.0.0.1", "ftp: is not spoken; use http: or https:"),
        ("http://", "names no host"),
        ("http://:8000", "names no host"),
        ("http://127.0.0.1:0", "names no host and port"),
        ("http://127.0.0.1:99999", "Port out of range"),
        ("http://127.0.0.1:http", "Port could not be cast"),
        ("http://[::1", "Invalid IPv6 URL"),
        ("http://me:secret@127.0.0.1", "leave them out, use --api-key"),
        ("http://127.0.0.1/v1/streaming.new", "leave out what follows the host: http://127.0.0.1"),
        ("http://127.0.0.1?a=b", "leave out what follows the host: http://127.0.0.1"),
        ("http://127.0.0.1/#top", "leave out what follows the host"),
        ("http://127.0.0.1 ", "is no URL"),
        ("http://127.0.0.1\n", "is no URL"),
        ("http://bücher.example", "is no URL"),
        ("https://api.heygen.com", "use --target real"),
        ("https://API.HeyGen.com./", "use --target real"),
        ("http://api2.heygen.com:443", "use --target real"),
        ("https://heygen.com", "use --target real"),
    ],
)
def test_an_odd_target_is_refused_with_the_remedy(text: str, words: str) -> None:
    with pytest.raises(UnableError) as caught:
        parse_target(text)
    assert words in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_real_api_may_be_named_where_it_is_meant() -> None:
    assert parse_url("https://api.heygen.com/", real=True) == "https://api.heygen.com"
    assert parse_target("https://api.heygen.com.example").url == "https://api.heygen.com.example"


@given(st.text(max_size=30) | st.text("htp:/[]@?#.0123456789abc%\\", max_size=30))
@example("http://[v1.a]")
@example("http://a\\@api.heygen.com")
def test_any_text_gives_a_target_or_the_one_error(text: str) -> None:
    with suppress(UnableError):
        target = parse_target(text)
        if target.url is not None:
            HttpSend(target.url).close()


@pytest.mark.process
def test_the_fake_takes_its_two_keys_and_no_other() -> None:
    with running_fake() as (fake, send):
        assert fake.url.startswith("http://127.0.0.1:")
        assert len(set(fake.keys)) == 2
        statuses = [
            send(Request("GET", "/v1/streaming.list", (("x-api-key", key),))).status
            for key in (*fake.keys, "another-key")
        ]
        assert statuses == [200, 200, 401]


@pytest.mark.process
def test_the_fake_inherits_no_key_and_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEYGEN_API_KEY", "the-real-one")
    monkeypatch.setenv("HEYGEN_MOCK_MAX_SESSIONS", "not a number")
    with FakeProcess() as fake:
        assert b"the-real-one" not in _environment_of(fake)


def _environment_of(fake: FakeProcess) -> bytes:
    assert fake.process_id is not None
    path = f"/proc/{fake.process_id}/environ"
    if not os.path.exists(path):  # noqa: PTH110 - not on macOS
        return b""
    with open(path, "rb") as file:  # noqa: PTH123
        return file.read()


@pytest.mark.process
def test_the_clock_moves_and_a_reset_forgets() -> None:
    with running_fake() as (fake, send):
        key = (("x-api-key", fake.keys[0]),)
        body = (*key, ("content-type", "application/json"))
        send(Request("POST", "/v1/streaming.new", body, b"{}"))
        assert _open(send, key) == 1
        fake.advance(601)
        assert _open(send, key) == 0
        send(Request("POST", "/v1/streaming.new", body, b"{}"))
        fake.reset()
        assert _open(send, key) == 0


def _open(send: HttpSend, key: tuple[tuple[str, str], ...]) -> int:
    value = send(Request("GET", "/v1/streaming.list", key)).json
    return len(value["data"]["sessions"])


@pytest.mark.process
def test_the_fake_ends_with_the_block() -> None:
    with FakeProcess() as fake:
        number = fake.process_id
    assert number is not None
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)
    with pytest.raises(UnreachableError):
        fake.advance(1)


@pytest.mark.process
def test_a_fake_that_dies_is_told_with_its_last_words() -> None:
    with FakeProcess() as fake:
        assert fake.last_words() == ""
        assert fake.process_id is not None
        os.kill(fake.process_id, signal.SIGKILL)
        with pytest.raises(UnreachableError, match="ended with status -9: it said nothing"):
            fake.advance(1)


@pytest.mark.process
def test_a_fake_that_does_not_start_says_why() -> None:
    with (
        pytest.raises(UnableError, match=r"does not start: it ended with status 2: .*--seed"),
        FakeProcess(arguments=("--seed", "x")),
    ):
        pass
