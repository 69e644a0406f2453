"""Whether this machine has as much time to give as is asked of it."""

from __future__ import annotations

from pathlib import Path

_PRESSURE = Path("/proc/pressure/cpu")
_MICROSECONDS = 1e-6


def waited(pressure: Path = _PRESSURE) -> float | None:
    """Seconds since the machine's start in which somebody had to wait for a processor.

    None where nobody counts them: only Linux does (Documentation/accounting/psi.rst), where it was
    not switched off.
    """
    try:
        some = pressure.read_text("ascii").partition("\n")[0]
        return int(some.rpartition("total=")[2]) * _MICROSECONDS
    except (OSError, ValueError):
        return None
