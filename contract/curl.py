"""Exchanges as a bash script of curl calls that really does the same again.

Ids and tokens are new on every run: each that a later request uses is taken out of the answer that
gave it, into a variable.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from contract.exchange import Exchange, Request

_HEAD = """\
#!/usr/bin/env bash
# {title}
# Needs bash and curl{python}.
set -u
: "${{BASE_URL:={url}}}" "${{HEYGEN_API_KEY:?is the API key}}"
"""
_OTHER = ': "${HEYGEN_OTHER_API_KEY:?is the API key of another account}"\n'
_FIELD = """
field() {  # the value at a path in the JSON answer
  printf '%s' "$answer" | python3 -c 'import json, sys
value = json.load(sys.stdin)
for step in sys.argv[1:]:
    value = value[int(step) if isinstance(value, list) else step]
print(value)' "$@"
}
"""
_KEY = "$HEYGEN_API_KEY"
_OTHER_KEY = "$HEYGEN_OTHER_API_KEY"
_TOKEN = re.compile(r"[A-Za-z0-9_+/=.:-]{8,}")
"""What ids and tokens are made of: the same bytes in JSON, in a header and in the shell."""

# Carried by curl itself, or chosen by it as good.
_OWN = frozenset(
    ["host", "connection", "content-length", "transfer-encoding", "accept-encoding", "user-agent"]
)
_LONGEST_ARGUMENT = 100_000
"""Bytes; Linux takes 131,072 (MAX_ARG_STRLEN)."""
_WAIT = 2.0
"""Seconds between two requests that are worth a sleep."""


@dataclass(frozen=True, slots=True)
class Variable:
    """Stands for ``value`` in the script: a shell expansion such as ``$session_1``."""

    name: str
    value: str

    @property
    def use(self) -> str:
        return f"${{{self.name}}}"


def write_curl(
    history: Sequence[Exchange],
    *,
    url: str,
    keys: Sequence[str] = (),
    moves: Iterable[tuple[float, float]] = (),
    title: str = "",
) -> str:
    """The script. ``keys`` are the API keys of the first and the second account: never shown.

    ``moves`` are the times, on the clock of the exchanges, at which the server's clock was moved
    and by how many seconds: the script moves the fake's too.
    """
    variables = [Variable(_KEY[1:], key) for key in keys[:1]]
    variables += [Variable(_OTHER_KEY[1:], key) for key in keys[1:2]]
    counts: dict[str, int] = {}
    steps: list[str] = []
    ended: float | None = None
    captures = False
    for index, exchange in enumerate(history):
        if ended is not None:
            steps += _pause(ended, exchange.began, moves)
        ended = exchange.ended
        lines = [f"\n# {index + 1}: answered {_answer(exchange)}"]
        lines.append(_call(exchange.request, variables))
        for path, value in _given(exchange, history[index + 1 :], variables):
            counts[path[-1]] = counts.get(path[-1], 0) + 1
            variable = Variable(f"{path[-1]}_{counts[path[-1]]}", value)
            variables.append(variable)
            lines.append(f"{variable.name}=$(field {' '.join(map(_quoted, path))})")
            captures = True
        steps.append("\n".join(lines) + "\n")
    body = "".join(steps)
    head = _HEAD.format(
        title=_comment(title or "Sends the history of a violation again"),
        python=" and python3" if captures else "",
        url=url,
    )
    if _OTHER_KEY[1:] in body:
        head += _OTHER
    return head + (_FIELD if captures else "") + body


def _call(request: Request, variables: Sequence[Variable]) -> str:
    words = ["curl -sS -g --path-as-is --max-time 60 -w '\\n%{http_code}'"]
    words.append("--head" if request.method == "HEAD" else f"-X {_quoted(request.method)}")
    words.append('"$BASE_URL"' + _shell(request.path.encode("latin-1", "replace"), variables))
    names = set()
    for name, value in request.headers:
        if name in _OWN or (name, value) == ("accept", "*/*"):
            continue
        names.add(name)
        shown = _header_name(name)
        if value:
            raw = f"{shown}: ".encode() + value.encode("latin-1", "replace")
            words.append("-H " + _shell(raw, variables))
        else:
            words.append("-H " + _quoted(f"{shown};"))  # curl's way of an empty header
    pipe = ""
    if request.body or request.method in {"POST", "PUT", "PATCH"}:
        if "content-type" not in names:
            words.append("-H 'Content-Type:'")  # else curl says that it is a form
        if b"\0" in request.body or len(request.body) > _LONGEST_ARGUMENT:
            pipe = f"printf {_printf(request.body, variables)} |\n  "
            words.append("--data-binary @-")
        else:
            words.append("--data-raw " + _shell(request.body, variables))
    command = " \\\n    ".join(words)
    return f'answer=$({pipe}{command})\nprintf "%s\\n" "$answer"\nanswer=${{answer%$\'\\n\'*}}'


def _given(
    exchange: Exchange, later: Sequence[Exchange], known: Sequence[Variable]
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Path and value of what the answer gives and a later request uses."""
    try:
        body = exchange.response.json
    except ValueError:
        return
    taken = {variable.value for variable in known}
    sent = "\n".join(
        f"{one.request.path} {one.request.headers!r} {one.request.body.decode('latin-1')}"
        for one in later
    )
    for path, value in _leaves(body, ()):
        named = path and re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", path[-1])
        if named and value not in taken and _TOKEN.fullmatch(value) and value in sent:
            taken.add(value)
            yield path, value


