"""The table of all runs that were trained: a row a run, whose name and notes can be written."""

# ruff: noqa: E501 - a table is read best with one line a row

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import QApplication

from explorer.qt.editors import KeepsWhatIsWritten
from explorer.qt.labels import as_tooltip
from explorer.qt.tables import Column, Index, Role, Table, TableRows
from explorer.session.training.runs import Runs, told_apart
from vrae_core.runs.news import RunSummary

NAME, NOTES = 0, 9


def _state(runs: Runs, run: RunSummary) -> str:
    place = runs.place_in_queue(run.run)
    return f"waits, {place}." if place else run.state if run.settings else "damaged"


def _figure(value: float, form: str) -> str:
    return format(value, form).replace("-", "−") if math.isfinite(value) else ""


def _bound(run: RunSummary) -> float:
    if run.last is None:
        return math.nan
    return run.last.held_out_bound if math.isfinite(run.last.held_out_bound) else run.last.lower_bound


def _date(run: RunSummary) -> str:
    try:
        return f"{datetime.fromisoformat(run.settings.created).astimezone():%Y-%m-%d %H:%M}" if run.settings else ""
    except ValueError:
        return ""


COLUMNS = (
    Column("Run", "F2 renames", 0, lambda _, r: r.name),
    Column("State", "Whether it goes on, waits, was stopped or cut off, or came to its end", 92, _state),
    Column("Recipe", "What kind of model", 124, lambda _, r: r.settings.recipe_name if r.settings else ""),
    Column("Songs", "How many it is trained on", 60, lambda _, r: f"{len(r.settings.songs):,}" if r.settings else "", True),
    Column("Trained", "Minutes spent training", 76, lambda _, r: f"{r.minutes:.1f} min" if r.last else "", True),
    Column("Bound", "Lower bound in nats per window per step, on held-out windows if there are any", 76,
           lambda _, r: _figure(_bound(r), ".3f"), True),
    Column("Notes right", "F1 of note onsets, within 25 ms of the song's, where it was measured", 92,
           lambda _, r: _figure(r.last.note_onset_f1, ".3f") if r.last else "", True),
    Column("Started", "Date and time", 140, lambda _, r: _date(r)),
    Column("Disk", "Megabytes used", 84, lambda _, r: f"{r.disk_used / 1e6:,.1f} MB", True),
    Column("Notes", "A few words of your own; F2 writes them", 0, lambda _, r: r.settings.notes if r.settings else r.problem),
)  # fmt: skip


class RunRows(TableRows):
    """A row a run; names and notes can be written."""

    def __init__(self, runs: Runs) -> None:
        super().__init__(COLUMNS)
        self._runs = runs
        self.rows: list[RunSummary] = []
        self._names: list[str] = []

    def show_rows(self) -> None:
        """Show the runs as they are now; where only figures differ the view keeps its place."""
        same = [r.run.path for r in self.rows] == [r.run.path for r in self._runs.summaries]
        if not same:
            self.beginResetModel()
        self.rows = list(self._runs.summaries)
        self._names = told_apart(self.rows)
        if not same:
            self.endResetModel()
        else:
            self.renew()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        run, column = self.rows[index.row()], COLUMNS[index.column()]
        if role in (Role.DisplayRole, Role.EditRole):
            named = role == Role.DisplayRole and index.column() == NAME
            return self._names[index.row()] if named else column.cell(self._runs, run)
        if role == Role.ToolTipRole:
            return as_tooltip(run.problem or f"{run.name}: {run.run.path}")
        if role == Role.TextAlignmentRole:
            return column.alignment
        if role == Role.ForegroundRole:
            palette = QApplication.palette()
            if run.settings is None:
                return palette.color(QPalette.ColorRole.PlaceholderText)
            if column.title == "State" and run.state == "running":
                return palette.color(QPalette.ColorRole.Accent)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        written = index.isValid() and index.column() in (NAME, NOTES) and self.rows[index.row()].settings is not None
        return super().flags(index) | (Qt.ItemFlag.ItemIsEditable if written else Qt.ItemFlag.NoItemFlags)

    def setData(self, index: Index, value: Any, role: int = Role.EditRole) -> bool:
        run = self.rows[index.row()].run
        (self._runs.rename if index.column() == NAME else self._runs.write_notes)(run, str(value))
        return True


class RunsTable(Table):
    """Return or a double-click shows a run, Delete deletes it."""

    shown = Signal()
    deleted = Signal()

    def __init__(self, model: RunRows) -> None:
        keys = "Return shows a run, F2 renames it or writes its notes, Delete deletes it"
        super().__init__(model, "Runs", keys)
        self.setSelectionMode(Table.SelectionMode.SingleSelection)
        self.setEditTriggers(Table.EditTrigger.EditKeyPressed)
        self.setItemDelegate(KeepsWhatIsWritten(self))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.doubleClicked.connect(lambda _index: self.shown.emit())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.state() != self.State.EditingState:
            self.shown.emit()
        elif event.key() == Qt.Key.Key_Delete:
            self.deleted.emit()
        else:
            super().keyPressEvent(event)
