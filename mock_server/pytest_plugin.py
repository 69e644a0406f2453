"""The pytest plugin: the fixture ``heygen_mock``, its marker, and its check for open sessions.

Every test run of the environment loads this file, so it imports nothing but pytest; what it
needs of the fake is imported by the first test that asks for it.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Mapping, Sequence
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mock_server.embedded import MockServer
    from mock_server.settings import Settings

MARKER = "heygen_mock"
GRACE = 1.0
"""Seconds in which a viewer that the test has closed is noticed; on loopback it takes one round."""

CREDITS_PER_MINUTE = 0.2
BILLED_AT_LEAST = 30.0
"""Seconds. Both as the service's pricing page was quoted in public in November 2025."""


def pytest_addoption(parser: pytest.Parser) -> None:
    text = (
        "a setting of the fixture heygen_mock, e.g. media=none (repeatable); "
        "`heygen-mock serve --help` describes the settings"
    )
    group = parser.getgroup("heygen-mock", "a local stand-in for the HeyGen Streaming API")
    group.addoption(
        "--heygen-mock",
        action="append",
        default=[],
        dest="heygen_mock",
        metavar="NAME=VALUE",
        help=text,
    )
    parser.addini("heygen_mock", text.replace("(repeatable)", "(one per line)"), "linelist", [])


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        f"{MARKER}(leak_check=True, **settings): settings of the heygen_mock fixture for one "
        "test; leak_check=False allows it to leave sessions open",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A marker's mistakes end the run before a test of it begins."""
    for item in items:
        if item.get_closest_marker(MARKER) is not None:
            settings, _ = _marked(item)
            _settings(config, settings, where=f"{item.nodeid}: @pytest.mark.{MARKER}: ")


class HeygenMock:
    """The fake as one test sees it."""

    def __init__(self, server: MockServer, live: Mapping[str, object]) -> None:
        self._server = server
        self._live = live
        self.url = server.url
        """The base URL, in place of https://api.heygen.com."""
        self.key = server.key
        """An API key that is accepted."""
        self.tls_url = server.tls_url
        """The base URL over TLS, with the setting ``tls_port``; empty without."""
        self.certificate = server.certificate
        """The file of the certificate that clients of ``tls_url`` are to trust."""

    def sessions(self) -> list[dict[str, Any]]:
        """Every session of this test, open and closed, with its timeline."""
        return self._server.sessions()

    def requests(self) -> list[dict[str, Any]]:
        """Every request of this test, oldest first."""
        return self._server.requests()

    def now(self) -> float:
        """The fake's time in Unix seconds."""
        return self._server.now()

    def advance(self, seconds: float) -> None:
        """Moves the fake's clock on; everything due on the way happens, in order."""
        self._server.advance(seconds)

    def change(self, **settings: object) -> None:
        """Changes live settings for the rest of the test. Raises ValueError, naming the setting."""
        self._server.change(**settings)

    def replies(self, *, chat: Sequence[str] = (), heard: Sequence[str] = ()) -> None:
        """What the avatar answers to the next chat tasks, and what it hears in voice chat."""
        self._server.replies(chat=chat, heard=heard)

    def play(self, plan: Sequence[Mapping[str, object]]) -> None:
        """Misbehaves as the plan says for the rest of the test; ``[]`` is healthy.

        Raises ValueError that names the place of a mistake.
        """
        self._server.play(plan)

    def report(self) -> dict[str, Any]:
        """How often each deviation of the plan was applied, and which never were."""
        return self._server.report()

    def reset(self) -> None:
        """Sessions, tokens, journal, replies, plan, settings and clock as when the test began."""
        self._server.reset()
        if self._live:
            self._server.change(**self._live)


class _Servers:
    """The servers of one run: one for most tests, others for settings only a new one can have."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._servers: dict[Settings, MockServer] = {}

    def mock(self, marked: Mapping[str, object]) -> HeygenMock:
        from mock_server.embedded import MockServer
        from mock_server.server import ListenError
        from mock_server.settings import live_settings

        common = _settings(self._config, {})
        wanted = _settings(self._config, marked)
        live: Mapping[str, object] = {}
        if set(marked) <= set(live_settings()):
            wanted, live = common, marked
        if wanted not in self._servers:
            server = MockServer(**_values(wanted))
            try:
                server.start()
            except ListenError as error:
                pytest.fail(f"{MARKER}: {error}", pytrace=False)
            self._servers[wanted] = server
        mock = HeygenMock(self._servers[wanted], live)
        mock.reset()
        return mock

    def stop(self) -> None:
        for server in self._servers.values():
            server.stop()


@pytest.fixture(scope="session")
def _heygen_mock_servers(pytestconfig: pytest.Config) -> Iterator[_Servers]:
    servers = _Servers(pytestconfig)
    yield servers
    servers.stop()


@pytest.fixture
def heygen_mock(
    request: pytest.FixtureRequest, _heygen_mock_servers: _Servers
) -> Iterator[HeygenMock]:
    """The HeyGen Streaming API on this machine: .url, .key, .sessions(), .advance(seconds), ...

    One server for all tests, as new for each. A test that leaves sessions open fails, unless
    @pytest.mark.heygen_mock(leak_check=False) allows it; other keywords of the marker are
    settings of `heygen-mock serve`.
    """
    settings, leak_check = _marked(request.node)
    mock = _heygen_mock_servers.mock(settings)
    request.node.stash[_MOCK] = mock
    yield mock
    del request.node.stash[_MOCK]
    # A test that failed says so itself; that it never came to its stop call is no news.
    if leak_check and not request.node.stash.get(_FAILED, False):
        left = _left_open(mock)
        if left:
            pytest.fail(_leak_text(mock, left), pytrace=False)


_MOCK = pytest.StashKey[HeygenMock]()
_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Shows beside a failure what the fake was asked and how it answered."""
    report = yield
    if report.when == "call" and report.failed:
        item.stash[_FAILED] = True
        mock = item.stash.get(_MOCK, None)
        if mock is not None:
            report.sections.append(("What heygen_mock was asked", _requests_text(mock)))
    return report


