from pathlib import Path

import pytest

from contract.media.loop import MediaLoop
from contract.media.machine import waited
from contract.media.receiver import Receiver


def test_linux_tells_for_how_long_somebody_waited(tmp_path: Path) -> None:
    pressure = tmp_path / "cpu"
    pressure.write_text(
        "some avg10=98.29 avg60=97.92 avg300=83.12 total=8911169607\n"
        "full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"
    )
    assert waited(pressure) == pytest.approx(8911.169607)


@pytest.mark.parametrize("text", [None, "", "some", "total=many"])
def test_where_nobody_tells_nothing_is_known(tmp_path: Path, text: str | None) -> None:
    pressure = tmp_path / "cpu"
    if text is not None:
        pressure.write_text(text)
    assert waited(pressure) is None


@pytest.mark.parametrize(
    ("counts", "share"), [([5.0, 9e6], 1.0), ([5.0, 5.0], 0.0), ([None, 5.0], 0.0)]
)
def test_a_recording_has_the_share_of_its_own_time(
    counts: list[float | None], share: float
) -> None:
    loop, counted = MediaLoop(), iter(counts)
    try:
        recording = Receiver(loop, waited=lambda: next(counted)).recording()
    finally:
        loop.close()
    assert min(recording.crowded, 1.0) == share
