"""What the built wheel holds. That it serves on its own is shown by scripts/wheel_test.py."""

import subprocess
import sys
import tomllib
from collections.abc import Iterator
from configparser import ConfigParser
from email.message import Message
from email.parser import Parser
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement

import mock_server

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = [name for name in ("mock_server", "contract") if (ROOT / name / "__init__.py").exists()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ZipFile]:
    place = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", place],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (path,) = place.iterdir()
    with ZipFile(path) as opened:
        yield opened


def info(wheel: ZipFile, name: str) -> str:
    return wheel.read(f"heygen_mock-{mock_server.__version__}.dist-info/{name}").decode()


@pytest.fixture(scope="module")
def metadata(wheel: ZipFile) -> Message:
    return Parser().parsestr(info(wheel, "METADATA"))


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_carries_the_contract_of_the_root(wheel: ZipFile, package: str) -> None:
    assert wheel.read(f"{package}/openapi.yaml") == (ROOT / "openapi.yaml").read_bytes()
    assert not (ROOT / package / "openapi.yaml").exists()


@pytest.mark.parametrize("package", PACKAGES)
def test_no_file_of_a_package_is_left_behind(wheel: ZipFile, package: str) -> None:
    files = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert files - set(wheel.namelist()) == set()


def test_the_wheel_holds_the_packages_and_nothing_else(wheel: ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert tops == {*PACKAGES, f"heygen_mock-{mock_server.__version__}.dist-info"}


@pytest.mark.parametrize(
    "folder", ["mock_server/media/assets/", "mock_server/web/page/", "mock_server/py.typed"]
)
def test_what_serving_needs_is_inside(wheel: ZipFile, folder: str) -> None:
    assert [name for name in wheel.namelist() if name.startswith(folder)]


def test_the_wheel_stays_below_twelve_megabytes(wheel: ZipFile) -> None:
    assert wheel.filename is not None
    assert Path(wheel.filename).stat().st_size < 12_000_000


def test_the_wheel_has_the_version_of_the_package(metadata: Message) -> None:
    assert metadata["Name"] == "heygen-mock"
    assert metadata["Version"] == mock_server.__version__
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-Expression"] == "MIT"


def test_the_extras_are_those_the_documents_name(metadata: Message) -> None:
    assert {"contract", "browser", "assets", "dev", "all"} <= set(
        metadata.get_all("Provides-Extra", [])
    )


def test_serving_needs_neither_the_judge_nor_the_builder_of_assets(metadata: Message) -> None:
    asked = [Requirement(text) for text in metadata.get_all("Requires-Dist", [])]
    plain = {asked.name for asked in asked if asked.marker is None}
    assert plain.isdisjoint({"hypothesis", "numpy", "pillow", "playwright", "pytest", "rich"})
    assert {"aiortc", "starlette", "uvicorn"} <= plain


def test_every_entry_point_names_a_module_that_is_shipped(wheel: ZipFile) -> None:
    declared = ConfigParser()
    declared.read_string(info(wheel, "entry_points.txt"))
    assert declared["console_scripts"]["heygen-mock"] == "mock_server.cli:main"
    for section in declared.sections():
        for value in declared[section].values():
            assert f"{value.split(':')[0].replace('.', '/')}.py" in wheel.namelist()


def test_the_lock_pins_the_build_backend() -> None:
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]
    assert [Requirement(text).name for text in build["requires"]] == ["hatchling"]
    assert "\nhatchling==" in (ROOT / "requirements.lock").read_text()
