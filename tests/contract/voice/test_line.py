"""A socket of JSON texts: whatever comes is kept, and nothing raises."""

from __future__ import annotations

import json
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.sync.server import ServerConnection, serve

from contract.rooms.sockets import dial
from contract.voice.line import Line, Told
from contract.wire import EndedError
from tests.contract.voice.lines import told
from tests.contract.wires import ScriptedWire


def test_what_is_told_is_kept_in_order_and_found_by_its_kind() -> None:
    line = told({"type": "a", "n": 1}, {"type": "b"}, {"type": "a", "n": 2}, names="type")
    assert line.kinds() == ["a", "b", "a"]
    assert line.kinds(1) == ["b", "a"]
    assert line.all_of("a", 1) == [{"type": "a", "n": 2}]


@pytest.mark.parametrize(
    "content",
    ["", "user_start", "[1]", "null", "[" * 100_000, "9" * 5000, b"\xff", b'{"type": "a"}'],
    ids=["empty", "word", "list", "null", "deep", "digits", "no text", "binary"],
)
def test_what_is_no_json_object_in_a_text_has_no_kind(content: bytes | str) -> None:
    line = told(content, {"type": 5}, {"type": "a"}, names="type")
    assert line.kinds() == ["", "", "a"]
    assert line.told[0].content == content


@given(st.text() | st.binary())
def test_any_message_can_be_read(content: bytes | str) -> None:
    assert Told.read(content).content == content


def test_a_line_waits_until_something_is_told_the_time_is_up_or_the_end() -> None:
    wire = ScriptedWire(['{"type": "a"}', '{"type": "b"}'], ends=True)
    line = Line(wire.dial, "ws://chat", names="type")
    assert line.attend(lambda it: it.all_of("a"), 1.0)
    assert line.kinds() == ["a"]
    assert not line.attend(lambda it: it.all_of("c"), 1.0)
    assert line.ended
    line.say_json(type="d")
    line.close()
    assert wire.sent == []
    assert wire.closed
    silent = Line(ScriptedWire(ends=False).dial, "ws://chat", names="type")
    assert not silent.attend(lambda it: it.told, 0.01)
    assert not silent.ended


def test_a_server_that_talks_without_end_is_not_listened_to_for_ever() -> None:
    class Endless(ScriptedWire):
        def receive(self, seconds: float) -> str:
            return '{"type": "a"}'

    line = Line(Endless().dial, "ws://chat", names="type")
    line.catch_up()
    assert len(line.told) == 1000
    assert not line.attend(lambda it: it.all_of("b"), 0.01)


def test_what_is_said_as_json_goes_out_as_text() -> None:
    wire = ScriptedWire(ends=False)
    line = Line(wire.dial, "ws://chat", names="type")
    line.say_json(type="agent.interrupt", event_id="a")
    line.say(b"\x0a")
    text, binary = wire.sent
    assert json.loads(text) == {"type": "agent.interrupt", "event_id": "a"}
    assert binary == b"\x0a"


def test_a_server_that_sends_what_is_no_utf_8_has_hung_up() -> None:
    def greet(connection: ServerConnection) -> None:
        connection.send(b"\xff\xfe", text=True)

    with serve(greet, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        port = server.socket.getsockname()[1]
        socket = dial(f"ws://127.0.0.1:{port}/")
        with pytest.raises(EndedError):
            socket.receive(5.0)
        socket.close()
        server.shutdown()
        thread.join()
