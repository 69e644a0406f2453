"""``make mutants``: writes docs/mutants.md."""

from __future__ import annotations

from tests.mutants.garden import MUTANTS
from tests.mutants.page import PAGE, page

PAGE.write_text(page(), encoding="utf-8")
print(f"{PAGE.name}: {len(MUTANTS)} mutants")
