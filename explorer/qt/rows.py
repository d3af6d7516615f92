"""A list of rows as in the legend: a marker in the song's colour, a name, up to two values at the right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPalette,
    QPen,
    QPolygonF,
    QTransform,
)
from PySide6.QtWidgets import QApplication, QListView, QStyle, QStyleOptionViewItem

from explorer.qt.editors import KeepsWhatIsWritten
from explorer.qt.icons import icon

Index = QModelIndex | QPersistentModelIndex
ROW_ROLE = Qt.ItemDataRole.UserRole
ROW_HEIGHT = 28
EYE_WIDTH = 26  # pixels at the right end of a row that has one


@dataclass(frozen=True)
class Row:
    """One line: ``key`` is the caller's own; ``on`` False greys it; ``ticked`` gives it a check box for its dot."""

    key: int
    colour: str
    name: str
    middle: str = ""
    right: str = ""
    on: bool = True
    tip: str = ""
    ticked: bool | None = None
    nameable: bool = False  # F2 edits the name
    shape: int = 0  # of the dot: a marker
    share: float | None = None  # 0–1, drawn as a bar below the name
    eye: bool | None = None  # at its right end: open or closed; None: it has none


class LazyRows(Sequence[Row]):
    """Rows that are made when they are looked at: a million cost no more than those in view."""

    def __init__(self, count: int, make: Callable[[int], Row]) -> None:
        self._count, self._make = count, make

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, number: Any) -> Any:
        if not 0 <= number < self._count:
            raise IndexError(number)  # so that a loop over the rows ends
        return self._make(number)


