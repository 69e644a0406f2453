"""Writes docs/cases.md: ``python -m contract.clients.cases > docs/cases.md``."""

from __future__ import annotations

import sys

from contract.clients.cases.page import write_page

sys.stdout.write(write_page())
