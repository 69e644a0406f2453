"""A fake that plays one plan after the other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Literal, Self

from contract.clients.outcome import Aftermath, Call, Life
from contract.clients.plan import Plan
from contract.clients.runner import Address
from contract.exchange import Request, UnreachableError
from contract.keys import DEFAULT_KEY
from contract.target import FakeProcess
from contract.transport import HttpSend
from contract.unable import UnableError

Media = Literal["none", "real"]


class RefusedPlanError(UnableError):
    """The fake does not take a plan. The text names the place."""


class Stage:
    """A fake process of its own, for as long as the block runs. One thread uses it at a time.

    Raises UnableError where the fake does not start.
    """

    def __init__(self, *, media: Media = "real") -> None:
        self._fake = FakeProcess(media=media, keys=[DEFAULT_KEY])
        self._send: HttpSend | None = None

    def __enter__(self) -> Self:
        self._fake.__enter__()
        # Kept alive: a run asks several times, and is short.
        self._send = HttpSend(self._fake.url)
        try:
            self._warm_up()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._send is not None:
            self._send.close()
        self._fake.__exit__(kind, value, trace)

    @property
    def address(self) -> Address:
        """Where clients find it."""
        return Address(self._fake.url, self._fake.keys[0])

    def play(self, plan: Plan) -> None:
        """All as at its start, and from now on this plan.

        Raises RefusedPlanError, with the place; UnreachableError when the fake is gone.
        """
        self._call("POST", "reset", {})
        self._call("PUT", "faults/plan", plan.data)

    def requests_so_far(self) -> int:
        """Requests of the API since the plan was set. Raises UnreachableError."""
        return int(self._call("GET", "faults/report")["requests"])

    def aftermath(self) -> Aftermath:
        """What the fake knows of the run. Raises UnreachableError."""
        report = self._call("GET", "faults/report")
        calls = self._call("GET", "requests")
        sessions = self._call("GET", "sessions")
        return Aftermath(
            tuple(_call(row) for row in calls),
            tuple(_life(row) for row in sessions),
            tuple(report["unused"]),
            report["requests"],
        )

    def view(self, name: str) -> Any:
        """The control API's answer to a GET of that name. Raises UnreachableError."""
        return self._call("GET", name)

    def last_words(self) -> str:
        """What a fake that died wrote at last; empty while it lives."""
        return self._fake.last_words()

    def _warm_up(self) -> None:
        """Opens a session: the first of a process takes longer, and no client is to see that."""
        assert self._send is not None
        headers = (("x-api-key", self._fake.keys[0]), ("content-type", "application/json"))
        self._send(Request("POST", "/v1/streaming.new", headers, b"{}"))
        self._call("POST", "reset", {})

    def _call(self, method: str, name: str, body: object = None) -> Any:
        assert self._send is not None
        data = b"" if body is None else json.dumps(body).encode()
        request = Request(
            method, f"/__mock__/{name}", (("content-type", "application/json"),), data
        )
        try:
            answer = self._send(request)
        except UnreachableError as problem:
            words = self.last_words() or str(problem)
            raise UnreachableError(
                f"the fake at {self._fake.url} does not answer: {words}"
            ) from None
        if name == "faults/plan" and answer.status == 400:
            raise RefusedPlanError(f"the fake refuses the plan: {answer.members.get('message')}")
        if answer.status != 200:
            said = answer.body[:200].decode(errors="replace")
            raise UnreachableError(f"the fake answers {name} with {answer.status}: {said}")
        return answer.json


def _call(row: Mapping[str, Any]) -> Call:
    return Call(
        operation=row["operation"],
        method=row["method"],
        path=row["path"],
        status=row["status"],
        # The journal writes a request when it is answered; what is no operation takes no time.
        began=row["t"] - row.get("ms", 0) / 1000,
        ended=row["t"],
        session_id=row.get("session_id"),
        faults=tuple(row.get("faults", ())),
        retry_after=row.get("retry_after"),
        delivered=row.get("delivered", True),
        learned=row.get("learned", True),
        code=row.get("code"),
    )


def _life(row: Mapping[str, Any]) -> Life:
    return Life(
        session_id=row["session_id"],
        status=row["status"],
        closed_because=row["closed_because"] or "",
        timeline=tuple(row["timeline"]),
    )
