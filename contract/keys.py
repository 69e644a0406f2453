"""API keys: from flags and the environment, held against what a header can carry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from contract.unable import UnableError

KEY_VARIABLE = "HEYGEN_API_KEY"
DEFAULT_KEY = "test-key"
"""What the fake takes where it was told of no key."""


def usable_key(text: str, *, source: str) -> str:
    """The key. Raises UnableError that names the source, and never the key."""
    if not text.strip() or not text.isascii() or not text.isprintable():
        raise UnableError(f"{source}: a key is a line of printable ASCII; look at the quoting")
    return text


def keys_of_url(
    given: Sequence[str], environment: Mapping[str, str], *, flag: str = "--api-key"
) -> tuple[tuple[str, ...], str]:
    """The keys to call a server at a URL with, of one or two accounts, and where they are from.

    ``given`` are those of ``flag``. Raises UnableError for one that cannot be sent.
    """
    if given:
        return tuple(usable_key(key, source=flag) for key in given), flag
    key = environment.get(KEY_VARIABLE, "").strip()
    if key:
        return (usable_key(key, source=KEY_VARIABLE),), KEY_VARIABLE
    return (DEFAULT_KEY,), f"nowhere ({DEFAULT_KEY} was tried)"
