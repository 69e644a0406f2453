"""Traces of errors that nobody handled, as the run times of five languages print them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from contract.clients.plain import plain

_MOST = 14
"""Lines of a trace that are shown; the middle of a longer one is left out."""


@dataclass(frozen=True, slots=True)
class Trace:
    """One error. ``signature`` is its type and where it came from, without lines and addresses;
    ``named`` are the lines of it that name the error.
    """

    signature: str
    text: str
    named: tuple[str, ...] = ()


def find_traces(output: str, *, failed: bool) -> tuple[Trace, ...]:
    """The traces in what a client printed, each signature once.

    ``failed`` is whether it ended with another status than 0: who prints a trace and goes on has
    handled the error after a fashion, except where the run time itself says that nobody did.
    """
    lines = plain(output).splitlines()
    found = [*_python(lines, failed=failed), *_go(lines), *_rust(lines), *_java(lines)]
    if failed:
        found += _node(lines)
    return tuple({trace.signature: trace for trace in reversed(found)}.values())[::-1]


# Python: traceback.c, asyncio's call_exception_handler, threading.excepthook, sys.unraisablehook.

_GROUP = re.compile(r"^\s+[|+](?:-\+[-\s\d.]*)? ?")
"""What stands before the lines of an exception group."""

_BEGIN = "Traceback (most recent call last):"
_FRAME = re.compile(r'\s+File "(?P<file>[^"]+)", line \d+, in (?P<name>\S+)')
_ERROR = re.compile(r"(?P<error>[A-Za-z_][\w.]*)(?::|$)")
_UNHANDLED = re.compile(
    r"exception was never retrieved|Exception in thread |Exception ignored in"
    r"|Exception in callback |[Uu]nhandled exception in"
)
_CHAINED = re.compile(r"was the direct cause of the following|another exception occurred:$")
_ASKED = frozenset({"KeyboardInterrupt", "SystemExit"})


def _python(lines: Sequence[str], *, failed: bool) -> Iterator[Trace]:
    lines = [_GROUP.sub("", line) for line in lines]
    begins = [at for at, line in enumerate(lines) if line.strip() == _BEGIN]
    for at, until in zip(begins, [*begins[1:], len(lines)], strict=False):
        last = at == begins[-1]
        before = lines[max(0, at - 4) : at]
        if not (failed and last) and not any(_UNHANDLED.search(line) for line in before):
            continue  # logged, and the program went on
        end = next((n for n in range(at + 1, until) if _ERROR.match(lines[n])), None)
        if end is None or any(_CHAINED.search(line) for line in lines[end:until]):
            continue
        error = _ERROR.match(lines[end])
        frames = [frame for line in lines[at:end] if (frame := _FRAME.match(line))]
        where = f"{_name(frames[-1]['file'])}:{frames[-1]['name']}" if frames else ""
        if error is not None and error["error"] not in _ASKED:
            yield _trace(error["error"], where, lines[at : end + 1], named=lines[end : end + 1])


# Node: lib/internal/process/execution.js and promises.js.

_NODE_SIGN = re.compile(
    r"Node\.js v\d|node:internal/|Uncaught |\s*triggerUncaughtException\("
    r"|.*UnhandledPromiseRejection"
)
_NODE_ERROR = re.compile(r"(?:Uncaught )?\[?(?P<error>[A-Z][\w$]*)\b")
_NODE_FRAME = re.compile(
    r"\s+at (?:async )?(?:(?P<name>[^(]*?) \()?(?P<file>[^()\s]+?):\d+:\d+\)?$"
)


def _node(lines: Sequence[str]) -> Iterator[Trace]:
    if not any(_NODE_SIGN.match(line) for line in lines):
        return
    for at in range(len(lines) - 1, -1, -1):
        error = _NODE_ERROR.match(lines[at])
        end = next((n for n in range(at + 1, len(lines)) if not lines[n].strip()), len(lines))
        below = lines[at + 1 : min(end, at + 12)]
        if error is None or not any("    at " in line or "code: 'ERR_" in line for line in below):
            continue
        frames = [frame for line in below if (frame := _NODE_FRAME.match(line))]
        own = [frame for frame in frames if not frame["file"].startswith("node:")]
        where = f"{_name(own[0]['file'])}:{own[0]['name'] or '<anonymous>'}" if own else ""
        yield _trace(error["error"], where, [lines[at], *below], named=[lines[at]])
        return


# Go: runtime/panic.go; Rust: library/std/src/panicking.rs; Java: Thread.dispatchUncaughtException.

_GO = re.compile(r"(?P<kind>panic|fatal error): (?P<text>.*)$")
_GO_FRAME = re.compile(r"(?!panic\(|runtime\.)(?P<name>\S+)\(.*\)$")
_RUST = re.compile(
    r"thread '[^']*'(?: \(\d+\))? panicked at (?:'(?P<text>.*)', )?(?P<file>[^\s:']+):\d+:\d+"
)
_JAVA = re.compile(r'Exception in thread "[^"]*" (?P<error>[\w.$]+)')
_JAVA_FRAME = re.compile(r"\s+at (?P<name>[\w.$<>/]+)\(")
_NUMBERS = re.compile(r"0x[0-9a-f]+|\d+")


def _go(lines: Sequence[str]) -> Iterator[Trace]:
    for at, line in enumerate(lines):
        found = _GO.match(line)
        below = lines[at + 1 : at + 24]
        if found is None or not any(row.startswith("goroutine ") for row in below):
            continue
        frame = next((frame for row in below if (frame := _GO_FRAME.match(row))), None)
        error = f"{found['kind']}: {_NUMBERS.sub('N', found['text'])[:80]}"
        yield _trace(error, frame["name"] if frame else "", lines[at : at + 12])


def _rust(lines: Sequence[str]) -> Iterator[Trace]:
    for at, line in enumerate(lines):
        if found := _RUST.match(line):
            below = lines[at + 1 : at + 2]
            text = found["text"] or "".join(below)  # since Rust 1.73 in a line of its own
            error = f"panic: {_NUMBERS.sub('N', text)[:80]}"
            yield _trace(error, _name(found["file"]), [line, *below], named=[line, *below])


def _java(lines: Sequence[str]) -> Iterator[Trace]:
    for at, line in enumerate(lines):
        if found := _JAVA.match(line):
            below = lines[at + 1 : at + 6]
            frame = next((frame for row in below if (frame := _JAVA_FRAME.match(row))), None)
            yield _trace(found["error"], frame["name"] if frame else "", lines[at : at + 12])


def _trace(
    error: str, where: str, lines: Sequence[str], *, named: Sequence[str] | None = None
) -> Trace:
    names = tuple(lines[:1] if named is None else named)
    if len(lines) > _MOST:
        lines = [*lines[:3], "  ...", *lines[-(_MOST - 4) :]]
    return Trace(f"{error} in {where}" if where else error, "\n".join(lines), names)


def _name(path: str) -> str:
    """The file without its folders, which differ from machine to machine."""
    return path.replace("\\", "/").rpartition("/")[2]
