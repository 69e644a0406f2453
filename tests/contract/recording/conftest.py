"""The contract, and a session of the official SDK as it was recorded in Chromium."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract.recording.har import read_har
from contract.recording.recording import Recording
from contract.spec import Spec, load_spec

SESSION = Path(__file__).parent / "session.har"


@pytest.fixture(scope="session")
def spec() -> Spec:
    return load_spec()


@pytest.fixture(scope="session")
def session(spec: Spec) -> Recording:
    return read_har(SESSION, paths=spec.paths)
