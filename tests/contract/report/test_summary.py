"""How often a finding was seen, in words."""

from __future__ import annotations

import pytest

from contract.report.summary import Finding
from tests.contract.model.conversation import Conversation, refusal


@pytest.mark.parametrize(
    ("count", "words"), [(1, "once"), (7, "7 times"), (99, "99 times"), (100, "100 times and more")]
)
def test_a_count_that_was_cut_off_says_so(count: int, words: str) -> None:
    talk = Conversation()
    talk.on("keepAlive", 1, refusal("session-unknown", 2))
    finding = Finding(talk.findings.violations[0], count, ("tour",), "")
    assert finding.times == words
