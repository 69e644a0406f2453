"""A local stand-in for the HeyGen Streaming API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mock_server.embedded import MockServer as MockServer
    from mock_server.media.stamp import Stamp as Stamp
    from mock_server.media.stamp import decode_stamp as decode_stamp

__version__ = "0.1.0"

__all__ = ["MockServer", "Stamp", "decode_stamp"]

_HOMES = {
    "MockServer": "mock_server.embedded",
    "Stamp": "mock_server.media.stamp",
    "decode_stamp": "mock_server.media.stamp",
}


def __getattr__(name: str) -> Any:
    # On demand, so that the pytest plugin, which every test run loads, stays free to load.
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
