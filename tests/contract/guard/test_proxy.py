from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from contract.exchange import Exchange, Request, Response
from contract.findings import Findings
from contract.guard.config import GuardConfig
from contract.guard.credentials import Credentials
from contract.guard.journal import Journal, leftovers
from contract.guard.proxy import Proxy
from contract.guard.service import Service
from contract.model.knowledge import Knowledge
from contract.monitor import Monitor
from contract.spec import Spec, load_spec
from mock_server import MockServer
from tests.contract.guard.services import KEY, Heard, Said, open_sessions, service

SPEC = load_spec()


class Guarded:
    """A proxy in this process, and a client of it."""

    def __init__(self, proxy: Proxy, sentinel: str) -> None:
        self.proxy = proxy
        self.sentinel = sentinel

    async def call(self, name: str, body: object = None, *, key: str | None = None) -> Response:
        method = "GET" if name.endswith("list") else "POST"
        headers = (("x-api-key", key or self.sentinel), ("content-type", "application/json"))
        content = b"" if method == "GET" else json.dumps(body or {}).encode()
        return await self.proxy.answer(Request(method, f"/v1/streaming.{name}", headers, content))

    async def new(self) -> str:
        response = await self.call("new")
        assert response.status == 200, response
        return str(response.json["data"]["session_id"])


Body = Callable[[Guarded], Awaitable[None]]


def run(
    config: GuardConfig,
    state: Path,
    body: Body,
    *,
    spec: Spec = SPEC,
    key: str | None = KEY,
) -> tuple[list[Exchange], Findings]:
    """What the body did, recorded and judged."""
    seen: list[Exchange] = []
    findings = Findings(spec, "real")

    async def work() -> None:
        journal = Journal(state, target=config.target, key=key)
        async with Service(config.target, timeout=config.timeout) as behind:
            credentials = Credentials(key)
            proxy = Proxy(
                config,
                spec=spec,
                service=behind,
                credentials=credentials,
                journal=journal,
                monitor=Monitor(
                    spec,
                    findings,
                    answers="auto",
                    knowledge=Knowledge(keys=frozenset({credentials.sentinel}), exclusive=False),
                ),
                sink=seen.append,
            )
            await body(Guarded(proxy, credentials.sentinel))
        journal.close(clean=proxy.ledger.settled)

    asyncio.run(work())
    return seen, findings


def config(url: str, **more: object) -> GuardConfig:
    return GuardConfig(**{"target": url, "rate": None, "max_open": None, **more})  # type: ignore[arg-type]


def test_a_clients_calls_reach_the_service(server: MockServer, tmp_path: Path) -> None:
    async def body(guarded: Guarded) -> None:
        session = await guarded.new()
        assert open_sessions(server) == [session]
        assert (await guarded.call("stop", {"session_id": session})).status == 200
        assert guarded.proxy.ledger.settled

    seen, findings = run(config(server.url), tmp_path, body)
    assert [exchange.response.status for exchange in seen] == [200, 200]
    assert findings.violations == []
    assert KEY not in repr(seen)


def test_only_the_contracts_paths_are_forwarded(server: MockServer, tmp_path: Path) -> None:
    async def body(guarded: Guarded) -> None:
        for path in ("/__mock__/health", "/", "/v1/streaming.new/", "//v1/streaming.new"):
            response = await guarded.proxy.answer(Request("POST", path))
            assert (response.status, response.header("x-guard")) == (404, "not-forwarded")

    seen, _ = run(config(server.url), tmp_path, body)
    assert seen == []
    assert server.requests() == []


def test_a_wrong_method_is_forwarded(server: MockServer, tmp_path: Path) -> None:
    async def body(guarded: Guarded) -> None:
        response = await guarded.proxy.answer(Request("DELETE", "/v1/streaming.new"))
        assert (response.status, response.header("x-guard")) == (405, None)

    run(config(server.url), tmp_path, body)


