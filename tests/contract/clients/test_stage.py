"""A fake that plays one plan after the other, and the threads that run clients against it."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from contract.clients.crew import Crew, Order, perform
from contract.clients.outcome import Milestones
from contract.clients.plan import HEALTHY
from contract.clients.runner import Address, Ended, Runner, Watch
from contract.clients.stage import RefusedPlanError, Stage
from contract.exchange import Request
from contract.transport import HttpSend
from contract.unable import UnableError
from tests.contract.clients.catalogues import plan
from tests.contract.clients.scripts import client, runner, unwatched

pytestmark = pytest.mark.process

REFUSED = plan({"on": "listSessions", "nth": 1, "do": "status", "row": "rate-limit",
                "retry_after": 2})  # fmt: skip
LATER = plan({"on": "listSessions", "nth": 2, "do": "status", "row": "rate-limit"})


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with Stage(media="none") as one:
        yield one


def test_a_healthy_run_is_told_from_the_journal(stage: Stage, tmp_path: Path) -> None:
    order = Order(HEALTHY, limit=20, storm=60)
    outcome = perform(order, stage=stage, runner=runner(*client(tmp_path, "careful")))
    assert (outcome.ended.status, outcome.ended.output) == (0, "1 sessions\n")
    names = [call.operation for call in outcome.after.calls]
    assert names == ["newSession", "listSessions", "stopSession"]
    assert outcome.after.total == 3
    assert outcome.milestones == Milestones(opened=1, ended=1)
    assert outcome.left_open == ()
    assert outcome.after.sessions[0].closed_because == "stopped"


def test_a_deviation_and_what_it_asked_for_are_told(stage: Stage, tmp_path: Path) -> None:
    order = Order(REFUSED, limit=20, storm=60)
    outcome = perform(order, stage=stage, runner=runner(*client(tmp_path, "careful")))
    assert outcome.ended.status == 1
    refused = outcome.after.calls[1]
    assert (refused.status, refused.faults, refused.retry_after) == (429, (0,), 2)
    assert outcome.consumed
    assert outcome.left_open == ()


def test_a_client_that_leaves_its_session_is_seen(stage: Stage, tmp_path: Path) -> None:
    order = Order(REFUSED, limit=20, storm=60)
    outcome = perform(order, stage=stage, runner=runner(*client(tmp_path, "leaky")))
    assert len(outcome.left_open) == 1


def test_a_stop_that_a_deviation_refused_counts_as_tried(stage: Stage, tmp_path: Path) -> None:
    refused = plan({"on": "stopSession", "do": "status", "row": "rate-limit"})
    order = Order(refused, limit=20, storm=60)
    outcome = perform(order, stage=stage, runner=runner(*client(tmp_path, "careful")))
    assert outcome.after.calls[-1].status == 429
    assert outcome.left_open == ()


def test_a_path_that_the_api_does_not_have_is_no_operation(stage: Stage) -> None:
    stage.play(HEALTHY)
    send = HttpSend(stage.address.url)
    try:
        assert send(Request("GET", "/v2/nothing", (), b"")).status == 404
    finally:
        send.close()
    (call,) = stage.aftermath().calls
    assert (call.operation, call.status, call.began) == (None, 404, call.ended)


def test_what_never_had_an_occasion_is_unused(stage: Stage, tmp_path: Path) -> None:
    order = Order(LATER, limit=20, storm=60)
    outcome = perform(order, stage=stage, runner=runner(*client(tmp_path, "careful")))
    assert (outcome.after.unused, outcome.consumed) == ((0,), False)


def test_each_plan_begins_on_a_fake_as_new(stage: Stage) -> None:
    stage.play(HEALTHY)
    send = HttpSend(stage.address.url)
    headers = (("x-api-key", stage.address.key), ("content-type", "application/json"))
    send(Request("POST", "/v1/streaming.new", headers, b"{}"))
    assert stage.requests_so_far() == 1
    stage.play(REFUSED)
    assert stage.requests_so_far() == 0
    assert stage.aftermath().sessions == ()
    assert stage.view("faults/report")["unused"] == [0]
    send.close()


def test_a_plan_that_the_fake_does_not_take_is_refused_with_the_place(stage: Stage) -> None:
    with pytest.raises(RefusedPlanError, match=r"the fake refuses the plan: \[1\]\.do"):
        stage.play(plan({"on": "sendTask", "do": "closed"}, {"on": "sendTask", "do": "no-such"}))
    stage.play(HEALTHY)


class Killer:
    """A client that kills the fake it is given, the first ``times`` times."""

    def __init__(self, times: int) -> None:
        self.left = times
        self.victims: list[int] = []

    def run(self, at: Address, *, limit: float, watch: Watch) -> Ended:
        if self.left:
            self.left -= 1
            os.kill(process_at(at), signal.SIGKILL)
        return Ended(seconds=0.1, status=0)


def process_at(at: Address) -> int:
    """The process that listens there; only where /proc tells."""
    port = f"{int(at.url.rpartition(':')[2]):04X}"
    rows = Path("/proc/net/tcp").read_text().splitlines()[1:]
    inode = next(row.split()[9] for row in rows if f":{port} 00000000" in row)
    for folder in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if os.readlink(folder) == f"socket:[{inode}]":  # noqa: PTH115 - no file there
                return int(folder.parts[2])
        except OSError:
            continue
    raise AssertionError("nobody listens")


needs_proc = pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs /proc")


class LastAct:
    """A client whose last act is a stop, on a machine so busy that the fake comes to it late."""

    def run(self, at: Address, *, limit: float, watch: Watch) -> Ended:
        head = (("x-api-key", at.key), ("content-type", "application/json"))
        send = HttpSend(at.url)
        session = send(Request("POST", "/v1/streaming.new", head, b"{}")).members["data"]
        send.close()
        body = json.dumps({"session_id": session["session_id"]})
        parts = urlsplit(at.url)
        fake = process_at(at)
        os.kill(fake, signal.SIGSTOP)
        with socket.create_connection((parts.hostname, parts.port)) as last:
            lines = (
                "POST /v1/streaming.stop HTTP/1.1", f"Host: {parts.netloc}", f"X-Api-Key: {at.key}",
                "Content-Type: application/json", f"Content-Length: {len(body)}", "", body,
            )  # fmt: skip
            last.sendall("\r\n".join(lines).encode())
        threading.Timer(0.1, os.kill, (fake, signal.SIGCONT)).start()
        return Ended(0.1, 0)


@needs_proc
def test_a_stop_that_is_the_last_act_of_a_client_is_waited_for() -> None:
    with Stage(media="none") as stage:
        for _ in range(3):
            outcome = perform(Order(HEALTHY, limit=20, storm=60), stage=stage, runner=LastAct())
            assert [call.operation for call in outcome.after.calls] == ["newSession", "stopSession"]


@needs_proc
def test_a_fake_that_dies_is_started_again_once_and_told() -> None:
    killer = Killer(1)
    with Crew(lambda: nullcontext(killer), jobs=1, media="none") as crew:
        outcome = crew.run(Order(REFUSED, limit=5, storm=60))
        assert outcome.ended.status == 0
        assert crew.run(Order(HEALTHY, limit=5, storm=60)).after.total == 0
    (trouble,) = crew.troubles
    assert "ended with status -9" in trouble
    assert '"do": "status"' in trouble


@needs_proc
def test_a_fake_that_dies_twice_is_the_end() -> None:
    killer = Killer(2)
    with (
        Crew(lambda: nullcontext(killer), jobs=1, media="none") as crew,
        pytest.raises(UnableError, match=r"the fake died twice: .*ended with status -9"),
    ):
        crew.run(Order(HEALTHY, limit=5, storm=60))


def test_each_job_has_a_runner_of_its_own_thread(tmp_path: Path) -> None:
    hired: list[int] = []
    left: list[int] = []
    words = client(tmp_path, "careful")

    @contextmanager
    def hire() -> Iterator[Runner]:
        hired.append(threading.get_ident())
        yield runner(*words)
        left.append(threading.get_ident())

    with Crew(hire, jobs=2, media="none") as crew:
        futures = [crew.submit(Order(HEALTHY, limit=20, storm=60)) for _ in range(4)]
        assert [future.result().ended.status for future in futures] == [0, 0, 0, 0]
    assert len(hired) == 2
    assert sorted(left) == sorted(hired)


def test_a_runner_that_cannot_be_had_is_told_to_who_waits() -> None:
    def hire() -> AbstractContextManager[Runner]:
        raise UnableError("no browser")

    with (
        Crew(hire, jobs=1, media="none") as crew,
        pytest.raises(UnableError, match="no browser"),
    ):
        crew.run(Order(HEALTHY, limit=5, storm=60))


def test_an_abandoned_crew_stops_what_runs_and_begins_nothing() -> None:
    begun = threading.Event()

    class Sleeper:
        def run(self, at: Address, *, limit: float, watch: Watch) -> Ended:
            begun.set()
            while (why := watch()) is None:
                pass
            return Ended(seconds=0.1, stopped=why)

    with Crew(lambda: nullcontext(Sleeper()), jobs=1, media="none") as crew:
        first, second = (crew.submit(Order(HEALTHY, limit=600, storm=60)) for _ in range(2))
        begun.wait(30)
        crew.abandon()
        assert first.result(30).ended.stopped == "interrupted"
    assert second.cancelled()


def test_a_storm_is_stopped(stage: Stage, tmp_path: Path) -> None:
    from tests.contract.clients.scripts import script

    words = script(tmp_path, "while True:\n    call('list', method='GET')\n")
    outcome = perform(Order(HEALTHY, limit=60, storm=60), stage=stage, runner=runner(*words))
    assert outcome.ended.stopped == "storm"
    assert outcome.after.total > 60
    assert unwatched() is None
