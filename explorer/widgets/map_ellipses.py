"""Posteriors on the map: 1σ and 2σ outlines, below the dots."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg

from explorer.widgets.map_curves import Curve, Curves, Marks, see_through
from explorer.widgets.map_layers import Points
from vrae_core.piano_roll import FloatArray
from vrae_core.posterior_shape import outlines

LOOKS = ((1.0, 0.95, 1.5), (2.0, 0.5, 1.1))  # so many σ, opacity, pixels wide


class Ellipses:
    """Outlines by colour; in their place samples, where a map has no ellipses."""

    def __init__(self, box: pg.ViewBox) -> None:
        self._curves, self._samples = Curves(box, -4), Marks(box, -3)

    def show(self, centres: Points, covariances: FloatArray, colours: list[str]) -> None:
        """Show the normal distributions around n centres, (n, 2) and (n, 2, 2)."""
        self._samples.show_samples(centres[:0], [])
        curves = []
        for colour in dict.fromkeys(colours):
            mine = np.array([each == colour for each in colours])
            for sigmas, opacity, width in LOOKS:
                lines = outlines(centres[mine], covariances[mine], sigmas)
                joined = np.ones(lines.shape[:2], bool)
                joined[:, -1] = False  # not on to the next one
                curves.append(Curve(lines.reshape(-1, 2), see_through(colour, opacity), width, joined.reshape(-1)))
        self._curves.show(curves)

    def show_samples(self, points: Points, colours: list[str]) -> None:
        """Show samples, (n, 2), each in the colour of its window."""
        self._curves.show([])
        self._samples.show_samples(points, colours)

    def clear(self) -> None:
        """Show none."""
        self.show_samples(np.zeros((0, 2), np.float32), [])

    @property
    def lines(self) -> list[Points]:
        """The outlines that are shown: 1σ and 2σ of each colour."""
        return self._curves.shown

    @property
    def samples(self) -> Points:
        """The samples that are shown."""
        return self._samples.points
