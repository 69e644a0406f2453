"""The text of a speech as ``avatar_talking_message`` tells it: whole, or in chunks.

Both were seen of the service: a repeated text as one message, and a language model's answer in
pieces of the size of a token ("Sorry", "!", " I"; a public forum, 2025). The pieces put together
are the text.
"""

from __future__ import annotations

import re

MAX_MESSAGES = 1000

# A word or a run of signs with the space before it; words without end, and scripts without spaces,
# are cut like a tokenizer's.
_TOKEN = re.compile(r"\s?(?:\w{1,12}|[^\w\s]{1,12})|\s{1,12}")


def talking_messages(text: str, *, chunks: bool) -> tuple[str, ...]:
    """The messages that tell ``text``, none for an empty one; never more than MAX_MESSAGES."""
    if not chunks:
        return (text,) if text else ()
    tokens = _TOKEN.findall(text)
    if len(tokens) <= MAX_MESSAGES:
        return tuple(tokens)
    size = -(-len(tokens) // MAX_MESSAGES)
    return tuple("".join(tokens[at : at + size]) for at in range(0, len(tokens), size))
