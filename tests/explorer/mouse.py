"""What a mouse does on a map."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from explorer.panels.map.view.view import MapView

LEFT, RIGHT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton
NO_KEY = Qt.KeyboardModifier.NoModifier


def pixel(view: MapView, place: npt.ArrayLike) -> QPoint:
    """Where a map point is seen."""
    return view.to_pixels(place).toPoint()


def lone_dot(view: MapView) -> int:
    """The dot with the most room around it, so that a click there can mean no other."""
    gaps = np.linalg.norm(view.points[:, None] - view.points, axis=2)
    np.fill_diagonal(gaps, np.inf)
    return int(gaps.min(axis=1).argmax())


def drag(
    view: MapView, button: Qt.MouseButton, start: QPoint, end: QPoint, modifiers: Qt.KeyboardModifier = NO_KEY
) -> None:
    """Press, move in five steps, release."""
    QTest.mousePress(view.viewport(), button, modifiers, start)
    for i in range(1, 6):
        move(view, QPointF(start) + (QPointF(end) - QPointF(start)) * i / 5, button, modifiers)
    QTest.mouseRelease(view.viewport(), button, modifiers, end)


def move(view: MapView, place: QPointF, button: Qt.MouseButton, modifiers: Qt.KeyboardModifier = NO_KEY) -> None:
    """Move with the button pressed, which QTest.mouseMove cannot."""
    event = QMouseEvent(QEvent.Type.MouseMove, place, view.viewport().mapToGlobal(place), button, button, modifiers)
    QApplication.sendEvent(view.viewport(), event)
