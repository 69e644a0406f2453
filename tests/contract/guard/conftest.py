"""The fake that stands in the place of the real API, as new for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mock_server import MockServer
from tests.contract.guard.services import fake


@pytest.fixture(scope="module")
def shared() -> Iterator[MockServer]:
    with fake() as server:
        yield server


@pytest.fixture
def server(shared: MockServer) -> MockServer:
    shared.reset()
    return shared
