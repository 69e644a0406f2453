"""What the avatar answers in chat mode: deterministic, from the knowledge base it was given."""

from __future__ import annotations

import re

_SENTENCE = re.compile(r"[^.!?\n]+[.!?]?")
_WORD = re.compile(r"\w+", re.UNICODE)
_COMMON = frozenset(
    re.findall(
        r"\w+",
        "a an and are as at be but by can could do does for from have how i in is it its me my of "
        "on or our please so that the their them they this to was we were what when where which "
        "who why will with would you your tell about",
    )
)
_MAX_SOURCE = 20_000


def _keywords(text: str) -> frozenset[str]:
    return frozenset(word.casefold() for word in _WORD.findall(text)) - _COMMON


def reply(text: str, *, knowledge_base: str = "") -> str:
    """The sentence of the knowledge base that shares most words with ``text``.

    Without a match the reply says what was heard, so that a client can tell which text it answers.
    """
    asked = _keywords(text[:_MAX_SOURCE])
    best, best_score = "", 0
    for match in _SENTENCE.finditer(knowledge_base[:_MAX_SOURCE]):
        sentence = match.group().strip()
        score = len(asked & _keywords(sentence))
        if score > best_score:
            best, best_score = sentence, score
    if best:
        return best[:500]
    heard = " ".join(text.split())[:120].rstrip(".!")
    if heard.endswith("?"):
        return f"You asked: {heard} I do not know that yet."
    return f"You said: {heard}. Tell me more."
