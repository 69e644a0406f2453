"""MockServer: the fake as an object in a test, a notebook, or another program."""

from __future__ import annotations

import asyncio
import gc
import json
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import mock_server
from mock_server import MockServer
from mock_server.seams import Seams
from mock_server.server import ListenError
from mock_server.settings import SettingError


def call(fake: MockServer, method: str, path: str, body: object = None) -> Any:
    """The JSON of an answer. Raises HTTPError for a refusal."""
    request = urllib.request.Request(
        fake.url + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"X-Api-Key": fake.key, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def new_session(fake: MockServer) -> str:
    session_id = call(fake, "POST", "/v1/streaming.new", {})["data"]["session_id"]
    assert isinstance(session_id, str)
    return session_id


@pytest.fixture
def servers_alive() -> Callable[[], int]:
    """How many servers were started since and have not ended."""
    before = set(threading.enumerate())  # another test file's fixture may keep one

    def count() -> int:
        return sum(
            thread.name == "heygen-mock" and thread not in before
            for thread in threading.enumerate()
        )

    return count


def files_open() -> int:
    gc.collect()  # what earlier tests left
    return sum(1 for _ in Path("/dev/fd").iterdir())


def test_it_is_exported_without_being_imported_at_once() -> None:
    assert "MockServer" in mock_server.__all__
    code = "import mock_server, sys; print('starlette' in sys.modules); mock_server.MockServer"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_an_unknown_name_of_the_package_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'MockSever'"):
        _ = mock_server.MockSever


def test_it_serves_inside_the_with_block_only() -> None:
    with MockServer(media="none") as fake:
        url = fake.url
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
        assert call(fake, "GET", "/v1/streaming.list")["data"] == {"sessions": []}
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(url, timeout=5)


def test_starting_and_stopping_twice_changes_nothing(servers_alive: Callable[[], int]) -> None:
    fake = MockServer(media="none")
    fake.stop()
    fake.start()
    url = fake.url
    fake.start()
    assert fake.url == url
    assert servers_alive() == 1
    fake.stop()
    fake.stop()
    assert servers_alive() == 0


def test_it_starts_again_as_new() -> None:
    fake = MockServer(media="none")
    with fake:
        new_session(fake)
    with fake:
        assert fake.sessions() == []


def test_no_thread_and_no_socket_is_left_after_stop() -> None:
    with MockServer(media="none") as fake:
        new_session(fake)
    threads, files = set(threading.enumerate()), files_open()
    for _ in range(3):
        with MockServer(media="none") as fake:
            new_session(fake)
    assert set(threading.enumerate()) == threads
    assert files_open() <= files


@pytest.mark.peers
def test_with_media_no_thread_and_no_socket_is_left_either() -> None:
    with MockServer() as fake:  # imports what stays imported
        new_session(fake)
    threads, files = set(threading.enumerate()), files_open()
    with MockServer() as fake:
        new_session(fake)
    assert set(threading.enumerate()) == threads
    assert files_open() <= files


def test_several_run_side_by_side_and_share_nothing() -> None:
    with MockServer(media="none") as one, MockServer(media="none") as other:
        session_id = new_session(one)
        assert [session["session_id"] for session in one.sessions()] == [session_id]
        assert other.sessions() == []


def test_they_start_from_several_threads_at_once(servers_alive: Callable[[], int]) -> None:
    fakes = [MockServer(media="none") for _ in range(4)]
    threads = [threading.Thread(target=fake.start) for fake in fakes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({fake.url for fake in fakes}) == 4
    for fake in fakes:
        fake.stop()
    assert servers_alive() == 0


def test_one_server_started_from_several_threads_runs_once(
    servers_alive: Callable[[], int],
) -> None:
    fake = MockServer(media="none")
    threads = [threading.Thread(target=fake.start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert servers_alive() == 1
    fake.stop()


def test_it_runs_inside_a_running_event_loop() -> None:
    async def scenario() -> list[dict[str, Any]]:
        async with MockServer(media="none") as fake:
            await asyncio.to_thread(new_session, fake)
            return fake.sessions()

    assert len(asyncio.run(scenario())) == 1


def test_the_plain_form_works_inside_a_running_event_loop_too() -> None:
    async def scenario() -> list[dict[str, Any]]:
        with MockServer(media="none") as fake:
            return fake.sessions()

    assert asyncio.run(scenario()) == []


def test_a_taken_port_is_an_error_that_names_it(servers_alive: Callable[[], int]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        fake = MockServer(media="none", port=port)
        with pytest.raises(ListenError, match=f"port {port} is taken"):
            fake.start()
    assert servers_alive() == 0


def test_a_server_that_cannot_be_made_gives_the_port_back() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    def broken(*_: object) -> Any:
        raise RuntimeError("no ids today")

    with pytest.raises(RuntimeError, match="no ids today"):
        MockServer(media="none", port=port, seams=replace(Seams(), ids=broken)).start()
    with MockServer(media="none", port=port) as fake:
        assert fake.url.endswith(f":{port}")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"max_session": 1}, "max_session: no such setting; they are host, port"),
        ({"max_sessions": "1"}, "max_sessions: '1' is not a whole number"),
        ({"media": "fake"}, "media: 'fake' is none of real, none"),
    ],
)
def test_a_setting_it_cannot_have_is_named(settings: dict[str, object], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        MockServer(**settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("keys", ["secret-key", ["secret-key", "other"], ("secret-key",)])
def test_the_key_is_one_that_is_accepted(keys: object) -> None:
    with MockServer(media="none", api_key=keys) as fake:
        assert fake.key == "secret-key"
        assert call(fake, "GET", "/v1/streaming.list")["code"] == 100


def test_without_keys_some_key_is_given() -> None:
    assert MockServer().key == "test-key"


def test_the_clock_moves_and_ends_idle_sessions() -> None:
    with MockServer(media="none") as fake:
        new_session(fake)
        before = fake.now()
        fake.advance(121)
        assert 121 <= fake.now() - before < 130
        (session,) = fake.sessions()
        assert (session["status"], session["closed_because"]) == ("closed", "idle timeout")


def test_live_settings_change_until_the_reset() -> None:
    with MockServer(media="none", max_sessions=1) as fake:
        fake.change(max_sessions=2)
        new_session(fake)
        new_session(fake)
        fake.reset()
        new_session(fake)
        with pytest.raises(urllib.error.HTTPError, match="400"):
            new_session(fake)


def test_other_settings_are_refused_by_name_while_it_runs() -> None:
    with (
        MockServer(media="none") as fake,
        pytest.raises(ValueError, match="settings: seed: cannot be changed while the server runs"),
    ):
        fake.change(seed=3)


def test_the_journal_tells_which_request_opened_a_session() -> None:
    with MockServer(media="none") as fake:
        session_id = new_session(fake)
        (request,) = fake.requests()
    assert request["operation"] == "newSession"
    assert request["session_id"] == session_id


def test_replies_are_taken_over() -> None:
    with MockServer(media="none") as fake:
        fake.replies(chat=["Yes.", "No."], heard=["Well?"])
        with pytest.raises(ValueError, match="replies: chat must be a list of non-empty texts"):
            fake.replies(chat=[""])


def test_a_server_that_does_not_run_says_so() -> None:
    with pytest.raises(RuntimeError, match="the fake is not running"):
        MockServer().sessions()


@pytest.mark.process
def test_ctrl_c_ends_the_with_block_cleanly() -> None:
    code = (
        "import signal, sys\n"
        "from mock_server import MockServer\n"
        "try:\n"
        "    with MockServer(media='none') as fake:\n"
        "        print(fake.url, flush=True)\n"
        "        signal.pause()\n"
        "except KeyboardInterrupt:\n"
        "    print('interrupted')\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("http://")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert (out, err, process.returncode) == ("interrupted\n", "", 0)


def test_a_plan_is_played_and_reported_until_the_reset() -> None:
    with MockServer(media="none") as fake:
        plan = [{"on": "stopSession", "nth": 1, "do": "stop-ignored"}]
        fake.play(plan)
        session_id = new_session(fake)
        assert fake.report()["unused"] == [0]
        call(fake, "POST", "/v1/streaming.stop", {"session_id": session_id})
        assert [session["status"] for session in fake.sessions()] == ["new"]
        assert fake.report()["deviations"] == [
            {"at": 0, "on": "stopSession", "do": "stop-ignored", "consumed": 1}
        ]
        fake.reset()
        assert fake.report()["plan"] == []


def test_a_mistake_in_a_plan_is_named_with_its_place() -> None:
    with MockServer(media="none") as fake, pytest.raises(ValueError, match=r"\[0\]\.do: .*mean s"):
        fake.play([{"on": "stopSession", "do": "stop-ignore"}])
