"""Tests press Ctrl-C. A shell that starts them in the background has them ignore it, and with them
all that they start."""

from __future__ import annotations

import signal

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
