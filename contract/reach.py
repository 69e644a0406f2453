"""Which stimuli judge a rule, and what a target needs for the rule to be reached at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Need = Literal["connection", "clock", "account", "limit", "stamp"]

WHY: Mapping[Need, str] = {
    "connection": "no session is connected (--no-media)",
    "clock": "the clock of this server cannot be moved on",
    "account": "there is one account only (give a second --api-key)",
    "limit": "the limit of sessions is not known",
    "stamp": "only the fake's picture carries a stamp",
}
"""Why a rule cannot be reached where the target lacks it."""


@dataclass(frozen=True, slots=True)
class Reach:
    """``judged_by`` names stimuli; a rule that none of the chosen ones judges is not expected.

    ``needs`` is what all of those stimuli need of the target to come to the rule.
    """

    judged_by: frozenset[str]
    needs: frozenset[Need] = frozenset()


def _by(stimuli: str, *needs: Need) -> Reach:
    return Reach(frozenset(stimuli.split()), frozenset(needs))


_ALL = "schemathesis tour machine sample"

REACH: Mapping[str, Reach] = {}
