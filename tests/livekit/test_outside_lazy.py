"""When LiveKit's SDK is needed, and what is said where it is missing."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

import mock_server
from mock_server.app import create_app
from mock_server.cli import main
from mock_server.settings import SettingError, Settings

URL = "wss://livekit.example.com"


def _without_sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "livekit.rtc" else real(name)
    )


def test_without_the_extra_serve_cannot_run_and_says_what_to_type(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _without_sdk(monkeypatch)
    assert main(["serve", "--port", "0", "--livekit-url", URL]) == 2
    assert "pip install 'heygen-mock[livekit]'" in capsys.readouterr().err


def test_rooms_that_are_served_here_need_no_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    _without_sdk(monkeypatch)
    create_app(Settings())


def test_without_media_there_is_nothing_to_publish(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--port", "0", "--livekit-url", URL, "--media", "none"]) == 2
    assert "--media none" in capsys.readouterr().err
    with pytest.raises(SettingError, match="nothing to publish"):
        Settings(livekit_url=URL, media="none")


def test_only_what_publishes_elsewhere_imports_the_sdk() -> None:
    root = Path(mock_server.__file__).parent
    importing = re.compile(r"(?m)^\s*(from livekit import .*\brtc\b|(from|import) livekit\.rtc)")
    found = {
        file.relative_to(root).parent.as_posix()
        for file in root.rglob("*.py")
        if importing.search(file.read_text(encoding="utf-8"))
    }
    assert found == {"livekit/outside"}


def test_the_light_part_imports_no_sdk() -> None:
    root = Path(mock_server.__file__).parent / "livekit" / "outside"
    for name in ("__init__.py", "lazy.py", "deployment.py", "samples.py", "rooms.py"):
        assert "from livekit" not in (root / name).read_text(encoding="utf-8")
