"""One Chromium for all pages, driven from a thread of its own."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import threading
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Future
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from contract.unable import UnableError

if TYPE_CHECKING:
    from playwright.async_api import Browser, Playwright

T = TypeVar("T")

_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
_FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    # A page under test gets no click: it is to play sound, and hear a microphone, all the same.
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    # With nothing but the loopback interface Chromium finds no network to connect over, and
    # names of its own for local addresses (mDNS) resolve nowhere (seen with Chromium 150).
    "--allow-loopback-in-peer-connection",
    # Of pages side by side only one is in front; the timers of the others would be slowed down.
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
)
_ONLY_LOOPBACK = ("--disable-features=WebRtcHideLocalIpsWithMdns",)
_LAUNCH_SECONDS = 30.0


def find_chromium(environment: Mapping[str, str] = os.environ) -> str | None:
    """The path of the Chromium that CHROMIUM names, or of one that is installed."""
    names = [environment["CHROMIUM"]] if environment.get("CHROMIUM") else _NAMES
    return next((found for name in names if (found := shutil.which(name))), None)


class Chromium:
    """A headless Chromium, for as long as the block runs. Any thread may give it work.

    Raises UnableError, with what to install, where there is none.
    """

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="chromium", daemon=True)
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            self.begin(lambda _: asyncio.sleep(0)).result()
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def begin(self, work: Callable[[Browser], Coroutine[Any, Any, T]]) -> Future[T]:
        """Begins a piece of work with the browser, which is started again if it has crashed."""

        async def do() -> T:
            return await work(await self._running())

        return asyncio.run_coroutine_threadsafe(do(), self._loop)

    def call(self, function: Callable[[T], object], value: T) -> None:
        """Calls a function in the thread of the work."""
        self._loop.call_soon_threadsafe(function, value)

    async def _running(self) -> Browser:
        if self._browser is None or not self._browser.is_connected():
            self._browser = await self._launch()
        return self._browser

    async def _launch(self) -> Browser:
        try:
            from playwright.async_api import Error, async_playwright  # noqa: PLC0415 - an extra
        except ImportError:
            raise UnableError("pages need Playwright: pip install 'heygen-mock[browser]'") from None
        if self._playwright is None:
            self._playwright = await async_playwright().start()
        path = find_chromium() or shutil.which(self._playwright.chromium.executable_path)
        if path is None:
            raise UnableError(
                "pages need Chromium: install it (`apt install chromium`, or `playwright install "
                "chromium`), or name its path in the environment variable CHROMIUM"
            )
        lonely = {name for _, name in socket.if_nameindex()} <= {"lo", "lo0"}
        try:
            return await self._playwright.chromium.launch(
                executable_path=path,
                args=[*_FLAGS, *(_ONLY_LOOPBACK if lonely else ())],
                timeout=_LAUNCH_SECONDS * 1000,
                # Ctrl-C is ours to handle: the page that is open must still be closed in order.
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
            )
        except Error as problem:
            first = problem.message.partition("\n")[0]
            raise UnableError(f"Chromium ({path}) does not start: {first}") from None

    def _close(self) -> None:
        async def close() -> None:
            if self._browser is not None:
                await self._browser.close()
            if self._playwright is not None:
                await self._playwright.stop()

        try:
            asyncio.run_coroutine_threadsafe(close(), self._loop).result(_LAUNCH_SECONDS)
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()
