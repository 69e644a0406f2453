"""The client of the official SDK of v1 in viewer/, driven from Python."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.browser.senses import Senses
from tests.browser.served import Fake


@dataclass(frozen=True, slots=True)
class SdkViewer(Senses):
    """A page of another origin with SDK 1.0.16, of which only the base path is changed."""

    fake: Fake

    def open(self, *, encoding: str | None = None, **request: object) -> dict[str, Any]:
        """createStartAvatar with the SDK's own names: quality, avatarName, voice."""
        created = self.page.evaluate(
            "options => viewer.open(options)",
            {
                "basePath": self.fake.url,
                "token": self.fake.token(),
                "request": request,
                "encoding": encoding,
            },
        )
        assert isinstance(created, dict)
        self.page.wait_for_function("viewer.size()[0] > 0")
        return created

    def speak(self, text: str) -> dict[str, Any]:
        """The task's answer: taskId and durationMs."""
        answer = self.page.evaluate("text => viewer.speak(text)", text)["data"]
        assert isinstance(answer, dict)
        return answer

    def interrupt(self) -> None:
        self.page.evaluate("viewer.interrupt()")

    def stop(self) -> None:
        self.page.evaluate("viewer.stop()")
