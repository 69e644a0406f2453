from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from contract.exchange import Headers, Request, Response
from contract.guard.answers import marked
from contract.guard.verdict import OverError, Watched, look
from contract.spec import load_spec
from contract.stimuli.distilled import SpoiledError

SPEC = load_spec()
JSON = (("content-type", "application/json"),)
NEW = Request("POST", "/v1/streaming.new")
LIST = Request("GET", "/v1/streaming.list")


def said(status: int, code: int = 0, message: str = "", *, headers: Headers = JSON) -> Response:
    return Response(status, headers, json.dumps({"code": code, "message": message}).encode())


class Answers:
    """Gives the answers in turn, the last one again and again."""

    def __init__(self, *answers: Response) -> None:
        self.answers = answers
        self.asked = 0
        self.paused: list[float] = []

    def __call__(self, request: Request) -> Response:
        self.asked += 1
        return self.answers[min(self.asked, len(self.answers)) - 1]

    @property
    def watched(self) -> Watched:
        return Watched(self, SPEC, self.paused.append)


def over(work: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(OverError) as caught:
        work()
    return caught.value.outcome, str(caught.value)


LOST = marked(502, "unreachable", "why")


def test_a_lost_answer_ends_the_run_where_asking_again_may_do_it_twice() -> None:
    answers = Answers(LOST, said(200))
    assert over(lambda: answers.watched(NEW)) == (
        "unreachable",
        "why; POST /v1/streaming.new has no answer, and may have been carried out",
    )
    assert answers.asked == 1


def test_a_lost_answer_to_a_get_is_asked_for_once_more() -> None:
    answers = Answers(LOST, said(200))
    assert answers.watched(LIST).status == 200
    assert (answers.asked, answers.paused) == (2, [1.0])
    assert over(lambda: Answers(LOST).watched(LIST)) == (
        "unreachable",
        "why; GET /v1/streaming.list has no answer, not even when asked again",
    )


def test_a_guard_that_ends_ends_the_run() -> None:
    watched = Answers(marked(503, "ending", "why")).watched
    assert over(lambda: watched(NEW)) == ("unreachable", "why")


def test_a_spent_budget_spoils_the_histories_that_open_a_session() -> None:
    watched = Answers(marked(429, "budget", "why"), said(200)).watched
    with pytest.raises(SpoiledError):
        watched(NEW)
    assert watched.spent == "why"
    assert watched(LIST).status == 200


def test_a_refused_key_ends_the_run() -> None:
    answer = said(401, 400112, "Unauthorized", headers=(*JSON, ("x-guard", "key-refused")))
    watched = Answers(answer).watched
    assert over(lambda: watched(NEW)) == ("key refused", "the service refuses the key (status 401)")


@pytest.mark.parametrize("mark", ["stopped", "max-open", "not-forwarded"])
def test_what_the_guard_did_spoils_a_history(mark: str) -> None:
    with pytest.raises(SpoiledError):
        Answers(marked(429, mark, "why")).watched(NEW)


@pytest.mark.parametrize(
    ("status", "code", "message", "outcome"),
    [
        (400, 10008, "quota not enough", "no quota"),
        (400, 10015, "Trial API limit reached", "no quota"),
        (400, 10014, "Session full", "no quota"),
        (403, 400562, "forbidden", "key refused"),
    ],
)
def test_an_account_that_may_not_is_one_verdict(
    status: int, code: int, message: str, outcome: str
) -> None:
    watched = Answers(said(status, code, message)).watched
    words = f"newSession is answered with {code} {message!r}"
    assert over(lambda: watched(NEW)) == (outcome, words)


def test_other_errors_are_for_the_judge() -> None:
    answer = said(400, 400175, "Invalid parameter")
    assert Answers(answer).watched(NEW) is answer


def test_a_service_that_says_wait_is_asked_again() -> None:
    busy = said(429, headers=(*JSON, ("retry-after", "1")))
    answers = Answers(busy, busy, said(200))
    assert answers.watched(NEW).status == 200
    assert (answers.asked, answers.paused) == (3, [])


def test_without_a_retry_after_there_is_a_pause() -> None:
    answers = Answers(said(429), said(200))
    assert answers.watched(NEW).status == 200
    assert answers.paused == [5.0]


def test_a_service_that_only_says_wait_is_one_verdict() -> None:
    watched = Answers(said(429)).watched
    assert over(lambda: watched(NEW)) == (
        "rate limited",
        "the service answers 429, 3 times in a row",
    )


def test_a_service_that_fails_again_and_again_is_gone() -> None:
    watched = Answers(said(500), said(500), said(200), said(503)).watched
    assert [watched(NEW).status for _ in range(5)] == [500, 500, 200, 503, 503]
    assert over(lambda: watched(NEW)) == ("gone", "the service fails: status 503, 3 times in a row")


@pytest.mark.parametrize(
    "answer",
    [
        Response(200, (("content-type", "text/html"),), b"<h1>Buy this domain</h1>"),
        Response(404, (), b"page not found"),
        Response(301, (("location", "https://elsewhere.example/"),)),
        Response(404, JSON, b'{"detail":"Not Found"}'),
        said(404, 404, "not found"),
        said(410, 410, "gone"),
        Response(500, JSON, b"[" * 100_000),
    ],
)
def test_an_address_without_the_api_is_gone(answer: Response) -> None:
    answers = Answers(answer)
    outcome, words = over(lambda: look(answers, SPEC, "key"))
    assert outcome == "gone"
    assert f"/v1/streaming.list is answered with status {answer.status}" in words
    assert answers.asked == 1


def test_an_api_with_mistakes_is_there() -> None:
    look(Answers(Response(200, JSON, b'{"sessions":7}')), SPEC, "key")
    look(Answers(said(500, 500, "internal error")), SPEC, "key")
