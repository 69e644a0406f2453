import pytest

from contract.model.tasks import Compared, Durations, Spoken

TEXT = "Hello and welcome to the meeting."


@pytest.mark.parametrize(
    ("text", "rate", "seconds", "plausible"),
    [
        (TEXT, 1.0, 2.4, True),
        (TEXT, 1.0, 0.0024, False),
        (TEXT, 1.0, 2400.0, False),
        (TEXT, 1.0, 0.0, False),
        ("?", 1.0, 0.3, True),
        ("?", 1.0, 0.0, False),
        ("42 42 42 42 42 42 42 42", 1.0, 40.0, True),
    ],
)
def test_a_duration_fits_its_text(text: str, rate: float, seconds: float, plausible: bool) -> None:
    (verdict,) = Durations().judge(Spoken(text, rate, seconds, "repeat"))
    assert verdict.rule == "task-duration"
    assert (verdict.wrong is None) == plausible


def test_a_higher_rate_is_quicker() -> None:
    durations = Durations()
    durations.judge(Spoken(TEXT, 0.5, 4.8, "repeat"))
    assert durations.judge(Spoken(TEXT, 1.5, 4.8, "repeat"))[1] == Compared(
        "task-duration", "4.8 s at rate 0.5, 4.8 s at 1.5"
    )


def test_texts_of_nearly_one_length_are_not_compared() -> None:
    durations = Durations()
    durations.judge(Spoken(TEXT, 1.0, 2.4, "repeat"))
    assert len(durations.judge(Spoken(TEXT + " Now.", 1.0, 2.3, "repeat"))) == 1


def test_only_the_latest_speeches_are_kept() -> None:
    durations = Durations()
    for number in range(200):
        durations.judge(Spoken("a" * number, 1.0, 1.0, "repeat"))
    assert len(durations.spoken) == 64
