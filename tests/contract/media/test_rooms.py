"""Events in rooms, right and wrong."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from contract.media.ears import Ears
from contract.media.judges import rooms
from contract.media.judges.rooms import END, MESSAGE, Told
from contract.media.loop import MediaLoop
from contract.media.receiver import Receiver
from contract.media.recording import Message
from contract.media.verdict import Broken, Held, Unable
from contract.media.watched import START, STOP, Watched
from tests.contract.media.planted import CLOCK, TASK, right

ONE = [Told(TASK, "Good morning.")]
RIGHT = (START, f"{MESSAGE}=Good ", f"{MESSAGE}=morning.", END, STOP)


def _watched(*events: str) -> Watched:
    """A viewer that was told these, in that order; what follows "=" is the message."""
    messages = []
    for number, event in enumerate(events):
        kind, _, text = event.partition("=")
        body = {"type": kind, "task_id": TASK} | ({"message": text} if text else {})
        messages.append(Message(CLOCK + number, json.dumps(body).encode()))
    return replace(right(), messages=tuple(messages))


@pytest.mark.parametrize(
    "events",
    [RIGHT, (START, f"{MESSAGE}=Good morning.", END, STOP), (*RIGHT[1:3], START, END, STOP)],
)
def test_a_text_is_told_as_a_whole_or_in_pieces(events: tuple[str, ...]) -> None:
    assert rooms.judge_events(_watched(*events), ONE) == Held()
    assert rooms.judge_messages(_watched(*events), ONE) == Held()


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ((), f"{START} of task 1"),
        ((START, STOP), f"{MESSAGE} of task 1"),
        ((START, f"{MESSAGE}=x", STOP), f"{END} of task 1"),
        ((START, f"{MESSAGE}=x", END), f"{STOP} of task 1"),
        ((START, START, *RIGHT[1:]), "each event of task 1 once, but for messages"),
        ((START, END, f"{MESSAGE}=x", STOP), "messages of task 1, their end, and then that of the"),
        ((START, f"{MESSAGE}=x", STOP, END), "messages of task 1, their end, and then that of the"),
    ],
)
def test_a_task_has_its_events_in_order(events: tuple[str, ...], expected: str) -> None:
    verdict = rooms.judge_events(_watched(*events), ONE)
    assert isinstance(verdict, Broken)
    assert verdict.expected.startswith(expected)


def test_messages_are_the_text() -> None:
    half = rooms.judge_messages(_watched(START, f"{MESSAGE}=Good ", END, STOP), ONE)
    assert half == Broken("messages that make 'Good morning.'", "['Good ']")
    assert rooms.judge_messages(_watched(START, STOP), ONE) == Unable("no message came")
    other = rooms.judge_messages(_watched(START, MESSAGE, END, STOP), ONE)
    assert other == Broken("messages that make 'Good morning.'", "[None]")


def test_packets_are_judged_where_they_came() -> None:
    loop = MediaLoop()
    try:
        ears = Ears(Receiver(loop))
        assert rooms.judge_packets(ears, _watched()) == Unable("no event came")
        ears.packets = 1
        assert rooms.judge_packets(ears, _watched(*RIGHT)) == Held()
        no_json = replace(right(), messages=(Message(CLOCK, b"{"),))
        assert isinstance(rooms.judge_packets(ears, no_json), Broken)
        ears.message("{}")
        assert rooms.judge_packets(ears, _watched(*RIGHT)) == Broken(
            "reliable packets of heygen", "a text"
        )
    finally:
        loop.close()
