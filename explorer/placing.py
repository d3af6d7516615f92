"""Where on the screen the window is: as it was left, and never larger than what the screen has free."""

from __future__ import annotations

from PySide6.QtCore import QMargins, QPoint, QRect, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from explorer.preferences import Preferences

LIKELY_FRAME = QMargins(0, 40, 0, 0)  # pixels, before the system has made one: the bar with the title


def place(window: QWidget, preferences: Preferences) -> None:
    """Make a window, before it is shown, as large as it was left, and put it there; it may be that screen has gone."""
    left = None if preferences.window is None else QRect(*preferences.window)
    screen = None if left is None else QGuiApplication.screenAt(left.center())
    free = (screen or QGuiApplication.primaryScreen()).availableGeometry()
    size = window.size() if left is None else left.size()
    frame = LIKELY_FRAME if screen is None else QMargins()  # it lay there with its frame, or is fitted once it has one
    fitted = fit(QRect(QPoint() if left is None else left.topLeft(), size), free, frame)
    window.setMinimumSize(window.minimumSize().boundedTo(free.marginsRemoved(LIKELY_FRAME).size()))
    if screen is None:
        window.resize(fitted.size())  # the system finds a place
    else:
        window.setGeometry(fitted)
    if preferences.maximised:
        window.setWindowState(window.windowState() | Qt.WindowState.WindowMaximized)


def fit_with_its_frame(window: QWidget) -> None:
    """Let a window that is shown, and has its frame, stick out of the screen nowhere."""
    handle, screen = window.windowHandle(), window.screen()
    if handle is None or window.isMaximized() or window.isFullScreen():
        return
    fitted = fit(window.geometry(), screen.availableGeometry(), handle.frameMargins())
    if fitted != window.geometry():
        window.setGeometry(fitted)


def remember(window: QWidget, preferences: Preferences) -> None:
    """Keep where the window is, or would be if it were not maximised."""
    where = window.normalGeometry()
    if where.isValid():
        preferences.window = (where.x(), where.y(), where.width(), where.height())
    preferences.maximised = window.isMaximized()


def fit(window: QRect, free: QRect, frame: QMargins) -> QRect:
    """A window made smaller, and moved, only as far as it must to lie with its frame in what is free."""
    room = free.marginsRemoved(frame)
    size = window.size().boundedTo(room.size())
    x = min(max(window.x(), room.left()), room.right() + 1 - size.width())
    y = min(max(window.y(), room.top()), room.bottom() + 1 - size.height())
    return QRect(QPoint(x, y), size)
