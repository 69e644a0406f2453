"""What goes over the data channel in place of an event."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.core.effects import SendEvent
from mock_server.core.faults import events
from mock_server.core.faults.kind import Kind
from mock_server.core.faults.messages import EDITS, FOREIGN_TASK, MOST, Outgoing, outgoing
from mock_server.core.faults.plan import Deviation

START = SendEvent("avatar_start_talking", "t1")
STOP = SendEvent("avatar_stop_talking", "t1", 1240.0)
MESSAGE = SendEvent("avatar_talking_message", "t1", message="Hi.")
ENCODED = {
    MESSAGE: b'{"type":"avatar_talking_message","task_id":"t1","message":"Hi."}',
    START: b'{"type":"avatar_start_talking","task_id":"t1"}',
    STOP: b'{"type":"avatar_stop_talking","task_id":"t1","duration_ms":1240.0}',
}


def deviation(do: str, **parameters: Any) -> Deviation:
    return Deviation(0, "event", do, None, parameters)


def sent(event: SendEvent, *deviations: Deviation) -> list[bytes | str]:
    """The messages, of which none may be late or held."""
    made, _ = outgoing(deviations, event, ENCODED[event])
    assert all((one.late_ms, one.held) == (0, False) for one in made)
    return [one.message for one in made]


def body(message: bytes | str) -> Any:
    return json.loads(message)


def test_without_a_deviation_the_event_is_sent_as_it_is() -> None:
    assert outgoing((), STOP, ENCODED[STOP]) == ([Outgoing(ENCODED[STOP])], [])


def test_an_event_that_is_not_sent_stays_unsent() -> None:
    assert outgoing([deviation("event-doubled")], STOP, None) == ([], [])


def test_an_event_can_be_missing_or_come_twice() -> None:
    assert sent(START, deviation("event-missing")) == []
    assert sent(START, deviation("event-doubled")) == [ENCODED[START]] * 2


def test_what_changes_nothing_of_an_event_is_not_used() -> None:
    missing, doubled = deviation("event-missing"), deviation("event-doubled")
    word, odd = deviation("event-not-json", form="word"), deviation("event-extra-fields")
    assert outgoing([missing, doubled], START, ENCODED[START]) == ([], [missing])
    assert outgoing([word, odd], START, ENCODED[START])[1] == [word]


def test_an_event_can_be_late_by_the_sum_of_what_is_asked() -> None:
    late = [deviation("event-late", ms=300), deviation("event-late", ms=50)]
    assert outgoing(late, STOP, ENCODED[STOP]) == ([Outgoing(ENCODED[STOP], late_ms=350)], late)


def test_an_event_can_be_held_until_the_next_one() -> None:
    held, _ = outgoing([deviation("event-out-of-order")], START, ENCODED[START])
    assert held == [Outgoing(ENCODED[START], held=True)]


def test_an_unknown_type_comes_before_the_event_or_in_its_place() -> None:
    unknown = b'{"type":"avatar_blinked","task_id":"t1"}'
    assert sent(START, deviation("event-unknown-type")) == [unknown, ENCODED[START]]
    assert sent(START, deviation("event-unknown-type", instead=True)) == [unknown]
    named = sent(START, deviation("event-unknown-type", instead=True, name="x"))
    assert named == [b'{"type":"x","task_id":"t1"}']


def test_a_foreign_stop_comes_after_the_start_and_before_the_stop() -> None:
    foreign = {"type": "avatar_stop_talking", "task_id": FOREIGN_TASK, "duration_ms": 0.0}
    start, stop = deviation("event-wrong-task"), deviation("event-wrong-task")
    assert [body(one) for one in sent(START, start)] == [body(ENCODED[START]), foreign]
    assert [body(one) for one in sent(STOP, stop)] == [foreign, body(ENCODED[STOP])]


def test_the_event_itself_can_have_a_foreign_task() -> None:
    (only,) = sent(STOP, deviation("event-wrong-task", instead=True))
    assert body(only) == {
        "type": "avatar_stop_talking",
        "task_id": FOREIGN_TASK,
        "duration_ms": 1240.0,
    }


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({}, b'{"type":"avatar_start_t'),
        ({"form": "cut"}, b'{"type":"avatar_start_t'),
        ({"form": "word"}, b"avatar_start_talking"),
        ({"form": "empty"}, b""),
    ],
)
def test_an_event_can_be_no_json(parameters: dict[str, str], message: bytes) -> None:
    assert sent(START, deviation("event-not-json", **parameters)) == [message]


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("null", None),
        ("number", 1),
        ("string", "avatar_start_talking"),
        ("array", []),
        ("empty", {}),
    ],
)
def test_an_event_can_be_json_and_no_event(form: str, value: object) -> None:
    assert [body(one) for one in sent(START, deviation("event-not-an-event", form=form))] == [value]


@pytest.mark.parametrize(
    ("form", "rest"),
    [("absent", {}), ("null", {"message": None}), ("empty", {"message": ""})],
)
def test_what_the_avatar_says_can_be_told_without_a_text(
    form: str, rest: dict[str, object]
) -> None:
    (only,) = sent(MESSAGE, deviation("event-odd-message", form=form))
    assert body(only) == {"type": "avatar_talking_message", "task_id": "t1", **rest}


def test_an_event_can_be_text() -> None:
    assert sent(START, deviation("event-text")) == [ENCODED[START].decode()]


def test_an_event_can_have_more_fields() -> None:
    (only,) = sent(STOP, deviation("event-extra-fields"))
    assert body(only).items() >= body(ENCODED[STOP]).items()
    assert len(body(only)) == 6


@pytest.mark.parametrize(
    ("parameters", "rest"),
    [
        ({}, {}),
        ({"form": "null"}, {"task_id": None}),
        ({"form": "number"}, {"task_id": 7}),
        ({"form": "empty"}, {"task_id": ""}),
    ],
)
def test_an_event_can_have_no_task_id(parameters: dict[str, str], rest: dict[str, object]) -> None:
    (only,) = sent(START, deviation("event-no-task-id", **parameters))
    assert body(only) == {"type": "avatar_start_talking", **rest}


@pytest.mark.parametrize(
    ("form", "rest"),
    [
        ("absent", {}),
        ("zero", {"duration_ms": 0}),
        ("negative", {"duration_ms": -1.0}),
        ("huge", {"duration_ms": 1e300}),
        ("null", {"duration_ms": None}),
        ("text", {"duration_ms": "1.5s"}),
    ],
)
def test_the_end_of_speech_can_have_an_odd_duration(form: str, rest: dict[str, object]) -> None:
    odd = deviation("event-odd-duration", type="avatar_stop_talking", form=form)
    (only,) = sent(STOP, odd)
    assert body(only) == {"type": "avatar_stop_talking", "task_id": "t1", **rest}


@pytest.mark.parametrize(("parameters", "size"), [({}, 60_000), ({"bytes": 65_536}, 65_536)])
def test_an_event_can_be_huge(parameters: dict[str, int], size: int) -> None:
    (only,) = sent(START, deviation("event-huge", **parameters))
    assert len(only) == size
    assert body(only)["type"] == "avatar_start_talking"


def test_an_event_can_have_bytes_that_are_no_text() -> None:
    (only,) = sent(START, deviation("event-invalid-utf8"))
    assert isinstance(only, bytes)
    with pytest.raises(UnicodeDecodeError):
        only.decode()


def test_an_event_can_come_after_very_many_others() -> None:
    flood = sent(STOP, deviation("event-flood", count=30))
    assert len(flood) == 31
    assert flood[-1] == ENCODED[STOP]
    assert {body(one)["type"] for one in flood[:-1]} == {"avatar_blinked"}


def test_deviations_are_applied_in_the_order_of_the_plan() -> None:
    doubled, text = deviation("event-doubled"), deviation("event-text")
    assert sent(START, doubled, text) == [ENCODED[START].decode()] * 2
    cut_then_edited = sent(START, deviation("event-not-json"), deviation("event-no-task-id"))
    assert cut_then_edited == [b'{"type":"avatar_start_t']


def test_a_flood_of_huge_messages_is_made_of_few() -> None:
    flood = sent(START, deviation("event-flood", count=400), deviation("event-huge"))
    assert [len(one) for one in flood] == [60_000] * 401
    assert len({id(one) for one in flood}) == 2


@pytest.mark.parametrize("kind", events.KINDS, ids=lambda kind: kind.do)
def test_what_is_left_out_is_as_its_default_says(kind: Kind) -> None:
    said = {name: one["default"] for name, one in kind.parameters.items() if "default" in one}
    needed = dict(next(iter(kind.trials))) if kind.required else {}
    for event in (START, STOP):
        left_out = outgoing([deviation(kind.do, **needed)], event, ENCODED[event])
        given = outgoing([deviation(kind.do, **said, **needed)], event, ENCODED[event])
        assert given[0] == left_out[0]


def test_every_kind_of_the_family_is_done_and_no_other() -> None:
    assert EDITS.keys() == {kind.do for kind in events.KINDS}


PARAMETERS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "event-late": st.fixed_dictionaries({"ms": st.integers(1, 600_000)}),
    "event-odd-duration": st.fixed_dictionaries(
        {"form": st.sampled_from(("absent", "zero", "huge"))}
    ),
    "event-not-an-event": st.fixed_dictionaries({"form": st.sampled_from(("null", "array"))}),
    "event-odd-message": st.fixed_dictionaries({"form": st.sampled_from(("absent", "list"))}),
    "event-unknown-type": st.fixed_dictionaries({}, optional={"name": st.text(max_size=200)}),
}

NONE: st.SearchStrategy[dict[str, Any]] = st.just({})


@st.composite
def deviations(draw: st.DrawFn) -> Deviation:
    do = draw(st.sampled_from(sorted(EDITS)))
    return deviation(do, **draw(PARAMETERS.get(do, NONE)))


@given(st.lists(deviations(), max_size=8), st.sampled_from((START, MESSAGE, STOP)))
def test_any_deviations_together_give_messages_and_not_too_many(
    drawn: list[Deviation], event: SendEvent
) -> None:
    made, _ = outgoing(drawn, event, ENCODED[event])
    assert len(made) <= MOST
    assert all(isinstance(one.message, bytes | str) for one in made)
