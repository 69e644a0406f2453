"""The client of the official SDK of v2 in viewer/, driven from Python."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.browser.senses import Senses
from tests.browser.served import Fake


@dataclass(frozen=True, slots=True)
class RoomViewer(Senses):
    """A page of another origin with an SDK of v2, of which only the base path is changed."""

    fake: Fake
    diverted: bool = True
    """Whether the page sends the chat socket to the fake's port. If not, port 443 must do."""

    def open(self, **request: object) -> dict[str, Any]:
        """createStartAvatar with the SDK's own names: quality, avatarName, voice."""
        created = self.page.evaluate("options => viewer.open(options)", self.options(**request))
        assert isinstance(created, dict)
        self.page.wait_for_function("viewer.size()[0] > 0")
        return created

    def options(self, **request: object) -> dict[str, Any]:
        """What the page's own `open` takes, with a token of its own."""
        return {
            "basePath": self.fake.url,
            "token": self.fake.token(),
            "request": {"avatarName": "Ada_studio_20240501", "quality": "low", **request},
            "chat": self.fake.url.replace("http:", "ws:") if self.diverted else None,
        }

    def watch(self, url: str, token: str) -> None:
        """Joins a session that another page has made."""
        self.page.evaluate("options => viewer.watch(options)", {"url": url, "token": token})
        self.page.wait_for_function("viewer.size()[0] > 0")

    def repeat(self, text: str) -> dict[str, Any]:
        """The task's answer: task_id and duration_ms."""
        answer = self.call("speak", {"text": text, "taskType": "repeat"})
        assert isinstance(answer, dict)
        return answer

    def call(self, method: str, *arguments: object) -> Any:
        """A method of the SDK, awaited."""
        return self.page.evaluate(
            "([method, ...more]) => viewer.avatar[method](...more)", [method, *arguments]
        )
