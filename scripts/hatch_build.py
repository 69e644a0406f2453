"""Puts openapi.yaml into every package of a built wheel; a checkout reads the file at the root."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CopyContract(BuildHookInterface):  # type: ignore[type-arg]
    """One source, one copy per package.

    An editable install gets none: it would be a second file that goes stale.
    """

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling once per wheel; `version` is "standard" or "editable"."""
        if version == "editable":
            return
        for package in ("mock_server", "contract"):
            if Path(self.root, package, "__init__.py").is_file():
                # A source can go to one place only, so each package names it by a path of its own.
                source = f"{package}/../openapi.yaml"
                build_data["force_include"][source] = f"{package}/openapi.yaml"
