"""Mutants of media, each before real viewers, several at one time."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait

from contract.client import Client, monitor_of
from contract.media.probe import probe_rules
from contract.rooms.sockets import dial
from contract.spec import Spec
from contract.stimuli.packets import RULES as OF_PACKETS
from contract.stimuli.packets import visit_by_packets
from contract.subject import Subject
from contract.transport import HttpSend
from contract.viewers.rooms import RoomViewers
from contract.viewers.seats import PeerSeats
from mock_server.embedded import MockServer
from tests.mutants.driver import KEY, MAX_SESSIONS, OTHER_KEY
from tests.mutants.layers import Outcome, fired_of
from tests.mutants.mutant import Mutant

AT_ONCE = 10
"""A viewer costs a few hundredths of a core; most of a scenario is waiting for speech to end."""
_AGAIN = 3


class Rehearsal:
    """Plays each mutant's scenario at once; the outcome of one is waited for when it is asked."""

    def __init__(self, spec: Spec, mutants: Sequence[Mutant]) -> None:
        self._spec = spec
        self._threads = ThreadPoolExecutor(AT_ONCE, "rehearsal")
        self._outcomes = {
            mutant.name: self._threads.submit(rehearse, spec, mutant) for mutant in mutants
        }

    def outcome(self, mutant: Mutant) -> Outcome:
        """What the probe found of the mutant.

        On a busy machine a rule can be left unjudged: then the mutant is played again, alone.
        """
        outcome = self._outcomes[mutant.name].result()
        for _ in range(_AGAIN):
            if outcome.catches(mutant):
                break
            wait(self._outcomes.values())
            outcome = rehearse(self._spec, mutant)
        return outcome

    def close(self) -> None:
        """Waits for what is still being played, and begins no more."""
        self._threads.shutdown(cancel_futures=True)


def rehearse(spec: Spec, mutant: Mutant) -> Outcome:
    """The scenario that shows the mutant's rule best, before the mutant."""
    with MockServer(
        seams=mutant.seams, api_key=(KEY, OTHER_KEY), max_sessions=MAX_SESSIONS
    ) as fake:
        send, rooms = HttpSend(fake.url), RoomViewers(dial, seats=PeerSeats())
        try:
            subject = Subject(
                spec, fake.url, send, KEY, OTHER_KEY, max_sessions=MAX_SESSIONS, rooms=rooms
            )
            findings = subject.findings()
            if mutant.rule in OF_PACKETS:
                visit_by_packets(Client(subject, monitor_of(subject, findings)), findings, rooms)
            else:
                probe_rules(subject, findings, only={mutant.scenario or mutant.rule})
        finally:
            rooms.close()
            send.close()
    return Outcome(fired_of(findings), 0)
