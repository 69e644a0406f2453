from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contract.guard.journal import Journal, leftovers, note_stopped, read_journal
from contract.unable import UnableError

URL = "http://127.0.0.1:1"
KEY = "a-key-that-is-secret"


def abandoned(directory: Path, *sessions: str) -> Path:
    """A journal as a killed run leaves it."""
    journal = Journal(directory, target=URL, key=KEY)
    for number, session in enumerate(sessions):
        journal.intend(number)
        journal.opened(number, session)
    journal.close(clean=False)
    return journal.path


def test_what_was_opened_and_not_stopped_is_left(tmp_path: Path) -> None:
    journal = Journal(tmp_path, target=URL, key=KEY)
    journal.intend(1)
    journal.opened(1, "a")
    journal.intend(2)
    journal.opened(2, "b")
    journal.stopped("a")
    journal.close(clean=False)
    with leftovers(tmp_path) as (left,):
        assert (left.target, left.sessions, left.unanswered) == (URL, ("b",), ())


def test_a_call_whose_answer_was_not_seen_is_left_with_its_time(tmp_path: Path) -> None:
    journal = Journal(tmp_path, target=URL, key=KEY)
    journal.intend(1)
    journal.intend(2)
    journal.void(2)
    journal.close(clean=False)
    with leftovers(tmp_path) as (left,):
        assert len(left.unanswered) == 1


def test_a_line_is_on_disk_before_the_method_returns(tmp_path: Path) -> None:
    journal = Journal(tmp_path, target=URL, key=KEY)
    journal.intend(1)
    assert json.loads(journal.path.read_text().splitlines()[-1])["event"] == "intent"
    journal.close(clean=True)


def test_a_clean_end_leaves_no_file(tmp_path: Path) -> None:
    Journal(tmp_path, target=URL, key=KEY).close(clean=True)
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_is_alive_is_not_left_over(tmp_path: Path) -> None:
    journal = Journal(tmp_path, target=URL, key=KEY)
    with leftovers(tmp_path) as found:
        assert found == []
    journal.close(clean=True)


def test_two_reapers_do_not_get_the_same_journal(tmp_path: Path) -> None:
    abandoned(tmp_path, "a")
    with leftovers(tmp_path) as first, leftovers(tmp_path) as second:
        assert (len(first), len(second)) == (1, 0)


def test_what_a_reaper_stopped_is_left_no_more(tmp_path: Path) -> None:
    abandoned(tmp_path, "a", "b")
    with leftovers(tmp_path) as (left,):
        note_stopped(left, "a")
    with leftovers(tmp_path) as (left,):
        assert left.sessions == ("b",)


def test_the_key_is_not_in_it_and_can_be_told_from_others(tmp_path: Path) -> None:
    path = abandoned(tmp_path, "a")
    assert KEY not in path.read_text()
    with leftovers(tmp_path) as (left,):
        assert left.of_key(KEY)
        assert not left.of_key("another")


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    path = abandoned(tmp_path / "new", "a")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_directory_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UnableError, match="XDG_STATE_HOME"):
        Journal(tmp_path / "file", target=URL, key=KEY)


def test_a_line_cut_off_counts_as_not_written(tmp_path: Path) -> None:
    path = abandoned(tmp_path, "a", "b")
    os.truncate(path, path.stat().st_size - 5)
    with leftovers(tmp_path) as (left,):
        assert left.sessions == ("a",)
        assert len(left.unanswered) == 1


_ENTRY = st.fixed_dictionaries(
    {"event": st.sampled_from(["run", "intent", "void", "opened", "stopped"])},
    optional={
        "target": st.just(URL) | st.none(),
        "salt": st.text(max_size=3),
        "account": st.none() | st.text(max_size=3) | st.integers(),
        "number": st.integers(0, 3) | st.text(max_size=2),
        "session": st.sampled_from("abc") | st.integers(),
        "at": st.floats() | st.none(),
    },
)


@given(st.lists(_ENTRY.map(lambda e: json.dumps(e).encode()) | st.binary(max_size=20)))
@example([b"[" * 100_000])
def test_any_content_is_read(lines: list[bytes]) -> None:
    left = read_journal(Path("x"), b"\n".join(lines))
    assert left is None or left.target == URL