def test_a_wrong_key_is_refused_by_the_service(server: MockServer, tmp_path: Path) -> None:
    async def body(guarded: Guarded) -> None:
        response = await guarded.call("list", key="wrong")
        assert (response.status, response.header("x-guard")) == (401, None)

    run(config(server.url), tmp_path, body)


def test_a_key_that_the_service_refuses_is_recognised(server: MockServer, tmp_path: Path) -> None:
    async def body(guarded: Guarded) -> None:
        response = await guarded.call("list")
        assert (response.status, response.header("x-guard")) == (401, "key-refused")

    run(config(server.url), tmp_path, body, key="a-key-of-nobody-at-all")


def test_beyond_the_budget_the_guard_itself_answers(server: MockServer, tmp_path: Path) -> None:
    async def body(guarded: Guarded) -> None:
        await guarded.new()
        response = await guarded.call("new")
        assert (response.status, response.header("x-guard")) == (429, "budget")
        assert guarded.proxy.ledger.refused == 1

    seen, _ = run(config(server.url, sessions=1), tmp_path, body)
    assert len(seen) == 1
    assert len(server.sessions()) == 1


def test_the_oldest_session_makes_room(server: MockServer, tmp_path: Path) -> None:
    async def body(guarded: Guarded) -> None:
        names = [await guarded.new() for _ in range(3)]
        assert open_sessions(server) == names[1:]
        response = await guarded.call("keep_alive", {"session_id": names[0]})
        assert (response.status, response.header("x-guard")) == (400, "stopped")

    _, findings = run(config(server.url, max_open=2), tmp_path, body)
    assert findings.violations == []


def test_a_list_without_a_session_that_the_guard_ended_is_marked_once(
    server: MockServer, tmp_path: Path
) -> None:
    async def body(guarded: Guarded) -> None:
        await guarded.new()
        assert (await guarded.call("list")).header("x-guard") is None
        await guarded.new()
        assert (await guarded.call("list")).header("x-guard") == "stopped"
        assert (await guarded.call("list")).header("x-guard") is None

    run(config(server.url, max_open=1), tmp_path, body)


def test_the_guards_own_calls_are_told_from_those_of_clients(
    server: MockServer, tmp_path: Path
) -> None:
    async def body(guarded: Guarded) -> None:
        await guarded.new()
        await guarded.new()
        assert guarded.proxy.own == {2}
        await guarded.proxy.end(5)
        assert guarded.proxy.own == {2, 4}

    seen, _ = run(config(server.url, max_open=1), tmp_path, body)
    assert [exchange.request.path for exchange in seen] == [
        "/v1/streaming.new",
        "/v1/streaming.stop",
        "/v1/streaming.new",
        "/v1/streaming.stop",
    ]


def test_an_old_session_is_stopped(server: MockServer, tmp_path: Path) -> None:
    async def body(guarded: Guarded) -> None:
        await guarded.new()
        await guarded.proxy.tidy()
        assert open_sessions(server) == []
        assert guarded.proxy.ledger.settled

    run(config(server.url, max_age=0), tmp_path, body)


def test_the_end_stops_all_and_forwards_no_more(server: MockServer, tmp_path: Path) -> None:
    async def body(guarded: Guarded) -> None:
        names = [await guarded.new() for _ in range(3)]
        await guarded.proxy.end(5)
        assert open_sessions(server) == []
        assert sorted(guarded.proxy.stopped) == sorted(names)
        assert (await guarded.call("new")).header("x-guard") == "ending"

    seen, findings = run(config(server.url), tmp_path, body)
    assert len(seen) == 6
    assert findings.violations == []


def test_a_new_session_under_way_at_the_end_is_stopped(tmp_path: Path) -> None:
    stops: list[str] = []

    def answer(heard: Heard) -> Said:
        if heard.path.endswith("stop"):
            stops.append(heard.path)
            return Said(200)
        asked.set()
        waiting.wait(5)
        return Said(200, b'{"code":100,"data":{"session_id":"late"}}')

    asked, waiting = threading.Event(), threading.Event()

    async def body(guarded: Guarded) -> None:
        call = asyncio.create_task(guarded.call("new"))
        assert await asyncio.to_thread(asked.wait, 5)
        ending = asyncio.create_task(guarded.proxy.end(5))
        await asyncio.sleep(0)
        waiting.set()
        await asyncio.gather(call, ending)
        assert guarded.proxy.stopped == ["late"]

    with service(answer) as (url, _):
        run(config(url), tmp_path, body)
    assert len(stops) == 1


