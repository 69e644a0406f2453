"""Where the certificate is kept, when it is made anew, and that nothing is lost on the way."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest

from mock_server.server.certificate import LIFE, make_pair, read_pair
from mock_server.server.certificate_store import Kept, StoreError, data_directory, keep_pair

NOW = datetime(2026, 11, 28, tzinfo=UTC)
NAMES = ["localhost", "127.0.0.1"]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "data" / "heygen-mock"


def keep(directory: Path, *names: str, now: datetime = NOW) -> Kept:
    return keep_pair([*NAMES, *names], directory=directory, now=now)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_first_use_makes_it_for_its_user_alone(directory: Path) -> None:
    kept = keep(directory)
    assert kept.anew == ""
    assert (kept.certificate, kept.key) == (directory / "certificate.pem", directory / "key.pem")
    assert (mode(directory), mode(kept.key), mode(kept.certificate)) == (0o700, 0o600, 0o644)
    assert read_pair(kept.certificate.read_bytes(), kept.key.read_bytes()) == kept.pair
    assert {path.name for path in directory.iterdir()} == {"certificate.pem", "key.pem", "lock"}


def test_later_uses_find_it(directory: Path) -> None:
    first = keep(directory)
    assert keep(directory, now=NOW + timedelta(days=700)) == first


def test_a_missing_name_is_added_and_the_key_stays(directory: Path) -> None:
    first, second = keep(directory), keep(directory, "box.example")
    assert second.anew == "it was not for box.example"
    assert second.pair.names == {*NAMES, "box.example"}
    assert second.pair.pin == first.pair.pin
    assert keep(directory) == Kept(second.pair, second.certificate, second.key)


def test_servers_of_different_names_come_to_share_one(directory: Path) -> None:
    keep(directory, "a.example")
    both = keep(directory, "b.example").pair
    assert keep(directory, "a.example").pair == keep(directory, "b.example").pair == both


def test_one_that_has_expired_is_made_anew_on_its_key_for_its_names(directory: Path) -> None:
    first, later = keep(directory, "box.example"), NOW + LIFE
    second = keep(directory, now=later)
    assert second.anew == "it expired on 2029-02-04"
    assert second.pair.ends == first.pair.ends + LIFE
    assert second.pair.names == first.pair.names
    assert second.key.read_bytes() == first.pair.key


@pytest.mark.parametrize(
    ("file", "content", "why"),
    [
        ("certificate.pem", b"", "its file is damaged"),
        ("certificate.pem", b"\xff" * 700, "its file is damaged"),
        ("certificate.pem", None, "its file is damaged"),
        ("key.pem", b"", "its key's file is damaged"),
        ("key.pem", None, "its key's file is damaged"),
        ("key.pem", make_pair(NAMES, now=NOW).key, "its key is another one's"),
    ],
)
def test_a_damaged_one_is_made_anew(
    directory: Path, file: str, content: bytes | None, why: str
) -> None:
    first = keep(directory)
    (directory / file).unlink()
    if content is not None:
        (directory / file).write_bytes(content)
    second = keep(directory)
    assert second.anew == why
    assert second.pair != first.pair
    assert mode(second.key) == 0o600
    assert keep(directory).pair == second.pair
    if file == "certificate.pem":
        assert second.pair.pin == first.pair.pin


def test_a_key_that_others_may_read_is_closed_to_them(directory: Path) -> None:
    kept = keep(directory)
    kept.key.chmod(0o644)
    keep(directory)
    assert mode(kept.key) == 0o600


def test_servers_that_start_at_once_get_the_same(directory: Path) -> None:
    barrier = Barrier(8)

    def start(number: int) -> Kept:
        barrier.wait()
        return keep(directory)

    with ThreadPoolExecutor(8) as threads:
        kept = list(threads.map(start, range(8)))
    assert len({one.pair.certificate for one in kept}) == 1
    assert {one.anew for one in kept} == {""}


def test_what_is_broken_off_leaves_what_was_there(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = keep(directory)
    files = sorted(directory.iterdir())

    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="No space left on device"):
        keep(directory, "box.example")
    monkeypatch.undo()
    assert sorted(directory.iterdir()) == files
    assert keep(directory) == first


def test_one_that_serves_needs_no_directory_that_can_be_written(directory: Path) -> None:
    first = keep(directory)
    (directory / "lock").unlink()
    (directory / "lock").mkdir()  # so that even root cannot lock
    assert keep(directory) == first


def test_a_directory_that_cannot_be_used_is_named_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError) as refusal:
        keep(tmp_path / "file" / "heygen-mock")
    assert str(refusal.value) == (
        f"the TLS certificate cannot be kept in {tmp_path}/file/heygen-mock: Not a directory; make "
        "that a directory that can be written, or set XDG_DATA_HOME (on macOS: HOME) to another"
    )


@pytest.mark.parametrize(
    ("environment", "platform", "path"),
    [
        ({}, "linux", "/home/me/.local/share/heygen-mock"),
        ({"XDG_DATA_HOME": "/data"}, "linux", "/data/heygen-mock"),
        ({"XDG_DATA_HOME": "data"}, "linux", "/home/me/.local/share/heygen-mock"),
        ({"XDG_DATA_HOME": "/data"}, "darwin", "/home/me/Library/Application Support/heygen-mock"),
    ],
)
def test_the_directory_is_where_the_system_keeps_data(
    environment: dict[str, str], platform: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    assert data_directory(environment, platform) == Path(path)


def test_a_user_without_a_home_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nowhere)
    with pytest.raises(StoreError, match="set HOME"):
        data_directory({}, "linux")
