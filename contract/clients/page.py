"""A client that is a page: opened once for each plan, in one browser for all."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from contract.clients.chromium import Chromium
from contract.clients.runner import LOOK_EVERY, Address, Ended, Hire, Runner, Watch
from contract.unable import UnableError


@dataclass(frozen=True, slots=True)
class PageClient:
    """A client that is a page. ``ready``, ``failed`` and ``end`` are JavaScript expressions.

    ``ready`` is true when the page has done its work; without it, when a video plays. ``failed``
    is true when the page shows that it could not. ``end`` is awaited once the page is ready, like
    a click on its button to stop. Raises UnableError for a URL that no browser would open.
    """

    url: str
    ready: str | None = None
    failed: str | None = None
    end: str | None = None

    def __post_init__(self) -> None:
        try:
            scheme = urlsplit(self.url).scheme
        except ValueError as problem:
            raise UnableError(f"--page {self.url}: {problem}") from None
        if scheme not in ("http", "https", "file"):
            raise UnableError(f"--page {self.url}: give a URL with http://, https:// or file://")

    def at(self, address: Address) -> str:
        """Its URL, with the fake's address in the query."""
        parts = urlsplit(self.url)
        more = [("HEYGEN_BASE_URL", address.url), ("HEYGEN_API_KEY", address.key)]
        query = [*parse_qsl(parts.query, keep_blank_values=True), *more]
        return urlunsplit(parts._replace(query=urlencode(query)))


@dataclass(slots=True)
class Experience:
    """What is known of the page from runs in which it became ready: errors that do not matter.

    A page is not waited for after an error; but until it was ready once, none is known to matter.
    """

    ready: bool = False
    harmless: set[str] = field(default_factory=set)


def page_hire(chromium: Chromium, client: PageClient) -> Hire:
    """Runners of one page in one browser, for any number of jobs."""
    experience = Experience()

    @contextmanager
    def hire() -> Iterator[Runner]:
        yield PageRunner(chromium, client, experience)

    return hire


class PageRunner:
    """Opens the page again and again, each time with a fresh profile."""

    def __init__(self, chromium: Chromium, client: PageClient, experience: Experience) -> None:
        self._chromium = chromium
        self._client = client
        self._experience = experience

    def run(self, at: Address, *, limit: float, watch: Watch) -> Ended:
        """Opens it once. Raises UnableError when it cannot be opened."""
        from contract.clients.visit import Visit  # noqa: PLC0415 - needs Playwright, an extra

        seen = self._experience
        client = self._client
        visit = Visit(
            client.at(at),
            at,
            ready=client.ready,
            failed=client.failed,
            end=client.end,
            harmless=frozenset(seen.harmless) if seen.ready else None,
        )
        running = self._chromium.begin(lambda browser: visit.run(browser, limit=limit))
        try:
            why = None
            while not wait([running], timeout=LOOK_EVERY).done:
                why = why or watch()
                if why is not None:
                    self._chromium.call(visit.halt, why)
            ended = running.result()
        except BaseException:  # Ctrl-C among them
            running.cancel()
            raise
        if ended.status == 0:
            seen.ready = True
            seen.harmless |= {one.signature for one in ended.complaints if one.of == "error"}
        return ended
