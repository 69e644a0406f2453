"""Sites for the tests of the web layer: made once per setting, as new for each test."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

import pytest

from mock_server.settings import Settings
from tests.web.site import Site

MakeSite = Callable[..., Site]


@pytest.fixture(scope="package")
def _sites() -> Iterator[dict[Settings, Site]]:
    sites: dict[Settings, Site] = {}
    yield sites
    for site in sites.values():
        site.close()


@pytest.fixture
def make_site(_sites: dict[Settings, Site], caplog: pytest.LogCaptureFixture) -> Iterator[MakeSite]:
    """Makes a site with settings. After the test nothing may go on, nor be in the log."""
    used: list[Site] = []

    def make(**settings: object) -> Site:
        key = Settings(**{"media": "none", **settings})  # type: ignore[arg-type]
        if key not in _sites:
            _sites[key] = Site(key)
        _sites[key].reset()
        used.append(_sites[key])
        return _sites[key]

    yield make
    for site in used:
        site.reset()
    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING] == []


@pytest.fixture
def site(make_site: MakeSite) -> Site:
    return make_site()
