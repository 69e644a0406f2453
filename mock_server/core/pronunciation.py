"""From any text to what is said: words of sounds, and the silences between them.

Not phonetics: just enough of English spelling that lips and rhythm follow the letters. Other
Latin alphabets are read without their accents, other alphabets by the names Unicode gives their
letters, and each sign of a syllabic or ideographic script is one syllable.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

VOWELS = "aeiou"
CONSONANTS = "mbsfl"
"""Kinds of consonant sounds: hum (m, n), burst (b, t, k), hiss (s, z), breath (f, h), glide."""

_KIND = {
    **dict.fromkeys("mn", "m"),
    **dict.fromkeys("bpdtgkcq", "b"),
    **dict.fromkeys("szxj", "s"),
    **dict.fromkeys("fvh", "f"),
    **dict.fromkeys("lrwy", "l"),
}

# Vowel groups that do not sound like their first letter.
_GROUPS = {"ea": "i", "ee": "i", "ie": "i", "oo": "u", "ou": "a", "ai": "e", "ay": "e", "y": "i"}
_GROUPS |= {"eu": "u", "ew": "u", "au": "o", "aw": "o", "ei": "e", "ey": "e", "you": "u"}

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_SIGNS = {
    "&": "and",
    "@": "at",
    "%": "percent",
    "+": "plus",
    "=": "equals",
    "$": "dollar",
    "€": "euro",
    "£": "pound",
    "°": "degrees",
}

# "make", "one" and "while", but neither "the" nor "little".
_SILENT_E = re.compile(r"[aeiouy][^aeiouy]*([^aeioul]|(?<=[aeiou])l)e$")

# As NFKD leaves them: it makes full-width marks narrow and dissolves the ellipsis.
_SENTENCE_ENDS = frozenset(".!?。؟।\n")
_PHRASE_ENDS = frozenset(',;:()[]{}–—、،؛"«»“”')  # noqa: RUF001
_QUESTIONS = frozenset("?؟")


@dataclass(frozen=True, slots=True)
class Phone:
    """One sound: ``kind`` is one of VOWELS or CONSONANTS, ``letter`` what the lips show."""

    kind: str
    letter: str

    @property
    def voiced(self) -> bool:
        return self.kind in VOWELS


@dataclass(frozen=True, slots=True)
class Word:
    """Syllables in order, each with exactly one vowel; ``stress`` is the index of the strong one.

    ``stress`` is None for the short words that carry no stress.
    """

    syllables: tuple[tuple[Phone, ...], ...]
    stress: int | None


@dataclass(frozen=True, slots=True)
class Pause:
    """A silence inside a sentence, at its end, or at the end of a question."""

    ends_sentence: bool
    question: bool = False


def pronounce(text: str) -> Iterator[Word | Pause]:
    """What is said for ``text``: words, and pauses between them, in order. Never raises.

    Nothing is said for a text without a letter, digit or sign that has a name. Costs time linear
    in the length of the text.
    """
    letters: list[str] = []
    for sign in unicodedata.normalize("NFKD", text.casefold()):
        read = _read(sign)
        if read is None:
            continue  # accents, joiners and apostrophes belong to the word around them
        if len(read) == 1:
            letters.append(read)
            continue
        if letters:
            yield _word("".join(letters))
            letters.clear()
        if read:
            yield _word(read)
        elif sign in _SENTENCE_ENDS:
            yield Pause(ends_sentence=True, question=sign in _QUESTIONS)
        elif sign in _PHRASE_ENDS:
            yield Pause(ends_sentence=False)
    if letters:
        yield _word("".join(letters))


def _read(sign: str) -> str | None:
    """One letter, the word that the sign is, "" for what ends a word, None for what does not."""
    if "a" <= sign <= "z":
        return sign
    if sign in _SIGNS:
        return _SIGNS[sign]
    category = unicodedata.category(sign)
    if category == "Nd":
        return _DIGITS[unicodedata.digit(sign)]
    if category[0] == "M" or category == "Cf" or sign in "'’":  # noqa: RUF001
        return None
    if category[0] != "L":
        return ""
    if "\u1160" <= sign <= "\u11ff":
        return None  # vowels and finals of a Hangul syllable, which its first letter stands for
    if unicodedata.east_asian_width(sign) in "WF" or (category == "Lo" and ord(sign) > 0x0E00):
        # A sign that is a syllable: which one does not matter, that it is always the same does.
        number = ord(sign)
        return "mbsnltkrwh"[number % 10] + VOWELS[number // 10 % 5]
    name = unicodedata.name(sign, "").rpartition(" ")[2].casefold()
    if len(name) == 2 and name[0] in "eiy":
        name = name[1]  # Cyrillic ef, el, em, en, er, es; ie; ya, yu
    return name[0] if name and "a" <= name[0] <= "z" else "e"


def _word(letters: str) -> Word:
    """Splits the letters a to z of one word into syllables."""
    spoken = letters[:-1] if _SILENT_E.search(letters) else letters
    parts = re.findall(r"[aeiou]+y?|(?<!^)y|^y(?![aeiou])|[^aeiou]", spoken)
    syllables: list[list[Phone]] = [[]]
    cluster: list[str] = []
    has_vowel = False
    for part in parts:
        if part[0] not in "aeiou" and not (part == "y" and (cluster or not has_vowel)):
            cluster.append(part)
            continue
        if has_vowel:
            # "mat-ter", "win-dow", "a-go": one consonant opens, of more the first one closes.
            if len(cluster) > 1:
                syllables[-1].append(_consonant(cluster.pop(0)))
            syllables.append([])
        syllables[-1].extend(map(_consonant, _ends(cluster)))
        vowel = _GROUPS.get(part) or _GROUPS.get(part[:2]) or part[0]
        syllables[-1].append(Phone(vowel, vowel))
        cluster.clear()
        has_vowel = True
    if not has_vowel:  # "hmm", "tv": the sound that English puts between consonants
        head, cluster = cluster[:1], cluster[1:]
        syllables[-1].extend(map(_consonant, head))
        syllables[-1].append(Phone("e", "e"))
    syllables[-1].extend(map(_consonant, _ends(cluster)))
    stress = None if len(letters) < 4 and len(syllables) == 1 else 0
    return Word(tuple(map(tuple, syllables)), stress)


def _ends(cluster: list[str]) -> list[str]:
    """At most two consonants of a cluster are heard, the outer ones; doubled ones are one."""
    return list(dict.fromkeys((*cluster[:1], *cluster[-1:])))


def _consonant(letter: str) -> Phone:
    return Phone(_KIND.get(letter, "b"), letter)
