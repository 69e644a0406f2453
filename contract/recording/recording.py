"""What was recorded of a server, as exchanges in the order in which they ended."""

from __future__ import annotations

from dataclasses import dataclass

from contract.exchange import Exchange
from contract.unable import UnableError


class RecordingError(UnableError):
    """A recording that cannot be used. The message names file, entry and remedy."""


@dataclass(frozen=True, slots=True)
class Recording:
    """The exchanges of the API, each numbered by its place in the file, counted from 1.

    ``hosts`` are those that answered as the API. ``notes`` say what the file leaves out, and how
    to have it, one sentence each. ``own`` says that this program wrote the file.
    """

    name: str
    exchanges: tuple[Exchange, ...]
    hosts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    own: bool = False
