"""The media probe: real viewers in a few sessions at a time, and what they saw and heard."""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from contract.client import Client, monitor_of
from contract.findings import Findings
from contract.media.crew import Crew, Patience, StoppedError, UnfitError
from contract.media.rules import SCENARIOS, scenarios_for
from contract.media.scenarios import PLAYS
from contract.media.verdict import Unable
from contract.media.visit import Visit
from contract.subject import Progress, Subject

AT_ONCE = 3
"""Sessions at one time; the limit of an account was never seen to be lower."""


def probe(subject: Subject, findings: Findings, progress: Progress) -> None:
    """Every scenario. A ``Stimulus``. Raises UnreachableError."""
    probe_rules(subject, findings, progress=progress)


def probe_rules(
    subject: Subject,
    findings: Findings,
    *,
    only: Collection[str] = SCENARIOS,
    progress: Progress | None = None,
    patience: Patience | None = None,
    at_once: int = AT_ONCE,
) -> None:
    """The scenarios named, and for each rule named the one that shows it best (``rules``).

    What a scenario judges beside the rules named is in the findings too. Every session is stopped
    at the end, whatever it was. Raises KeyError for an unknown name, UnreachableError.
    """
    names = scenarios_for(frozenset(only))
    client = Client(subject, monitor_of(subject, findings))
    crew = Crew(client, findings, patience or Patience())
    threads = ThreadPoolExecutor(min(at_once, subject.max_sessions or at_once), "contract-probe")
    try:
        plays = {threads.submit(_play, name, crew): name for name in names}
        _follow(plays, progress)
    finally:
        crew.stopped.set()
        threads.shutdown(cancel_futures=True)
        crew.finish()


def _follow(plays: dict[Future[None], str], progress: Progress | None) -> None:
    left = set(plays)
    while left:
        # Ctrl-C reaches a wait that has an end.
        done, left = wait(left, timeout=0.2, return_when=FIRST_COMPLETED)
        for play in done:
            play.result()
            if progress is not None:
                progress(len(plays) - len(left), len(plays), plays[play])


def _play(name: str, crew: Crew) -> None:
    visit = Visit(crew)
    try:
        PLAYS[name](crew, visit)
    except UnfitError as problem:
        for rule_id in SCENARIOS[name]:
            crew.judge(rule_id, Unable(str(problem)))
    except StoppedError:
        for rule_id in SCENARIOS[name]:
            crew.judge(rule_id, Unable("stopped before the end"))
    finally:
        visit.close()
