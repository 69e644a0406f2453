"""Processor time per request, good and refused, against Prism mocking the same file."""

from __future__ import annotations

import json

from bench import prism
from bench.child import WATCHING, Child, ChildError, fake
from bench.figures import median, ratio, shown, span
from bench.outcome import Outcome, skipped
from bench.row import Row, Say, UnavailableError
from bench.service import KEY, Service
from bench.start_up import wait_for_answer

TIMES_LESS = 8


def listing(host: str) -> str:
    """A good request."""
    return f"GET /v1/streaming.list HTTP/1.1\r\nhost: {host}\r\nx-api-key: {KEY}\r\n\r\n"


def refused(host: str) -> str:
    """A request without the text that a task must have."""
    body = json.dumps({"session_id": "1f86a0a2-bd4e-11ef-8f3a-0242ac110002", "task_type": "repeat"})
    return (
        f"POST /v1/streaming.task HTTP/1.1\r\nhost: {host}\r\nx-api-key: {KEY}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n{body}"
    )


def _cost(server: Child, load: Child, request: str, *, count: int, status: str) -> float:
    """Microseconds of the server's processor time per request."""
    load.ask("send", request=request, count=max(8, count // 10))
    before = server.cpu()
    answer = load.ask("send", request=request, count=count)
    used = server.cpu() - before
    load.ask("leave")  # both servers end connections that are silent for five seconds
    if answer["statuses"] != {status: count}:
        raise ChildError(f"not all answers were {status}: {answer['statuses']}")
    return used / count * 1e6


def measure(quick: bool, say: Say) -> Outcome:
    rounds, counts = (1, (200, 50)) if quick else (3, (4000, 1000))
    try:
        prism.install(say)
    except UnavailableError as error:
        return skipped(ROW.name, ROW.what, ROW.demanded, str(error))
    ours: dict[str, list[float]] = {"list": [], "task": []}
    theirs: dict[str, list[float]] = {"list": [], "task": []}
    port = prism.free_port()
    with fake() as mock, prism.start(port) as other:
        address = mock.url().removeprefix("http://")
        Service(f"http://{address}").new()  # Prism's example lists one session too
        wait_for_answer(port)  # Prism has no line that says it listens
        with (
            Child.module("bench.load", *address.split(":"), place=WATCHING) as first,
            Child.module("bench.load", "127.0.0.1", str(port), place=WATCHING) as second,
        ):
            for number in range(rounds):
                say(f"round {number + 1} of {rounds}")
                for name, request, status in (
                    ("list", listing(address), "200"),
                    ("task", refused(address), "400"),
                ):
                    cost = _cost(mock, first, request, count=counts[0], status=status)
                    ours[name].append(cost)
                    cost = _cost(other, second, request, count=counts[1], status=status)
                    theirs[name].append(cost)
    reached = {name: ratio(median(theirs[name]), median(ours[name])) for name in ours}
    note = (
        f"Prism {prism.VERSION}; {rounds} interleaved rounds over 8 kept connections; list: "
        f"{span(ours['list'])} against {span(theirs['list'])}; refused task: "
        f"{span(ours['task'])} against {span(theirs['task'])}"
    )
    return Outcome(
        name=ROW.name,
        what=ROW.what,
        ours=f"{shown(median(ours['list']))} and {shown(median(ours['task']))} µs",
        theirs=f"{shown(median(theirs['list']))} and {shown(median(theirs['task']))} µs",
        reached=f"{shown(reached['list'])} and {shown(reached['task'])} times less",
        demanded=ROW.demanded,
        met=None if quick else min(reached.values()) >= TIMES_LESS,
        notes=(note,),
        figures={"ours_us": ours, "theirs_us": theirs, "ratio": reached},
    )


ROW = Row(
    "request",
    "CPU per streaming.list and per refused streaming.task",
    f"at least {TIMES_LESS} times less than Prism",
    measure,
)
