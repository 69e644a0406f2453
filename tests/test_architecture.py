"""The architecture page shows the transition table as it is."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_state_diagram_is_drawn_from_the_table() -> None:
    script = ROOT / "scripts" / "state-diagram"
    ran = subprocess.run(
        [sys.executable, script, "--check"], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
