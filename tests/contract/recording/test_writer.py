"""Files that are written are read as what they were, and open in developer tools."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from contract.exchange import Exchange, Request, Response
from contract.recording.har import read_har
from contract.recording.recording import Recording, RecordingError
from contract.recording.writer import write_har
from contract.spec import Spec


def write(exchanges: list[Exchange], path: Path) -> Path:
    write_har(
        exchanges, path, base_url="http://127.0.0.1:8000/", spec_version="1.0.0",
        tool_version="0.1.0", date=1746100800.0, comment="A test",
    )  # fmt: skip
    return path


def test_what_is_written_is_read_again(session: Recording, tmp_path: Path, spec: Spec) -> None:
    again = read_har(write(list(session.exchanges), tmp_path / "again.har"), paths=spec.paths)
    assert [dataclasses.replace(e, ended=0.0) for e in again.exchanges] == [
        dataclasses.replace(e, ended=0.0) for e in session.exchanges
    ]
    for new, old in zip(again.exchanges, session.exchanges, strict=True):
        assert new.ended == pytest.approx(old.ended, abs=1e-5)
    assert (again.own, again.notes) == (True, ())


def test_bytes_that_are_no_text_and_unknown_parts_survive(tmp_path: Path, spec: Spec) -> None:
    path = "/v1/streaming.task"
    binary = Exchange(
        1, Request("POST", path, (), b"\xff\x00"), Response(200, (), b"\xfe"), 1.0, 2.0
    )
    nobody = Exchange(
        2, Request("POST", path), Response(200), 3.0, 4.0,
        frozenset({"credentials", "request body", "response body"}),
    )  # fmt: skip
    nothing = Exchange(3, Request("POST", path), Response(200), 5.0, 6.0)
    again = read_har(write([binary, nobody, nothing], tmp_path / "r.har"), paths=spec.paths)
    assert again.exchanges == (binary, nobody, nothing)


def test_the_file_is_har_and_says_of_which_contract_it_is(
    session: Recording, tmp_path: Path
) -> None:
    log = json.loads(write(list(session.exchanges), tmp_path / "r.har").read_bytes())["log"]
    assert log["version"] == "1.2"
    assert log["creator"] == {"name": "heygen-contract", "version": "0.1.0"}
    assert log["_contract"] == {
        "spec": "1.0.0", "tool": "0.1.0", "date": "2025-05-01T12:00:00.000000Z",
    }  # fmt: skip
    assert log["comment"].endswith("recorded 2025-05-01T12:00:00.000000Z. A test")
    entry = log["entries"][0]
    # The members that HAR 1.2 does not call optional.
    assert entry.keys() >= {"startedDateTime", "time", "request", "response", "cache", "timings"}
    assert entry["request"].keys() >= {
        "method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize",
        "bodySize",
    }  # fmt: skip
    assert entry["response"].keys() >= {
        "status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL",
        "headersSize", "bodySize",
    }  # fmt: skip
    assert entry["response"]["content"].keys() >= {"size", "mimeType"}
    assert entry["timings"].keys() >= {"send", "wait", "receive"}
    assert entry["request"]["url"] == "http://127.0.0.1:8000/v1/streaming.new"


def test_a_file_that_cannot_be_written_leaves_the_old_one_and_nothing_beside(
    session: Recording, tmp_path: Path
) -> None:
    with pytest.raises(RecordingError, match="cannot be written: No such file"):
        write(list(session.exchanges), tmp_path / "none" / "r.har")
    kept = tmp_path / "r.har"
    write([], kept)
    before = kept.read_bytes()
    unwritable = dataclasses.replace(session.exchanges[0], began=float("nan"))
    with pytest.raises(ValueError, match="NaN"):
        write([unwritable], kept)
    assert kept.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["r.har"]
