"""A hand that does with the window what chance chooses, one thing after another."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QFileDialog,
    QLineEdit,
    QMenu,
    QTabBar,
    QWidget,
)

from explorer.main_window import MainWindow
from explorer.session.songs.sources import SongSource
from vrae_core.bundled import bundled_models, bundled_songs

LONGEST_WAIT = 4.0  # seconds for what runs to end
LEFT_OUT = ("quit",)  # a life ends where it is told to
BUTTONS = (Qt.MouseButton.LeftButton,) * 8 + (Qt.MouseButton.RightButton,)
NONE = Qt.KeyboardModifier.NoModifier
SHIFT, CTRL, ALT = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)
MODIFIERS = (NONE,) * 5 + (SHIFT, CTRL, ALT)
KEYS = "abcdhlmnrswx 0123+-?"
SPECIAL_KEYS = [getattr(Qt.Key, f"Key_{name}") for name in ("Escape", "Tab", "Left", "Up", "Return", "Delete", "Home")]
WIDGETS = (QAbstractButton, QAbstractItemView, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit, QTabBar)


class Hand:
    """Does one thing after another, which chance chooses; what is modal is answered first."""

    def __init__(self, window: MainWindow, folder: Path, chance: random.Random) -> None:
        self.window, self.session, self.folder, self.chance = window, window.session, folder, chance
        self.view = window.map_panel.view
        self.names = [name for name in window.actions_by_id if name not in LEFT_OUT]
        self.models = [*bundled_models().values(), *sorted(folder.glob("*.safetensors"))]
        self.songs = list(bundled_songs())
        self.last = ""  # what was done
        self.answers = 0  # to what is modal, in a row
        self._acts: list[tuple[int, Callable[[], object]]] = [
            (12, self.press), (6, self.drag), (4, self.wheel), (3, self.hover), (16, self.command), (10, self.shortcut),
            (8, self.key), (10, self.widget), (6, self.tab), (4, self.model), (3, self.other_songs), (2, self.drop),
            (2, self.train), (2, self.stop_training), (3, self.save_session), (2, self.open_session), (3, self.resize),
            (8, self.wait),
        ]  # fmt: skip

    def act(self) -> None:
        """One action."""
        modal, popup = QApplication.activeModalWidget(), QApplication.activePopupWidget()
        if modal is None and popup is None:
            self.answers = 0
            acts, weights = [act for _, act in self._acts], [weight for weight, _ in self._acts]
            act = self.chance.choices(acts, weights)[0]
            self.last = act.__name__
            act()
            return
        self.answers += 1
        if popup is not None:
            self.answer_popup(popup)
        elif modal is not None:
            self.answer(modal)

    # --- the map

    def at(self, widget: QWidget) -> QPoint:
        return QPoint(self.chance.randrange(max(widget.width(), 1)), self.chance.randrange(max(widget.height(), 1)))

    def press(self) -> None:
        points = self.view.points
        at = self.at(self.view.viewport())
        if len(points) and self.chance.random() < 0.7:
            at = self.view.to_pixels(points[self.chance.randrange(len(points))]).toPoint()
        QTest.mouseClick(self.view.viewport(), self.chance.choice(BUTTONS), self.chance.choice(MODIFIERS), at)

    def drag(self) -> None:
        target, modifiers = self.view.viewport(), self.chance.choice(MODIFIERS)
        button = self.chance.choice((Qt.MouseButton.LeftButton, Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton))
        start, end = self.at(target), self.at(target)
        QTest.mousePress(target, button, modifiers, start)
        for step in range(1, 9):
            QTest.mouseMove(target, start + step / 8 * (end - start))
        QTest.mouseRelease(target, button, modifiers, end)

    def wheel(self) -> None:
        at, turned = QPointF(self.at(self.view.viewport())), QPoint(0, self.chance.choice((-240, -120, 120, 240)))
        event = QWheelEvent(
            at, self.view.viewport().mapToGlobal(at), QPoint(), turned, Qt.MouseButton.NoButton,
            self.chance.choice(MODIFIERS), Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(self.view.viewport(), event)

    def hover(self) -> None:
        for _ in range(5):
            QTest.mouseMove(self.view.viewport(), self.at(self.view.viewport()))

    # --- commands, keys, controls, tabs

    def command(self) -> None:
        action = self.window.actions_by_id[self.chance.choice(self.names)]
        if action.isEnabled():
            action.trigger()

    def shortcut(self) -> None:
        shortcut = self.window.actions_by_id[self.chance.choice(self.names)].shortcut()
        if not shortcut.isEmpty():
            QTest.keySequence(QApplication.focusWidget() or self.window, shortcut)

    def key(self) -> None:
        target = QApplication.focusWidget() or self.window
        if self.chance.random() < 0.5:
            QTest.keyClick(target, self.chance.choice(SPECIAL_KEYS), self.chance.choice(MODIFIERS))
        else:
            QTest.keyClicks(target, self.chance.choice(KEYS))

    def widget(self) -> None:
        self.click_one_of(self.controls(self.window))

    def controls(self, within: QWidget) -> list[QWidget]:
        return [w for w in within.findChildren(QWidget) if isinstance(w, WIDGETS) and w.isVisible() and w.isEnabled()]

    def click_one_of(self, controls: list[QWidget]) -> None:
        if controls:
            widget = self.chance.choice(controls)
            target = widget.viewport() if isinstance(widget, QAbstractItemView) else widget
            QTest.mouseClick(target, self.chance.choice(BUTTONS), NONE, self.at(target))

    def tab(self) -> None:
        self.window.tabs.setCurrentIndex(self.chance.randrange(3))

    def resize(self) -> None:
        self.window.resize(self.chance.randrange(1180, 1700), self.chance.randrange(640, 1000))

    def wait(self) -> None:
        """For what runs to end."""
        deadline = time.monotonic() + LONGEST_WAIT
        while self.session.jobs.running and time.monotonic() < deadline and QApplication.activeModalWidget() is None:
            QTest.qWait(20)

    # --- files

    def model(self) -> None:
        self.window.files.open([self.chance.choice(self.models)])

    def other_songs(self) -> None:
        """Other songs in place of those that are there."""
        some = [SongSource(str(file)) for file in self.chance.sample(self.songs, self.chance.randint(1, 4))]
        self.session.library.reopen(self.chance.choice(self.models), some, None, lambda _done: None)

    def drop(self) -> None:
        data = QMimeData()
        paths = self.chance.sample([*self.songs, *self.models, *self.folder.glob("*.vrae-session")], 2)
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths[: self.chance.randint(1, 2)]])
        at, copy, left = QPoint(300, 300), Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
        QApplication.sendEvent(self.window, QDragEnterEvent(at, copy, data, left, NONE))
        QApplication.sendEvent(self.window, QDropEvent(QPointF(at), copy, data, left, NONE))

    def save_session(self) -> None:
        self.session.keeping.save(self.folder / f"{self.chance.randrange(3)}.vrae-session")

    def open_session(self) -> None:
        there = sorted(self.folder.glob("*.vrae-session"))
        if there:
            self.window.files.open([self.chance.choice(there)])

    # --- trainings

    def train(self) -> None:
        """A small one."""
        self.window.pages.show_train()
        setup = self.window.pages.train.setup
        self.window.pages.train.show_part("setup")
        setup.minutes.setValue(setup.minutes.minimum())
        QTest.mouseClick(setup.start, Qt.MouseButton.LeftButton)

    def stop_training(self) -> None:
        if self.session.training.steerable:
            self.session.training.stop()

    # --- what asks

    def answer_popup(self, popup: QWidget) -> None:
        """A menu: one of its lines, or none."""
        lines = [line for line in popup.actions() if line.isEnabled() and not line.isSeparator()]
        if isinstance(popup, QMenu) and lines and self.answers < 3 and self.chance.random() < 0.6:
            line = self.chance.choice(lines)
            popup.close()
            if line.menu() is None and line is not self.window.actions_by_id["quit"]:
                line.trigger()
        else:
            popup.close()

    def answer(self, modal: QWidget) -> None:
        """A dialog: a file, one of its controls, or no answer."""
        if isinstance(modal, QFileDialog):
            self.answer_file(modal)
            return
        controls = self.controls(modal)
        if controls and self.answers < 4 and self.chance.random() < 0.7:
            self.click_one_of(controls)
        elif isinstance(modal, QDialog):
            (modal.accept if self.chance.random() < 0.5 else modal.reject)()
        else:
            modal.close()

    def answer_file(self, dialog: QFileDialog) -> None:
        saves = dialog.acceptMode() is QFileDialog.AcceptMode.AcceptSave
        if self.answers > 3 or self.chance.random() < 0.2:
            dialog.reject()
        elif saves:
            suffix = self.chance.choice(dialog.nameFilters()).partition("*")[2].split(")")[0].split(" ")[0]
            dialog.selectFile(str(self.folder / f"saved {self.chance.randrange(4)}{suffix}"))
            dialog.accept()
        elif dialog.fileMode() is QFileDialog.FileMode.Directory:
            dialog.setDirectory(str(self.folder))
            dialog.accept()
        else:
            dialog.selectFile(str(self.chance.choice([*self.songs, *self.models])))
            dialog.accept()
