"""The panes of a training's curves: which figures are seen together, and how each is drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import pyqtgraph as pg
from PySide6.QtGui import QPalette

_ROLE = QPalette.ColorRole
LEARNT, HELD_OUT, OTHER = _ROLE.Accent, _ROLE.BrightText, _ROLE.Dark


class Curve(NamedTuple):
    """A figure of the rows and how it is drawn."""

    key: str  # a field of Row
    name: str
    role: QPalette.ColorRole = LEARNT
    width: float = 2.0


class Plot(NamedTuple):
    """Curves that share an axis, and the keys and names of baselines to hold them against."""

    unit: str
    curves: tuple[Curve, ...]
    baselines: tuple[tuple[str, str], ...] = ()
    signed: bool = False  # negative, so that there is no logarithm of it


class Pane(NamedTuple):
    """What is seen together."""

    name: str
    tip: str
    plots: tuple[Plot, ...]


PANES = {
    "bound": Pane(
        "Bound",
        "How well the model explains the songs, per window and step: higher is better",
        (
            Plot(
                "nats per step",
                (
                    Curve("lower_bound", "lower bound", LEARNT, 2.2),
                    Curve("held_out_bound", "held-out bound", HELD_OUT, 2.2),
                    Curve("reconstruction", "reconstruction", LEARNT, 1.1),
                    Curve("held_out_reconstruction", "held-out reconstr.", HELD_OUT, 1.1),
                ),
                (("baseline_per_song", "rates per song"), ("baseline_persistence", "persistence")),
                signed=True,
            ),
        ),
    ),
    "kl": Pane(
        "KL and units",
        "How much the latent point says about the music, and how many of its dimensions are used",
        (
            Plot("KL, nats per step", (Curve("kl", "KL"), Curve("held_out_kl", "held-out KL", HELD_OUT))),
            Plot("active units", (Curve("active_units", "active units", OTHER),)),
        ),
    ),
    "learning": Pane(
        "Learning",
        "How it learns: learning rate, size of the gradient, and speed",
        (
            Plot("learning rate", (Curve("learning_rate", "learning rate"),)),
            Plot("gradient norm", (Curve("gradient_norm", "gradient norm", OTHER, 1.4),)),
            Plot("windows/s", (Curve("windows_per_second", "windows per second", HELD_OUT, 1.4),)),
        ),
    ),
    "quality": Pane(
        "Quality",
        "How many notes it gets right, and how well the map separates songs; 1 is best",
        (
            Plot(
                "share of 1",
                (
                    Curve("note_onset_f1", "notes right"),
                    Curve("frame_f1", "frame F1", LEARNT, 1.1),
                    Curve("song_accuracy", "song accuracy", OTHER),
                ),
                (("persistence_f1", "frame F1 of persistence"),),
            ),
        ),
    ),
}


class CurveAxis(pg.AxisItem):
    """An axis that, where it is logarithmic, has room for its numbers: 1, 2, 5, 10, 20, 50, …"""

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        if not self.logMode:
            return [text.replace("-", "−") for text in super().tickStrings(values, scale, spacing)]
        narrow = abs(self.range[1] - self.range[0]) < 0.6  # then there may be none of these
        numbers = [10.0**value for value in values]
        return [f"{number:.3g}".replace("-", "−") if narrow or f"{number:e}"[0] in "125" else "" for number in numbers]


def in_digits(value: float) -> str:
    """A figure as people read it: four digits, with a true minus; a dash where nothing was measured."""
    if not math.isfinite(value):
        return "–"
    if value and not 1e-2 <= abs(value) < 1e6:
        return f"{value:.3g}".replace("-", "−")
    digits = 0 if float(value).is_integer() or abs(value) >= 1000 else 3 if abs(value) < 10 else 1
    return f"{value:,.{digits}f}".replace("-", "−")


def in_percent(share: float) -> str:
    """A share as people read it, "87 %"; a dash where nothing was measured."""
    return f"{share * 100:.0f} %" if math.isfinite(share) else "–"
