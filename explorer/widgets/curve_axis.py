"""How figures are written beside curves."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pyqtgraph as pg


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
