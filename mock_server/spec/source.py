"""Where openapi.yaml is, and its content as plain values."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any


class SpecError(Exception):
    """The contract file is missing or broken. The message names the file and the problem."""


def find_contract() -> Path:
    """The contract file: a checkout's own, else the copy that the wheel carries.

    Raises SpecError when there is neither.
    """
    package = Path(__file__).parents[1]
    root = package.parent
    if (root / "pyproject.toml").is_file() and (root / "openapi.yaml").is_file():
        return root / "openapi.yaml"
    packaged = package / "openapi.yaml"
    if packaged.is_file():
        return packaged
    raise SpecError(f"{packaged}: there is no contract file; install the package again")


def read_document(path: Path) -> dict[str, Any]:
    """The file's content. Raises SpecError when it cannot be read as one YAML mapping.

    Parsing 90 kB of YAML and importing the parser take some 40 ms (PyYAML 6.0.3 with libyaml,
    Python 3.11, two cores, 2026-11), which every start would pay. So the values are kept as JSON
    where Python keeps its compiled modules, under a name made from the file's content: no change
    can be missed.
    """
    try:
        text = path.read_bytes()
    except OSError as problem:
        raise SpecError(f"{path}: cannot be read: {problem.strerror}") from problem
    kept = _kept_at(text)
    document = _recall(kept)
    if document is None:
        document = _parse(text, path)
        _keep(document, kept)
    return document


def _parse(text: bytes, path: Path) -> dict[str, Any]:
    # Only a first start needs the parser.
    from yaml import YAMLError  # noqa: PLC0415

    from mock_server.spec.yaml_values import read_yaml  # noqa: PLC0415

    try:
        document = read_yaml(text)
    except (YAMLError, ValueError, RecursionError) as problem:
        words = " ".join(str(problem).split())
        raise SpecError(f"{path}: is not YAML that can be read: {words}") from problem
    if not isinstance(document, dict):
        raise SpecError(f"{path}: is not a mapping")
    return document


def _kept_at(text: bytes) -> Path:
    digest = hashlib.blake2b(text, digest_size=12).hexdigest()
    return Path(cache_from_source(__file__)).with_name(f"openapi.{digest}.json")


def _recall(kept: Path) -> dict[str, Any] | None:
    try:
        document = json.loads(kept.read_bytes())
    except (OSError, ValueError):
        return None
    return document if isinstance(document, dict) else None


def _keep(document: dict[str, Any], kept: Path) -> None:
    if sys.dont_write_bytecode:
        return
    draft = kept.with_name(f"{kept.stem}.{os.getpid()}.tmp")
    # A folder that cannot be written to costs time at each start, nothing else; and what JSON
    # cannot hold is for load_contract to complain of.
    with suppress(OSError, TypeError, ValueError):
        text = json.dumps(document, separators=(",", ":"))
        kept.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(text, encoding="utf-8")
        draft.replace(kept)
        for old in kept.parent.glob("openapi.*.json"):
            if old != kept:
                old.unlink(missing_ok=True)
