"""YAML text to plain values, as OpenAPI reads it: what JSON can say, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WORDS = {"": None, "null": None, "true": True, "false": False}


def read_yaml(text: bytes) -> object:
    """The values of one YAML document.

    OpenAPI 3.1.0, section 4.2, asks for the JSON schema of YAML 1.2, where ``no`` and
    ``2024-05-01`` are text; PyYAML's own constructors follow YAML 1.1, let a key that is given
    twice overwrite the first, and take three times as long. Anchors and tags are refused, as
    the contract has no need of them.

    Raises yaml.YAMLError or ValueError with the place in the text.
    """
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    events = yaml.parse(text, loader)
    for event in events:
        if isinstance(event, yaml.NodeEvent):
            return _node(event, events)
    return None


def _node(event: yaml.Event, events: Iterator[yaml.Event]) -> object:
    if isinstance(event, yaml.AliasEvent):
        raise _refused(event, "anchors are not read")
    if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent):
        if event.anchor is not None:
            raise _refused(event, "anchors are not read")
        if event.tag is not None:
            raise _refused(event, "tags are not read")
    if isinstance(event, yaml.ScalarEvent):
        return _plain(event.value) if event.implicit[0] else event.value
    if isinstance(event, yaml.SequenceStartEvent):
        return _sequence(events)
    return _mapping(events)


def _sequence(events: Iterator[yaml.Event]) -> list[object]:
    values: list[object] = []
    for event in events:
        if isinstance(event, yaml.SequenceEndEvent):
            break
        values.append(_node(event, events))
    return values


def _mapping(events: Iterator[yaml.Event]) -> dict[str, object]:
    values: dict[str, object] = {}
    for event in events:
        if isinstance(event, yaml.MappingEndEvent):
            break
        key = _node(event, events)
        if not isinstance(key, str):
            raise _refused(event, f"the key {key!r} is not text")
        if key in values:
            raise _refused(event, f"the key {key!r} is given twice")
        values[key] = _node(next(events), events)
    return values


def _plain(text: str) -> object:
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def _refused(event: yaml.Event, why: str) -> ValueError:
    mark = event.start_mark
    return ValueError(why if mark is None else f"line {mark.line + 1}: {why}")