def _marked(item: pytest.Item) -> tuple[dict[str, object], bool]:
    """The settings of all markers of a test, the closest first, and whether it is checked."""
    values: dict[str, object] = {}
    for mark in reversed(list(item.iter_markers(MARKER))):
        if mark.args:
            raise pytest.UsageError(
                f"{item.nodeid}: @pytest.mark.{MARKER} takes settings by name, for example "
                f"@pytest.mark.{MARKER}(max_sessions=1)"
            )
        values |= mark.kwargs
    leak_check = values.pop("leak_check", True)
    if not isinstance(leak_check, bool):
        raise pytest.UsageError(
            f"{item.nodeid}: @pytest.mark.{MARKER}: leak_check: {leak_check!r} is neither True "
            "nor False"
        )
    return values, leak_check


def _settings(config: pytest.Config, marked: Mapping[str, object], *, where: str = "") -> Settings:
    """Marker over command line over environment over ini file over defaults.

    A free port unless the test names one: the variables HEYGEN_MOCK_PORT and HEYGEN_MOCK_TLS_PORT
    are for the program.
    Raises UsageError, naming the setting.
    """
    from mock_server.settings import SettingError, from_environment, from_texts, from_values

    place = "ini option heygen_mock: "
    try:
        values: dict[str, object] = {"port": 0}
        values |= from_texts(config.getini("heygen_mock"))
        place = "environment: "
        given = from_environment(os.environ).items()
        values |= {name: value for name, value in given if name not in ("port", "tls_port")}
        place = "--heygen-mock: "
        values |= from_texts(config.getoption("heygen_mock"))
        from_values(values)
        place = where
        return from_values({**values, **marked})
    except SettingError as error:
        raise pytest.UsageError(f"{place}{error}") from None


def _values(settings: Settings) -> dict[str, Any]:
    from dataclasses import fields

    return {item.name: getattr(settings, item.name) for item in fields(settings)}


def _left_open(mock: HeygenMock) -> list[dict[str, Any]]:
    """The sessions that are still open once closed viewers have been noticed."""
    until = monotonic() + GRACE
    while True:
        left = [one for one in mock.sessions() if one["status"] != "closed"]
        started = any(one["status"] != "new" for one in left)
        if not started or monotonic() > until:
            return left
        sleep(0.02)


def _leak_text(mock: HeygenMock, left: Sequence[Mapping[str, Any]]) -> str:
    now = mock.now()
    opened = {
        one["session_id"]: one
        for one in mock.requests()
        if one["operation"] == "newSession" and "session_id" in one
    }
    count = f"{len(left)} session{'s' if len(left) > 1 else ''}"
    lines = [f"the test has left {count} open; POST /v1/streaming.stop ends one:"]
    minutes = 0.0
    for one in left:
        seconds = max(0.0, now - one["created_at"])
        minutes += max(BILLED_AT_LEAST, seconds) / 60
        by = opened.get(one["session_id"])
        how = f", by request {by['n']} ({by['method']} {by['path']})" if by else ""
        lines.append(
            f"  {one['session_id']}  avatar {one['avatar_id']}, {one['status']}, opened "
            f"{seconds:.0f} s ago{how}"
        )
    cost = minutes * CREDITS_PER_MINUTE
    lines.append(
        f"On the real service they would have cost about {cost:.1f} credits by now, and each a "
        "slot until it ended by itself.\n(An estimate: 0.2 credits a minute and 30 s at least, "
        "as its pricing was quoted in public in November 2025.)\n"
        f"If the test means to, mark it @pytest.mark.{MARKER}(leak_check=False)."
    )
    return "\n".join(lines)


def _requests_text(mock: HeygenMock) -> str:
    requests = mock.requests()
    if not requests:
        return f"Nothing: no request reached {mock.url}"
    lines = [f"... {len(requests) - 20} before these"] if len(requests) > 20 else []
    for one in requests[-20:]:
        session = f"  session {one['session_id']}" if "session_id" in one else ""
        lines.append(
            f"{one['n']:>4} {one['t']:>8.3f} s  {one['method']:<4} {one['path']:<30} "
            f"{one['status']} code {one['code']}{session}"
        )
    return "\n".join(lines)
