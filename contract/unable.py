"""The one way for a command to say that it could not do its work."""

from __future__ import annotations


class UnableError(Exception):
    """The program cannot do its work: exit status 2. The text is one line that says what to do."""
