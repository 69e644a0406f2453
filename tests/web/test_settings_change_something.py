"""Every setting changes something; a table says where that is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields

import pytest

from mock_server.core.access_token import TokenError, read_token
from mock_server.settings import Settings
from tests.web.conftest import MakeSite
from tests.web.site import Site
from tests.web.sockets.scenes import connect_v2, entries


def status_of_new(site: Site, **body: object) -> int:
    return site.call("newSession", **body).status


def api_key(make: MakeSite) -> list[object]:
    return [make(api_key=keys).call("listSessions").status for keys in ((), ("another",))]


def max_sessions(make: MakeSite) -> list[object]:
    seen: list[object] = []
    for most in (1, 2, 0):
        site = make(max_sessions=most)
        seen.append([status_of_new(site) for _ in range(5)].count(200))
    return seen


def answers(make: MakeSite) -> list[object]:
    return [
        sorted(make(answers=shape).call("listSessions").json)
        for shape in ("union", "documented", "recorded")
    ]


def allow_host(make: MakeSite) -> list[object]:
    header = (("host", "fake.example"),)
    return [
        make(allow_host=hosts).send("GET", "/__mock__/health", header).status
        for hosts in ((), ("fake.example",))
    ]


def ice_server(make: MakeSite) -> list[object]:
    return [
        make(ice_server=servers).call("newSession").data["ice_servers"]
        for servers in ((), ("stun:stun.example:3478",))
    ]


def seed(make: MakeSite) -> list[object]:
    first, again, other = make(seed=1).new(), make(seed=1).new(), make(seed=2).new()
    return [first == again, first == other]


def delays(make: MakeSite) -> list[object]:
    seen: list[object] = []
    for which in ("none", "real"):
        site = make(delays=which)
        before = site.loop.time()
        session_id = site.new()
        new = site.loop.time() - before
        before = site.loop.time()
        site.call("keepAlive", session_id=session_id)
        seen.append((new > 1, site.loop.time() - before > 0.1))
    return seen


def sync_blocks(make: MakeSite) -> list[object]:
    seen: list[object] = []
    for blocks in (False, True):
        site = make(sync_blocks=blocks)
        session_id = site.connect()
        before = site.loop.time()
        lasts = site.task(session_id, "A sentence that takes a while.").json["duration_ms"]
        seen.append(site.loop.time() - before >= lasts / 1000)
    return seen


def strict_avatars(make: MakeSite) -> list[object]:
    return [status_of_new(make(strict_avatars=v), avatar_id="nobody") for v in (False, True)]


def magic(make: MakeSite) -> list[object]:
    return [status_of_new(make(magic=v), avatar_id="mock:forbidden") for v in (True, False)]


def max_text(make: MakeSite) -> list[object]:
    sites = [make(max_text=most) for most in (5, 6)]
    return [site.task(site.connect(), "Hello!").status for site in sites]


def session_limit(make: MakeSite) -> list[object]:
    seen: list[object] = []
    for limit in (60, 90):
        site = make(session_limit=limit)
        told = site.call("newSession").data["session_duration_limit"]
        session_id = site.connect(disable_idle_timeout=True)
        site.advance(75)
        seen.append((told, site.status(session_id)))
    return seen


def idle_timeout(make: MakeSite) -> list[object]:
    seen: list[object] = []
    for seconds in (60, 90):
        site = make(idle_timeout=seconds)
        session_id = site.connect()
        site.advance(75)
        seen.append(site.status(session_id))
    return seen


def token_life(make: MakeSite) -> list[object]:
    seen: list[object] = []
    for seconds in (60, 90):
        site = make(token_life=seconds)
        token = site.call("createToken").json["data"]["token"]
        site.advance(75)
        seen.append(site.call("newSession", (("authorization", f"Bearer {token}"),)).status)
    return seen


def talking_messages(make: MakeSite) -> list[object]:
    told: list[object] = []
    for how in ("whole", "chunks"):
        site = make(talking_messages=how)
        session_id = connect_v2(site)
        site.call("sendTask", session_id=session_id, text="Hi, you!", task_type="repeat")
        said = entries(site, session_id, "avatar_talking_message", "avatar_end_message")
        told.append([entry.get("message") for entry in said])
    return told


def livekit_key(make: MakeSite) -> list[object]:
    return [_reader(make(livekit_key=key), key="one") for key in ("one", "other")]


def livekit_secret(make: MakeSite) -> list[object]:
    return [_reader(make(livekit_secret=secret), secret="one") for secret in ("one", "other")]


def _reader(site: Site, *, key: str = "devkey", secret: str = "secret") -> str:
    """What one who knows key and secret finds in the token."""
    token = site.call("newSession", version="v2").data["access_token"]
    try:
        return read_token(token, key=key, secret=secret, now=site.services.clock.now()).identity
    except TokenError as error:
        return str(error)


SHOWN: dict[Callable[[MakeSite], list[object]], list[object]] = {
    api_key: [200, 401],
    max_sessions: [1, 2, 5],
    answers: [["code", "data", "message", "sessions"], ["sessions"], ["code", "data", "message"]],
    allow_host: [403, 200],
    ice_server: [[], ["stun:stun.example:3478"]],
    seed: [True, False],
    delays: [(False, False), (True, True)],
    sync_blocks: [False, True],
    strict_avatars: [200, 400],
    magic: [403, 200],
    max_text: [400, 200],
    session_limit: [(60, "closed"), (90, "connected")],
    idle_timeout: ["closed", "connected"],
    token_life: [401, 200],
    talking_messages: [["Hi, you!", None], ["Hi", ",", " you", "!", None]],
    livekit_key: ["client", "invalid API key: 'other'"],
    livekit_secret: [
        "client",
        "invalid token: the signature is not that of this server's secret",
    ],
}
ELSEWHERE = {
    "host": "tests/test_server.py",
    "port": "tests/test_server.py",
    "log_level": "tests/test_cli.py",
    "media": "tests/test_settings.py",
    "plan": "tests/web/test_plans.py",
    "media_ip": "tests/rtc",
    "media_ports": "tests/rtc",
    "allow_public_candidates": "tests/rtc",
    "livekit_url": "tests/livekit/test_outside.py",
    "tls_port": "tests/test_tls.py",
}


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: shown.__name__)
def test_the_setting_changes_something(
    make_site: MakeSite, shown: Callable[[MakeSite], list[object]]
) -> None:
    assert shown(make_site) == SHOWN[shown]


def test_every_setting_is_shown_to_change_something() -> None:
    here = {shown.__name__ for shown in SHOWN}
    assert here | ELSEWHERE.keys() == {item.name for item in fields(Settings)}
    assert here.isdisjoint(ELSEWHERE)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_sessions", 0),
        ("answers", "recorded"),
        ("delays", "real"),
        ("sync_blocks", True),
        ("strict_avatars", True),
        ("magic", False),
        ("max_text", 5),
        ("session_limit", 60),
        ("idle_timeout", 60),
        ("token_life", 60),
        ("talking_messages", "chunks"),
    ],
)
def test_live_settings_take_effect_at_once(site: Site, name: str, value: object) -> None:
    assert site.control("PATCH", "settings", {name: value}).status == 200
    assert getattr(site.services.settings, name) == value
    live = {item.name for item in fields(Settings) if item.metadata["live"]}
    assert name in live


def test_the_limit_of_a_session_is_the_one_it_was_made_with(site: Site) -> None:
    session_id = site.connect(disable_idle_timeout=True)
    site.control("PATCH", "settings", {"session_limit": 60})
    site.advance(100)
    assert site.status(session_id) == "connected"