def test_a_token_is_another_outside_and_works(server: MockServer, tmp_path: Path) -> None:
    async def body(guarded: Guarded) -> None:
        token = (await guarded.call("create_token")).json["data"]["token"]
        headers = (("authorization", f"Bearer {token}"),)
        response = await guarded.proxy.answer(Request("GET", "/v1/streaming.list", headers))
        assert response.status == 200

    seen, findings = run(config(server.url), tmp_path, body)
    assert findings.violations == []
    shown = seen[0].response.json["data"]["token"]
    assert seen[1].request.header("authorization") == f"Bearer {shown}"
    assert asyncio.run(_list_with(server.url, shown)) == 401


async def _list_with(url: str, token: str) -> int:
    async with Service(url, timeout=5) as behind:
        headers = (("authorization", f"Bearer {token}"),)
        return (await behind.call(Request("GET", "/v1/streaming.list", headers))).status


def test_a_broken_rule_is_found_on_the_way(tmp_path: Path) -> None:
    async def body(guarded: Guarded) -> None:
        await guarded.call("list")

    rows = b'{"code":100,"message":"success","data":{"sessions":[{"session_id":"a","status":7}]}}'
    with service(lambda heard: Said(200, rows)) as (url, _):
        _, findings = run(config(url), tmp_path, body)
    assert {violation.operation for violation in findings.violations} == {"listSessions"}


def test_what_is_sent_after_retry_after_waits(tmp_path: Path) -> None:
    headers = (("content-type", "application/json"), ("retry-after", "1"))
    first = Said(429, b'{"code":400123,"message":"Exceed rate limit"}', headers)

    async def body(guarded: Guarded) -> None:
        assert (await guarded.call("list")).status == 429
        assert (await guarded.call("list")).status == 200

    with service(lambda _: first if len(heard) == 1 else Said(200)) as (url, heard):
        run(config(url), tmp_path, body)
        assert heard[1].at - heard[0].at >= 1


def test_a_service_that_is_gone_is_told_with_the_reason(tmp_path: Path) -> None:
    with service(lambda heard: Said(200)) as (url, _):
        pass

    async def body(guarded: Guarded) -> None:
        response = await guarded.call("new")
        assert (response.status, response.header("x-guard")) == (502, "unreachable")
        assert f"{url} cannot be reached" in response.json["message"]
        assert guarded.proxy.ledger.opened == 0

    seen, _ = run(config(url), tmp_path, body)
    assert seen == []


@pytest.mark.parametrize(
    ("scheme", "reason"), [("https://127.0.0.1", "cannot be reached: "), ("http://x..y", "")]
)
def test_a_service_that_cannot_be_spoken_to_is_unreachable(
    tmp_path: Path, scheme: str, reason: str
) -> None:
    async def body(guarded: Guarded) -> None:
        response = await guarded.call("new")
        assert (response.status, response.header("x-guard")) == (502, "unreachable")
        assert reason in response.json["message"]
        assert guarded.proxy.ledger.settled

    with service(lambda heard: Said(200)) as (url, _):
        run(config(f"{scheme}:{url.rpartition(':')[2]}"), tmp_path, body)


def test_two_that_open_at_once_do_not_stop_one_twice(server: MockServer, tmp_path: Path) -> None:
    async def body(guarded: Guarded) -> None:
        first = await guarded.new()
        await asyncio.gather(guarded.new(), guarded.new())
        assert guarded.proxy.stopped == [first]
        assert len(open_sessions(server)) == 2

    _, findings = run(config(server.url, max_open=2, concurrent=True), tmp_path, body)
    assert findings.violations == []


