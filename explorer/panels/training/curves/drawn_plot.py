"""One plot of a pane as it is drawn: its axes, its curves, the baselines, the cursor and a snapshot's mark."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette

from explorer.panels.training.curves.columns import Along, Columns
from explorer.panels.training.curves.panes import OTHER, Plot

_ROLE = QPalette.ColorRole
FAINT = 0.28  # opacity of what was measured, behind the smoothed curve


class DrawnPlot:
    """Each curve is three lines: what was measured, faint; the curve itself; and another run's, dotted."""

    def __init__(self, plot: Plot, item: pg.PlotItem, log_x: bool, log_y: bool) -> None:
        self.plot, self.item = plot, item
        self.log_x, self.log_y = log_x, log_y and not plot.signed
        self.lines: dict[str, tuple[pg.PlotDataItem, pg.PlotDataItem, pg.PlotDataItem]] = {}
        self.levels: list[pg.InfiniteLine] = []  # the baselines
        self.cursor, self.mark = (pg.InfiniteLine(angle=90, movable=False) for _ in range(2))
        item.setMenuEnabled(False)
        item.hideButtons()
        item.setLabel("left", plot.unit)
        item.getAxis("left").setWidth(70)
        for side in ("left", "bottom"):
            item.getAxis(side).enableAutoSIPrefix(False)
            item.getAxis(side).setStyle(maxTickLevel=1)  # finer ones are a hundred lines of grid, and 4 ms
        item.setLogMode(x=self.log_x, y=self.log_y)

    def add_lines(self, baselines: Mapping[str, float]) -> None:
        """Add all lines, which have no values yet but for the baselines."""
        for key, _ in self.plot.baselines:
            value = baselines.get(key, math.nan)
            if math.isfinite(value) and (value > 0 or not self.log_y):
                self.levels.append(pg.InfiniteLine(math.log10(value) if self.log_y else value, angle=0))
                self.item.addItem(self.levels[-1])
        for curve in self.plot.curves:
            self.lines[curve.key] = tuple(self.item.plot(antialias=True) for _ in range(3))
            for line in self.lines[curve.key][:2]:  # stroked as one path a curve of 1,500 values takes 13 ms
                line.curve.setSegmentedLineMode("on")
        for line in (self.cursor, self.mark):
            self.item.addItem(line, ignoreBounds=True)

    def draw(
        self, columns: Columns, other: Columns, along: Along, smoothing: int, within: tuple[float, float] | None
    ) -> None:
        """Draw the rows of a run and of another.  within: the part of the horizontal axis that is seen; None: all."""
        axes = (self.log_x, self.log_y, within)
        for key, (faint, whole, others) in self.lines.items():
            whole.setData(*columns.curve(key, along, smoothing, *axes))
            faint.setData(*(columns.curve(key, along, 1, *axes) if smoothing > 1 else ([], [])))
            others.setData(*other.curve(key, along, smoothing, *axes))

    def place_upright(self, cursor: float | None, mark: float | None) -> None:
        """Move the cursor and the mark; what has no place on the axis is hidden."""
        for line, place in ((self.cursor, cursor), (self.mark, mark)):
            shown = None if place is None or (self.log_x and place <= 0) else float(place)
            line.setVisible(shown is not None)
            if shown is not None:
                line.setPos(math.log10(shown) if self.log_x else shown)

    def colour(self, palette: QPalette) -> None:
        """Draw in the colours of a palette."""
        muted = palette.color(OTHER)
        for curve in self.plot.curves:
            colour = palette.color(curve.role)
            pale = QColor(colour)
            pale.setAlphaF(FAINT)
            faint, whole, other = self.lines[curve.key]
            whole.setZValue(curve.width)
            faint.setPen(pg.mkPen(pale, width=1.0))
            whole.setPen(pg.mkPen(colour, width=curve.width))
            other.setPen(pg.mkPen(colour, width=curve.width, style=Qt.PenStyle.DotLine))
        self.item.showGrid(x=True, y=True, alpha=0.12)
        for side in ("left", "bottom"):
            self.item.getAxis(side).setPen(muted)
            self.item.getAxis(side).setTextPen(muted)
        for level in self.levels:
            level.setPen(pg.mkPen(muted, width=1.2, style=Qt.PenStyle.DashLine))
        self.cursor.setPen(pg.mkPen(palette.color(_ROLE.Text), width=1.0))
        self.mark.setPen(pg.mkPen(muted, width=1.2, style=Qt.PenStyle.DashDotLine))
