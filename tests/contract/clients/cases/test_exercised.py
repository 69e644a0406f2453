"""Every case can happen: a client that calls everything has each of its deviations applied."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext

import pytest

from contract.clients.cases import CASES
from contract.clients.cases.case import Case
from contract.clients.crew import Crew, Order
from contract.clients.stage import Media
from tests.contract.clients.cases.thorough import Thorough

VIDEO = [case for case in CASES if case.plan.deviations[0].on in ("peer", "media")]
ROOMS = [case for case in CASES if case.group in ("ROOM", "CHAT")]
PAPER = [case for case in CASES if case not in (*VIDEO, *ROOMS)]


def unused(cases: Sequence[Case], client: Thorough, *, media: Media) -> dict[str, list[object]]:
    """Case -> those of its deviations that were never applied."""
    # Most of a run is waiting for what does not come.
    with Crew(lambda: nullcontext(client), jobs=4, media=media) as crew:
        runs = [(case, crew.submit(Order(case.plan, limit=10, storm=1000))) for case in cases]
        left = {case.id: run.result().after.unused for case, run in runs}
        assert crew.troubles == []
    return {name: list(places) for name, places in left.items() if places}


@pytest.mark.process
def test_every_case_of_answers_events_and_lives_can_happen() -> None:
    assert unused(PAPER, Thorough("paper"), media="none") == {}


@pytest.mark.process
def test_every_case_of_rooms_and_chat_sockets_can_happen() -> None:
    assert unused(ROOMS, Thorough("room"), media="none") == {}


@pytest.mark.process
@pytest.mark.peers
def test_every_case_of_descriptions_and_media_can_happen() -> None:
    assert unused(VIDEO, Thorough("video"), media="real") == {}
