"""The forms of a report: complete, masked, and well formed whatever a server said."""

from __future__ import annotations

import io
import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.exchange import Exchange, Response
from contract.report import data
from contract.report.data import as_data, write_json
from contract.report.files import prepare, write_files
from contract.report.junit import write_junit
from contract.report.masking import Masking
from contract.report.page import write_page
from contract.report.screen import PlainScreen
from contract.report.secrets import secrets_of
from contract.report.summary import VERDICTS, Summary, Timing
from contract.report.text import ansi_paint, write_text
from contract.unable import UnableError
from tests.contract.fakes import SPEC, answered
from tests.contract.report.summaries import FINDINGS, KEY, SESSION, TOKEN, summary, violation

WRITERS = (write_text, write_json, write_junit, write_page)


@pytest.mark.parametrize("write", WRITERS, ids=lambda write: write.__name__)
def test_no_key_and_no_token_is_shown(write: object) -> None:
    assert callable(write)
    text = write(summary())
    assert KEY not in text
    assert TOKEN not in text
    assert "sk-***" in text


@pytest.mark.parametrize("write", WRITERS, ids=lambda write: write.__name__)
def test_every_finding_is_shown(write: object) -> None:
    assert callable(write)
    text = write(summary())
    for finding in FINDINGS:
        assert finding.violation.rule.id in text


def test_the_text_gives_rule_evidence_expectation_and_script() -> None:
    text = write_text(summary())
    block = text[text.index("VIOLATED  no-server-error") :].split("\n\n")[0]
    title, *lines = block.split("\n")
    assert title.split("  ")[2:] == [
        "stopSession, data.sessions[0].status",
        "(3 times, by tour, machine)",
    ]
    assert lines == [
        "  No request makes the server answer with status 500 or more.",
        "  evidence  inferred: our guess",
        "  expected  \"closed\" <b>or</b> the row 'gone'",
        "  got       status 500 for sk-*** and MTI***",
        "  again",
        "    #!/usr/bin/env bash",
        "    # <again> & again",
        '    curl "$BASE_URL/v1/streaming.stop"',
    ]


def test_the_text_names_a_script_that_is_in_a_file() -> None:
    text = write_text(summary(), scripts={1: Path("report/finding-2.sh")})
    assert "  again     bash report/finding-2.sh" in text


def test_the_text_ends_with_counts_and_verdict() -> None:
    assert write_text(summary(fine=True)).rstrip().split("\n")[-2:] == [
        f"{len(SPEC.rules)} rules: {len(SPEC.rules)} held",
        "The contract holds: http://127.0.0.1:8000, seed 7",
    ]
    end = write_text(summary()).rstrip().split("\n\n")[-1]
    assert "2 violated, 1 guess, 1 known deviation" in end
    assert "problem: tour: the target is gone" in end


def test_the_text_says_why_a_rule_was_not_judged() -> None:
    text = write_text(summary())
    assert "never reached: nothing that was done could have broken it\n  account-own" in text
    assert "  machine busy: media-lips" in text
    assert "the clock of this server cannot be moved on: idle-timeout" in text


def test_a_stopped_run_lists_no_unreached_rules() -> None:
    assert "never reached: nothing" not in write_text(summary(interrupted=True))


def test_the_text_has_the_time_of_each_stimulus() -> None:
    assert "tour               4.0      6735           6\n" in write_text(summary())
    assert "in all            12.3      7835" in write_text(summary())


def test_colours_are_there_only_when_asked_for() -> None:
    assert "\x1b" not in write_text(summary())
    assert "\x1b[31m" in write_text(summary(), paint=ansi_paint)


def test_the_json_has_the_documented_fields_and_no_other() -> None:
    value = as_data(summary())
    documented = set(re.findall(r"``([a-z_*]+)``", data.__doc__ or ""))
    assert value["version"] == 1
    assert set(value) <= documented
    for rows in ("rules", "findings", "timings"):
        assert set(value[rows][0]) <= documented
    history = value["findings"][1]["history"]
    assert {"request_body", "request_headers", "status", "body"} < set(history[2])


def test_the_json_counts_every_rule_once() -> None:
    value = json.loads(write_json(summary()))
    assert sum(value["counts"].values()) == len(value["rules"]) == len(SPEC.rules)
    assert set(value["counts"]) == set(VERDICTS)


def test_a_body_that_is_no_text_is_base64() -> None:
    from contract.report.data import _body

    assert _body("body", b"\xff\x00", Masking([])) == {"body": "/wA=", "body_encoding": "base64"}


def test_junit_has_a_case_for_each_rule() -> None:
    suite = ET.fromstring(write_junit(summary())).find("testsuite")
    assert suite is not None
    cases = {case.get("name"): case for case in suite.findall("testcase")}
    assert set(SPEC.rules) <= set(cases)
    assert {name: cases[name][0].tag for name in ("no-server-error", "check-order", "stop-twice",
            "media-lips", "idle-timeout", "account-own")} == {
        "no-server-error": "failure",
        "check-order": "skipped",
        "stop-twice": "skipped",
        "media-lips": "skipped",
        "idle-timeout": "skipped",
        "account-own": "error",
    }  # fmt: skip
    assert cases["media-lips"][0].get("message") == "not judged: machine busy"
    assert len(cases["answer-status"]) == 0
    assert cases["could not run"][0].tag == "error"
    assert cases["stop-says-gone"][0].tag == "failure"


