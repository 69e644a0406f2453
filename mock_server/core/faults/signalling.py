"""Offers and answers that say something odd, or something wrong."""

from __future__ import annotations

from mock_server.core.faults.kind import Kind

KINDS: tuple[Kind, ...] = ()
