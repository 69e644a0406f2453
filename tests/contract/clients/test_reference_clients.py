"""The reference clients in tests/clients, on the healthy fake: each of them does its work."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from aioice.ice import get_host_addresses

from mock_server import MockServer
from tests.clients.api import Api, ClientError, Failure, with_care

CLIENTS = Path(__file__).parents[2] / "clients"
BRIEF = ["brief", "credulous", "hanging", "hasty", "leaky", "narrow", "silent", "stubborn"]
GUESTS = ["blithe", "careless", "fussy", "guest"]
SPEAKING = ["correct", "gullible", "spectator", "trusting"]

pytestmark = pytest.mark.process
needs_network = pytest.mark.skipif(
    not get_host_addresses(use_ipv4=True, use_ipv6=True),
    reason="aioice leaves out loopback, and there is no other network",
)


@pytest.fixture(scope="module")
def fake() -> Iterator[MockServer]:
    with MockServer() as server:
        run("hanging", server.url)  # the first session of a server takes longer than any other
        yield server


def environment(url: str) -> dict[str, str]:
    return {**os.environ, "HEYGEN_BASE_URL": url, "HEYGEN_API_KEY": "test-key"}


def run(name: str, url: str) -> tuple[int, str]:
    """Exit status, and what it says went wrong."""
    done = subprocess.run(
        [sys.executable, CLIENTS / f"{name}.py"],
        env=environment(url),
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
    )
    return done.returncode, done.stderr


def operations(fake: MockServer) -> list[str]:
    return [call["operation"] for call in fake.requests()]


@pytest.mark.parametrize("name", [*BRIEF, *GUESTS])
def test_a_client_without_media_opens_one_session_and_stops_it(name: str, fake: MockServer) -> None:
    fake.reset()
    assert run(name, fake.url) == (0, "")
    assert [session["closed_because"] for session in fake.sessions()] == ["stopped"]
    assert operations(fake)[0] == "newSession"
    assert operations(fake)[-1] == "stopSession"


@needs_network
@pytest.mark.parametrize("name", SPEAKING)
def test_a_speaking_client_lets_the_avatar_finish_and_stops_its_session(
    name: str, fake: MockServer
) -> None:
    fake.reset()
    assert run(name, fake.url) == (0, "")
    (session,) = fake.sessions()
    assert session["closed_because"] == "stopped"
    told = [entry["event"] for entry in session["timeline"]]
    assert told.count("avatar_stop_talking") == told.count("task") > 0


@pytest.mark.parametrize("name", ["brief", "correct"])
def test_what_goes_wrong_becomes_one_line_and_exit_1(name: str) -> None:
    nobody = "http://127.0.0.1:9"  # the port of the discard protocol: nothing listens there
    code, said = run(name, nobody)
    assert (code, said.count("\n")) == (1, 1)
    assert said.startswith(f"{name}: streaming.new: no whole answer (ConnectionRefusedError")


@needs_network
def test_a_terminated_client_stops_its_session(fake: MockServer) -> None:
    fake.reset()
    with subprocess.Popen(
        [sys.executable, CLIENTS / "correct.py"],
        env=environment(fake.url),
        stderr=subprocess.PIPE,
        text=True,
    ) as client:
        while not any(session["status"] == "connected" for session in fake.sessions()):
            assert client.poll() is None
        client.send_signal(signal.SIGTERM)
        said = client.communicate(timeout=30)[1]
    assert (client.returncode, said) == (1, "correct: interrupted\n")
    assert [session["closed_because"] for session in fake.sessions()] == ["stopped"]


def test_a_careful_client_waits_as_long_as_it_is_asked_to_within_its_patience() -> None:
    pause = with_care(2)
    assert pause(Failure("new", 1, "busy", 429, "2")) == 2
    assert pause(Failure("new", 1, "busy", 429, "3")) is None
    assert pause(Failure("new", 1, "busy", 429, "tomorrow")) is None
    assert pause(Failure("new", 1, "busy", 429, "nan")) is None
    assert pause(Failure("new", 3, "busy", 429, "1")) is None


def test_a_careful_client_repeats_only_what_may_be_done_twice() -> None:
    pause = with_care(2)
    assert pause(Failure("task", 1, "lost")) is None
    assert pause(Failure("task", 1, "broken", 503)) is None
    assert pause(Failure("task", 1, "refused", 429)) == 0.1
    assert pause(Failure("stop", 1, "lost")) == 0.05
    assert pause(Failure("stop", 3, "lost")) is None


def test_a_call_that_is_never_answered_ends_in_time() -> None:
    with MockServer(delays="real") as slow:
        api = Api(slow.url, key=slow.key, seconds=0.01, again=with_care(0))
        with pytest.raises(ClientError, match=r"streaming\.new: no whole answer"):
            asyncio.run(api.post("new", {}))
