"""How an emotion changes a face."""

from __future__ import annotations

from dataclasses import dataclass

from mock_server.core.catalogue import Emotion


@dataclass(frozen=True, slots=True)
class Expression:
    """Offsets from a relaxed face, in units unless said otherwise; up is positive."""

    brow_inner: float = 0.0
    brow_outer: float = 0.0
    brow_arch: float = 0.0
    lids: float = 1.0
    """How far open eyes are open; 1 is relaxed."""
    squint: float = 0.0
    """How far the lower lids come up."""
    smile: float = 0.0
    """How far the corners of the mouth go up."""
    mouth_width: float = 1.0
    grin: bool = False
    """The mouth at rest shows its teeth."""
    cheeks: float = 0.3
    """Strength of the cheeks' colour and roundness."""
    frown: float = 0.0
    """Strength of the folds between the brows."""
    tilt: float = 0.0
    """Degrees, to the viewer's right."""
    shift: tuple[float, float] = (0.0, 0.0)
    gaze: tuple[float, float] = (0.0, 0.0)


EXPRESSIONS = {
    Emotion.NEUTRAL: Expression(brow_inner=2, smile=4.5),
    Emotion.EXCITED: Expression(
        brow_inner=12,
        brow_outer=8,
        brow_arch=4,
        lids=1.2,
        grin=True,
        smile=12,
        mouth_width=1.13,
        cheeks=0.9,
        tilt=2.5,
        shift=(5, -8),
    ),
    Emotion.SERIOUS: Expression(
        brow_inner=-5,
        brow_outer=-1,
        brow_arch=-2,
        lids=0.86,
        squint=2.0,
        smile=-3,
        mouth_width=0.95,
        cheeks=0.05,
        frown=0.7,
        shift=(0, 4),
    ),
    Emotion.FRIENDLY: Expression(
        brow_inner=4,
        brow_outer=3,
        brow_arch=2,
        lids=0.96,
        squint=3.0,
        smile=10,
        mouth_width=1.09,
        cheeks=0.75,
        tilt=-3.5,
        shift=(-6, 0),
    ),
    Emotion.SOOTHING: Expression(
        brow_inner=9,
        brow_outer=-4,
        brow_arch=0,
        lids=0.72,
        squint=1.0,
        smile=6,
        cheeks=0.45,
        tilt=5.0,
        shift=(9, 4),
        gaze=(0, 1.5),
    ),
    Emotion.BROADCASTER: Expression(
        brow_inner=5,
        brow_outer=5,
        brow_arch=4,
        lids=1.08,
        smile=5,
        mouth_width=1.03,
        cheeks=0.35,
        tilt=-1.0,
        shift=(0, -5),
    ),
}
