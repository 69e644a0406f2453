"""Answers that are broken below HTTP's surface, or in its framing."""

from __future__ import annotations

from mock_server.core.faults.kind import Kind

KINDS: tuple[Kind, ...] = ()
