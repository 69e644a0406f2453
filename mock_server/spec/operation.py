"""One operation of the contract at one path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from mock_server.spec.schema import Check

Answers = Literal["union", "documented", "recorded"]
Version = Literal["v1", "v2"]


@dataclass(frozen=True, slots=True)
class Operation:
    """A method and a path that can be called.

    ``security`` names the credentials it takes, any of "apiKey" and "sessionToken". An older path
    of the same operation is an Operation of its own, with the same ``operation_id``; ``alias_of``
    is then that id, and None otherwise.
    """

    operation_id: str
    method: str
    path: str
    alias_of: str | None
    security: tuple[str, ...]
    has_body: bool
    body_required: bool
    request: Check | None = field(repr=False, compare=False)
    responses: Mapping[int, Mapping[Answers, Check]] = field(repr=False, compare=False)
    versions: Mapping[str, Mapping[Answers, Check]] = field(repr=False, compare=False)
    """version -> the shapes of the answer with status 200, where they differ from those of v1."""

    def request_problem(self, body: object) -> str | None:
        """None if ``body``, as json.loads gives it, fits the request schema.

        Else one short sentence, for instance "quality: 'ultra' is not one of high, medium, low".
        Any JSON is safe: huge numbers, lone surrogates, deep nesting.
        """
        return None if self.request is None else self.request.problem(body)

    def response_problem(
        self,
        status: int,
        body: object,
        *,
        answers: Answers = "union",
        version: Version = "v1",
    ) -> str | None:
        """None if an answer fits the contract in the shape ``answers``, else one short sentence.

        ``version`` is that of the session that the request asks for.
        """
        shapes = self.responses.get(status)
        if status == 200:
            shapes = self.versions.get(version, shapes)
        if shapes is None:
            known = ", ".join(str(number) for number in self.responses)
            return f"status {status} is not one of {known}"
        return shapes[answers].problem(body)
