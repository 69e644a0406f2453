"""What the container page and its Dockerfile say, as far as it can be tried without an engine."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from mock_server import MockServer
from mock_server.cli import main
from tests.docs.pages import ROOT

CONTAINER = ROOT / "examples/container"
DOCKERFILE = (CONTAINER / "Dockerfile").read_text()
RUN_BY_DEFAULT = json.loads(re.findall(r"^CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)[0])


def test_the_base_image_is_pinned_to_a_python_that_is_supported() -> None:
    assert re.findall(r"^FROM (.*)$", DOCKERFILE, re.MULTILINE) == ["python:3.12-slim"]


def test_what_is_let_into_the_image_is_enough_for_the_whole_wheel(tmp_path: Path) -> None:
    admitted = re.findall(
        r"^!(.+)$", (CONTAINER / "Dockerfile.dockerignore").read_text(), re.MULTILINE
    )
    source = tmp_path / "source"
    for item in admitted:
        (source / item).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / item).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / item, source / item, ignore=ignored)
        elif (ROOT / item).exists():
            shutil.copy(ROOT / item, source / item)
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory"]
    subprocess.run([*build, tmp_path / "wheel"], cwd=source, check=True, capture_output=True)
    (wheel,) = (tmp_path / "wheel").iterdir()
    with ZipFile(wheel) as opened:
        names = set(opened.namelist())
    needed = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "mock_server").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert needed | {"mock_server/openapi.yaml"} <= names


def test_the_page_and_the_image_publish_the_same_ports() -> None:
    page = (ROOT / "docs/howto/containers.md").read_text()
    assert set(re.findall(r"\b4\d{4}-4\d{4}\b", page + DOCKERFILE)) == {"40000-40049"}
    assert "40000-40049" in RUN_BY_DEFAULT


def settings(address: str) -> dict[str, Any]:
    """Those of the image, but for the address that clients are told."""
    flags = dict(zip(RUN_BY_DEFAULT[1::2], RUN_BY_DEFAULT[2::2], strict=True))
    assert flags["--host"] == "0.0.0.0"
    assert flags["--media-ip"] == "0.0.0.0=127.0.0.1"
    flags["--media-ip"] = f"0.0.0.0={address}"
    return {flag[2:].replace("-", "_"): value for flag, value in flags.items()}


def own_address() -> str | None:
    """An address of this machine that is not its loopback; None without a network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: a route is looked up
        except OSError:
            return None
        return str(probe.getsockname()[0])


@pytest.mark.peers
def test_clients_are_told_the_advertised_address_and_a_published_port() -> None:
    with MockServer(**settings("127.0.0.1")) as fake:
        request = urllib.request.Request(
            f"{fake.url.replace('0.0.0.0', '127.0.0.1')}/v1/streaming.new",
            data=b"{}",
            headers={"X-Api-Key": fake.key, "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            offer = json.load(answer)["data"]["sdp"]["sdp"]
    candidates = re.findall(r"a=candidate:\S+ \d+ udp \d+ (\S+) (\d+) typ host", offer)
    assert {address for address, _ in candidates} == {"127.0.0.1"}
    assert all(40000 <= int(port) <= 40049 for _, port in candidates)


@pytest.mark.peers
@pytest.mark.process
def test_a_client_connects_by_the_advertised_address(tmp_path: Path) -> None:
    # Not 127.0.0.1: where no port is translated, what was sent there is answered from another
    # address, which ICE takes for a failure (RFC 8445, section 7.2.5.2.1).
    address = own_address()
    if address is None:
        pytest.skip("this machine has no network, and aioice gathers no loopback candidates")
    with MockServer(**settings(address)) as fake:
        done = subprocess.run(
            [sys.executable, ROOT / "examples/speak.py", "Hello!", "--key", fake.key],
            cwd=tmp_path,
            env={**os.environ, "HEYGEN_BASE_URL": fake.url.replace("0.0.0.0", address)},
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_start_with_fewer_ports_than_sessions_is_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["serve", "--port", "0", "--media-ports", "40000-40001"]) == 2
    assert "40000-40001" in capsys.readouterr().err
