"""The catalogue as the server makes it, once for all tests that only read it."""

from __future__ import annotations

from functools import cache

from mock_server.core.faults.catalogue import Catalogue, make_catalogue
from mock_server.core.faults.kind import Kind
from mock_server.spec import load_contract


@cache
def catalogue() -> Catalogue:
    return make_catalogue(load_contract().answer_fields())


def family(*names: str) -> list[Kind]:
    return [kind for kind in catalogue() if kind.family in names]
