"""A raw client in Chromium, of one session at a time: what is counted, and what is seen."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.browser.served import KEY, Fake

SCRIPT = Path(__file__).parent / "viewer" / "watch.js"

Counted = dict[str, Any]


class Watching:
    """Opens sessions of a fake that plays a plan."""

    def __init__(self, page: Page, fake: Fake) -> None:
        self._page = page
        self._fake = fake
        page.goto(f"{fake.url}/__mock__/health")  # an empty page of the same origin
        page.mouse.click(5, 5)  # so that sound may be played
        page.add_script_tag(path=SCRIPT)

    def open(self, *plan: dict[str, Any], **wishes: object) -> None:
        """A session of the lowest quality, answered and started; it need not connect."""
        self._fake.call("PUT", "/__mock__/faults/plan", list(plan))
        self._page.evaluate(
            "([key, wishes]) => open(key, wishes)", [KEY, {"quality": "low", **wishes}]
        )

    def connect(self, *plan: dict[str, Any], **wishes: object) -> None:
        """One that connects."""
        self.open(*plan, **wishes)
        self.until(lambda seen: "connected" in seen["states"])

    def talk(self, text: str = "Hello there, my friend, how do you do on this fine day?") -> None:
        self._page.evaluate("text => call('task', {session_id: watched.session, text})", text)

    def shown(self) -> str:
        """A digest of the picture that is shown."""
        picture: str = self._page.evaluate("digest()")
        return picture

    def counted(self) -> Counted:
        """{video, audio: statistics of what comes in, states, ice, messages, problem, luma}."""
        seen: Counted = self._page.evaluate("counted()")
        return seen

    def until(self, condition: Callable[[Counted], object], seconds: float = 10.0) -> Counted:
        """What is counted as soon as the condition holds. Raises TimeoutError with the last."""
        give_up = time.monotonic() + seconds
        while not condition(seen := self.counted()):
            if time.monotonic() > give_up:
                raise TimeoutError(seen)
        return seen

    def after(self, seconds: float) -> Counted:
        """What is counted so long after the connection."""
        return self.until(lambda seen: (seen["since"] or 0) >= 1000 * seconds)

    def unused(self) -> list[int]:
        """The places of the plan that had no effect."""
        found: list[int] = self._fake.call("GET", "/__mock__/faults/report")["unused"]
        return found

    def close(self) -> None:
        self._page.evaluate("close()")
