"""Edit ▸ Preferences: what one sets once, a row each.  Every choice acts at once and is kept when the window closes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QGridLayout, QVBoxLayout, QWidget

from explorer.audio.output import AudioOutput
from explorer.preferences import Preferences
from explorer.qt.controls import Button, DropDown
from explorer.qt.labels import Label

Choice = TypeVar("Choice")
SOUND_MODES = {"Safe": "safe", "Low latency": "low latency"}
SONG_COLOURS = {"Standard": False, "Colour-blind safe": True}
THEMES = {"Dark": "dark", "Light": "light"}
SOUND_TIP = "Low latency responds 50 ms sooner. While training, or on a slow machine, the sound may break up."


class PreferencesDialog(QDialog):
    """Rows of a name, a control, and a line below it where there is something to say."""

    theme_chosen = Signal(str)
    song_colours_chosen = Signal(bool)  # whether colour-blind eyes can tell them

    def __init__(self, parent: QWidget, preferences: Preferences, audio: AudioOutput) -> None:
        super().__init__(parent)
        self._preferences, self._audio = preferences, audio
        self.setWindowTitle("Preferences")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._rows = QGridLayout()
        self._rows.setHorizontalSpacing(28)
        self._rows.setVerticalSpacing(6)
        self._rows.setColumnMinimumWidth(1, 260)
        self.sound_mode = _choice("Sound", SOUND_TIP, SOUND_MODES, preferences.sound_mode, self._use_sound_mode)
        self.device = Label("", "small")
        self.device.setWordWrap(True)
        self.again = Button("Try again", "Look for the sound device again, and open the synthesizer again", look="")
        self.again.clicked.connect(audio.try_again)
        self.theme = _choice("Theme", "Theme of the window", THEMES, preferences.theme, self.theme_chosen.emit)
        self._add_row("Sound", self.sound_mode, self.device)
        self._rows.addWidget(self.again, self._rows.rowCount() - 2, 2, Qt.AlignmentFlag.AlignTop)
        self._add_row("Theme", self.theme)
        tip = "Colours that are easy to tell apart for colour-blind people; for many songs, add Map ▸ Marker shapes"
        self.song_colours = _choice(
            "Colours of songs", tip, SONG_COLOURS, preferences.safe_colours, self.song_colours_chosen.emit
        )
        self._add_row("Colours of songs", self.song_colours)
        self.reopens = QCheckBox("Reopen the last session at start")
        self.reopens.setToolTip("If off, the bundled songs are opened")
        self.reopens.setChecked(preferences.reopens_session)
        self.reopens.toggled.connect(self._use_reopening)
        self._add_row("Start", self.reopens)
        self._finish()
        audio.state_changed.connect(self._show_device)
        self._show_device(audio.text, audio.audible)

    def _add_row(self, name: str, control: QWidget, below: QWidget | None = None) -> None:
        row = self._rows.rowCount()
        self._rows.addWidget(Label(name), row, 0, Qt.AlignmentFlag.AlignVCenter)
        self._rows.addWidget(control, row, 1)
        if below is not None:
            self._rows.addWidget(below, row + 1, 1)
        self._rows.setRowMinimumHeight(row + 2, 6)

    def _finish(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(26, 22, 26, 18)
        layout.setSpacing(16)
        layout.addLayout(self._rows)
        layout.addStretch(1)
        close = Button("Close", "Close this page", look="main")
        close.clicked.connect(self.accept)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)

    def _use_sound_mode(self, mode: str) -> None:
        self._preferences.sound_mode = mode
        self._audio.use_mode(mode)

    def _use_reopening(self, reopens: bool) -> None:
        self._preferences.reopens_session = reopens

    def _show_device(self, text: str, audible: bool | None) -> None:
        self.again.setVisible(audible is False)
        self.device.setText(f"{text.rstrip('.…')}. {SOUND_TIP}")


def _choice(
    name: str, tip: str, choices: Mapping[str, Choice], chosen: Choice, use: Callable[[Choice], object]
) -> DropDown:
    box = DropDown()
    box.setAccessibleName(name)
    box.setToolTip(tip)
    for text, value in choices.items():
        box.addItem(text, value)
    box.setCurrentIndex(box.findData(chosen))
    box.activated.connect(lambda: use(box.currentData()))
    return box
