"""The unmodified SDK of v2 over TLS, as on port 443: its chat socket knows no other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from mock_server import MockServer
from mock_server.server.certificate import read_pair
from tests.browser.conftest import Launch, empty_tab, room_viewer
from tests.browser.served import Fake

# Any user may run this, so the port is a free one, which the browser takes for 443.


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MockServer]:
    directory = str(tmp_path_factory.mktemp("data"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", directory)
        patch.setenv("HOME", directory)  # for macOS
        fake = MockServer(tls_port=0)
        fake.start()
    yield fake
    fake.stop()


def trust(fake: MockServer) -> str:
    """The flag by which Chromium takes this certificate and no other."""
    file = Path(fake.certificate)
    pair = read_pair(file.read_bytes(), file.with_name("key.pem").read_bytes())
    return f"--ignore-certificate-errors-spki-list={pair.pin}"


def as_443(fake: MockServer, host: str) -> str:
    port = fake.tls_url.rpartition(":")[2]
    return f"--host-resolver-rules=MAP {host}:443 127.0.0.1:{port}"


def test_a_page_with_a_secure_base_path_talks_to_the_avatar(
    secure: MockServer, foreign_site: str, launch: Launch
) -> None:
    secure.reset()
    with (
        closing(launch(trust(secure), as_443(secure, "localhost"))) as browser,
        empty_tab(browser) as page,
    ):
        sockets: list[str] = []
        page.on("websocket", lambda one: sockets.append(one.url.partition("?")[0]))
        viewer = room_viewer(page, Fake(secure.url), foreign_site)
        options = {**viewer.options(), "basePath": "https://localhost", "chat": None}
        created = page.evaluate("options => viewer.open(options)", options)
        assert created["url"] == "wss://localhost"
        assert sockets == ["wss://localhost/rtc", "wss://localhost/v1/ws/streaming.chat"]
        page.wait_for_function("viewer.size()[0] > 0")
        viewer.repeat("The doors close at six.")
        viewer.hears_voice()
        viewer.call("stopAvatar")
        viewer.event("stream_disconnected")


def test_only_the_chat_socket_needs_tls(
    secure: MockServer, foreign_site: str, launch: Launch
) -> None:
    secure.reset()
    with (
        closing(launch(trust(secure), as_443(secure, "127.0.0.1"))) as browser,
        empty_tab(browser) as page,
    ):
        viewer = room_viewer(page, Fake(secure.url), foreign_site)
        options = {**viewer.options(), "chat": None}
        created = page.evaluate("options => viewer.open(options)", options)
        assert created["url"] == secure.url.replace("http:", "ws:")
