"""A history as a bash script: run by bash and curl, it does the same again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from contract.curl import write_curl
from contract.exchange import Request
from contract.target import FakeProcess
from contract.transport import HttpSend
from tests.contract.fakes import answered, exchange, running_fake

pytestmark = pytest.mark.skipif(
    not (shutil.which("bash") and shutil.which("curl")), reason="needs bash and curl"
)

Running = tuple[FakeProcess, HttpSend]


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with running_fake() as running:
        yield running


def run(script: str, **variables: str) -> list[str]:
    done = subprocess.run(
        ["bash", "-"],
        input=script,
        env={"PATH": os.environ["PATH"], "HEYGEN_API_KEY": "none", **variables},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def statuses(lines: list[str]) -> list[int]:
    return [int(line) for line in lines if len(line) == 3 and line.isdigit()]


def test_ids_and_tokens_are_taken_from_the_answers(running: Running) -> None:
    fake, send = running
    fake.reset()
    key = (("x-api-key", fake.keys[0]),)
    made = exchange(send, "createToken", headers=key)
    token = made.response.json["data"]["token"]
    bearer = (("authorization", f"Bearer {token}"),)
    opened = exchange(send, "newSession", b'{"quality": "low"}', headers=bearer)
    session = opened.response.json["data"]["session_id"]
    body = json.dumps({"session_id": session}).encode()
    ended = exchange(send, "stopSession", body, headers=bearer)
    again = exchange(send, "stopSession", body, headers=bearer)
    script = write_curl([made, opened, ended, again], url=fake.url, keys=fake.keys)
    commands = "".join(line for line in script.splitlines() if not line.startswith("#"))
    assert not [value for value in (token, session, *fake.keys) if value in commands]
    fake.reset()
    lines = run(script, BASE_URL=fake.url, HEYGEN_API_KEY=fake.keys[0])
    assert statuses(lines) == [200, 200, 200, 400]
    assert json.loads(lines[-2])["code"] == again.response.json["code"] == 10005


def test_a_move_of_the_clock_is_made_again(running: Running) -> None:
    fake, send = running
    fake.reset()
    key = (("x-api-key", fake.keys[0]),)
    made = exchange(send, "createToken", headers=key, number=1)
    token = (("authorization", f"Bearer {made.response.json['data']['token']}"),)
    fake.advance(3601)
    late = exchange(send, "newSession", b"{}", headers=token, number=3)
    assert late.response.status == 401
    script = write_curl([made, late], url=fake.url, keys=fake.keys, moves=[(2.0, 3601.0)])
    fake.reset()
    lines = run(script, BASE_URL=fake.url, HEYGEN_API_KEY=fake.keys[0])
    assert statuses(lines) == [200, 401]


def test_the_other_account_has_a_variable_of_its_own(running: Running) -> None:
    fake, send = running
    fake.reset()
    asked = exchange(send, "listSessions", headers=(("x-api-key", fake.keys[1]),))
    script = write_curl([asked], url=fake.url, keys=fake.keys)
    assert fake.keys[1] not in script
    lines = run(script, BASE_URL=fake.url, HEYGEN_OTHER_API_KEY=fake.keys[1])
    assert statuses(lines) == [200]


def test_a_wait_is_waited_again() -> None:
    first = answered(began=10.0)
    script = write_curl([first, answered(began=45.2)], url="http://127.0.0.1:1")
    assert "\nsleep 35\n" in script


def test_the_default_key_is_a_word_and_not_a_part_of_one() -> None:
    request = Request("GET", "/v1/streaming.list", (("x-api-key", "not-test-key-2"),))
    script = write_curl([answered(request=request)], url="http://x", keys=["test-key"])
    assert "X-Api-Key: not-test-key-2" in script


ODD = [
    b"",
    b"\x00",
    b"'",
    b'"$HOME" `id` $(id) \\',
    b"%s %% \\n",
    b"@/etc/passwd",
    b"\xff\xfe",
    "Zoë 🙂\r\n".encode(),
    b"!history\n\n",
]


@pytest.mark.parametrize("body", ODD, ids=repr)
def test_any_body_arrives_byte_for_byte(body: bytes) -> None:
    assert sent_by(write_curl([answered(request=posted(body))], url="http://none")) == body


def test_a_body_longer_than_an_argument_may_be_arrives() -> None:
    body = b'{"text": "' + b"%a'\\" * 50_000 + b'"}'
    assert sent_by(write_curl([answered(request=posted(body))], url="http://none")) == body


@settings(max_examples=25, deadline=None)
@given(st.binary(max_size=60))
@example(b"x'\x00%d")
def test_random_bodies_arrive_byte_for_byte(body: bytes) -> None:
    assert sent_by(write_curl([answered(request=posted(body))], url="http://none")) == body


NO_TYPE = ["-H", "Content-Type:"]


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ((("x-api-key", ""),), ["-H", "X-Api-Key;", *NO_TYPE]),
        ((("x-odd", 'a\'b "c" $d'),), ["-H", 'X-Odd: a\'b "c" $d', *NO_TYPE]),
        ((), NO_TYPE),
        ((("content-type", "text/plain"),), ["-H", "Content-Type: text/plain"]),
    ],
    ids=repr,
)
def test_headers_are_those_that_were_sent(
    headers: tuple[tuple[str, str], ...], words: list[str]
) -> None:
    request = Request("POST", "/v1/streaming.new", headers, b"{}")
    seen = arguments(write_curl([answered(request=request)], url="http://none"))
    at = seen.index("--data-raw")
    assert seen[seen.index("http://none/v1/streaming.new") + 1 : at] == words


def posted(body: bytes) -> Request:
    return Request("POST", "/v1/streaming.task", (("content-type", "text/plain"),), body)


def arguments(script: str) -> list[str]:
    """What curl is called with, where curl is a function that prints it."""
    return run('curl() { printf "%s\\n" "$@" >&3; }\nexec 3>&1\n' + script)


def sent_by(script: str) -> bytes:
    """The body that curl would send: it is a function here, which saves the seconds."""
    catch = (
        'curl() { while [ $# -gt 0 ]; do case "$1" in\n'
        '--data-raw) printf %s "$2" >&3;;\n'
        "--data-binary) cat >&3;;\n"
        "esac; shift; done; }\nexec 3>&1 >/dev/null\n"
    )
    done = subprocess.run(
        ["bash", "-"],
        input=(catch + script).encode(),
        env={"PATH": os.environ["PATH"], "HEYGEN_API_KEY": "none", "LC_ALL": "C"},
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert done.stderr == b""
    return done.stdout
