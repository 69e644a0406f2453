"""One visit to a page: from its opening to its last request."""

from __future__ import annotations

import asyncio
import json
import re
import time
from contextlib import suppress
from typing import Any

from playwright.async_api import Browser, BrowserContext, Error, Page, Request, Response
from playwright.async_api import TimeoutError as TooLate

from contract.clients.plain import plain
from contract.clients.runner import Address, Complaint, Ended, Why
from contract.unable import UnableError

_PLAYS = """() => {
  const seen = (window.__heygenContract ??= new WeakMap());
  const videos = [...document.querySelectorAll("video")].filter((v) => v.srcObject || v.currentSrc);
  let plays = false;
  for (const video of videos) {
    const before = seen.get(video) ?? video.currentTime;
    seen.set(video, video.currentTime);
    plays ||= video.videoWidth > 0 && video.currentTime > before;
  }
  return [videos.length > 0, plays];
}"""
"""Whether the page has a video with something to show, and whether one went on since last asked."""

_POLL = 0.05
_ERROR_GRACE = 1.0
"""Seconds in which a page that had an error may still become ready, or show that it failed."""
_VIDEO_GRACE = 1.5
"""Seconds in which the video of a page that is ready must be seen to go on."""
_STOP_GRACE = 1.0
"""Seconds in which a page that is left may send its last request."""
_CLOSE_SECONDS = 5.0
_KEPT = 200
"""Lines of the console that are kept of the beginning, and as many of the end."""

_NEW = re.compile(r"/v1/(streaming|realtime)\.new$")
_STOP = re.compile(r"/v1/(streaming|realtime)\.stop$")
_FRAME = re.compile(r"^\s*at (?:(?:async )?(?P<name>[^\s(]+).*\()?(?P<file>[^()\s]+?):\d+:\d+\)?$")
_VARIES = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|https?://\S+|0x[0-9a-f]+|\d+")


