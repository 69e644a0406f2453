"""What went through to a subject is counted, and what cannot connect is given up."""

from __future__ import annotations

from contract.tally import Doorman


class Nobody:
    """A viewer behind which nobody stands, until someone does."""

    def __init__(self) -> None:
        self.asked = 0
        self.there = False

    def answer(self, session_id: str, offer: str) -> str:
        return offer

    def offer(self, session_id: str) -> str:
        return session_id

    def connected(self, session_id: str, answer: str | None = None) -> bool:
        self.asked += 1
        return self.there

    def leave(self, session_id: str) -> None:
        pass

    def close(self) -> None:
        pass


def test_three_that_wait_in_vain_are_enough() -> None:
    viewer = Nobody()
    doorman = Doorman(viewer)
    assert [doorman.connected("s") for _ in range(9)] == [False] * 9
    assert (viewer.asked, doorman.tried, doorman.connections) == (3, 3, 0)


def test_one_connection_is_reason_to_go_on_waiting() -> None:
    viewer = Nobody()
    doorman = Doorman(viewer)
    viewer.there = True
    assert doorman.connected("s")
    viewer.there = False
    assert not any(doorman.connected("s") for _ in range(9))
    assert (viewer.asked, doorman.connections) == (10, 1)
