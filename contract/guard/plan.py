"""What a run against the real API would do, and what it would cost at worst."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from contract.guard.config import MINIMUM_BILLED
from contract.unable import UnableError

CREDITS_PER_MINUTE = 0.2
"""About: public notes on HeyGen's pricing page, 2025-11."""

CONNECTED = "newConnected"
"""The action that opens a session and connects a viewer to it."""

_SECONDS_PER_SESSION = 30.0
"""How long a session of a history lives, where the history does not say."""
_SECONDS_PER_REQUEST = 2.0
"""A generous guess of what the real API takes for one, new sessions apart."""


@dataclass(frozen=True, slots=True)
class History:
    """One history of the probe: ``actions`` as JSON, and what playing it takes.

    ``seconds`` is how long all of its sessions are open, together; ``kills`` the planted bugs
    that it was chosen for; ``rules`` what it comes to at a right service.
    """

    actions: tuple[object, ...]
    sessions: int
    requests: int
    seconds: float
    kills: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()

    @property
    def connects(self) -> bool:
        """Whether it needs a viewer that really connects."""
        return CONNECTED in self._calls

    @property
    def wrong(self) -> int:
        """How many of its sessions are asked for in a way that a right service refuses."""
        return sum(call in {CONNECTED, "newSession"} for call in self._calls) - self.sessions

    @property
    def _calls(self) -> list[object]:
        return [action[0] for action in self.actions if isinstance(action, list) and action]

    @property
    def billed(self) -> float:
        """Seconds, at least half a minute for each session."""
        return max(self.seconds, MINIMUM_BILLED * self.sessions)


@dataclass(frozen=True, slots=True)
class Plan:
    """The histories that will be played, in this order."""

    histories: tuple[History, ...]

    @property
    def sessions(self) -> int:
        """How many sessions are opened."""
        return sum(history.sessions for history in self.histories)

    @property
    def requests(self) -> int:
        """How many requests are sent."""
        return sum(history.requests for history in self.histories)

    @property
    def minutes(self) -> float:
        """Session time as billed."""
        return sum(history.billed for history in self.histories) / 60

    @property
    def kills(self) -> int:
        """How many of the planted bugs such a run would have found."""
        return len({name for history in self.histories for name in history.kills})

    @property
    def rules(self) -> frozenset[str]:
        """The rules that a right service is held against."""
        return frozenset(name for history in self.histories for name in history.rules)


def default_probe() -> Path:
    """The file that `make distil` writes."""
    return Path(__file__).parent.parent / "probe.json"


def read_probe(path: Path) -> tuple[History, ...]:
    """The histories of a probe, the most telling first. Raises UnableError that names the file."""
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise UnableError(f"{path}: {problem.strerror}; `make distil` writes it") from None
    return parse_probe(content, name=str(path))


def parse_probe(content: bytes, *, name: str) -> tuple[History, ...]:
    """The histories of a probe file's content. Raises UnableError that names it."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        raise UnableError(f"{name} is not JSON; `make distil` writes it anew") from None
    match value:
        case {"histories": list(items)}:
            return tuple(_history(item, place, name) for place, item in enumerate(items))
    raise UnableError(f'{name} has no list "histories"; `make distil` writes it anew')


def choose(histories: Sequence[History], *, sessions: int, minutes: float | None = None) -> Plan:
    """The longest beginning of the probe that stays within the budget.

    It is played in another order: what a right service refuses is asked first, because the guard,
    which cannot know that, sends no newSession when the budget is spent.
    """
    chosen: list[History] = []
    for history in histories:
        longer = Plan((*chosen, history))
        if longer.sessions > sessions or (minutes is not None and longer.minutes > minutes):
            break
        chosen.append(history)
    return Plan(tuple(sorted(chosen, key=lambda each: (each.sessions > 0, each.wrong == 0))))


def unreachable(
    probe: Sequence[History], plan: Plan, rules: Iterable[str], *, sessions: int
) -> dict[str, str]:
    """Why such a run does not come to these rules: those of ``rules`` that the plan has not.

    ``sessions`` is the budget that the plan was chosen with.
    """
    return {
        rule: _why_not(probe, rule, sessions=sessions) for rule in rules if rule not in plan.rules
    }


def _why_not(probe: Sequence[History], rule: str, *, sessions: int) -> str:
    for length, history in enumerate(probe, start=1):
        if rule in history.rules:
            needed = Plan(tuple(probe[:length])).sessions
            return "needs more --minutes" if needed <= sessions else f"needs --budget {needed}"
    return "the probe does not come to it"


def render(
    histories: Sequence[History], *, target: str, max_age: float, minutes: float | None = None
) -> str:
    """The dry run: what each budget would do, and its worst case, for people.

    ``max_age`` is how many seconds a session may be open at most, ``minutes`` the other budget.
    """
    every = {name for history in histories for name in history.kills}
    rows = [("--budget", "sessions", "requests", "minutes", "at most", "credits", "finds")]
    for plan in _steps(histories):
        worst = plan.sessions * max(max_age, MINIMUM_BILLED) / 60
        worst = worst if minutes is None else min(worst, minutes)
        rows.append(
            (
                str(plan.sessions),
                str(plan.sessions),
                str(plan.requests),
                f"{plan.minutes:.1f}",
                f"{worst:.1f}",
                f"{worst * CREDITS_PER_MINUTE:.2f}",
                f"{plan.kills} of {len(every)} planted bugs",
            )
        )
    table = "".join("  " + "  ".join(f"{cell:>8}" for cell in row) + "\n" for row in rows)
    return f"""\
The plan for {target}; nothing was sent. Sessions there cost credits.

{table}
requests: five a second at most, so that 300 take a minute.
minutes: of session time, as billed, at least half a minute for each session.
at most: when every session stays open until the guard stops it after {max_age:g} s.
credits: about, of that worst case, at {CREDITS_PER_MINUTE:g} a minute (public notes on the pricing
         page, 2025-11; look at yours).

Run it with --budget N: the longest beginning of the plan that opens no more than N sessions.
"""


def _steps(histories: Sequence[History]) -> list[Plan]:
    """One plan for each number of sessions at which the probe gets longer."""
    plans: dict[int, Plan] = {}
    for length in range(1, len(histories) + 1):
        plan = Plan(tuple(histories[:length]))
        if plan.sessions:
            plans[plan.sessions] = plan
    return list(plans.values())


def _history(item: object, place: int, name: str) -> History:
    match item:
        case {"actions": list(actions), "sessions": int(sessions), "requests": int(requests)} if (
            sessions >= 0 and requests >= 0
        ):
            assert isinstance(item, dict)
            return History(
                actions=tuple(actions),
                sessions=sessions,
                requests=requests,
                seconds=_seconds(item.get("seconds"), sessions, requests),
                kills=tuple(str(name) for name in _list(item.get("kills"))),
                rules=tuple(str(name) for name in _list(item.get("rules"))),
            )
    raise UnableError(
        f"{name}: history {place} needs actions, sessions, requests; `make distil` writes it anew"
    )


def _seconds(given: object, sessions: int, requests: int) -> float:
    if isinstance(given, int | float) and not isinstance(given, bool) and 0 <= given < 1e6:
        return float(given)
    return sessions * _SECONDS_PER_SESSION + (requests * _SECONDS_PER_REQUEST if sessions else 0.0)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
