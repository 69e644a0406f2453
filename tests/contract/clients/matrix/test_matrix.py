"""What grading came to: exit status, terminal, JSON, JUnit and page."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from contract.clients.baseline import Change
from contract.clients.grade import GRADES, Graded
from contract.clients.matrix.data import as_data, write_json
from contract.clients.matrix.files import write_files
from contract.clients.matrix.junit import write_junit
from contract.clients.matrix.matrix import Matrix
from contract.clients.matrix.page import write_page
from contract.clients.matrix.text import write_text
from contract.clients.verdicts import Kind
from contract.unable import UnableError
from tests.contract.clients.graded import CASES, client

GOOD = client("good", "ok", "ok")
BAD = client("bad", "failed", "not exercised")
WORSE = Change("worse", "bad", "EVT-ONE", "ok before, failed now")


def matrix(*clients: Graded, changes: tuple[Change, ...] | None = None) -> Matrix:
    return Matrix(CASES, clients, 1_700_000_000.0, 12.5, changes, "1.0")


@pytest.mark.parametrize(
    ("value", "status", "sentence"),
    [
        (matrix(GOOD), 0, "1 client in 2 cases: none failed"),
        (matrix(GOOD, BAD), 1, "2 clients in 2 cases: 1 failed"),
        (
            matrix(BAD, changes=()),
            0,
            "1 client in 2 cases: nothing got worse, no entries are out of date",
        ),
        (
            matrix(BAD, changes=(WORSE,)),
            1,
            "1 client in 2 cases: 1 got worse, no entries are out of date",
        ),
        (
            matrix(client("x", problem="no")),
            2,
            "1 client in 2 cases: 1 could not be graded, none failed",
        ),
        (
            matrix(client("x", "failed", interrupted=True)),
            130,
            "1 client in 2 cases: interrupted, 1 failed",
        ),
    ],
)
def test_the_exit_status_says_what_came_of_it(value: Matrix, status: int, sentence: str) -> None:
    assert (value.status, value.sentence) == (status, sentence)


def test_the_terminal_shows_counts_failures_and_changes() -> None:
    text = write_text(matrix(GOOD, BAD, client("x", problem="no route"), changes=(WORSE,)))
    assert text.splitlines()[:3] == [
        "      ok  non-strict  failed  informational  not exercised",
        "good   2           0       0              0              0",
        "bad    0           0       1              0              1",
    ]
    assert (
        "bad failed:\n  EVT-ONE: it was failed & <well>\n    the server: It comes <twice>." in text
    )
    assert "x could not be graded: no route" in text
    assert "worse: bad EVT-ONE: ok before, failed now" in text


def test_what_many_failures_have_in_common_is_told_once() -> None:
    bad = client("bad", "failed", "failed")
    kinds: tuple[Kind, ...] = ("hang", "leaked-session")
    bad = replace(bad, results=tuple(replace(one, verdicts=kinds) for one in bad.results))
    text = write_text(matrix(GOOD, bad))
    assert text.count("on the real service that would cost about 0.4 credits") == 1
    hint = "(a client whose own time limits are longer: say so with --timeout)"
    assert text.count(hint) == 1
    assert write_page(matrix(bad)).count(hint) == 2
    assert hint not in write_text(matrix(BAD)) + write_page(matrix(GOOD))


def test_the_json_has_every_grade() -> None:
    data = json.loads(write_json(matrix(GOOD, BAD, changes=(WORSE,))))
    assert data == as_data(matrix(GOOD, BAD, changes=(WORSE,)))
    assert (data["version"], data["kind"], data["status"]) == (1, "grade", 1)
    assert [case["id"] for case in data["cases"]] == ["EVT-ONE", "ERR-TWO"]
    assert data["cases"][1]["plan"] == [{"on": "sendTask", "do": "status", "row": "rate-limit"}]
    assert data["clients"][1]["counts"] == {
        "ok": 0,
        "non-strict": 0,
        "failed": 1,
        "informational": 0,
        "not exercised": 1,
    }
    assert [row["grade"] for row in data["clients"][0]["results"]] == ["ok", "ok"]
    assert data["changes"] == [
        {"of": "worse", "client": "bad", "case": "EVT-ONE", "said": "ok before, failed now"}
    ]


def test_junit_has_a_suite_for_each_client() -> None:
    root = ET.fromstring(write_junit(matrix(GOOD, BAD)))
    suites = {suite.get("name"): suite for suite in root}
    assert suites.keys() == {"heygen-contract grade good", "heygen-contract grade bad"}
    bad = suites["heygen-contract grade bad"]
    assert [bad.get(name) for name in ("tests", "failures", "skipped")] == ["2", "1", "1"]


def test_junit_fails_with_a_baseline_for_changes_alone() -> None:
    accepted = ET.fromstring(write_junit(matrix(BAD, changes=())))
    assert accepted.findall(".//failure") == []
    gone = Change("stale", "bad", "EVT-GONE", "there is no such case")
    changed = ET.fromstring(write_junit(matrix(BAD, changes=(WORSE, gone))))
    assert [one.get("message") for one in changed.findall(".//failure")] == [
        "worse: bad EVT-ONE: ok before, failed now",
        "stale: bad EVT-GONE: there is no such case",
    ]


_VOID = frozenset({"meta", "link", "input", "br"})


class _Page(HTMLParser):
    """What a page holds, and whether its elements are closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids += [given["id"] or ""] if "id" in given else []
        self.links += [given["href"] or ""] if tag == "a" else []
        self.loads += [v or "" for n, v in attrs if n == "src" or (n == "href" and tag != "a")]
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_needs_nothing_but_itself() -> None:
    text = write_page(matrix(GOOD, BAD, changes=(WORSE,)))
    page = _Page(text)
    assert page.open == []
    assert page.loads == ["data:,"]
    assert not re.search(r"https?://|@import|url\(", text)


def test_the_page_shows_every_client_case_and_grade() -> None:
    page = _Page(write_page(matrix(GOOD, BAD)))
    assert page.ids == ["EVT-ONE", "ERR-TWO"]
    assert {link.removeprefix("#") for link in page.links} == set(page.ids)
    for shown in ("good", "bad", "It comes <twice>.", "our guess: <b>", "was failed & <well>"):
        assert shown in page.text
    assert all(grade in page.text for grade in GRADES)


def test_what_a_client_says_is_not_taken_for_a_part_of_the_page() -> None:
    text = write_page(matrix(BAD))
    assert "said {{title}} &lt;i&gt;" in text


def test_the_page_says_what_was_not_run() -> None:
    page = _Page(write_page(matrix(client("half", "ok", interrupted=True))))
    assert "not run" in page.text


def test_the_plans_of_what_failed_are_written_beside_the_reports(tmp_path: Path) -> None:
    write_files(matrix(GOOD, BAD), tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "EVT-ONE.json",
        "junit.xml",
        "report.html",
        "report.json",
    ]
    assert json.loads((tmp_path / "EVT-ONE.json").read_text()) == CASES[0].plan.data


def test_a_directory_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UnableError, match="give another"):
        write_files(matrix(GOOD), tmp_path / "file")