def test_junit_totals_are_those_of_the_cases() -> None:
    suite = ET.fromstring(write_junit(summary())).find("testsuite")
    assert suite is not None
    for total, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(suite.get(total, "")) == len(suite.findall(f"testcase/{tag}")) > 0
    assert int(suite.get("tests", "")) == len(suite.findall("testcase"))


class _Reader(HTMLParser):
    """What a page would load, and whether its elements close."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loads += [f"{tag} {value}" for name, value in attrs if name in {"src", "href"}]
        if tag not in {"meta", "link", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_the_page_is_well_formed_and_loads_nothing() -> None:
    reader = _Reader()
    text = write_page(summary())
    reader.feed(text)
    assert reader.open == []
    assert [load for load in reader.loads if "#" not in load] == ["link data:,"]
    assert "{{" not in text
    assert not re.search(r"@import|url\(|//[a-z]+\.[a-z]", text.split("</style>")[0])


def test_the_page_shows_what_a_server_said_as_text() -> None:
    text = write_page(summary())
    assert "<b>or</b>" not in text
    assert "&lt;b&gt;or&lt;/b&gt;" in text
    assert "characters more" in text
    assert SESSION in text


def test_a_place_to_fill_in_an_answer_is_only_text() -> None:
    page = write_page(summary())
    assert page.count("Contract check of") == 2
    odd = write_page(_with_target("{{findings}}"))
    assert "Contract check of {{findings}}" in odd


def _with_target(target: str) -> Summary:
    return replace(summary(), target=target)


def test_the_files_are_written_and_old_scripts_go(tmp_path: Path) -> None:
    directory = tmp_path / "a" / "b"
    prepare(directory)
    (directory / "finding-9-old.sh").write_text("old")
    scripts = write_files(summary(), directory)
    names = sorted(path.name for path in directory.iterdir())
    assert names == sorted(
        ["junit.xml", "report.html", "report.json", *(path.name for path in scripts.values())]
    )
    assert scripts[1].name == "finding-2-no-server-error.sh"


def test_a_directory_that_cannot_be_made_is_told_before_the_run(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UnableError, match=r"--report-dir .*; give another"):
        prepare(tmp_path / "file" / "report")


def test_tokens_and_turn_passwords_are_secrets() -> None:
    body = json.dumps(
        {"data": {"token": "t-1", "ice_servers": [{"credential": "c-1", "username": "u"}]},
         "access_token": "a-1", "session_id": "s"}
    )  # fmt: skip
    assert secrets_of([answered(200, body.encode()), answered(200, b"[]no json")]) == {
        "t-1",
        "c-1",
        "a-1",
    }


@given(
    st.lists(st.text("abcdef-_=", min_size=6, max_size=9), max_size=3), st.text("0 ", min_size=1)
)
def test_no_secret_survives_the_mask(secrets: list[str], between: str) -> None:
    shown = Masking(secrets)(between.join(["", *secrets, ""]))
    assert [part for part in shown.split(between) if part] == [f"{s[:3]}***" for s in secrets]


@settings(max_examples=25, deadline=None)
@given(st.binary(max_size=30), st.text(max_size=10))
def test_whatever_a_server_says_the_reports_stay_well_formed(body: bytes, words: str) -> None:
    said = Exchange(1, answered().request, Response(200, (), body), 0.0, 0.0)
    odd = replace(violation("no-server-error"), actual=words, history=(said,))
    findings = (replace(FINDINGS[1], violation=odd, curl=words), FINDINGS[0])
    report = replace(summary(), findings=findings, problems=(words,))
    ET.fromstring(write_junit(report))
    json.loads(write_json(report))
    reader = _Reader()
    reader.feed(write_page(report))
    assert reader.open == []


def test_plain_lines_say_each_violation_once() -> None:
    out = io.StringIO()
    now = [0.0]
    with PlainScreen(out, clock=lambda: now[0]) as screen:
        screen.began("tour")
        screen.moved("tour", 5, 100, "walking")
        now[0] = 11.0
        screen.moved("tour", 50, 100, "walking")
        screen.moved("tour", 51, 100, "walking")
        screen.found("tour", violation("stop-twice"))
        screen.found("machine", violation("stop-twice"))
        screen.ended(Timing("tour", 3.21, 42, 1, complete=True))
    lines = out.getvalue().split("\n")
    assert lines[0] == "tour: begins"
    assert lines[1] == "tour: 50 of 100 (walking)"
    assert lines[2].startswith("tour: violation: stop-twice at stopSession")
    assert lines[3] == "tour: 1 violation in 42 requests, 3.2 s"
    assert len(lines) == 5
