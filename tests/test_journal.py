from __future__ import annotations

from mock_server.journal import MAX_TIMELINE, MAX_TIMELINES, Journal


class Watch:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_entries_tell_the_seconds_since_the_journal_began() -> None:
    watch = Watch()
    journal = Journal(now=watch)
    watch.seconds += 1.23456
    journal.request(status=200)
    journal.event("s", "task", {"task_id": "x"})
    assert journal.requests() == [{"n": 1, "t": 1.235, "status": 200}]
    assert journal.timeline("s") == [{"t": 1.235, "event": "task", "task_id": "x"}]


def test_an_unknown_session_has_an_empty_timeline() -> None:
    assert Journal(now=Watch()).timeline("nobody") == []


def test_a_timeline_is_bounded() -> None:
    journal = Journal(now=Watch())
    for number in range(MAX_TIMELINE + 10):
        journal.event("s", f"e{number}", {})
    timeline = journal.timeline("s")
    assert (len(timeline), timeline[0]["event"]) == (1000, "e10")


def test_the_number_of_timelines_is_bounded() -> None:
    journal = Journal(now=Watch())
    for number in range(MAX_TIMELINES + 1):
        journal.event(f"s{number}", "e", {})
    assert journal.timeline("s0") == []
    assert len(journal.timeline("s1")) == 1


def test_clearing_begins_anew_and_keeps_readers() -> None:
    watch = Watch()
    journal = Journal(now=watch)
    journal.request(status=200)
    journal.event("s", "e", {})
    watch.seconds += 9
    with journal.reader() as queue:
        journal.clear()
        assert (journal.requests(), journal.timeline("s")) == ([], [])
        journal.request(status=404)
        assert queue.get_nowait() == {"kind": "request", "n": 1, "t": 0.0, "status": 404}


def test_a_reader_that_left_is_told_nothing() -> None:
    journal = Journal(now=Watch())
    with journal.reader() as queue:
        pass
    journal.request(status=200)
    assert queue.empty()
