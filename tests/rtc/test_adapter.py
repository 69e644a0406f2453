"""What this program relies on of aiortc and aioice, and what happens without it."""

from __future__ import annotations

import pytest
from aioice.ice import Connection

from mock_server.rtc import adapter
from tests.rtc.viewer import eventually, needs_network, run, showing


def test_the_installed_libraries_have_all_that_the_adapter_relies_on() -> None:
    assert adapter.changed_attributes() == ()


def test_an_attribute_that_is_gone_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Connection, "query_consent")
    assert adapter.changed_attributes() == ("Connection.query_consent",)


@pytest.mark.peers
@needs_network
def test_unknown_libraries_are_served_by_their_public_interface(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        monkeypatch.delattr(Connection, "query_consent", raising=True)
        async with showing() as show:
            monkeypatch.undo()
            _, viewer = await show.connect()
            await eventually(lambda: len(viewer.pictures) > 5)

    run(main)
    assert "of a version not known here: Connection.query_consent" in caplog.text


@pytest.mark.peers
def test_one_certificate_serves_all_peers() -> None:
    async def main() -> None:
        async with showing() as show:
            offers = [await show.peer().offer() for _ in range(2)]
            prints = [
                next(line for line in offer.splitlines() if line.startswith("a=fingerprint"))
                for offer in offers
            ]
            assert prints[0] == prints[1]

    run(main)


@pytest.mark.peers
def test_no_stun_server_is_asked_unless_one_is_set() -> None:
    async def main() -> None:
        async with showing() as show:
            offer = await show.peer().offer()
            assert "typ srflx" not in offer

    run(main)
