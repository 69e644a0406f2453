"""Lines that were told what a test has written down."""

from __future__ import annotations

import json

from contract.voice.line import Line
from tests.contract.wires import ScriptedWire


def told(*messages: object, names: str = "event_type", ends: bool = False) -> Line:
    """A line that was told all of these: bytes and texts as they are, all else as JSON."""
    written = [one if isinstance(one, bytes | str) else json.dumps(one) for one in messages]
    line = Line(ScriptedWire(written, ends=ends).dial, "ws://chat", names=names)
    line.catch_up()
    return line
