"""What of a page needs no browser; the rest is in tests/browser."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from contract.clients.chromium import Chromium, find_chromium
from contract.clients.page import PageClient
from contract.clients.runner import Address
from contract.unable import UnableError

AT = Address("http://127.0.0.1:8000", "a key")


def test_the_address_of_the_fake_goes_into_the_query() -> None:
    assert PageClient("http://localhost:3000/app").at(AT) == (
        "http://localhost:3000/app?HEYGEN_BASE_URL=http%3A%2F%2F127.0.0.1%3A8000"
        "&HEYGEN_API_KEY=a+key"
    )


def test_what_the_query_and_the_fragment_hold_is_kept() -> None:
    url = PageClient("https://example.org/?debug=&room=1#/avatar").at(AT)
    assert url.startswith("https://example.org/?debug=&room=1&HEYGEN_BASE_URL=http")
    assert url.endswith("#/avatar")


@pytest.mark.parametrize("url", ["index.html", "localhost:3000", "", "javascript:alert(1)"])
def test_what_no_browser_would_open_is_refused(url: str) -> None:
    with pytest.raises(UnableError, match="give a URL with http://"):
        PageClient(url)


def test_what_is_no_url_is_refused() -> None:
    with pytest.raises(UnableError, match=r"--page http://\[::1: Invalid IPv6 URL"):
        PageClient("http://[::1")


def test_the_browser_is_the_one_that_is_named(tmp_path: Path) -> None:
    mine = tmp_path / "browser"
    mine.touch(mode=0o755)
    assert find_chromium({"CHROMIUM": str(mine)}) == str(mine)
    assert find_chromium({"CHROMIUM": str(tmp_path / "none")}) is None


def test_without_playwright_one_line_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "playwright.async_api", None)
    with pytest.raises(UnableError, match=r"^pages need Playwright: pip install "), Chromium():
        pass