class Visit:
    """One page, opened once. Not to be used twice.

    ``harmless`` are signatures of errors after which the page is still waited for; None: all.
    """

    def __init__(
        self,
        url: str,
        address: Address,
        *,
        ready: str | None,
        failed: str | None,
        end: str | None,
        harmless: frozenset[str] | None,
    ) -> None:
        self._url = url
        self._address = address
        self._ready, self._failed, self._end = ready, failed, end
        self._harmless = harmless
        self._halted: asyncio.Future[Why] | None = None
        self._console: list[str] = []
        self._complaints: list[Complaint] = []
        self._erred: float | None = None
        self._opened = self._stopping = self._left = False
        self._stopped = asyncio.Event()
        self._video = False
        self._went_on: float | None = None
        self._note = ""

    def halt(self, why: Why) -> None:
        """Ends the visit early."""
        if self._halted is not None and not self._halted.done():
            self._halted.set_result(why)

    async def run(self, browser: Browser, *, limit: float) -> Ended:
        """The whole visit. Raises UnableError when the page cannot be opened."""
        self._halted = halted = asyncio.get_running_loop().create_future()
        context = await browser.new_context(ignore_https_errors=True)
        began = time.monotonic()
        try:
            page = await self._prepare(context)
            work = asyncio.create_task(self._work(page, began + limit))
            both: set[asyncio.Future[Any]] = {work, halted}
            await asyncio.wait(
                both,
                timeout=began + limit - time.monotonic(),
                return_when=asyncio.FIRST_COMPLETED,
            )
            seconds = time.monotonic() - began
            status, stopped = await self._came_to(work)
            await self._leave(page)
        finally:
            with suppress(TimeoutError):
                async with asyncio.timeout(_CLOSE_SECONDS):
                    await context.close()
        return Ended(
            seconds=seconds,
            status=status,
            stopped=stopped,
            output=self._printed(),
            complaints=tuple(self._complaints),
        )

    async def _prepare(self, context: BrowserContext) -> Page:
        with suppress(Exception):  # a browser that has no such permission asks for none
            await context.grant_permissions(["local-network-access"])
        known = {"HEYGEN_BASE_URL": self._address.url, "HEYGEN_API_KEY": self._address.key}
        await context.add_init_script(f"Object.assign(window, {json.dumps(known)});")
        context.on("response", self._on_response)
        context.on("request", self._on_request)
        context.on("requestfinished", self._on_request_end)
        context.on("requestfailed", self._on_request_end)
        page = await context.new_page()
        page.on("console", lambda message: self._print(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self._on_error(error.name, error.message, error.stack))
        page.on("crash", lambda _: self._on_error("crash", "the page crashed", ""))
        page.on("dialog", lambda dialog: dialog.accept())
        return page

    async def _work(self, page: Page, until: float) -> int:
        """0 when the page has done its work, 1 when it told that it could not."""
        await self._open(page, until)
        while not await self._is_ready(page):
            if await self._has_failed(page):
                return 1
            await asyncio.sleep(_POLL)
        await self._look_at_video(page)
        return await self._press_end(page)

    async def _open(self, page: Page, until: float) -> None:
        left = max(1.0, (until - time.monotonic()) * 1000)
        try:
            answer = await page.goto(self._url, wait_until="commit", timeout=left)
        except TooLate:
            return
        except Error as problem:
            first = problem.message.partition("\n")[0].removeprefix("Page.goto: ")
            raise UnableError(f"the page cannot be opened: {first}") from None
        if answer is not None and answer.status >= 400:
            raise UnableError(f"the page cannot be opened: {self._url} answers {answer.status}")

    async def _is_ready(self, page: Page) -> bool:
        video, went_on = await self._ask(page, _PLAYS) or (False, False)
        self._video = self._video or video
        if went_on:
            self._went_on = time.monotonic()
        return went_on if self._ready is None else await self._holds(page, "ready", self._ready)

    async def _has_failed(self, page: Page) -> bool:
        if self._failed is not None and await self._holds(page, "failed", self._failed):
            return True
        return self._erred is not None and time.monotonic() > self._erred + _ERROR_GRACE

    async def _look_at_video(self, page: Page) -> None:
        """Of a page that is ready the video, if it has one, goes on; until it ends its session."""
        asked = time.monotonic()
        while time.monotonic() < asked + _VIDEO_GRACE:
            await self._is_ready(page)
            since = 0.0 if self._stopping else asked
            if not self._video or (self._went_on is not None and self._went_on >= since):
                return
            await asyncio.sleep(_POLL)
        self._no_video()

    async def _press_end(self, page: Page) -> int:
        if self._end is None:
            return 0
        try:
            await page.evaluate(f"async () => {{ await ({_bare(self._end)}\n); }}")
        except Error as problem:
            self._refuse_syntax("end", problem.message)
            self._note = f"--end: {problem.message}"
            return 1
        return 0

    async def _holds(self, page: Page, name: str, expression: str) -> bool:
        found = await self._ask(page, f"async () => Boolean(await ({_bare(expression)}\n))", name)
        return bool(found)

    async def _ask(self, page: Page, function: str, name: str = "") -> Any:
        """What a function says of the page; None while it cannot be asked."""
        self._note = ""
        try:
            return await page.evaluate(function)
        except Error as problem:  # it navigates, or what is asked for is not there yet
            if name:
                self._refuse_syntax(name, problem.message)
                self._note = f"--{name}: {problem.message.partition(chr(10))[0]}"
            return None

    def _refuse_syntax(self, name: str, message: str) -> None:
        found = re.search(r"SyntaxError: .*", message)
        if found:
            raise UnableError(f"--{name} is no expression of JavaScript: {found[0]}")

    async def _came_to(self, work: asyncio.Future[int]) -> tuple[int | None, Why | None]:
        if work.done():
            return work.result(), None
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work
        assert self._halted is not None
        if self._halted.done():
            return None, self._halted.result()
        # A page that waits for a picture is no program that hangs; one that ends has none.
        if (
            not self._stopping
            and self._video
            and (self._went_on is None or self._went_on < time.monotonic() - 2)
        ):
            self._no_video()
            return None, None
        return None, "limit"

    async def _leave(self, page: Page) -> None:
        """As a reader would who goes elsewhere: the page's own last handlers run."""
        self._left = True
        until = asyncio.get_running_loop().time() + _STOP_GRACE
        with suppress(Exception):  # a page that does not even let go is closed with its profile
            await page.goto("about:blank", wait_until="commit", timeout=_STOP_GRACE * 1000)
        if self._opened:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(until):
                    await self._stopped.wait()

    def _no_video(self) -> None:
        never = "" if self._went_on is None else " any more"
        text = f"showed a video that does not play{never}"
        self._complaints.append(Complaint("no-video", "never" if not never else "stalled", text))

    def _on_error(self, name: str | None, message: str, stack: str | None) -> None:
        if self._left:
            return
        message, stack = plain(message), plain(stack or "")
        frames = (_FRAME.match(line) for line in stack.splitlines())
        frame = next((found for found in frames if found), None)
        kind = plain(name or "Error")
        if frame is None:
            signature = _VARIES.sub("…", f"{kind}: {message}")[:120]
        else:
            file = frame["file"].partition("?")[0].rpartition("/")[2] or "the page"
            signature = f"{kind} in {file}:{frame['name'] or ''}".rstrip(":")
        self._complaints.append(Complaint("error", signature, stack or f"{kind}: {message}"))
        if self._harmless is not None and signature not in self._harmless and not self._erred:
            self._erred = time.monotonic()

    def _on_request(self, request: Request) -> None:
        if request.method == "POST" and _STOP.search(request.url):
            self._stopping = True

    def _on_request_end(self, request: Request) -> None:
        if request.method == "POST" and _STOP.search(request.url):
            self._stopped.set()

    def _on_response(self, response: Response) -> None:
        if response.ok and response.request.method == "POST" and _NEW.search(response.url):
            self._opened = True

    def _print(self, line: str) -> None:
        self._console.append(plain(line[:2000]))
        if len(self._console) > 2 * _KEPT + 1:
            self._console[_KEPT : _KEPT + 2] = ["[...]"]

    def _printed(self) -> str:
        return "\n".join([*self._console, *([plain(self._note)] if self._note else [])])


def _bare(expression: str) -> str:
    return expression.strip().rstrip(";")
