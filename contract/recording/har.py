"""Reads HAR 1.2, as browsers, proxies and test tools export it, and as this program writes it."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from contract.exchange import Exchange, Part
from contract.recording.entry import read_entry
from contract.recording.recording import Recording, RecordingError

MAX_BYTES = 256 * 1024 * 1024
"""An hour of sessions is about 10 MB; a file beyond this is no recording of this API alone."""

EXPORT = (
    'Chromium: allow "Export HAR (with sensitive data)" in the settings of the developer tools, '
    'then export that; Firefox: "Save All As HAR" while the answers are still shown'
)
_MISSING: dict[Part, str] = {
    "credentials": "have no credentials; whose sessions they are is unknown",
    "request body": "have no request body; what was asked is unknown",
    "response body": "have no response body; what was answered is unknown",
}
_KEPT_BACK = frozenset({"authorization", "cookie"})
"""What browsers leave out of a sanitized export: where one of them is seen, it is none."""


def read_har(path: Path, *, paths: Collection[str], host: str | None = None) -> Recording:
    """The exchanges of the API in a HAR file.

    ``paths`` are the contract's; every URL that ends in one is the API's, whatever its host and
    prefix, unless ``host`` names one. Raises RecordingError that names file, entry and remedy.
    """
    name = str(path)
    entries, own = _entries(name, _load(path))
    kept: list[tuple[Exchange, str]] = []
    skipped: Counter[str] = Counter()
    complete = own
    for number, entry in enumerate(entries, start=1):
        place = f"{name}: entry {number}"
        if not isinstance(entry, dict):
            raise RecordingError(f"{place} is no object; export the recording again")
        complete = complete or _shows_credentials(entry)
        target = _target(entry, place, paths)
        if target is None or (host is not None and target[0] != host):
            skipped["other"] += 1
            continue
        found = read_entry(entry, number=number, place=place, path=target[1], own=own)
        if isinstance(found, str):
            skipped[found] += 1
        else:
            kept.append((found, target[0]))
    if not kept:
        raise RecordingError(_nothing(name, len(entries), skipped, host))
    exchanges = [_credentials(exchange, complete=complete) for exchange, _ in kept]
    exchanges.sort(key=lambda exchange: (exchange.ended, exchange.number))
    hosts = tuple(dict.fromkeys(answered for _, answered in kept))
    return Recording(name, tuple(exchanges), hosts, _notes(exchanges, hosts, skipped), own)


def _load(path: Path) -> Any:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise RecordingError(
                f"{path} is larger than {MAX_BYTES // 2**20} MB; filter it by the API's host "
                "before exporting it"
            )
        data = path.read_bytes()
    except (OSError, ValueError) as problem:  # ValueError: a NUL in the name
        reason = getattr(problem, "strerror", None) or problem
        raise RecordingError(f"{path} cannot be read: {reason}") from None
    if not data.strip():
        raise RecordingError(f"{path} is empty; export the recording again")
    if data[:2] in (b"PK", b"\x1f\x8b"):
        raise RecordingError(f"{path} is compressed; unpack it and give the .har file inside")
    try:
        return json.loads(data)
    except json.JSONDecodeError as problem:
        cut = problem.pos >= len(problem.doc.rstrip()) or problem.msg.startswith("Unterminated")
        what = "ends in the middle" if cut else "is not JSON"
        raise RecordingError(
            f"{path} {what}: {problem.msg} at line {problem.lineno} column {problem.colno}; "
            "export the recording again"
        ) from None
    except (ValueError, RecursionError) as problem:  # no text, or deeper than any HAR
        raise RecordingError(
            f"{path} is not JSON: {str(problem)[:200]}; give a file in the format HAR 1.2"
        ) from None


def _entries(name: str, document: Any) -> tuple[list[Any], bool]:
    log = document.get("log") if isinstance(document, dict) else None
    entries = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(log, dict) or not isinstance(entries, list):
        raise RecordingError(
            f"{name} is not a HAR: it has no log.entries; give a file in the format HAR 1.2"
        )
    return entries, isinstance(log.get("_contract"), dict)


def _shows_credentials(entry: dict[str, Any]) -> bool:
    request = entry.get("request")
    headers = request.get("headers") if isinstance(request, dict) else None
    return isinstance(headers, list) and any(
        isinstance(header, dict) and str(header.get("name")).lower() in _KEPT_BACK
        for header in headers
    )


def _target(entry: dict[str, Any], place: str, paths: Collection[str]) -> tuple[str, str] | None:
    """The host, and the path as the contract has it with its query; None for other traffic."""
    request = entry.get("request")
    url = request.get("url") if isinstance(request, dict) else None
    if not isinstance(url, str):
        raise RecordingError(f"{place} has no request.url; export the recording again")
    try:
        parts = urlsplit(url)
    except ValueError:
        return None  # data: URLs and the like, of which a page has many
    if parts.scheme not in ("http", "https"):
        return None
    # The longest: /v1/streaming.new must not be found at the end of another contract path.
    ends = [path for path in paths if parts.path.endswith(path)]
    if not ends:
        return None
    query = f"?{parts.query}" if parts.query else ""
    return parts.netloc, max(ends, key=len) + query


def _credentials(exchange: Exchange, *, complete: bool) -> Exchange:
    """Where the file may have left them out, missing credentials are unknown."""
    request = exchange.request
    there = request.header("x-api-key") is not None or request.header("authorization") is not None
    if complete or there:
        return exchange
    return dataclasses.replace(exchange, unknown=exchange.unknown | {"credentials"})


def _notes(
    exchanges: list[Exchange], hosts: tuple[str, ...], skipped: Counter[str]
) -> tuple[str, ...]:
    notes = []
    if len(hosts) > 1:
        notes.append(
            f"exchanges of {len(hosts)} hosts are judged together ({', '.join(hosts)}); "
            "choose one with --host"
        )
    missing = []
    for part, words in _MISSING.items():
        count = sum(part in exchange.unknown for exchange in exchanges)
        if count:
            missing.append(f"{count} of {len(exchanges)} exchanges {words}")
    if missing:
        notes.append(f"{'; '.join(missing)}. To have them: {EXPORT}")
    if skipped["unanswered"]:
        notes.append(f"{skipped['unanswered']} requests have no answer, and are passed over")
    return tuple(notes)


def _nothing(name: str, total: int, skipped: Counter[str], host: str | None) -> str:
    if total == 0:
        return f"{name} has no entries; record while the client runs"
    whose = f"of the API at {host}" if host else "of the API"
    text = f"{name} has no exchange {whose} among its {total} entries"
    if skipped["unanswered"]:
        return f"{text}: {skipped['unanswered']} requests to it have no answer"
    return f"{text}: none calls a path of the contract; record while the client runs"
