"""Cards over the map: what one can do with the path, and while the music wanders."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QSizePolicy

from explorer.qt.controls import Button, DropDown, MenuButton, NumberBox
from explorer.qt.labels import Label
from explorer.qt.sliders import CaptionedSlider
from explorer.session.path.path import DrawnPath
from explorer.session.path.pieces import Pieces
from explorer.session.path.wandering import USUAL_SPEED, Wandering


class PathBar(QFrame):
    """Its length, the duration of its segments, its shape; play, keep and clear it."""

    def __init__(self, path: DrawnPath, pieces: Pieces) -> None:
        super().__init__()
        self._path = path
        self.setProperty("look", "card")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.words = Label("", "small")
        self.segment = DropDown()
        self.segment.setAccessibleName("Segment")
        self.segment.setFixedWidth(96)
        self.segment.setToolTip("The segment whose duration is set (Ctrl+click on the path chooses one)")
        self.seconds = NumberBox(1, 60, 5, "Seconds from one point to the next")
        self.seconds.setSuffix(" s")
        self.seconds.setFixedWidth(74)
        self.seconds.setToolTip("Seconds from one point to the next, at the music's own tempo")
        self.shape = MenuButton("Shape", "Curve, spacing, speed, closing and snapping of the path")
        self.play = Button("Play", "Play the piece along the path (Return)", "play", "main")
        self.keep = Button("Save", "Save this path with a name (Ctrl+K)", look="plain")
        self.clear = Button("Clear", "Delete all points (Ctrl+Z brings them back)", look="plain")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 7, 6, 7)
        layout.setSpacing(7)
        for part in (self.words, self.segment, self.seconds, self.shape, self.play, self.keep, self.clear):
            layout.addWidget(part)
        self.segment.activated.connect(lambda: self._path.choose_segment(self.segment.currentData()))
        self.seconds.valueChanged.connect(self._path.set_seconds)
        self.play.clicked.connect(pieces.play_path)
        self.keep.clicked.connect(self._path.keep)
        self.clear.clicked.connect(self._path.clear)
        self._path.changed.connect(self._show)
        self._show()

    def set_shape_menu(self, menu: QMenu) -> None:
        """What the Shape button offers."""
        self.shape.setMenu(menu)

    def _show(self) -> None:
        path = self._path
        count = len(path.points)
        self.words.setText(f"{count} points\n{round(path.seconds, 1):g} s" if count > 1 else "Click to\nplace points")
        with QSignalBlocker(self.segment), QSignalBlocker(self.seconds):
            self.segment.clear()
            self.segment.addItem("Each", None)
            for segment, (start, end) in enumerate(path.segments):
                self.segment.addItem(f"{start + 1} → {end + 1}", segment)
            chosen = path.chosen_segment
            self.segment.setCurrentIndex(0 if chosen is None else chosen + 1)
            own = None if chosen is None else path.points[chosen].seconds
            self.seconds.setValue(round(path.manner.usual_seconds if own is None else own))
        for button in (self.play, self.keep):
            button.setEnabled(count > 1)
        self.clear.setEnabled(count > 0)


class WanderBar(QFrame):
    """How fast, keep the way as a path, stop."""

    def __init__(self, wandering: Wandering) -> None:
        super().__init__()
        self.setProperty("look", "card")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.speed = CaptionedSlider(
            "Speed", 0.1, 5.0, 0.1, USUAL_SPEED, lambda v: f"{v:.1f}", "Typical distances between windows per second."
        )
        self.speed.setFixedWidth(170)
        self.keep = Button("Save trail", "Save the route so far as a path, left of the map")
        self.stop = Button("Stop", "Stop here (Esc also stops the sound)", look="plain")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 7, 8, 7)
        layout.setSpacing(12)
        for part in (Label("Wandering"), self.speed, self.keep, self.stop):
            layout.addWidget(part)
        self.speed.value_changed.connect(wandering.set_speed)
        self.keep.clicked.connect(wandering.keep_trail)
        self.stop.clicked.connect(wandering.stop)
