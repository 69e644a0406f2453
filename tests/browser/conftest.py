"""One browser, one fake and one foreign site for all browser tests; a fresh page for each."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytest.importorskip("playwright.sync_api", reason="pip install 'heygen-mock[browser]'")

from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.browser.room_viewer import RoomViewer
from tests.browser.sdk_viewer import SdkViewer
from tests.browser.served import Fake, serve_fake, serve_files

HERE = Path(__file__).parent
KIT = HERE.parents[1] / "scripts" / "browser-kit"
FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    # With nothing but the loopback interface Chromium finds no network to connect over, and
    # names of its own for local addresses (mDNS) resolve nowhere (seen with Chromium 150).
    "--allow-loopback-in-peer-connection",
)
ONLY_LOOPBACK = ("--disable-features=WebRtcHideLocalIpsWithMdns",)


SDKS_OF_V2 = ("2.1.0", "2.0.17")

Launch = Callable[..., Browser]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


# What outlives a test belongs to the package, not to the run: see __init__.py.


@pytest.fixture(scope="package")
def chromium() -> str:
    """Its path. Without what these tests need they skip; in continuous integration they fail."""
    found = subprocess.run([KIT, "--check"], capture_output=True, text=True, check=False)
    if found.returncode != 0:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(found.stderr.strip())
    return found.stdout.strip()


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="package")
def launch(playwright: Playwright, chromium: str) -> Launch:
    """Starts a browser with flags of its own, closed by who asked for it."""
    lonely = {name for _, name in socket.if_nameindex()} <= {"lo", "lo0"}
    flags = [*FLAGS, *(ONLY_LOOPBACK if lonely else ())]

    def start(*more: str) -> Browser:
        return playwright.chromium.launch(executable_path=chromium, args=[*flags, *more])

    return start


@pytest.fixture(scope="package")
def browser(launch: Launch) -> Iterator[Browser]:
    browser = launch()
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def running_fake() -> Iterator[Fake]:
    with serve_fake() as fake:
        yield fake


@pytest.fixture
def fake(running_fake: Fake) -> Fake:
    running_fake.call("POST", "/__mock__/reset")
    return running_fake


@pytest.fixture(scope="package")
def foreign_site() -> Iterator[str]:
    """With a page for SDK 1.0.16, and one for each SDK of v2 below its version: 2.1.0/"""
    files = {"/": HERE / "viewer" / "index.html", "/sdk.js": HERE / "bundle" / "sdk.js"}
    for script in ("senses.js", "viewer.js", "room.js"):
        files[f"/{script}"] = HERE / "viewer" / script
    for version in SDKS_OF_V2:
        files[f"/{version}/"] = HERE / "viewer" / "room.html"
        files[f"/{version}/sdk.js"] = HERE / "bundle" / f"sdk-{version}.js"
    with serve_files(files) as url:
        yield url


@contextmanager
def empty_tab(browser: Browser) -> Iterator[Page]:
    """A tab with a profile of its own; an error that its script does not catch fails."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    context.set_default_timeout(15_000)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with empty_tab(browser) as page:
        yield page


@pytest.fixture
def sdk(page: Page, fake: Fake, foreign_site: str) -> SdkViewer:
    page.goto(foreign_site)
    page.click("#wake")
    return SdkViewer(page, fake)


def room_viewer(page: Page, fake: Fake, foreign_site: str, *, version: str = "2.1.0") -> RoomViewer:
    page.goto(f"{foreign_site}{version}/")
    page.click("#wake")
    return RoomViewer(page, fake)


@pytest.fixture
def room(page: Page, fake: Fake, foreign_site: str) -> RoomViewer:
    return room_viewer(page, fake, foreign_site)
