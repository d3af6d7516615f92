"""The map as a view: dots to look at, pan and zoom, and mouse presses told in map coordinates."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame

from explorer.panels.map.view.dots import Dots
from explorer.panels.map.view.marks import Marks
from explorer.panels.map.view.painting import Points, paint_ring
from explorer.panels.map.view.plane import Plane

GRAB = 9.0  # pixels within which a dot counts as under the mouse
NEAR_EDGE = 30.0  # pixels from the edge beyond which ``show_point`` moves the map
ZOOM = 1.25  # by a press of a key


class MapView(QAbstractScrollArea):
    """Dots coloured by song.

    Left presses, moves and releases are emitted as map points ((2,) arrays) with the keyboard's modifiers,
    unless ``left_pans`` is set.  Right or middle drag pans, the wheel zooms at the cursor; a right click
    that did not drag is emitted.  Over the dots lie the ``marks``.
    """

    left_pressed = Signal(object, object)
    left_moved = Signal(object)
    left_released = Signal(object)
    left_dropped = Signal()  # as if there had been no press
    right_clicked = Signal(object)
    double_clicked = Signal(object)
    hovered = Signal(int)  # index of the dot under the mouse, or -1
    area_changed = Signal()  # another part of the map is seen

    def __init__(self) -> None:
        super().__init__()
        self.left_pans = False
        self.modifiers = Qt.KeyboardModifier.NoModifier  # the keyboard's, at the last press, move or release
        self.marks = Marks(self.viewport().update)
        self.margins = (24, 24)  # pixels above and below the dots that ``reset_view`` leaves to what lies there
        self.frame: Points | None = None  # places that ``reset_view`` shows in place of the dots
        self._untouched = True  # nobody has panned or zoomed since the last reset
        self._under_mouse = -1
        self._panning: QPointF | None = None
        self._pressed_at = QPointF()
        self._moved = False
        self._moved_from: Points | None = None  # where dots that are moving were shown, which is what others know
        self._ringed = False  # the keyboard came here by Tab
        self.plane = Plane(self, self.size())
        self.plane.changed.connect(self.area_changed)
        self.plane.outdated.connect(self.viewport().update)
        self.dots = Dots(self.plane, self.palette())
        for thread in self.dots.threads:
            self.destroyed.connect(thread.cancel)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Latent map")

    # --- what is shown

    @property
    def points(self) -> Points:
        """Where the N dots are: (N, 2)."""
        return self.dots.points

    def show_dots(
        self, points: Points, song_of: npt.NDArray[np.int64], colours: Sequence[str], joined: bool = False
    ) -> None:
        """Show N dots, (N, 2), coloured by song; the view follows unless somebody has moved it.

        joined: whether they are those that were there and more, not others, among which a view would mean nothing.
        """
        self._untouched |= len(points) != len(self.points) and not joined
        self._moved_from = None
        self.dots.show(points, song_of, colours)
        self.set_hovered(-1)
        if self._untouched:
            self.reset_view()

    def move_dots(self, points: Points) -> None:
        """Show the same dots elsewhere, (N, 2), without their glow: for a map that is still settling."""
        self._moved_from = self.points if self._moved_from is None else self._moved_from
        self.dots.move(points)
        if self._untouched:
            self.reset_view()

    def reset_view(self) -> None:
        """Show all dots."""
        self._untouched = True
        if self.dots.bounds is None:
            return
        low, high = self.dots.bounds if self.frame is None else (self.frame.min(axis=0), self.frame.max(axis=0))
        if (high - low).max() < 1e-6:  # one place: around it as far as one would drag
            low, high = low - 1, high + 1
        width, height = np.maximum(high - low, 1e-6)
        above, below = self.margins
        per_pixel = height / max(self.height() - above - below, 50)
        area = QRectF(low[0], low[1] - below * per_pixel, width, height + (above + below) * per_pixel)
        self.plane.setRange(area, padding=0.03)

    def zoom_in(self) -> None:
        """Closer to what is heard, or to the middle."""
        self._zoom(ZOOM, self.middle() if self.marks.cursor is None else self.marks.cursor)

    def zoom_out(self) -> None:
        """Farther from what is heard, or from the middle."""
        self._zoom(1 / ZOOM, self.middle() if self.marks.cursor is None else self.marks.cursor)

    def pan_by(self, way: npt.NDArray[np.float32]) -> None:
        """Move the view over the map by a map vector, (2,)."""
        self.plane.translateBy(x=float(way[0]), y=float(way[1]))
        self._untouched = False

    def show_point(self, point: npt.NDArray[np.float32]) -> None:
        """Move the map just so far that a map point is well inside the view."""
        at = self.to_pixels(point)
        x = min(max(at.x(), NEAR_EDGE), self.viewport().width() - NEAR_EDGE)
        y = min(max(at.y(), NEAR_EDGE), self.viewport().height() - NEAR_EDGE)
        if (x, y) != (at.x(), at.y()):
            self.pan_by(point - self.to_map(QPointF(x, y)))

    @property
    def area(self) -> tuple[float, float, float, float] | None:
        """The part of the map that somebody has panned or zoomed to: x, y, width, height; None for all of it."""
        seen = self.plane.viewRect()
        return None if self._untouched else (seen.x(), seen.y(), seen.width(), seen.height())

    def show_area(self, area: tuple[float, float, float, float] | None) -> None:
        """Show a part of the map, or all of it."""
        self.reset_view()
        if area is not None:
            self._untouched = False
            self.plane.setRange(QRectF(*area))

    # --- between map and screen

    def to_map(self, position: QPointF) -> npt.NDArray[np.float32]:
        """The map point at a position of the viewport."""
        there = self.plane.to_map.map(position)
        return np.array([there.x(), there.y()], np.float32)

    def to_pixels(self, point: npt.ArrayLike) -> QPointF:
        """Where a map point lies in the viewport."""
        x, y = np.asarray(point, float)
        return self.plane.to_pixels.map(QPointF(x, y))

    def map_per_pixel(self) -> float:
        """How much of the map one pixel covers."""
        return self.plane.to_map.m11()

    def dot_at(self, point: npt.NDArray[np.float32], within: float = GRAB) -> int:
        """The dot nearest to a map point, if it lies within some pixels of it, else −1.  Greyed dots don't count."""
        return self.dots.nearest(point, within * self.map_per_pixel())

    def meant(self, point: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """The place among the dots as they were shown that a map point stands for: while they move, their nearest's."""
        nearest = -1 if self._moved_from is None else self.dots.nearest(point, math.inf)
        return point if self._moved_from is None or nearest < 0 else self._moved_from[nearest]

    def dot_towards(self, point: npt.NDArray[np.float32], way: npt.NDArray[np.float32]) -> int | None:
        """The dot nearest to a map point in a direction, within 45° of it, or None.  Greyed dots don't count."""
        return self.dots.towards(point, way, 0.5 * self.map_per_pixel())

    def middle(self) -> npt.NDArray[np.float32]:
        """The map point in the middle of the view."""
        return self.to_map(QPointF(self.viewport().rect().center()))

    def set_hovered(self, index: int) -> None:
        """Say which dot is under the mouse."""
        if index != self._under_mouse:
            self._under_mouse = index
            self.hovered.emit(index)

    # --- events

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed_at, self._moved = event.position(), False
        self.modifiers = event.modifiers()
        if event.button() == Qt.MouseButton.LeftButton and not self.left_pans:
            self.left_pressed.emit(self.to_map(event.position()), event.modifiers())
        else:
            self._panning = event.position()
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.modifiers = event.modifiers()
        if (event.position() - self._pressed_at).manhattanLength() > 4:
            self._moved = True
        if self._panning is not None:
            if self._moved:
                before, now = self.to_map(self._panning), self.to_map(event.position())
                self.plane.translateBy(x=float(before[0] - now[0]), y=float(before[1] - now[1]))
                self._panning, self._untouched = event.position(), False
        elif event.buttons() & Qt.MouseButton.LeftButton:
            self.left_moved.emit(self.to_map(event.position()))
        else:
            self.set_hovered(self.dot_at(self.to_map(event.position())))
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._panning is not None:
            self._panning = None
            self.viewport().unsetCursor()
            if event.button() == Qt.MouseButton.RightButton and not self._moved:
                self.right_clicked.emit(self.to_map(event.position()))
        elif event.button() == Qt.MouseButton.LeftButton:
            self.left_released.emit(self.to_map(event.position()))
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.double_clicked.emit(self.to_map(event.position()))
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._zoom(1.0015 ** event.angleDelta().y(), self.to_map(event.position()))
        event.accept()

    def _zoom(self, closer: float, centre: npt.NDArray[np.float32]) -> None:
        span = self.map_per_pixel() / closer * max(self.width(), 1)
        extent = 1.0 if self.dots.bounds is None else float((self.dots.bounds[1] - self.dots.bounds[0]).max())
        if 1e-4 * extent < span < 50 * max(extent, 1e-6):
            self.plane.scaleBy((1 / closer, 1 / closer), center=QPointF(float(centre[0]), float(centre[1])))
            self._untouched = False

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._ringed = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._ringed = False
        self.viewport().update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.set_hovered(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()  # a scroll area would take the arrows

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.plane.resize(self.viewport().size())
        if self._untouched:
            self.reset_view()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "dots"):
            self.dots.set_palette(self.palette())

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self.viewport()) as painter:
            painter.fillRect(self.viewport().rect(), self.palette().color(QPalette.ColorRole.Base))
            self.plane.paint(painter)
            self.paint_over(painter)

    def paint_over(self, painter: QPainter) -> None:
        """Paint what lies over the layers, in pixels."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        seen = QRectF(self.viewport().rect())
        above, below = self.margins  # where other things lie over the map
        room = seen.adjusted(0, above, 0, -below)
        self.marks.paint(painter, self.plane.to_pixels, seen, room, self.palette())
        if self._ringed:
            paint_ring(painter, seen, self.palette())