def test_a_new_session_without_an_answer_may_be_open(tmp_path: Path) -> None:
    async def body(guarded: Guarded) -> None:
        response = await guarded.call("new")
        assert response.header("x-guard") == "unreachable"
        assert "did not answer within 0.05 s" in response.json["message"]
        assert guarded.proxy.ledger.unanswered == 1

    over = threading.Event()

    def answer(heard: Heard) -> Said:
        over.wait(5)
        return Said(500)

    with service(answer) as (url, _):
        run(config(url, timeout=0.05), tmp_path, body)
        over.set()
    with leftovers(tmp_path) as (left,):
        assert len(left.unanswered) == 1


def test_the_service_cannot_speak_for_the_guard(tmp_path: Path) -> None:
    async def body(guarded: Guarded) -> None:
        assert (await guarded.call("list")).header("x-guard") is None

    headers = (("content-type", "application/json"), ("X-Guard", "budget"))
    with service(lambda heard: Said(200, headers=headers)) as (url, _):
        run(config(url), tmp_path, body)


def test_redirects_are_not_followed(tmp_path: Path) -> None:
    async def body(guarded: Guarded) -> None:
        assert (await guarded.call("list")).status == 302

    with service(lambda heard: Said(302, headers=(("location", "/elsewhere"),))) as (url, heard):
        run(config(url), tmp_path, body)
        assert [each.path for each in heard] == ["/v1/streaming.list"]


def test_the_service_sees_one_request_at_a_time(tmp_path: Path) -> None:
    inside = threading.Semaphore(1)
    clashes: list[str] = []

    def answer(heard: Heard) -> Said:
        if not inside.acquire(blocking=False):
            clashes.append(heard.path)
            return Said(500)
        inside.acquire(timeout=0.01)  # long enough for another to come in
        inside.release()
        return Said(200)

    async def body(guarded: Guarded) -> None:
        await asyncio.gather(*(guarded.call("list") for _ in range(5)))

    with service(answer) as (url, _):
        run(config(url), tmp_path, body)
    assert clashes == []


def test_side_by_side_a_blocked_call_blocks_no_other(tmp_path: Path) -> None:
    released = threading.Event()

    def answer(heard: Heard) -> Said:
        if heard.path.endswith("task"):
            assert released.wait(5)
        return Said(200)

    async def body(guarded: Guarded) -> None:
        blocked = asyncio.create_task(guarded.call("task", {"session_id": "a", "text": "Hi"}))
        await asyncio.sleep(0)
        await guarded.call("list")
        assert not blocked.done()
        released.set()
        await blocked

    with service(answer) as (url, _):
        seen, _ = run(config(url, concurrent=True), tmp_path, body)
    assert [exchange.request.method for exchange in seen] == ["GET", "POST"]


def test_a_browser_is_let_through(tmp_path: Path) -> None:
    async def body(guarded: Guarded) -> None:
        origin = ("origin", "https://page.example")
        asked = Request(
            "OPTIONS", "/v1/streaming.new", (origin, ("access-control-request-method", "POST"))
        )
        allowed = await guarded.proxy.answer(asked)
        assert (allowed.status, allowed.header("access-control-allow-origin")) == (204, "*")
        assert "authorization" in (allowed.header("access-control-allow-headers") or "")
        listed = await guarded.proxy.answer(Request("GET", "/v1/streaming.list", (origin,)))
        assert (listed.status, listed.header("access-control-allow-origin")) == (200, "*")

    with service(lambda heard: Said(200)) as (url, heard):
        run(config(url, concurrent=True), tmp_path, body)
        assert [each.method for each in heard] == ["GET"]


def test_without_a_key_clients_bring_their_own(server: MockServer, tmp_path: Path) -> None:
    async def body(guarded: Guarded) -> None:
        response = await guarded.call("new", key=KEY)
        assert (response.status, len(open_sessions(server))) == (200, 1)
        await guarded.proxy.end(5)
        assert open_sessions(server) == []

    run(config(server.url), tmp_path, body, key=None)
