"""Pictures and sounds that are missing, late or broken."""

from __future__ import annotations

from mock_server.core.faults.kind import Kind

KINDS: tuple[Kind, ...] = ()
