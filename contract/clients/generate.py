"""Plans drawn at random, by Hypothesis. It draws only: what breaks is shrunk in shrink.py."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import NonInteractiveExampleWarning

from contract.clients.catalogue import Catalogue, Kind, load_catalogue
from contract.clients.plan import Deviation, Plan

_LONGEST = 5.0
"""Seconds that one deviation makes an honest client wait at most, and after which none begins."""
_MOST_NTH = 3
_MOST_TEXT = 40
_BATCH = 100


def plans(
    *, only: Iterable[str] | None = None, max_size: int = 3
) -> st.SearchStrategy[list[dict[str, Any]]]:
    """A Hypothesis strategy of plans for the fixture ``heygen_play``: lists of deviations.

    ``only`` are names of kinds, families or targets, as in ``heygen-contract fuzz --only``; no
    plan has more than ``max_size`` deviations. What there is to draw from is asked of the
    installed fake when the first plan is drawn. Raises UnableError then for an unknown name.
    """
    if max_size < 1:
        raise ValueError(
            f"max_size={max_size}: a plan of no deviation finds nothing; give 1 or more"
        )
    if isinstance(only, str):
        raise TypeError(f"only={only!r}: give a list of names, such as [{only!r}]")
    names = None if only is None else tuple(only)
    return st.deferred(
        lambda: drawn(load_catalogue().only(names, asked="only="), max_size=max_size).map(
            lambda plan: plan.data
        )
    )


def drawn(
    catalogue: Catalogue, *, min_size: int = 0, max_size: int = 3, longest: float = _LONGEST
) -> st.SearchStrategy[Plan]:
    """A strategy of plans.

    ``longest`` is in seconds: what one deviation makes a client wait at most, and when those that
    are timed begin at the latest.
    """
    if not catalogue.kinds and min_size == 0:
        return st.just(Plan())
    one = deviations(catalogue, longest=longest)
    return st.lists(one, min_size=min_size, max_size=max_size).map(lambda them: Plan(tuple(them)))


def deviations(catalogue: Catalogue, *, longest: float = _LONGEST) -> st.SearchStrategy[Deviation]:
    """A strategy of single deviations: those of the sweep, and any other that is allowed."""
    by_kind = []
    for kind in catalogue:
        free = _free(kind, longest)
        near = [one for one in kind.sweep if catalogue.starts_at(one) <= longest]
        by_kind.append(st.sampled_from(near) | free if near else free)
    return st.one_of(by_kind) if by_kind else st.nothing()


def draw_until(
    over: Callable[[], bool],
    strategy: st.SearchStrategy[Plan],
    use: Callable[[Plan], None],
    *,
    number: int,
) -> None:
    """Gives ``use`` one plan after the other until it is ``over``.

    The same ``number``, the same plans. Raises what ``use`` raises.
    """
    batch = 0
    error: Exception | None = None
    while not over():

        @seed(number * 1_000_003 + batch)
        @settings(
            max_examples=_BATCH,
            phases=[Phase.generate],
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(strategy)
        def draw(plan: Plan) -> None:
            nonlocal error
            if error is not None or over():
                return  # the rest of the batch
            try:
                use(plan)
            except Exception as problem:  # noqa: BLE001 - Hypothesis would try it once more
                error = problem

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NonInteractiveExampleWarning)
            draw()
        if error is not None:
            raise error
        batch += 1


def _free(kind: Kind, longest: float) -> st.SearchStrategy[Deviation]:
    required: dict[str, st.SearchStrategy[Any]] = {}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for name, schema in kind.parameters.items():
        value = _value(_bounded(name, schema, kind, longest))
        (required if name in kind.required else optional)[name] = value
    return st.builds(
        Deviation,
        on=st.sampled_from(kind.on),
        do=st.just(kind.do),
        nth=st.none() | st.integers(1, _MOST_NTH),
        parameters=st.fixed_dictionaries(required, optional=optional),
    )


def _bounded(name: str, schema: Mapping[str, Any], kind: Kind, longest: float) -> Mapping[str, Any]:
    """The schema, without values that only make everybody wait."""
    unit = kind.waits.get(name) or (0.001 if name == "at_ms" else 0.0)
    if not unit or "maximum" not in schema:
        return schema
    most = max(longest / unit, schema.get("minimum", 0))
    most = min(schema["maximum"], int(most) if schema["type"] == "integer" else most)
    return {**schema, "maximum": most}


def _value(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Values of the JSON Schemas that the catalogue has for parameters."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "const" in schema:
        return st.just(schema["const"])
    types = schema.get("type")
    names = types if isinstance(types, list) else [types]
    return st.one_of([_of_type(name, schema) for name in names])


def _of_type(name: object, schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    low, high = schema.get("minimum"), schema.get("maximum")
    if name == "integer":
        return st.integers(low, high)
    if name == "number":
        return st.floats(low, high, allow_nan=False, allow_infinity=False)
    if name == "string":
        longest = min(_MOST_TEXT, schema.get("maxLength", _MOST_TEXT))
        return st.text(min_size=schema.get("minLength", 0), max_size=longest)
    if name == "boolean":
        return st.booleans()
    if name == "null":
        return st.none()
    raise ValueError(f"no values are known for the parameter schema {dict(schema)}")
