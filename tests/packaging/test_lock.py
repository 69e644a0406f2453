"""requirements.lock pins what pyproject.toml asks for, for any index and any machine."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCK = (ROOT / "requirements.lock").read_text().splitlines()
LOCKED = {canonicalize_name(name): version for name, version in (x.split("==") for x in LOCK)}
ASKED = {
    text
    for texts in (PROJECT["dependencies"], *PROJECT["optional-dependencies"].values())
    for text in texts
    if not text.startswith("heygen-mock")
}


def test_every_line_of_the_lock_is_a_name_and_a_version() -> None:
    pin = re.compile(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.+]*")
    assert [line for line in LOCK if not pin.fullmatch(line)] == []


def test_the_lock_names_each_package_once() -> None:
    assert len(LOCKED) == len(LOCK)


def test_the_lock_satisfies_what_the_project_asks_for() -> None:
    asked = [Requirement(text) for text in sorted(ASKED)]
    locked = [(x, LOCKED[canonicalize_name(x.name)]) for x in asked]
    assert [pair for pair in locked if pair[1] not in pair[0].specifier] == []


@pytest.mark.parametrize(
    "name",
    [
        ".ci/run",
        "Makefile",
        "pyproject.toml",
        "requirements.lock",
        "scripts/browser-kit",
        "scripts/lock",
        "scripts/need",
        "scripts/venv",
        "tests/browser/sdk/package-lock.json",
        "tests/browser/sdk/package.json",
        "tests/browser/sdk2/package-lock.json",
        "tests/browser/sdk2/package.json",
    ],
)
def test_no_file_that_installs_names_a_registry(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "index-url" not in text
    assert "registry=" not in text
    assert not re.search(r"https?://", text)
