"""Session descriptions that are nearly right, made from a right one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping


def _without(name: str) -> Callable[[str], str]:
    return lambda text: re.sub(rf"a={name}[^\r\n]*\r\n", "", text)


def _replaced(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new)


def _sections(text: str, kept: Callable[[list[str]], list[str]]) -> str:
    head, *sections = re.split(r"(?=^m=)", text, flags=re.MULTILINE)
    return head + "".join(kept(sections))


UNUSABLE: Mapping[str, Callable[[str], str]] = {
    "nonsense": lambda _: "this is no session description",
    "first line only": lambda _: "v=0\r\n",
    "no media": lambda text: _sections(text, lambda _: []),
    "a section less": lambda text: _sections(text, lambda sections: sections[:-1]),
    "a section more": lambda text: _sections(text, lambda s: [*s, s[-1].replace("mid:2", "mid:9")]),
    "no fingerprint": _without("fingerprint"),
    "no ufrag": _without("ice-ufrag"),
}
"""Answers that no server can work with, whatever it offered."""

ODD: Mapping[str, Callable[[str], str]] = {
    "setup actpass": _replaced("a=setup:active", "a=setup:actpass"),
    "other mids": lambda text: re.sub(r"a=mid:([0-9])", r"a=mid:x\1", text),
    "not bundled": _without("group"),
    "no ice-pwd": _without("ice-pwd"),
    "short fingerprint": lambda text: re.sub(r"(sha-256 ..:..:)[0-9A-F:]*", r"\g<1>00", text),
    "unknown codec": lambda text: re.sub(r"(VP8|H264|opus)/", "x/", text),
    "all rejected": lambda text: re.sub(r"^m=([a-z]+) 9", r"m=\1 0", text, flags=re.MULTILINE),
    "no rtcp-mux": _without("rtcp-mux"),
    "a broken candidate": lambda text: text + "a=candidate:1 1 udp\r\n",
    "a long line": lambda text: text + f"a=x:{'x' * 20_000}\r\n",
    "cut off": lambda text: text[: len(text) * 2 // 3],
}
"""Answers that a server may refuse, and must not fail at."""

GOOD: Mapping[str, Callable[[str], str]] = {
    "LF": _replaced("\r\n", "\n"),
    "unknown lines": lambda text: text.replace(
        "t=0 0\r\n", "t=0 0\r\na=x-unknown:1\r\nb=AS:99\r\n"
    ),
    "with a candidate": lambda text: text.replace(
        "a=setup:", "a=candidate:1 1 udp 2130706431 127.0.0.1 9 typ host\r\na=setup:", 1
    ),
}
"""Answers that are as good as the one they were made from."""

VARIANTS: Mapping[str, Callable[[str], str]] = {**UNUSABLE, **ODD, **GOOD}
