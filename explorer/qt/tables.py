"""What tables have alike: their columns, the heads of these, and how they are walked through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QHeaderView, QTableView

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
ROW_HEIGHT = 28


class Column(NamedTuple):
    """A column: its title, what it says, its width (0: what is left), and what makes a row's cell in it."""

    title: str
    tip: str
    width: int
    cell: Callable[..., Any]
    numeric: bool = False

    @property
    def alignment(self) -> Qt.AlignmentFlag:
        """Numbers stand right, words left."""
        side = Qt.AlignmentFlag.AlignRight if self.numeric else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter


class TableRows(QAbstractTableModel):
    """What a table with these columns shows; how many rows it has, and their data, are its subclass's."""

    def __init__(self, columns: Sequence[Column]) -> None:
        super().__init__()
        self.columns = columns

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Vertical:
            return None
        column = self.columns[section]
        match role:
            case Role.DisplayRole:
                return column.title
            case Role.ToolTipRole:
                return column.tip
            case Role.AccessibleTextRole:
                return column.title or column.tip
            case Role.TextAlignmentRole:
                return column.alignment
        return None

    def renew(self) -> None:
        """The same rows say something else."""
        if count := self.rowCount():
            self.dataChanged.emit(self.index(0, 0), self.index(count - 1, len(self.columns) - 1))


class Table(QTableView):
    """Whole rows are selected, Tab leaves the table, and each column has its width."""

    def __init__(self, rows: TableRows, name: str, keys: str) -> None:
        super().__init__()
        self.setModel(rows)
        self.setAccessibleName(name)
        self.setToolTip(keys)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(28)
        for place, column in enumerate(rows.columns):
            header.setSectionResizeMode(
                place, QHeaderView.ResizeMode.Fixed if column.width else QHeaderView.ResizeMode.Stretch
            )
            if column.width:
                header.resizeSection(place, column.width)
