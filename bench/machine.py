"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PACKAGES = ("aiortc", "aioice", "av", "pylibsrtp", "starlette", "uvicorn", "jsonschema-rs")


def facts() -> Iterator[tuple[str, str]]:
    """Names and values, for people: date, machine, load and versions."""
    yield "date", datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    yield "machine", f"{os.cpu_count()} cores, {_processor()}, {platform.system()}"
    if hasattr(os, "getloadavg"):
        yield "load", f"{os.getloadavg()[0]:.1f} over the last minute"
    yield "versions", ", ".join(_versions())


def _versions() -> Iterator[str]:
    yield f"heygen-mock {_version('heygen-mock')}"
    yield f"Python {platform.python_version()}"
    for name in _PACKAGES:
        yield f"{name} {_version(name)}"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"


def _processor() -> str:
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
