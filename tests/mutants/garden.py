"""All planted bugs."""

from __future__ import annotations

from tests.mutants import auth, http, life, media, requests, rooms, semantics, shape, voice
from tests.mutants.mutant import Mutant

MUTANTS: tuple[Mutant, ...] = (
    *shape.MUTANTS,
    *http.MUTANTS,
    *requests.MUTANTS,
    *auth.MUTANTS,
    *life.MUTANTS,
    *semantics.MUTANTS,
    *media.MUTANTS,
    *rooms.MUTANTS,
    *voice.MUTANTS,
)
KINDS: dict[str, str] = {
    mutant.name: module.__name__.rpartition(".")[2]
    for module in (shape, http, requests, auth, life, semantics, media, rooms, voice)
    for mutant in module.MUTANTS
}
"""The kind of each, by the file that it is in."""
