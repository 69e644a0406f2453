"""A real WebRTC client that judges what no JSON shows: pictures, sound, and events beside them."""

from __future__ import annotations

from contract.findings import Findings
from contract.subject import Progress, Subject


def run_media(subject: Subject, findings: Findings, progress: Progress) -> None:
    """The media probe, a ``Stimulus``. Raises UnreachableError."""
    # Half a second, which nobody should wait for who asks which rules there are.
    from contract.media.probe import probe  # noqa: PLC0415

    probe(subject, findings, progress)
