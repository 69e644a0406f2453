"""What clients print is shown, and gives no orders to whoever shows it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.clients.plain import plain
from contract.report.junit import clean


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("\x1b[1;31mError\x1b[0m: café", "Error: café"),
        ("\x1b]0;a title\x07done", "done"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b[2J\x1b[?25l\x1b(Bgone", "gone"),
        ("10 %\r20 %\r\nend", "10 %\n20 %\nend"),
        ("a\x00b\x9b2Jc\ud800", "a\ufffdb\ufffd2Jc\ufffd"),
        ("tab\tand 😀 </script>", "tab\tand 😀 </script>"),
    ],
)
def test_orders_to_a_terminal_are_left_out_and_what_no_text_may_hold_is_replaced(
    printed: str, shown: str
) -> None:
    assert plain(printed) == shown


@given(st.text(st.characters() | st.sampled_from("\x1b[]\x07;m\r\n")))
def test_plain_text_can_be_written_everywhere_and_stays_as_it_is(text: str) -> None:
    shown = plain(text)
    shown.encode()
    assert plain(shown) == shown == clean(shown)
    assert all(c in "\t\n" or c >= " " for c in shown)