class Rows(QAbstractListModel):
    """Rows for a list view; screen readers get the same words."""

    renamed = Signal(int, str)  # the row's key and the name that was written; the caller shows it

    def __init__(self) -> None:
        super().__init__()
        self._rows: Sequence[Row] = ()

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show these rows; where only their contents differ the view keeps its place."""
        if len(rows) == len(self._rows):
            self._rows = rows
            if rows:
                self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def row(self, index: Index) -> Row:
        """The row shown at an index."""
        return self._rows[index.row()]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self._rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return row.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            ticked = {None: "", True: "ticked", False: "not ticked"}[row.ticked]
            greyed = "" if row.on else "greyed" if row.eye is None else "hidden"
            words = [row.name, row.middle, row.right, greyed, ticked]
            return ", ".join(word for word in words if word)
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.tip
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        nameable = index.isValid() and self._rows[index.row()].nameable
        return super().flags(index) | (Qt.ItemFlag.ItemIsEditable if nameable else Qt.ItemFlag.NoItemFlags)

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        self.renamed.emit(self._rows[index.row()].key, str(value))
        return True


class RowDelegate(KeepsWhatIsWritten):
    """Paints a Row: the values are right-aligned, the name takes what is left and ends in an ellipsis."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: Row = index.data(ROW_ROLE)
        role = QPalette.ColorRole
        palette = QApplication.palette()  # the option's is bent by the stylesheet
        area = QRect(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        if hovered or focused:
            painter.setPen(palette.color(role.Accent) if focused else Qt.PenStyle.NoPen)
            painter.setBrush(palette.color(role.Button) if hovered else Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(area).adjusted(0.5, 1.5, -0.5, -1.5), 5, 5)
        middle = QPointF(area.left() + 12, area.center().y() + 0.5)
        if row.ticked is None:
            dot = QColor(row.colour)
            dot.setAlphaF(1.0 if row.on else 0.3)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(dot)
            paint_marker(painter, row.shape, middle, 10)
        else:
            paint_box(painter, middle, row.ticked, palette)
        values = palette.color(role.PlaceholderText)
        if row.eye is not None:
            side = 16
            drawn = icon("eye" if row.eye else "closed eye", values.name(), values.name())
            drawn.paint(painter, area.right() - 4 - side, area.center().y() - side // 2 + 1, side, side)
        end = area.right() - (6 if row.eye is None else EYE_WIDTH)
        right = self._right_text(painter, end, area, row.right, values)
        if row.middle:
            right = self._right_text(painter, min(right, area.right() - 52), area, row.middle, values)
        painter.setPen(palette.color(role.Text if row.on else role.PlaceholderText))
        name_area = QRect(area.left() + 26, area.top(), right - area.left() - 34, area.height())
        name = option.fontMetrics.elidedText(row.name, Qt.TextElideMode.ElideRight, name_area.width())
        painter.drawText(name_area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)
        if row.share is not None:
            _paint_bar(painter, QRectF(area.left() + 26, area.bottom() - 3, area.width() - 32, 2), row, palette)
        painter.restore()

    def _right_text(self, painter: QPainter, right: int, area: QRect, text: str, colour: QColor) -> int:
        """Write text that ends at x = right; returns where it begins."""
        width = painter.fontMetrics().horizontalAdvance(text)
        painter.setPen(colour)
        painter.drawText(QRect(right - width, area.top(), width, area.height()), Qt.AlignmentFlag.AlignVCenter, text)
        return right - width


def _paint_bar(painter: QPainter, room: QRectF, row: Row, palette: QPalette) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(palette.color(QPalette.ColorRole.Mid))
    painter.drawRoundedRect(room, 1, 1)
    room.setWidth(max(room.width() * (row.share or 0.0), 2.0))
    painter.setBrush(QColor(row.colour))
    painter.drawRoundedRect(room, 1, 1)


def paint_box(painter: QPainter, middle: QPointF, ticked: bool, palette: QPalette) -> None:
    """A check box around a point."""
    role = QPalette.ColorRole
    painter.setPen(QPen(palette.color(role.Accent if ticked else role.PlaceholderText), 1.4))
    painter.setBrush(palette.color(role.Accent) if ticked else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(QRectF(middle.x() - 7, middle.y() - 7, 14, 14), 3, 3)
    if ticked:
        painter.setPen(QPen(palette.color(role.Base), 2.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        corners = ((-3.4, 0.2), (-0.9, 2.8), (3.6, -2.8))
        painter.drawPolyline(QPolygonF([middle + QPointF(x, y) for x, y in corners]))


class RowList(QListView):
    """A list view of Rows.  Click, Return or Space picks a row; a double-click picks it twice as one.

    Where a row has an eye, a click on it, or Space, is for the eye.
    """

    picked = Signal(int)  # the row's key
    eye_pressed = Signal(int)
    double_picked = Signal(int)
    delete_pressed = Signal(int)

    def __init__(self, accessible_name: str) -> None:
        super().__init__()
        self.rows = Rows()
        self._was_double = self._on_eye = False
        self.setModel(self.rows)
        self.setItemDelegate(RowDelegate(self))
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(accessible_name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setEditTriggers(QListView.EditTrigger.EditKeyPressed)
        self.clicked.connect(self._clicked)
        self.doubleClicked.connect(self._double_clicked)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self.currentIndex().isValid():
            self.setCurrentIndex(self.rows.index(0))  # or nothing would show where the keyboard is

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            row = self.rows.row(self.currentIndex())
            looks = event.key() == Qt.Key.Key_Space and row.eye is not None
            (self.eye_pressed if looks else self.picked).emit(row.key)
        elif event.key() == Qt.Key.Key_Delete and self.currentIndex().isValid():
            self.delete_pressed.emit(self.rows.row(self.currentIndex()).key)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._look_at(event)
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._look_at(event)
        super().mouseDoubleClickEvent(event)

    def _look_at(self, event: QMouseEvent) -> None:
        """Whether the press is on a row's eye."""
        index = self.indexAt(event.position().toPoint())
        has_eye = index.isValid() and self.rows.row(index).eye is not None
        self._on_eye = has_eye and event.position().x() > self.visualRect(index).right() - EYE_WIDTH

    def _clicked(self, index: QModelIndex) -> None:
        if self._was_double:  # Qt counts the second release of a double-click as one more click
            self._was_double = False
        else:
            (self.eye_pressed if self._on_eye else self.picked).emit(self.rows.row(index).key)

    def _double_clicked(self, index: QModelIndex) -> None:
        self._was_double = True
        (self.eye_pressed if self._on_eye else self.double_picked).emit(self.rows.row(index).key)


# triangle, square, diamond, triangle down, plus, star: corners, one pixel wide each
_CORNERS = (
    ((-0.5, 0.5), (0, -0.5), (0.5, 0.5)),
    ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)),
    ((0, -0.5), (-0.4, 0), (0, 0.5), (0.4, 0)),
    ((-0.5, -0.5), (0, 0.5), (0.5, -0.5)),
    (
        (-0.5, -0.1), (-0.5, 0.1), (-0.1, 0.1), (-0.1, 0.5), (0.1, 0.5), (0.1, 0.1),
        (0.5, 0.1), (0.5, -0.1), (0.1, -0.1), (0.1, -0.5), (-0.1, -0.5), (-0.1, -0.1),
    ),
    (
        (0, -0.5), (-0.112, -0.154), (-0.476, -0.154), (-0.182, 0.059), (-0.294, 0.405),
        (0, 0.191), (0.294, 0.405), (0.182, 0.059), (0.476, -0.154), (0.112, -0.154),
    ),
)  # fmt: skip


def _markers() -> tuple[QPainterPath, ...]:
    """Circle, triangle, square, diamond, triangle down, plus, star, cross."""
    circle, *cornered = (QPainterPath() for _ in range(1 + len(_CORNERS)))
    circle.addEllipse(QPointF(0, 0), 0.5, 0.5)
    for path, corners in zip(cornered, _CORNERS, strict=True):
        path.addPolygon(QPolygonF([QPointF(x, y) for x, y in corners]))
        path.closeSubpath()
    return circle, *cornered, QTransform().rotate(45).map(cornered[4])


_MARKERS = _markers()


def paint_marker(painter: QPainter, shape: int, middle: QPointF, side: float) -> None:
    """Paint a marker with the painter's pen and brush."""
    place = QTransform.fromTranslate(middle.x(), middle.y()).scale(side, side)
    painter.drawPath(place.map(_MARKERS[shape % len(_MARKERS)]))
