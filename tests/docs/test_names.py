"""What the pages name exists, and what exists is named in them."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.routing import Route

from contract.cli import main as judge
from mock_server.app import create_app
from mock_server.cli import main
from mock_server.core import errors
from mock_server.embedded import MockServer
from mock_server.pytest_plugin import HeygenMock
from mock_server.settings import Settings, live_settings, variable
from mock_server.spec import load_contract
from tests.docs.pages import PAGES, ROOT, inline_code, links, name, prose
from tests.docs.settings_table import settings_table

ALL = "\n".join(page.read_text() for page in PAGES)

each_page = pytest.mark.parametrize("page", PAGES, ids=name)


def mentioned(pattern: str) -> Iterator[tuple[str, str]]:
    """(page, text) of every match, the first group if there is one."""
    for page in PAGES:
        for match in re.finditer(pattern, page.read_text()):
            yield name(page), match[match.re.groups]


def unknown(pattern: str, known: set[str]) -> list[tuple[str, str]]:
    return sorted({(page, text) for page, text in mentioned(pattern) if text not in known})


@pytest.fixture(scope="module")
def routes() -> set[tuple[str, str]]:
    """(method, path) of all that the server answers."""
    app = create_app(Settings(media="none"))
    return {
        (method, route.path)
        for route in app.routes
        if isinstance(route, Route)
        for method in (route.methods or ())
        if method != "HEAD"
    }


@each_page
def test_links_lead_to_files(page: Path) -> None:
    missing = [one for one in links(page) if not (page.parent / one.partition("#")[0]).exists()]
    assert missing == []


@each_page
def test_links_within_pages_lead_to_headings(page: Path) -> None:
    for link in links(page):
        target, _, anchor = link.partition("#")
        if anchor:
            text = prose(page.parent / target if target else page)
            titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
            slugs = [re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in titles]
            assert anchor in slugs


def test_every_control_route_is_in_the_table_and_no_other(routes: set[tuple[str, str]]) -> None:
    page = (ROOT / "docs/howto/control-api.md").read_text()
    rows = re.findall(r"^\| `([A-Z]+) (/__mock__/\S+)` \|", page, re.MULTILINE)
    exist = {
        route
        for route in routes
        if route[1].startswith("/__mock__/") and not route[1].startswith("/__mock__/page/")
    }
    assert set(rows) == exist
    assert len(rows) == len(exist)


def test_paths_of_the_server_exist(routes: set[tuple[str, str]]) -> None:
    paths = {path for _, path in routes}
    assert unknown(r"(/v[12]/(?:streaming|realtime|voices)[\w./]*\w)", paths) == []
    paths.add("/__mock__/sessions/")  # of a command that puts an id behind it
    assert unknown(r"(/__mock__/[\w{$][\w/{}]*)", paths) == []


def test_operations_that_are_named_exist() -> None:
    known = {operation.operation_id for operation in load_contract().operations}
    assert unknown(r"\b((?:new|start|stop|submit|send|list|interrupt)[A-Z][a-z]+)\b", known) == []
    paths = {operation.path.rpartition("/")[2] for operation in load_contract().operations}
    assert unknown(r"\b(streaming\.[a-z]\w+)", paths | {"streaming.chat"}) == []


def test_every_operation_of_the_contract_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    for operation in load_contract().operations:
        last = re.split(r"[./]", operation.path)[-1]
        if operation.operation_id not in ("listAvatars", "listVoices"):
            assert f"{last}`" in readme, operation.path


def test_magic_ids_that_are_named_exist() -> None:
    known = {row.name for row in errors.ROWS}
    assert unknown(r"\bmock:([a-z][a-z-]*)", known) == []


def test_each_setting_is_documented_once_with_flag_variable_default_and_range() -> None:
    page = (ROOT / "docs/settings.md").read_text()
    assert settings_table() in page, "write it anew: python -m tests.docs.settings_table"


def test_variables_that_are_named_exist() -> None:
    known = {variable(item.name) for item in dataclasses.fields(Settings)}
    clients = {"HEYGEN_BASE_URL", "HEYGEN_API_KEY", "HEYGEN_MOCK_X_Y"}
    assert unknown(r"\b(HEYGEN_[A-Z_]*[A-Z])\b", known | clients) == []


def test_settings_that_pages_call_live_are_live() -> None:
    page = (ROOT / "docs/howto/pytest.md").read_text()
    for setting in ("media", "seed", "api_key"):
        assert f"`{setting}`" in page
        assert setting not in set(live_settings())


JUDGING = {"check", "rules", "record", "replay", "reap", "fuzz", "grade"}


def flags(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])(--[a-z][a-z-]*[a-z])\b", text))


def judges_flags(command: str, capsys: pytest.CaptureFixture[str]) -> set[str]:
    with pytest.raises(SystemExit):
        judge([command, "--help"])
    return flags(capsys.readouterr().out)


def plugins_flags() -> set[str]:
    return flags((ROOT / "contract/pytest_plugin.py").read_text()) | {
        f"--heygen-{name}" for name in ("target", "stimuli", "seed")
    }


def test_flags_in_running_text_exist(capsys: pytest.CaptureFixture[str]) -> None:
    known = {"--heygen-mock", "--encoding", "--init"}  # of pytest, of speak.py, of docker
    for command in (["serve"], ["avatars"], ["errors"], ["faults"], []):
        with pytest.raises(SystemExit):
            main([*command, "--help"])
        known |= flags(capsys.readouterr().out)
    for judging in JUDGING:
        known |= judges_flags(judging, capsys)
    known |= plugins_flags()
    for page in PAGES:
        for code in inline_code(page):
            if code.startswith(("--", "heygen-mock ", "heygen-contract ")):
                assert flags(code) <= known | {"--x-y", "--strict"}, (name(page), code)


def test_flags_of_commands_exist(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["serve", "--help"])
    known = flags(capsys.readouterr().out)
    served = [text for _, text in mentioned(r"heygen-mock serve( --[^\n>&`]*)")]
    assert len(served) >= 3
    for text in served:
        assert flags(text) <= known, text


def test_commands_of_the_judge_exist_with_their_flags_and_are_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    written = [
        text for _, text in mentioned(r"(?:\$ |^ {4}|run: |`|\. )heygen-contract ([a-z]+[^`\n]*)")
    ]
    commands = {text.split()[0] for text in written}
    assert commands == JUDGING
    for command in commands:
        known = judges_flags(command, capsys)
        for text in written:
            if text.split()[0] == command:
                assert flags(text) <= known, text


def test_commands_of_the_program_exist_and_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    known = set(re.findall(r"^ {4}([a-z]+) ", capsys.readouterr().out, re.MULTILINE))
    named = {text for _, text in mentioned(r"(?:[`$&] |`|run: )heygen-mock\s([a-z]+)")}
    assert named == known


def test_make_targets_exist_and_are_named() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE))
    named = {text for _, text in mentioned(r"(?:`|\$ |^ {4})make ([a-z]+)\b")}
    assert named - targets == set()
    assert targets - named - {"help"} == set()


def test_examples_that_are_named_exist_and_all_are_named() -> None:
    files = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "examples").rglob("*")
        if path.is_file() and path.suffix in ("", ".py", ".json")
    }
    named = {text for _, text in mentioned(r"(examples/[\w./]*\w)")}
    assert named - files <= {"examples/container"}
    assert files - named == set()


@pytest.mark.parametrize(("thing", "owner"), [("heygen_mock", HeygenMock), ("fake", MockServer)])
def test_methods_that_are_named_exist(thing: str, owner: type) -> None:
    attributes = {*dir(owner), "url", "key", "tls_url", "certificate"}
    assert unknown(rf"\b{thing}\.([a-z_]+)\b", attributes) == []


def test_every_method_of_the_fixture_is_named() -> None:
    page = (ROOT / "docs/howto/pytest.md").read_text()
    public = {attribute for attribute in dir(HeygenMock) if not attribute.startswith("_")}
    assert {one for one in public if f"`heygen_mock.{one}(" not in page} == set()
