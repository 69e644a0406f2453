"""Answers that are refusals, late, odd, or not of the contract's form."""

from __future__ import annotations

from mock_server.core.faults import fields, odd, refusals
from mock_server.core.faults.body import Body
from mock_server.core.faults.kind import Kind
from mock_server.core.faults.plan import Deviation

_ODD = frozenset(kind.do for kind in odd.KINDS)
_FIELDS = frozenset(kind.do for kind in fields.kinds({}))


def kinds(shapes: fields.Fields) -> tuple[Kind, ...]:
    """The family's kinds; which values of answers they can change follows from the contract."""
    return (*refusals.KINDS, *odd.KINDS, *fields.kinds(shapes))


def edited(deviation: Deviation, body: Body) -> Body | None:
    """The body as the deviation wants it; None when it changes nothing, or is no edit.

    Never fails, whatever other deviations made of the body before.
    """
    if deviation.do in _ODD:
        new = odd.edited(deviation, body)
    elif deviation.do in _FIELDS:
        new = fields.edited(deviation, body)
    else:
        return None
    if new is None or (new.media_type == body.media_type and new.encoded() == body.encoded()):
        return None
    return new
