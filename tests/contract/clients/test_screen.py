"""Progress, on a terminal and in a log."""

from __future__ import annotations

import io

from contract.clients.screen import LineScreen


def test_a_log_gets_plain_lines_now_and_then() -> None:
    out, now = io.StringIO(), [0.0]
    screen = LineScreen(out, live=False, clock=lambda: now[0])
    screen.began("sweep", 3)
    screen.moved(1, "none failed")
    now[0] = 11.0
    screen.moved(2, "1 failed")
    screen.note("hang: [...]" + "x" * 400)
    screen.end()
    first, second, third = out.getvalue().splitlines()
    assert first == "sweep: 3 runs"
    assert second == "sweep: 2 of 3, 1 failed, 11 s"
    assert third.endswith("...")
    assert len(third) == 300


def test_a_terminal_gets_one_line_that_changes() -> None:
    out, now = io.StringIO(), [0.0]
    screen = LineScreen(out, live=True, clock=lambda: now[0])
    screen.began("combinations", None)
    now[0] = 0.2
    screen.moved(4, "none failed")
    screen.moved(5, "none failed")
    screen.end()
    assert out.getvalue() == (
        "\r\x1b[Kcombinations ...\r\x1b[Kcombinations: 4, none failed, 0 s\r\x1b[K"
    )


def test_what_a_phase_counts_is_named() -> None:
    out = io.StringIO()
    screen = LineScreen(out, live=False)
    screen.began("confirm", 2, of="finding")
    screen.began("confirm", 1, of="finding")
    assert out.getvalue() == "confirm: 2 findings\nconfirm: 1 finding\n"


def test_a_note_gives_no_orders_to_the_terminal() -> None:
    out = io.StringIO()
    LineScreen(out, live=False).note("\x1b[2Ja\x07")
    assert out.getvalue() == "a\ufffd\n"
