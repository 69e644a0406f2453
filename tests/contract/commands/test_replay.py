"""``heygen-contract replay``, as its user sees it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from contract.cli import main

SESSION = Path(__file__).parents[1] / "recording" / "session.har"


def edited(path: Path, edit: Any) -> Path:
    document = json.loads(SESSION.read_bytes())
    edit(document["log"]["entries"])
    path.write_text(json.dumps(document))
    return path


def say_two_hundred_ms(entries: Any) -> None:
    """In words: the duration of the first task is a text."""
    content = next(e for e in entries if e["request"]["url"].endswith("task"))["response"][
        "content"
    ]
    content["text"] = content["text"].replace('"code":100', '"code":"100"')


def carry_secrets(entries: Any) -> None:
    say_two_hundred_ms(entries)
    for entry in entries:
        kept = [h for h in entry["request"]["headers"] if h["name"].lower() != "authorization"]
        entry["request"]["headers"] = [
            *kept,
            {"name": "Authorization", "value": "Bearer of-an-earlier-day"},
            {"name": "Cookie", "value": "id=of-a-browser"},
        ]


def test_a_report_shows_no_token_or_cookie_of_a_request(tmp_path: Path) -> None:
    file = edited(tmp_path / "bad.har", carry_secrets)
    assert main(["replay", str(file), "--report-dir", str(tmp_path / "report")]) == 1
    for name in ("junit.xml", "report.json", "report.html"):
        shown = (tmp_path / "report" / name).read_text()
        assert "of-an-earlier-day" not in shown
        assert "of-a-browser" not in shown
    assert "Bearer of-***" in (tmp_path / "report" / "report.json").read_text()


def test_the_terminal_shows_no_token_that_an_answer_repeats(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def repeat(entries: Any) -> None:
        carry_secrets(entries)
        entries[-1]["response"]["status"] = 402
        entries[-1]["response"]["content"]["text"] = '{"of": "of-an-earlier-day"}'

    assert main(["replay", str(edited(tmp_path / "bad.har", repeat))]) == 1
    shown = capsys.readouterr().out
    assert '402 {"of": "of-***"}' in shown
    assert "of-an-earlier-day" not in shown


def test_a_recording_that_keeps_the_contract_is_status_0(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["replay", str(SESSION), "--profile", "strict"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith(
        "session.har: 14 exchanges with 127.0.0.1:8000, 2026-11-22 20:22:14 to 20:22:15 UTC"
    )
    assert "24 rules were checked: 24 held" in lines
    assert "The answers were held to the shape union." in lines


def test_a_violation_names_rule_evidence_entry_and_request(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = edited(tmp_path / "bad.har", say_two_hundred_ms)
    assert main(["replay", str(file), "--report-dir", str(tmp_path / "report")]) == 1
    out = capsys.readouterr().out
    assert "VIOLATED  answer-schema  entry 5: POST /v1/streaming.task, code" in out
    assert "  evidence  documented: API document, the response bodies" in out
    assert "24 rules were checked: 23 held, 1 violated" in out
    report = json.loads((tmp_path / "report" / "report.json").read_bytes())
    assert [finding["rule"] for finding in report["findings"]] == ["answer-schema"]
    assert report["status"] == 1
    shown = (tmp_path / "report" / "report.json").read_text()
    assert "eyJ0b2tlbiI6IjkxMTdiODk2" not in shown
    for name in ("junit.xml", "report.html"):
        assert "answer-schema" in (tmp_path / "report" / name).read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["none.har"], "none.har cannot be read: No such file or directory"),
        ([str(SESSION), "--host", "example.com"], "has no exchange of the API at example.com"),
        ([str(SESSION), "--target", "real"], "replay does not send to the real API"),
        ([str(SESSION), "--target", "nowhere"], "'nowhere' is none of fake, real and a URL"),
        ([str(SESSION), "--target", "fake", "--report-dir", "x"], "leave it or --target out"),
    ],
)
def test_what_cannot_be_done_is_status_2_and_one_line(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", *arguments]) == 2
    error = capsys.readouterr().err
    assert error.startswith("heygen-contract: ")
    assert words in error
    assert error.count("\n") == 1


@pytest.mark.process
def test_differences_are_shown_side_by_side_with_a_verdict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A recording from the middle on, with an answer that breaks the contract."""

    def edit(entries: Any) -> None:
        say_two_hundred_ms(entries)
        del entries[:4]  # the session and its start are from before

    file = edited(tmp_path / "bad.har", edit)
    assert main(["replay", str(file), "--target", "fake"]) == 1
    out = capsys.readouterr().out
    assert "entry 1  POST /v1/streaming.task" in out
    row = next(line for line in out.splitlines() if line.startswith("  code"))
    assert row.split() == ["code", "'100'", "100", "spec"]
    assert "because   answer-schema (documented)" in out
    assert "1 x spec: the recorded answer breaks the contract" in out
    assert "entry 2" not in out
