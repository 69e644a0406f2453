"""The judge of the HeyGen Streaming API's contract.

It knows ``openapi.yaml`` and HTTP, and no line of the fake's code: a judge that borrows the
defendant's parser cannot convict it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contract.clients.generate import plans as plans

__all__ = ["plans"]


def __getattr__(name: str) -> Any:
    # On demand, so that the pytest plugin, which every test run loads, needs no Hypothesis.
    if name == "plans":
        from importlib import import_module

        return import_module("contract.clients.generate").plans
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
