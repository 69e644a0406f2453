"""The control API: who may use it, and what it shows and changes."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from typing import Any

import pytest

import mock_server
from tests.web.conftest import MakeSite
from tests.web.site import KEY, Gone, Headers, Site, stream

HOST: Headers = (("host", "127.0.0.1:8000"),)
CALLS = (
    ("GET", "health"), ("GET", "settings"), ("PATCH", "settings"), ("GET", "sessions"),
    ("GET", "sessions/x"), ("GET", "requests"), ("GET", "events"), ("GET", "clock"),
    ("POST", "clock"), ("PUT", "replies"), ("POST", "reset"),
)  # fmt: skip


def wrong(site: Site, method: str, name: str, value: object) -> tuple[int, str, str]:
    """(status, message, at) of a refusal."""
    answer = site.control(method, name, value)
    body = answer.json
    assert body.keys() == {"code", "message", "at"}
    assert isinstance(body["code"], int)
    return answer.status, body["message"], body["at"]


# the guard


@pytest.mark.parametrize(("method", "name"), CALLS)
@pytest.mark.parametrize(
    "headers",
    [
        (("host", "evil.example"),),
        (("host", "evil.example:8000"),),
        (("host", "127.0.0.1.evil.example"),),
        (("host", "localhost.evil.example:8000"),),
        (("host", "192.168.1.5:8000"),),
        (("host", ""),),
        (("host", "["),),
        (),
        (*HOST, ("origin", "https://evil.example")),
        (*HOST, ("origin", "http://127.0.0.1:3000")),
        (*HOST, ("origin", "http://localhost:8000")),
        (*HOST, ("origin", "null")),
        (*HOST, ("origin", "")),
        (*HOST, ("origin", "http://[")),
    ],
)
def test_foreign_hosts_and_origins_are_refused(
    site: Site, method: str, name: str, headers: Headers
) -> None:
    session_id = site.new()
    refused = site.send(method, f"/__mock__/{name}", headers, b"{}")
    assert refused.status == 403
    assert refused.json["at"] in ("host", "origin")
    assert site.status(session_id) == "new"


@pytest.mark.parametrize(
    "headers",
    [
        HOST,
        (("host", "localhost:8000"),),
        (("host", "LOCALHOST"),),
        (("host", "[::1]:8000"),),
        (("host", "127.1.2.3"),),
        (("host", "heygen.localhost:8000"),),
        (*HOST, ("origin", "http://127.0.0.1:8000")),
        (("host", "localhost:8000"), ("origin", "http://LOCALHOST:8000")),
        (("host", "[::1]:8000"), ("origin", "http://[::1]:8000")),
    ],
)
@pytest.mark.parametrize("path", ["/", "/__mock__/health", "/__mock__/page/app.js"])
def test_this_machine_may_use_control_api_and_page(site: Site, path: str, headers: Headers) -> None:
    assert site.send("GET", path, headers).status == 200


def test_a_host_can_be_allowed(make_site: MakeSite) -> None:
    site = make_site(allow_host=("Fake.Example",))
    host = (("host", "fake.example:8000"),)
    page = ("origin", "https://fake.example:3000")
    assert site.send("GET", "/__mock__/health", host).status == 200
    assert site.send("GET", "/__mock__/health", (*host, page)).status == 200
    assert site.send("GET", "/__mock__/health", (*HOST, page)).status == 200
    other = (("host", "another.example"),)
    assert site.send("GET", "/__mock__/health", other).status == 403


def test_the_bound_address_is_allowed(make_site: MakeSite) -> None:
    site = make_site(host="192.168.1.5")
    assert site.send("GET", "/__mock__/health", (("host", "192.168.1.5:8000"),)).status == 200
    assert site.send("GET", "/__mock__/health", (("host", "192.168.1.6:8000"),)).status == 403
    assert make_site().send("GET", "/", (("host", "192.168.1.5:8000"),)).status == 403


@pytest.mark.parametrize("host", ["evil.example", "192.168.1.5:8000"])
def test_the_api_itself_takes_any_host(site: Site, host: str) -> None:
    assert site.send("GET", "/v1/streaming.list", (*KEY, ("host", host))).status == 200


def test_an_encoded_path_does_not_pass_the_guard(site: Site) -> None:
    for path in ("/%5f_mock__/reset", "/__mock__%2freset", "/__mock__/%72eset"):
        assert site.send("POST", path, (("host", "evil.example"),)).status == 403


# what it shows


def test_health_tells_the_version(site: Site) -> None:
    expected = {"status": "ok", "version": mock_server.__version__}
    assert site.control("GET", "health").json == expected


def test_settings_are_shown_with_keys_masked(make_site: MakeSite) -> None:
    site = make_site(api_key=("sk_abcdefghijkl", "short"))
    settings = site.control("GET", "settings").json
    assert settings["api_key"] == ["sk_a…", "…"]
    assert settings["media"] == "none"
    assert "abcdefghijkl" not in json.dumps(settings)


def test_sessions_are_shown_open_and_closed_with_their_timeline(site: Site) -> None:
    closed, open_ = site.connect(avatar_id="Bruno"), site.new()
    task_id = site.task(closed).json["task_id"]
    site.call("stopSession", session_id=closed)
    sessions = {one["session_id"]: one for one in site.control("GET", "sessions").json}
    assert sessions.keys() == {closed, open_}
    assert sessions[closed] == site.control("GET", f"sessions/{closed}").json
    assert sessions[closed]["status"] == "closed"
    assert sessions[closed]["avatar_id"] == "Bruno"
    assert isinstance(sessions[closed]["created_at"], int)
    assert sessions[open_]["status"] == "new"
    timeline = sessions[closed]["timeline"]
    assert [entry["event"] for entry in timeline if entry["event"] != "task"] == [
        "state",
        "state",
        "avatar_start_talking",
        "avatar_stop_talking",
        "state",
    ]
    assert {entry["task_id"] for entry in timeline if "task_id" in entry} == {task_id}
    assert [entry["t"] for entry in timeline] == sorted(entry["t"] for entry in timeline)


def test_an_unknown_session_is_404(site: Site) -> None:
    assert wrong(site, "GET", "sessions/nobody", None)[::2] == (404, "session_id")


def test_requests_are_shown_with_keys_and_tokens_masked(site: Site) -> None:
    secret = (("x-api-key", "sk_very_secret_key"),)
    token = site.call("createToken", secret).json["data"]["token"]
    session_id = site.new((("authorization", f"Bearer {token}"),))
    site.call("listSessions", ())
    site.send("GET", "/nowhere")
    shown = site.control("GET", "requests").json
    assert [(r["n"], r["operation"], r["method"], r["status"]) for r in shown] == [
        (1, "createToken", "POST", 200),
        (2, "newSession", "POST", 200),
        (3, "listSessions", "GET", 401),
        (4, None, "GET", 404),
    ]
    assert [r["path"] for r in shown[1:]] == [
        "/v1/streaming.new", "/v1/streaming.list", "/nowhere"
    ]  # fmt: skip
    assert shown[1]["session_id"] == session_id
    assert all({"t", "code"} <= r.keys() for r in shown)
    text = json.dumps(shown)
    assert "secret_key" not in text
    assert token[8:40] not in text


def test_the_journal_is_bounded(site: Site) -> None:
    async def many() -> None:
        for _ in range(2010):
            await site.request("GET", "/v1/streaming.list")

    site.run(many())
    shown = site.control("GET", "requests").json
    assert (len(shown), shown[0]["n"], shown[-1]["n"]) == (2000, 11, 2010)


def test_events_tell_what_happens_as_it_happens(site: Site) -> None:
    async def watch() -> list[dict[str, Any]]:
        seen = []
        async with aclosing(stream(site, "/__mock__/events", HOST)) as chunks:  # type: ignore[type-var]
            assert (await anext(chunks)).startswith(b": ")
            await site.ask("newSession", session_id="x")
            await site.request("GET", "/nowhere")
            for _ in range(2):
                chunk = await anext(chunks)
                assert chunk.startswith(b"data: ")
                assert chunk.endswith(b"\n\n")
                seen.append(json.loads(chunk[6:]))
        return seen

    first, second = site.run(watch())
    assert (first["kind"], first["operation"], first["status"]) == ("request", "newSession", 200)
    assert (second["kind"], second["status"]) == ("request", 404)


def test_a_session_event_names_its_session(site: Site) -> None:
    session_id = site.connect()

    async def watch() -> dict[str, Any]:
        async with aclosing(stream(site, "/__mock__/events", HOST)) as chunks:  # type: ignore[type-var]
            await anext(chunks)
            await site.ask("keepAlive", session_id=session_id)
            return dict(json.loads((await anext(chunks))[6:]))

    entry = site.run(watch())
    assert (entry["kind"], entry["session_id"], entry["event"]) == (
        "session",
        session_id,
        "keep_alive",
    )


def test_a_silent_stream_of_events_says_that_it_lives(site: Site) -> None:
    async def watch() -> bytes:
        async with aclosing(stream(site, "/__mock__/events", HOST)) as chunks:  # type: ignore[type-var]
            await anext(chunks)
            return await anext(chunks)

    began = site.loop.time()
    assert site.run(watch()) == b": still here\n\n"
    assert 15 <= site.loop.time() - began < 16


def test_a_reader_that_is_too_slow_misses_the_oldest(site: Site) -> None:
    journal = site.services.journal

    async def read() -> list[str]:
        with journal.reader() as queue:
            for number in range(600):
                journal.event("session", f"event-{number}", {})
            return [queue.get_nowait()["event"] for _ in range(queue.qsize())]

    seen = site.run(read())
    assert (len(seen), seen[0], seen[-1]) == (500, "event-100", "event-599")


def test_head_of_the_events_ends(site: Site) -> None:
    answer = site.send("HEAD", "/__mock__/events", HOST)
    assert (answer.status, answer.body) == (200, b"")


# what it changes


def test_live_settings_can_be_changed(site: Site) -> None:
    changed = site.control("PATCH", "settings", {"max_sessions": 1, "answers": "recorded"}).json
    assert (changed["max_sessions"], changed["answers"]) == (1, "recorded")
    assert site.control("GET", "settings").json == changed


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({"port": 1}, "port"),
        ({"media": "real"}, "media"),
        ({"api_key": ["x"]}, "api_key"),
        ({"nonsense": 1}, "nonsense"),
        ({"max_sessions": -1}, "max_sessions"),
        ({"max_sessions": "3"}, "max_sessions"),
        ({"max_sessions": True}, "max_sessions"),
        ({"max_sessions": 1.0}, "max_sessions"),
        ({"max_sessions": None}, "max_sessions"),
        ({"answers": "both"}, "answers"),
        ({"answers": ["union"]}, "answers"),
        ({"magic": 1}, "magic"),
        ({"max_sessions": 2, "max_text": 0}, "max_text"),
        ([], ""),
        ("x", ""),
        (7, ""),
    ],
)
def test_a_wrong_change_is_refused_and_changes_nothing(site: Site, change: object, at: str) -> None:
    before = site.control("GET", "settings").json
    status, message, where = wrong(site, "PATCH", "settings", change)
    assert (status, where) == (400, at)
    assert message.startswith(f"{at}: " if at else "the body must be")
    assert site.control("GET", "settings").json == before


def test_the_clock_is_told_and_moved(site: Site) -> None:
    before = site.control("GET", "clock").json["now"]
    moved = site.control("POST", "clock", {"advance": 1000.5}).json["now"]
    assert 1000.5 <= moved - before < 1002
    assert site.control("POST", "clock", {"advance": 0}).status == 200


@pytest.mark.parametrize(
    "body",
    [{}, {"advance": -1}, {"advance": "1"}, {"advance": True}, {"advance": None}, [], 5,
     {"advance": 99_999_999}, {"advance": 10**400}, {"now": 5}],
    ids=lambda body: str(body)[:24],
)  # fmt: skip
def test_the_clock_takes_only_seconds(site: Site, body: object) -> None:
    assert wrong(site, "POST", "clock", body)[::2] == (400, "advance")


@pytest.mark.parametrize("raw", [b"", b"{", b'{"advance": NaN}', b"\xff", b"[" * 9999])
def test_broken_json_is_refused(site: Site, raw: bytes) -> None:
    refused = site.send("POST", "/__mock__/clock", HOST, raw)
    assert refused.status == 400
    assert refused.json.keys() == {"code", "message", "at"}


def test_a_client_that_goes_away_moves_no_clock(site: Site) -> None:
    before = site.services.clock.now()
    site.send("POST", "/__mock__/clock", HOST, [b'{"advance": 500', Gone()])
    assert site.services.clock.now() - before < 1


def test_replies_are_given_one_after_the_other(site: Site) -> None:
    given = site.control("PUT", "replies", {"chat": ["Yes.", "No, that is not so at all."]}).json
    assert given == {"chat": ["Yes.", "No, that is not so at all."], "heard": []}
    session_id = site.connect()
    wanted = [
        site.task(session_id, text, task_mode="async").json["duration_ms"]
        for text in ("Yes.", "No, that is not so at all.")
    ]
    got = [
        site.task(session_id, "What?", task_type="chat", task_mode="async").json["duration_ms"]
        for _ in range(2)
    ]
    assert got == wanted
    after = site.task(session_id, "What?", task_type="chat", task_mode="async")
    assert after.json["duration_ms"] not in wanted


def test_a_repeat_does_not_use_up_a_reply(site: Site) -> None:
    site.control("PUT", "replies", {"chat": ["Yes."]})
    site.task(site.connect(), "Hello!")
    assert site.services.replies.chat == ["Yes."]


@pytest.mark.parametrize(
    ("body", "at"),
    [({"chat": "x"}, "chat"), ({"chat": [1]}, "chat"), ({"heard": [""]}, "heard"),
     ({"other": []}, ""), ([], ""), ({"chat": ["a" * 1001]}, "chat")],
    ids=lambda value: str(value)[:20],
)  # fmt: skip
def test_wrong_replies_are_refused(site: Site, body: object, at: str) -> None:
    assert wrong(site, "PUT", "replies", body)[::2] == (400, at)


def test_reset_makes_all_as_at_the_start(site: Site) -> None:
    began = site.services.clock.now()
    token = site.call("createToken").json["data"]["token"]
    session_id = site.connect()
    site.control("PATCH", "settings", {"max_sessions": 1, "max_text": 5})
    site.control("PUT", "replies", {"chat": ["Yes."]})
    site.advance(400)
    site.new((("x-api-key", "another"),), avatar_id="mock:rate-limit@stopSession")
    assert site.control("POST", "reset").json == {"status": "ok"}
    assert site.control("GET", "sessions").json == []
    assert site.control("GET", "requests").json == []
    assert site.control("GET", "settings").json["max_sessions"] == 3
    assert site.services.clock.now() - began < 100
    assert site.services.replies.chat == []
    assert site.services.magic == {}
    assert site.call("newSession", (("authorization", f"Bearer {token}"),)).status == 401
    assert site.call("stopSession", session_id=session_id).error[:2] == (400, 400004)
    assert [r["n"] for r in site.control("GET", "requests").json] == [1, 2]


def test_reset_answers_callers_that_wait(site: Site) -> None:
    session_id = site.connect()
    site.task(session_id, "A rather long sentence, so that the next one has to wait.")

    async def both() -> Any:
        task = asyncio.create_task(site.ask("sendTask", session_id=session_id, text="Hello!"))
        await asyncio.sleep(0.1)
        await site.request("POST", "/__mock__/reset", headers=HOST)
        return (await task).error

    assert site.run(both()) == (400, 10005, "session state wrong: closed")


def test_news_and_resets_at_the_same_moment_leave_no_hidden_session(site: Site) -> None:
    async def storm() -> list[int]:
        calls = []
        for _ in range(10):
            calls += [
                site.ask("newSession"),
                site.request("POST", "/__mock__/reset", headers=HOST),
                site.ask("newSession"),
            ]
        return sorted({answer.status for answer in await asyncio.gather(*calls)})

    assert set(site.run(storm())) <= {200, 400}
    open_ = [s for s in site.control("GET", "sessions").json if s["status"] != "closed"]
    assert len(site.tasks()) == len(open_)


@pytest.mark.parametrize(("method", "name"), CALLS)
def test_another_method_is_refused_with_those_there_are(site: Site, method: str, name: str) -> None:
    refused = site.send("DELETE", f"/__mock__/{name}", HOST)
    assert refused.status == 405
    assert method in refused.headers["allow"]


@pytest.mark.parametrize("path", ["/__mock__", "/__mock__/", "/__mock__/x", "/__mock__/health/"])
def test_what_the_control_api_lacks_is_not_found(site: Site, path: str) -> None:
    refused = site.send("GET", path, HOST)
    assert refused.status == 404
    assert refused.json["code"] == 404
