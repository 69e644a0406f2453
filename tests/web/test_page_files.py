"""The page and its files come from here alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import mock_server.web
from mock_server.core.catalogue import AVATARS, Avatar
from mock_server.settings import Settings
from tests.web.site import Headers, Site

HOST: Headers = (("host", "127.0.0.1:8000"),)
FOLDER = Path(mock_server.web.__file__).parent / "page"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_every_file_of_the_page_is_served_with_its_type(site: Site, path: Path) -> None:
    answer = site.send("GET", f"/__mock__/page/{path.name}", HOST)
    assert (answer.status, answer.body) == (200, path.read_bytes())
    assert answer.headers["content-type"] == TYPES[path.suffix]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_page_is_at_the_root(site: Site) -> None:
    answer = site.send("GET", "/", HOST)
    assert answer.body == (FOLDER / "index.html").read_bytes()
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


def test_the_page_may_load_nothing_from_elsewhere(site: Site) -> None:
    policy = site.send("GET", "/", HOST).headers["content-security-policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'self'"
    assert rules["frame-ancestors"] == "'none'"
    assert "http" not in policy
    assert "unsafe" not in policy


def test_the_page_may_reach_the_deployment_that_serves_the_rooms() -> None:
    site = Site(Settings(livekit_url="wss://rooms.example/"))
    policy = site.send("GET", "/", HOST).headers["content-security-policy"]
    site.close()
    assert "connect-src 'self' wss://rooms.example https://rooms.example;" in policy


def test_what_the_page_names_is_served(site: Site) -> None:
    html = site.send("GET", "/", HOST).body.decode()
    named = re.findall(r'(?:src|href)="(/__mock__/page/[^"]+)"', html)
    assert named
    for path in named:
        assert site.send("GET", path, HOST).status == 200


@pytest.mark.parametrize("avatar", AVATARS, ids=lambda avatar: avatar.name)
def test_each_avatar_has_a_picture(site: Site, avatar: Avatar) -> None:
    listed = {one["avatar_id"]: one["normal_preview"] for one in site.call("listAvatars").data}
    path = listed[avatar.avatar_id].removeprefix("http://127.0.0.1:8000")
    answer = site.send("GET", path, HOST)
    assert (answer.status, answer.headers["content-type"]) == (200, "image/jpeg")
    assert answer.body.startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize("name", ["x", "..%2f__init__.py", "%2e%2e", "app.js%00", "App.js", "page"])
def test_no_other_file_is_served(site: Site, name: str) -> None:
    refused = site.send("GET", f"/__mock__/page/{name}", HOST)
    assert refused.status == 404
    assert refused.json["code"] == 404
