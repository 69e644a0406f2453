"""Messages of the data channel, and lives of sessions, that go wrong."""

from __future__ import annotations

from mock_server.core.faults.kind import Kind

KINDS: tuple[Kind, ...] = ()