def _leaves(value: object, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _leaves(each, (*path, name))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _leaves(each, (*path, str(index)))


def _pause(ended: float, began: float, moves: Iterable[tuple[float, float]]) -> Iterator[str]:
    moved = sum(seconds for when, seconds in moves if ended <= when <= began)
    if moved:
        body = _quoted(json.dumps({"advance": moved}))
        yield (
            f"\n# the fake's clock moves on by {moved:g} s\n"
            'curl -sS -o /dev/null "$BASE_URL/__mock__/clock" \\\n'
            f"    -H 'Content-Type: application/json' --data-raw {body}\n"
        )
    elif began - ended >= _WAIT:
        yield f"\nsleep {began - ended:.0f}\n"


def _shell(text: bytes, variables: Sequence[Variable]) -> str:
    """One word for bash that is these bytes, with variables where their values stand."""
    words = [
        f'"{piece.use}"' if isinstance(piece, Variable) else _literal(piece)
        for piece in _pieces(text, variables)
    ]
    return "".join(words) or "''"


def _printf(text: bytes, variables: Sequence[Variable]) -> str:
    """The arguments of printf that write these bytes, null bytes among them."""
    form, values = "", []
    for piece in _pieces(text, variables):
        if isinstance(piece, Variable):
            form += "%s"
            values.append(f' "{piece.use}"')
        else:
            form += "".join(
                "%%" if byte == 0x25 else chr(byte) if _plain(byte) else f"\\{byte:03o}"
                for byte in piece
            )
    return f"'{form}'{''.join(values)}"


def _plain(byte: int) -> bool:
    return 0x20 <= byte < 0x7F and byte not in b"'\\"


def _pieces(text: bytes, variables: Sequence[Variable]) -> Iterator[bytes | Variable]:
    known = {v.value.encode("latin-1", "replace"): v for v in variables if v.value}
    if not known:
        if text:
            yield text
        return
    longest_first = sorted(known, key=len, reverse=True)
    # A value inside a longer word is another word: the default key is "test-key".
    pattern = b"(?<![A-Za-z0-9_-])(" + b"|".join(map(re.escape, longest_first))
    for index, part in enumerate(re.split(pattern + b")(?![A-Za-z0-9_-])", text)):
        if index % 2:
            yield known[part]
        elif part:
            yield part


def _literal(text: bytes) -> str:
    """Quoted for bash; plain single quotes where the bytes are printable UTF-8."""
    try:
        words = text.decode()
    except UnicodeDecodeError:
        words = ""
    if words and all(c.isprintable() or c == "\n" for c in words):
        return _quoted(words)
    return "$'" + "".join(chr(b) if _plain(b) else f"\\x{b:02x}" for b in text) + "'"


def _quoted(text: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9_./:=-]+", text):
        return text
    return "'" + text.replace("'", "'\\''") + "'"


def _header_name(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))


def _answer(exchange: Exchange) -> str:
    body = exchange.response.body[:200].decode(errors="replace")
    return _comment(f"{exchange.response.status} {body}")


def _comment(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
