"""The curves of a training, in panes one can choose between, with a cursor that tells all values at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPalette, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QToolTip

from explorer.panels.training.curves.changes import Changes
from explorer.panels.training.curves.columns import Along, Columns
from explorer.panels.training.curves.drawn_plot import DrawnPlot
from explorer.panels.training.curves.panes import OTHER, PANES, CurveAxis, Plot
from vrae_core.clock import duration
from vrae_core.runs.changes import ChangeMark
from vrae_core.runs.history import HistoryRow

_ROLE = QPalette.ColorRole
LOW = 150  # pixels for a plot and its axis


class LegendEntry(NamedTuple):
    """A line of the legend."""

    name: str
    value: float
    colour: QColor
    dashed: bool


class CurvePlots(pg.GraphicsLayoutWidget):
    """One pane's plots, one below the other, over time or updates.

    ``legend_changed`` gives the legend: the values at the cursor, or the newest.  The cursor follows the
    mouse; with the keyboard's focus, Left, Right, Home and End move it, and Page Up and Page Down from one change
    of the run to the next.  Plots are made when first looked at: the window need not wait for them as it starts.
    """

    legend_changed = Signal(str, object)  # where the cursor is, in words, and the list of Entry

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Curves of the training")
        self.setToolTip(
            "Values at the cursor are shown above. Left and Right move it; Page Up and Page Down jump to the next "
            "change of the run (it was steered, paused or resumed there). Scroll to zoom, double-click to show all"
        )
        self.pane, self.smoothing = "bound", 1
        self.along: Along = "time"
        self.log_x = self.log_y = False
        self.columns, self.other, self.other_name = Columns(), Columns(), ""
        self.baselines: Mapping[str, float] = {}
        self.cursor: int | None = None  # a row
        self.mark: float | None = None  # updates of the snapshot that is shown elsewhere
        self.changes = Changes()
        self._plots: list[DrawnPlot] = []  # none: they are made anew when they are drawn
        self._dirty = True
        self.scene().sigMouseMoved.connect(self._point_at)

    # --- what is shown

    def show_pane(self, pane: str) -> None:
        """Show other curves."""
        self.pane = pane
        self._plots = []
        self.refresh()

    def set_axes(self, along: Along, log_x: bool, log_y: bool) -> None:
        """Let the axes mean something else."""
        if along != self.along:
            self.set_cursor(None)
        self.along, self.log_x, self.log_y = along, log_x, log_y
        self._plots = []  # made anew, so that the view fits again
        self.refresh()

    def set_smoothing(self, over: int) -> None:
        """Draw means of the last so many values."""
        self.smoothing = over
        self.refresh()

    def show_rows(self, rows: Sequence[HistoryRow]) -> None:
        """Show a run's rows from the beginning."""
        self.columns, self.cursor = Columns(rows), None
        self.refresh()

    def add_rows(self, rows: Sequence[HistoryRow]) -> None:
        """The run went on."""
        if rows:
            self.columns.extend(rows)
            self.refresh()

    def show_other(self, rows: Sequence[HistoryRow], name: str) -> None:
        """Draw another run's rows below this one's, dotted; none take them away."""
        self.other, self.other_name = Columns(rows), name if rows else ""
        self._plots = []
        self.refresh()

    def show_baselines(self, baselines: Mapping[str, float]) -> None:
        """Draw what models without a latent variable reach, dashed."""
        self.baselines = baselines
        self._plots = []
        self.refresh()

    def set_mark(self, updates: float | None) -> None:
        """Mark the update of a snapshot, or none."""
        self.mark = updates
        self._place_upright()

    def show_changes(self, changes: Sequence[ChangeMark]) -> None:
        """Mark where something was done to the run: thin upright lines, told at the cursor and by the mouse."""
        self.changes.marks = changes
        self._place_changes()
        self._tell()

    def refresh(self) -> None:
        """Draw what has changed, if it is seen; else when it is."""
        self._dirty = True
        if self.isVisible():
            self._dirty = False
            if not self._plots or self._measured() != [drawn.plot for drawn in self._plots]:
                self._make_plots()
            within = self._seen()
            for drawn in self._plots:
                drawn.draw(self.columns, self.other, self.along, self.smoothing, within)
            self._place_upright()
            self._place_changes()
            self._tell()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if hasattr(self, "_plots"):  # a graphics view is resized while it is made
            self._name_axes()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._dirty:
            self.refresh()

    def _seen(self) -> tuple[float, float] | None:
        """The part of the horizontal axis that somebody has zoomed to, or None for all of it."""
        if not self._plots or self._plots[0].item.vb.autoRangeEnabled()[0]:
            return None
        low, high = self._plots[0].item.viewRange()[0]
        margin = (high - low) / 10  # so that curves go on to the edges
        ends = (low - margin, high + margin)
        return (10.0 ** ends[0], 10.0 ** ends[1]) if self.log_x else ends

    def _look_closer(self) -> None:
        if self._seen() is not None:
            self.refresh()

    def _measured(self) -> list[Plot]:
        """The pane's plots of which there is something to see."""

        def is_known(plot: Plot) -> bool:
            return any(columns.is_known(curve.key) for curve in plot.curves for columns in (self.columns, self.other))

        return [plot for plot in PANES[self.pane].plots if is_known(plot)]

    def _make_plots(self) -> None:
        self.ci.clear()
        self.ci.layout.setSpacing(4)
        self._plots = []
        self.changes.begin_plots()
        plots = self._measured()
        if not plots:
            self.addLabel("Not measured yet.", color=self.palette().color(OTHER))
        for row, plot in enumerate(plots):
            item: pg.PlotItem = self.addPlot(
                row=row, col=0, axisItems={side: CurveAxis(side) for side in ("left", "bottom")}
            )
            item.getAxis("bottom").setStyle(showValues=row == len(plots) - 1)
            drawn = DrawnPlot(plot, item, self.log_x, self.log_y)
            item.vb.sigXRangeChanged.connect(self._look_closer)
            if self._plots:
                item.setXLink(self._plots[0].item)
            self._plots.append(drawn)
            drawn.add_lines(self.baselines)
            self.changes.add_to(item)
        if self._plots:
            self._plots[-1].item.setLabel("bottom", "minutes" if self.along == "time" else "updates")
        self._name_axes()
        self._colour()

    def _name_axes(self) -> None:
        """Where plots are low, the curves need the room more than the names do."""
        for place, drawn in enumerate(self._plots):
            is_named = self.height() >= LOW * len(self._plots)
            drawn.item.showLabel("left", is_named)
            drawn.item.showLabel("bottom", is_named and place == len(self._plots) - 1)

    # --- the cursor

    def set_cursor(self, row: int | None) -> None:
        """Tell the values at a row, or the newest ones."""
        self.cursor = None if row is None else min(max(row, 0), len(self.columns) - 1)
        self._place_upright()
        self._tell()

    def _point_at(self, at: QPointF) -> None:
        for drawn in self._plots:
            if drawn.item.sceneBoundingRect().contains(at) and len(self.columns):
                x = drawn.item.vb.mapSceneToView(at).x()
                self.set_cursor(self.columns.row_near(10**x if self.log_x else x, self.along))
                return

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.set_cursor(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = len(self.columns) - 1
        now = last if self.cursor is None else self.cursor
        key = Qt.Key
        places: dict[int, int] = {key.Key_Left: now - 1, key.Key_Right: now + 1, key.Key_Home: 0, key.Key_End: last}
        to = places.get(event.key())
        if event.key() in (key.Key_PageUp, key.Key_PageDown):
            to = self.changes.row_of_next(now, event.key() == key.Key_PageDown)
        if to is None or last < 0:
            super().keyPressEvent(event)
        else:
            self.set_cursor(to)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            words = self.changes.under(self.mapToScene(event.pos()), [drawn.item for drawn in self._plots])
            if words:
                QToolTip.showText(event.globalPos(), words, self)
                return True
        return bool(super().viewportEvent(event))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        for drawn in self._plots:
            drawn.item.enableAutoRange()
        self.refresh()

    def _place_upright(self) -> None:
        x = None if self.cursor is None else self.columns.along(self.along)[self.cursor]
        marked = None
        if self.mark is not None and len(self.columns):
            marked = self.columns.along(self.along)[self.columns.row_near(self.mark, "updates")]
        for drawn in self._plots:
            drawn.place_upright(x, marked)

    def _place_changes(self) -> None:
        self.changes.place(self.columns, self.along, self.log_x)

    def _tell(self) -> None:
        row = len(self.columns) - 1 if self.cursor is None else self.cursor
        entries, palette = [], self.palette()
        for plot in (drawn.plot for drawn in self._plots):
            for curve in plot.curves:
                entries.append(
                    LegendEntry(curve.name, self.columns.at(curve.key, row), palette.color(curve.role), False)
                )
            for key, name in plot.baselines:
                if key in self.baselines:
                    entries.append(LegendEntry(name, self.baselines[key], palette.color(OTHER), True))
        where = ""
        if self.cursor is not None:
            seconds, updates = (self.columns.column(name)[row] for name in ("seconds", "updates"))
            where = f"At {duration(seconds)}, update {int(updates):,}"
            where = "  ·  ".join([where, *self.changes.at_row(row)])
        self.legend_changed.emit(where, entries)

    # --- colours

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and getattr(self, "_plots", None):
            self._colour()  # making the plots anew here would take items from under Qt's hands
            self._tell()

    def _colour(self) -> None:
        palette = self.palette()
        self.setBackground(palette.color(_ROLE.Base))
        for drawn in self._plots:
            drawn.colour(palette)
        self.changes.colour(palette.color(OTHER))
