"""Places in JSON values: dotted paths like ``data.sessions[].status``; ``[]`` is each entry."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any, Final


class _Mark(Enum):
    GONE = "gone"


GONE: Final = _Mark.GONE
"""In place of a new value: the field, or the entry, is left out."""

Change = Callable[[Any], Any]
"""What stands there -> what shall stand there; the same value changes nothing."""


def changed(value: Any, path: str, change: Change) -> Any:
    """The value with what stands at the path changed; the very same value when nothing is.

    Never fails: a path that leads nowhere changes nothing. What is given stays as it is.
    """
    return _walk(value, path.replace("[]", ".[]").split("."), change)


def _walk(value: Any, steps: list[str], change: Change) -> Any:
    if not steps:
        new = change(value)
        return value if _same(value, new) else new
    step, rest = steps[0], steps[1:]
    if step == "[]" and isinstance(value, list):
        made = [_walk(one, rest, change) for one in value]
        same = all(new is old for new, old in zip(made, value, strict=True))
        return value if same else [one for one in made if one is not GONE]
    if not isinstance(value, dict) or step not in value:
        return value
    new = _walk(value[step], rest, change)
    if new is value[step]:
        return value
    if new is GONE:
        return {name: one for name, one in value.items() if name != step}
    return {**value, step: new}


def _same(one: Any, other: Any) -> bool:
    if one is other:
        return True
    return type(one) is type(other) and not isinstance(one, list | dict) and bool(one == other)
