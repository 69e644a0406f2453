"""Sites whose sockets have closed when their tests are over."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tests.web.conftest import MakeSite
from tests.web.site import Site


@pytest.fixture
def make_site(make_site: MakeSite) -> Iterator[MakeSite]:
    used: list[Site] = []

    def make(**settings: object) -> Site:
        used.append(make_site(**settings))
        return used[-1]

    yield make
    for site in used:
        site.run(site.services.reset())
        site.run(asyncio.sleep(0.001))
