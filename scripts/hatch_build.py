"""Puts openapi.yaml into every package of a built wheel; a checkout reads the file at the root."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CopyContract(BuildHookInterface):  # type: ignore[type-arg]
    """One source, one copy per package.

    An editable install gets none: it would be a second file that goes stale.
    """

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling once per wheel; `version` is "standard" or "editable"."""
        self._folder = tempfile.TemporaryDirectory()
        if version == "editable":
            return
        for package in ("mock_server", "contract"):
            if Path(self.root, package, "__init__.py").is_file():
                # hatchling takes a source to one place only, so each package has its own.
                source = Path(self._folder.name, f"{package}.yaml")
                shutil.copyfile(Path(self.root, "openapi.yaml"), source)
                build_data["force_include"][str(source)] = f"{package}/openapi.yaml"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Called by hatchling when the wheel is written."""
        self._folder.cleanup()
