from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.core.realtime import (
    Append,
    Clear,
    Command,
    Commit,
    Interrupt,
    KeepAlive,
    Listen,
    RealtimeError,
    SpeakAudio,
    SpeakEnd,
    parse_command,
)

AUDIO = base64.b64encode(b"\x01\x02\x03\x04").decode()


@pytest.mark.parametrize(
    ("message", "command"),
    [
        ({"type": "agent.speak", "audio": AUDIO}, SpeakAudio("e", b"\x01\x02\x03\x04")),
        ({"type": "agent.speak_end"}, SpeakEnd("e")),
        ({"type": "agent.audio_buffer_append", "audio": AUDIO}, Append("e", b"\x01\x02\x03\x04")),
        ({"type": "agent.audio_buffer_commit"}, Commit("e")),
        ({"type": "agent.audio_buffer_clear"}, Clear("e")),
        ({"type": "agent.interrupt"}, Interrupt("e")),
        ({"type": "agent.start_listening"}, Listen("e", on=True)),
        ({"type": "agent.stop_listening"}, Listen("e", on=False)),
        ({"type": "session.keep_alive", "more": 1}, KeepAlive("e")),
    ],
)
def test_each_message_is_read(message: dict[str, Any], command: Command) -> None:
    assert parse_command(json.dumps({**message, "event_id": "e"})) == command


def test_the_event_id_may_be_absent() -> None:
    assert parse_command('{"type": "agent.interrupt"}') == Interrupt(None)


@pytest.mark.parametrize(
    ("text", "problem", "event_id"),
    [
        ("", "no JSON", None),
        ("[" * 100_000, "no JSON", None),
        ("[]", "no JSON object", None),
        ("{}", "type: 'None' is unknown", None),
        ('{"type": ["agent.speak"], "event_id": "e"}', "is unknown", "e"),
        ('{"type": "agent.speak", "event_id": "e"}', "audio: must be", "e"),
        ('{"type": "agent.speak", "audio": "é"}', "no base64", None),
        ('{"type": "agent.speak", "audio": "a"}', "no base64", None),
        ('{"type": "agent.interrupt", "event_id": 7}', "event_id", None),
        (json.dumps({"type": "agent.interrupt", "event_id": "e" * 201}), "event_id", None),
    ],
)
def test_what_cannot_be_taken_is_refused_with_a_reason(
    text: str, problem: str, event_id: str | None
) -> None:
    with pytest.raises(RealtimeError, match=problem) as caught:
        parse_command(text)
    assert caught.value.event_id == event_id


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
MESSAGES = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["agent.speak", "agent.audio_buffer_append"]) | JSON,
        "audio": JSON | st.binary().map(lambda data: base64.b64encode(data).decode()),
        "event_id": JSON,
    },
)


@given(st.text() | MESSAGES.map(json.dumps))
def test_any_text_is_a_command_or_refused(text: str) -> None:
    try:
        command = parse_command(text)
    except RealtimeError:
        return
    assert command.event_id is None or isinstance(command.event_id, str)
