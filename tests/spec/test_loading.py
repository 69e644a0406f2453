"""Where the contract is found, how it is kept, and what a broken one says."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from mock_server.spec import SpecError, find_contract, load_contract
from mock_server.spec.source import read_document

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "cache"))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return tmp_path / "cache"


def _kept(cache: Path) -> list[Path]:
    return sorted(cache.rglob("openapi.*.json"))


def test_a_checkout_reads_the_file_at_its_root() -> None:
    assert find_contract() == ROOT / "openapi.yaml"


def _installed(folder: Path) -> Path:
    """The package as a wheel lays it out, as far as the contract needs it."""
    package = folder / "mock_server"
    for part in ("core", "spec"):
        shutil.copytree(ROOT / "mock_server" / part, package / part)
    (package / "__init__.py").write_text("")
    return package


FIND = "from mock_server.spec import load_contract; print(load_contract().path)"


def test_an_installed_package_reads_its_own_copy(tmp_path: Path) -> None:
    package = _installed(tmp_path)
    shutil.copy(ROOT / "openapi.yaml", package)
    (tmp_path / "openapi.yaml").write_text("not: ours")
    done = subprocess.run(
        [sys.executable, "-c", FIND], check=True, capture_output=True, text=True, cwd=tmp_path
    )
    assert done.stdout.strip() == str(package / "openapi.yaml")


def test_a_package_without_the_file_says_so(tmp_path: Path) -> None:
    package = _installed(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", FIND], check=False, capture_output=True, text=True, cwd=tmp_path
    )
    assert f"SpecError: {package / 'openapi.yaml'}: there is no contract file" in done.stderr


def test_the_second_read_gives_the_same_and_needs_no_yaml(own_cache: Path) -> None:
    first = read_document(find_contract())
    assert len(_kept(own_cache)) == 1
    assert read_document(find_contract()) == first
    assert first == yaml.safe_load(find_contract().read_text(encoding="utf-8"))


def test_a_changed_file_is_read_anew_and_the_old_copy_goes(own_cache: Path, tmp_path: Path) -> None:
    file = tmp_path / "spec.yaml"
    file.write_text("a: 1")
    assert read_document(file) == {"a": 1}
    file.write_text("a: 2")
    assert read_document(file) == {"a": 2}
    assert len(_kept(own_cache)) == 1


def test_a_damaged_copy_is_not_believed(own_cache: Path, tmp_path: Path) -> None:
    file = tmp_path / "spec.yaml"
    file.write_text("a: 1")
    read_document(file)
    _kept(own_cache)[0].write_text('{"a": ')
    assert read_document(file) == {"a": 1}
    assert json.loads(_kept(own_cache)[0].read_text()) == {"a": 1}


def test_nothing_is_kept_where_python_keeps_nothing(
    own_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    file = tmp_path / "spec.yaml"
    file.write_text("a: 1")
    assert read_document(file) == {"a": 1}
    assert _kept(own_cache) == []


def test_a_folder_that_cannot_be_written_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "taken").write_text("")
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "taken"))
    file = tmp_path / "spec.yaml"
    file.write_text("a: 1")
    assert read_document(file) == {"a": 1}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[1, 2]", "is not a mapping"),
        ("a: [", "is not YAML"),
        ("a: \x07", "is not YAML"),
        ("{}", "info: there is no 'info'"),
        ("info: {version: 1}", "paths: there is no 'paths'"),
        ("info: {version: 1}\npaths: {/a: {get: {}}}", "GET /a: there is no 'operationId'"),
    ],
)
def test_a_broken_file_is_named_with_its_problem(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "spec.yaml"
    file.write_text(text)
    with pytest.raises(SpecError) as caught:
        load_contract(file)
    assert str(caught.value).startswith(f"{file}: ")
    assert problem in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"nothing\.yaml: cannot be read"):
        load_contract(tmp_path / "nothing.yaml")


def _edited(tmp_path: Path, old: str, new: str) -> Path:
    text = find_contract().read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "spec.yaml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return file


def test_an_id_given_twice_is_refused(tmp_path: Path) -> None:
    file = _edited(tmp_path, "operationId: submitIce", "operationId: newSession")
    with pytest.raises(SpecError, match=r"POST /v1/streaming.ice: the id newSession is taken"):
        load_contract(file)


def test_an_older_path_of_nothing_is_refused(tmp_path: Path) -> None:
    file = _edited(tmp_path, "x-alias-of: sendTask", "x-alias-of: sendTusk")
    with pytest.raises(SpecError, match=r"/v1/realtime.task: there is no operation sendTusk"):
        load_contract(file)


def test_a_reference_to_nothing_is_refused(tmp_path: Path) -> None:
    file = _edited(tmp_path, "schemas/Uuid1'", "schemas/Uuid9'")
    with pytest.raises(SpecError, match=r"there is no 'Uuid9'"):
        load_contract(file)


def test_loading_does_not_import_the_validator_and_the_first_check_does() -> None:
    program = (
        "import sys; from mock_server.spec import load_contract; c = load_contract();"
        "assert 'jsonschema_rs' not in sys.modules;"
        "c.compile(); assert 'jsonschema_rs' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)
