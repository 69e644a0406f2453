"""What tasks and interrupts tell and change."""

from __future__ import annotations

from typing import Any

from contract.findings import Violation
from contract.model.session import ACTIVE, Early, ModelSession
from contract.model.tasks import Durations, spoken_of
from contract.model.verdicts import Verdicts
from contract.model.world import Situation


class Talk:
    """Follows each session's speech, and compares durations across all of them."""

    def __init__(self, verdicts: Verdicts) -> None:
        self._verdicts = verdicts
        self._durations = Durations()
        self._task_ids: set[str] = set()

    def spoken(
        self, situation: Situation, session: ModelSession, body: dict[str, Any]
    ) -> list[Violation]:
        """A task was answered: its id is new, its duration plausible, and the speech follows."""
        found = self._verdicts.agree(situation, body)
        data = body.get("data") if isinstance(body.get("data"), dict) else body
        assert isinstance(data, dict)
        task_id, duration = data.get("task_id"), data.get("duration_ms")
        if isinstance(task_id, str):
            again = "one of an earlier answer" if task_id in self._task_ids else None
            found += self._verdicts.check(
                situation, "task-id-fresh", "a task_id not given before", again, "task_id"
            )
            self._task_ids.add(task_id)
        began, ended = situation.moment
        session.active(began, ended)
        if not isinstance(duration, int | float):
            return found
        dropped = self._dropped(session, began, ended)
        if dropped is not None:
            return [*found, *(self._drop(situation, duration) if dropped else [])]
        if session.waits(situation.call.body, ended):
            # What drops a task can be answered after the task itself.
            session.early.append(Early(ended, duration))
            del session.early[:-4]
            if duration == 0:
                return found
        if isinstance(situation.call.body.get("text"), str):
            call = situation.call
            shown_by = (*session.connected_by, call.exchange)
            spoken = spoken_of(call, session.rate, duration, shown_by)
            for each in self._durations.judge(spoken):
                found += self._verdicts.check(
                    situation, each.rule, "the time that the speech takes", each.wrong,
                    "duration_ms", history=each.history,
                )  # fmt: skip
        if session.speech_began is None or not session.speech.speaking(began, ended)[1]:
            session.speech_began = began
        session.speech.take(began, ended, duration / 1000)
        return found

    @staticmethod
    def _dropped(session: ModelSession, began: float, ended: float) -> bool | None:
        """Whether an interrupt or a stop dropped the task while it waited.

        None when nothing of the kind happened, False when it may have been spoken by then.
        """
        for at, spoke_since in session.drops:
            if began < at <= ended:
                return spoke_since is not None and spoke_since < began
        return None

    def _drop(self, situation: Situation, duration: float) -> list[Violation]:
        wrong = None if duration == 0 else f"{duration:g} ms"
        return self._verdicts.check(
            situation, "task-dropped", "duration_ms 0 for a task that was dropped", wrong
        )

    def interrupted(self, situation: Situation, session: ModelSession) -> list[Violation]:
        """All that was spoken and waited is dropped; without speech nothing happens."""
        began, ended = situation.moment
        found: list[Violation] = []
        for early in session.early:
            if early.ended > began:
                found += self._drop(situation, early.duration)
        session.early.clear()
        surely, perhaps = session.speech.speaking(began, ended)
        if perhaps:
            # One that comes to nothing is no activity: idleness counts from the end of the speech.
            session.active(began if surely else session.speech.surely_until, ended)
        elif session.states & ACTIVE:
            session.idle_calls.add("interrupt-silent")
        session.drops.append((ended, session.speech_began if surely else None))
        del session.drops[:-8]
        if perhaps:
            session.speech.silence()
        session.speech_began = None
        return found

    def stopped(self, situation: Situation, session: ModelSession) -> list[Violation]:
        """The session's end drops what it spoke and what waited."""
        found: list[Violation] = []
        for early in session.early:
            if early.ended > situation.moment[0]:
                found += self._verdicts.check(
                    situation,
                    "task-dropped",
                    "the error of a closed session for a task that waited",
                    "success",
                )
        session.early.clear()
        session.stopped = True
        session.drops.append((situation.moment[1], session.speech_began))
        session.speech.silence()
        return found
