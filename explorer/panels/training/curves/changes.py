"""Where something was done to a run, as thin upright lines through its curves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor

from explorer.panels.training.curves.columns import Along, Columns, Numbers
from vrae_core.runs.changes import ChangeMark

NEAR = 5.0  # pixels


class Changes:
    """The marks of a run, and an item that draws them in each plot."""

    def __init__(self) -> None:
        self.marks: Sequence[ChangeMark] = ()
        self._lines: list[pg.VTickGroup] = []
        self._places: Numbers = np.empty(0)  # (k,) on the axis as it is drawn; NaN where it has no place for one
        self._rows: list[int] = []

    def begin_plots(self) -> None:
        """The plots are made anew."""
        self._lines = []

    def add_to(self, plot: pg.PlotItem) -> None:
        """Draw in one plot more, behind its curves."""
        self._lines.append(pg.VTickGroup())
        self._lines[-1].setZValue(-1)
        plot.addItem(self._lines[-1], ignoreBounds=True)

    def place(self, columns: Columns, along: Along, logarithmic: bool) -> None:
        """Find where on the axis they stand, by the number of updates."""
        updates, axis = columns.column("updates"), columns.along(along)
        self._rows = [columns.row_near(mark.updates, "updates") for mark in self.marks]
        places = np.full(len(self.marks), np.nan)
        if len(updates):
            order = np.argsort(updates, kind="stable")
            places = np.interp([mark.updates for mark in self.marks], updates[order], axis[order])
        with np.errstate(divide="ignore"):
            places = np.log10(places) if logarithmic else places
        self._places = np.where(np.isfinite(places), places, np.nan)
        for lines in self._lines:
            lines.setXVals(places[np.isfinite(places)].tolist())
            lines.update()

    def colour(self, colour: QColor) -> None:
        """Draw in this colour."""
        for lines in self._lines:
            lines.setPen(pg.mkPen(colour, width=1.0, style=Qt.PenStyle.DotLine))

    def at_row(self, row: int) -> list[str]:
        """What was done nearest to a row, in words."""
        return [mark.words for mark, at in zip(self.marks, self._rows, strict=True) if at == row]

    def row_of_next(self, now: int, onwards: bool) -> int | None:
        """The row of the next change after a row, or of the one before it."""
        beyond = [row for row in self._rows if (row > now if onwards else row < now)]
        return (min if onwards else max)(beyond, default=None)

    def under(self, at: QPointF, plots: Iterable[pg.PlotItem]) -> str:
        """What was done where the mouse is, a line each."""
        for plot in plots:
            if plot.sceneBoundingRect().contains(at):
                away = np.abs(self._places - plot.vb.mapSceneToView(at).x()) / plot.vb.viewPixelSize()[0]
                return "\n".join(self.marks[i].words for i in np.flatnonzero(away <= NEAR).tolist())
        return ""
