"""The pages' commands and programs run, and show what the pages show."""

from __future__ import annotations

import difflib
import os
import re
import shutil
import signal
import subprocess
import sys
from itertools import zip_longest
from pathlib import Path

import pytest

from mock_server import MockServer
from tests.docs.pages import PAGES, ROOT, Block, Command, blocks, commands, name

ADDRESS = "http://127.0.0.1:8000"
WITH = {
    kind: [page for page in PAGES if any(kind in block.info for block in blocks(page))]
    for kind in ("run", "media", "tests")
}
MARK = "=== next ==="
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NUMBER = re.compile(r"\d+\.\d+|\d{8,}")

pytestmark = pytest.mark.process


@pytest.mark.parametrize(
    ("page", "run", "fits"),
    [
        ('{"id": …}', '{"id": 7}', True),
        ('{"id": …}', '{"no": 7}', False),
        ("one\ntwo", "one", False),
        ("one", "one\ntwo", False),
        ("a.c", "abc", False),
    ],
)
def test_three_dots_stand_for_any_text_of_a_line(page: str, run: str, *, fits: bool) -> None:
    wanted, found = page.splitlines(), run.splitlines()
    assert (elided(wanted, found) == wanted) is fits


def plain(text: str) -> str:
    """With what differs from run to run made the same: ids, times, measured numbers."""
    text = NUMBER.sub("N", UUID.sub("ID", text))
    return re.sub(r"\d+ pictures", "N pictures", text).strip()


def elided(wanted: list[str], found: list[str]) -> list[str]:
    """What was found, with a page's line in place of one that it fits: ``…`` is any text."""
    patterns = [re.escape(line).replace("…", ".*") for line in wanted]
    pairs = zip_longest(found, wanted, patterns)
    return [w if f is not None and p and re.fullmatch(p, f) else f for f, w, p in pairs if f]


def outputs(script: list[str], *, url: str, cwd: Path) -> list[str]:
    """What each command prints, run one after the other in one shell."""
    lines = "\n".join(f"{command}\necho; echo '{MARK}'" for command in script)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    clean = {key: value for key, value in os.environ.items() if not key.startswith("HEYGEN_")}
    (cwd / ".curlrc").write_text("silent\nshow-error\n")  # no progress on standard error
    done = subprocess.run(
        ["bash", "-euc", lines.replace(ADDRESS, url)],
        cwd=cwd,
        env={**clean, "PATH": path, "CURL_HOME": str(cwd), "HEYGEN_BASE_URL": url},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.replace(url, ADDRESS).split(f"{MARK}\n")[:-1]


def check(page: Path, kind: str, *, media: str, cwd: Path) -> None:
    shutil.copytree(ROOT / "examples", cwd / "examples")
    steps: list[tuple[Block, Command]] = [
        (block, command)
        for block in blocks(page)
        if block.info[:2] == ("console", kind)
        for command in commands(block)
    ]
    with MockServer(media=media) as fake:
        shown = outputs([command.text for _, command in steps], url=fake.url, cwd=cwd)
    for (block, command), output in zip(steps, shown, strict=True):
        wanted, found = (plain(text).splitlines() for text in (command.output, output))
        if kind == "media":  # an event may overtake the answer to the call that caused it
            wanted, found = sorted(wanted), sorted(found)
        found = elided(wanted, found)
        difference = "\n".join(difflib.unified_diff(wanted, found, "page", "run", lineterm=""))
        assert difference == "", f"{block}: {command.text}\n{output}"


def test_the_readme_shows_what_serve_prints(tmp_path: Path) -> None:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("HEYGEN_")}
    with subprocess.Popen(
        [sys.executable, "-m", "mock_server", "serve", "--port", "0"],
        cwd=tmp_path,
        env=clean,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        printed = first + process.stdout.read()
    url = first.removeprefix("Listening on ").strip()
    assert printed.replace(url, ADDRESS) in (ROOT / "README.md").read_text()


@pytest.mark.parametrize("page", WITH["run"], ids=name)
def test_commands_print_what_the_page_shows(page: Path, tmp_path: Path) -> None:
    if any(block.info[:2] == ("console", "run") for block in blocks(page)):
        check(page, "run", media="none", cwd=tmp_path)


@pytest.mark.peers
@pytest.mark.parametrize("page", WITH["media"], ids=name)
def test_commands_that_need_media_print_what_the_page_shows(page: Path, tmp_path: Path) -> None:
    check(page, "media", media="real", cwd=tmp_path)


@pytest.mark.parametrize("page", WITH["run"], ids=name)
def test_programs_run(page: Path, tmp_path: Path) -> None:
    for block in blocks(page):
        if block.info[:2] == ("python", "run"):
            done = subprocess.run(
                [sys.executable, "-W", "error", "-c", block.text],
                cwd=tmp_path,
                check=False,
                capture_output=True,
                text=True,
                timeout=60,
            )
            assert (done.returncode, done.stderr) == (0, ""), str(block)


@pytest.mark.parametrize("page", WITH["tests"], ids=name)
def test_tests_pass(page: Path, tmp_path: Path) -> None:
    for block in blocks(page):
        if block.info[:2] == ("python", "tests"):
            (tmp_path / "test_page.py").write_text(block.text)
            (tmp_path / "pytest.toml").write_text("[pytest]\nfilterwarnings = ['error']\n")
            done = subprocess.run(
                [sys.executable, "-m", "pytest", "-q", "--heygen-mock=media=none"],
                cwd=tmp_path,
                env={**os.environ, "PYTEST_ADDOPTS": "-p no:schemathesis -p no:cacheprovider"},
                check=False,
                capture_output=True,
                text=True,
                timeout=60,
            )
            assert done.returncode == 0, f"{block}\n{done.stdout}{done.stderr}"
