"""The dots of the map: where they are, what they look like, and which of them is where."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtGui import QBrush, QColor, QPalette

from explorer.widgets.map_layers import Glow, Points
from explorer.widgets.markers import MARKERS


class Dots:
    """N dots coloured by song or by something else, and the glow of their songs below them.

    Those that are not lit are grey, and count as nothing that one could point at.
    """

    def __init__(self, box: pg.ViewBox, palette: QPalette) -> None:
        self.points: Points = np.zeros((0, 2), np.float32)
        self.lit = np.zeros(0, bool)
        self._palette = palette
        self._colour_of = np.zeros(0, np.int64)  # (N,) index into the colours
        self._colours: Sequence[str] = ()
        self._song_of, self._song_colours = self._colour_of, self._colours
        self._shape_of: npt.NDArray[np.int64] | None = None
        self._glow, self._item = Glow(), pg.ScatterPlotItem(pxMode=True, pen=None)
        box.addItem(self._glow, ignoreBounds=True)
        box.addItem(self._item, ignoreBounds=True)

    def show(self, points: Points, song_of: npt.NDArray[np.int64], colours: Sequence[str]) -> None:
        """Show N dots, (N, 2), coloured by song; all are lit if there are more or fewer than before."""
        if len(points) != len(self.points):
            self.lit = np.ones(len(points), bool)
        self.points, self._colour_of, self._colours = points, song_of, colours
        self._song_of, self._song_colours = song_of, colours
        self._show_glow()
        self._draw()

    def move(self, points: Points) -> None:
        """Show the same dots elsewhere, (N, 2), without their glow."""
        self.points = points
        self._glow.clear()
        self._draw()

    def recolour(self, colour_of: npt.NDArray[np.int64], colours: Sequence[str]) -> None:
        """Colour the N dots by something else than their song; the glow stays."""
        self._colour_of, self._colours = colour_of, colours
        self._draw()

    def set_shapes(self, shape_of: npt.NDArray[np.int64] | None) -> None:
        """Give each of the N dots a marker, 0–7 as in `markers.py`; None: all are round."""
        self._shape_of = shape_of
        self._draw()

    def set_lit(self, lit: npt.NDArray[np.bool_]) -> None:
        """Let only some of the N dots keep their colour; the others turn grey."""
        self.lit = lit
        self._show_glow()
        self._draw()

    def set_palette(self, palette: QPalette) -> None:
        """Draw the grey and the edges for other surfaces."""
        self._palette = palette
        self._draw()

    def nearest(self, point: npt.NDArray[np.float32], within: float) -> int:
        """The lit dot nearest to a map point, if it lies within a map distance of it, else −1."""
        if not self.lit.any():
            return -1
        squares = ((self.points - point) ** 2).sum(axis=1)
        squares[~self.lit] = np.inf
        best = int(squares.argmin())
        return best if squares[best] <= within**2 else -1

    def towards(self, point: npt.NDArray[np.float32], way: npt.NDArray[np.float32], beyond: float) -> int | None:
        """The lit dot nearest to a map point in a direction, within 45° of it and beyond a map distance, or None."""
        away = self.points - point
        ahead = away @ way
        aside = np.abs(away - ahead[:, None] * way).sum(axis=1)
        there = self.lit & (aside <= ahead) & (ahead > beyond)
        nearest = np.where(there, (away**2).sum(axis=1), np.inf)
        return int(nearest.argmin()) if there.any() else None

    def _show_glow(self) -> None:
        self._glow.show_points(self.points, self._song_of, self._song_colours, self.lit)

    def _draw(self) -> None:
        grey = QColor(self._palette.color(QPalette.ColorRole.PlaceholderText))
        grey.setAlphaF(0.28)
        by_index = [QBrush(QColor(colour)) for colour in self._colours]
        unlit = QBrush(grey)
        order = np.argsort(self.lit, kind="stable")  # grey ones below
        brushes = [by_index[self._colour_of[i]] if self.lit[i] else unlit for i in order]
        size = float(np.clip(9.5 - np.log2(max(len(order), 600) / 600), 4.0, 9.5))
        edge = QColor(self._palette.color(QPalette.ColorRole.Base))
        shapes = self._shape_of
        symbols = "o" if shapes is None or len(shapes) != len(order) else [MARKERS[shapes[i]] for i in order]
        self._item.setData(
            pos=self.points[order], brush=brushes, size=size, pen=pg.mkPen(edge, width=0.8), symbol=symbols
        )
