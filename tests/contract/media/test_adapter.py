import pytest
from aiortc import RTCDtlsTransport

from contract.media import adapter


def test_the_libraries_have_all_that_is_relied_on() -> None:
    assert adapter.changed_attributes() == ()


def test_what_is_gone_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    async def receive_next(transport: RTCDtlsTransport) -> None:
        """Hands packets to nobody that we know."""

    monkeypatch.delattr(RTCDtlsTransport, "_send_rtp")
    monkeypatch.setattr(adapter, "_CALLERS", ((receive_next, "_handle_rtp_data"),))
    assert adapter.changed_attributes() == (
        "RTCDtlsTransport._send_rtp",
        "test_what_is_gone_is_named.<locals>.receive_next -> _handle_rtp_data",
    )
