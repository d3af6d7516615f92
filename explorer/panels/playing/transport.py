"""The transport along the bottom: play, stop, hold, the sliders, the sound, the state of the device, export."""

from __future__ import annotations

from functools import cached_property

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from explorer.audio.player import State
from explorer.audio.sequencer import AtEnd
from explorer.panels.playing.sound_card import SoundCard, name_of
from explorer.panels.playing.tempo import TempoControl
from explorer.qt.controls import Button, DropDown, MenuButton
from explorer.qt.labels import ElidedLabel, as_tooltip
from explorer.qt.sliders import CaptionedSlider
from explorer.session.playing.playback import Playback
from vrae_core.music.pieces import HIGHEST_TEMPERATURE
from vrae_core.music.score import LOWEST_THRESHOLD

HOLD_TIP = (
    "Hold (H): time stops and the current notes keep sounding; drag on the map to change them.\n"
    "Instruments that fade, such as a piano, still fade."
)
AT_END_TIP = (
    "At the end of a window or a path:\n"
    "Once: stop\n"
    "Loop (L): start again\n"
    "Continue (R): play on past the end as a medley, for five minutes at 150 bpm"
)
AT_END = {  # as the drop-down words them
    "Once": AtEnd.STOP,
    "Loop": AtEnd.LOOP,
    "Continue": AtEnd.RUN_ON,
}


class TransportPanel(QWidget):
    """Below everything, in all tabs."""

    again_wanted = Signal()  # to look for the sound anew

    def __init__(self, playback: Playback) -> None:
        super().__init__()
        self._playback = playback
        self.setAutoFillBackground(True)
        self.play = Button(tip="Play or pause (Space)", drawing="play", look="play")
        self.play.setFixedSize(44, 44)
        self.play.show_icon("play", 20)
        self.stop = Button(tip="Stop (Ctrl+.)", drawing="stop", look="plain")
        self.hold = Button("Hold", HOLD_TIP, "hold", "plain")
        self.hold.setCheckable(True)
        self.at_end = DropDown()
        self.at_end.setAccessibleName("At the end")
        self.at_end.setToolTip(AT_END_TIP)
        for name, at_end in AT_END.items():
            self.at_end.addItem(name, at_end)
        self._tempo = TempoControl(playback)
        self.tempo, self.as_songs = self._tempo.slider, self._tempo.as_songs
        self.threshold = CaptionedSlider(
            "Threshold",
            LOWEST_THRESHOLD,
            0.99,
            0.01,
            0.5,
            lambda v: f"{v:.2f}",
            "Notes at least this likely are played.",
        )
        self.temperature = CaptionedSlider(
            "Temperature", 0, HIGHEST_TEMPERATURE, 0.05, 0, lambda v: f"{v:.2f}" if v else "0",
            "0: only the threshold decides. 1: notes are drawn with the decoder's probabilities. Up to 2: more random.",
        )  # fmt: skip
        self.volume = CaptionedSlider("Volume", 0, 1, 0.01, 0.8, lambda v: f"{v:.0%}", "Loudness.")
        self.sound = MenuButton("Sound", "Sound: instruments, scale and velocities (S)")
        self._light, self._audio = _Light(), ElidedLabel("Opening the sound…", "small")
        self.again = Button("Try again", "Look for the sound device again, and open the synthesizer again", look="link")
        self.again.clicked.connect(self.again_wanted)
        self.again.hide()
        self.export = MenuButton("Export", "Save as MIDI, WAV or image", "main")
        self._lay_out()
        self._connect(playback)
        self._show_settings()

    def _connect(self, playback: Playback) -> None:
        self.play.clicked.connect(playback.toggle)
        self.stop.clicked.connect(playback.stop)
        self.hold.clicked.connect(playback.set_hold)
        self.at_end.activated.connect(lambda: playback.set_at_end(AtEnd(self.at_end.currentData())))
        self.threshold.value_changed.connect(playback.set_threshold)
        self.temperature.value_changed.connect(playback.set_temperature)
        self.volume.value_changed.connect(playback.set_volume)
        self.sound.clicked.connect(self.show_sound)
        playback.settings_changed.connect(self._show_settings)
        playback.heard_changed.connect(self._show_sound)  # another model may have parts
        playback.state_changed.connect(self._show_state)

    @cached_property
    def card(self) -> SoundCard:
        """Instruments, scale and velocities; made when first asked for, since its lists are long."""
        card = SoundCard(self)
        card.chosen.connect(self._playback.set_sound)
        self._show_on(card)
        return card

    def set_export_menu(self, menu: QMenu) -> None:
        """What the Export button offers."""
        self.export.setMenu(menu)

    def show_sound(self) -> None:
        """Open the card of instruments, scale and velocities."""
        self._show_on(self.card)
        self.card.open_above(self.sound)

    def show_audio(self, text: str, audible: bool | None) -> None:
        """Say how the sound stands; None: it is being opened."""
        self._light.show_good(audible)
        self.again.setVisible(audible is False)
        self._audio.setText(text)
        self._audio.setToolTip(as_tooltip(text))

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(20, 12, 16, 12)
        layout.setSpacing(8)
        for part in (self.play, self.stop, self.hold, self.at_end):
            layout.addWidget(part)
        for slider in (self.tempo, self.threshold, self.temperature, self.volume):
            slider.setMinimumWidth(90)
            slider.setMaximumWidth(150)
            layout.addSpacing(6)
            layout.addWidget(*((self._tempo, 4) if slider is self.tempo else (slider, 3)))
        layout.addSpacing(6)
        self.sound.setMinimumWidth(128)
        layout.addWidget(self.sound)
        layout.addSpacing(10)
        layout.addWidget(self._light)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        words.addWidget(self._audio)
        words.addWidget(self.again)
        words.addStretch(1)
        self._audio.setMinimumWidth(60)
        layout.addLayout(words, 4)
        layout.addWidget(self.export)

    def _show_settings(self) -> None:
        playback, player = self._playback, self._playback.player
        for slider, value in (
            (self.threshold, playback.threshold),
            (self.temperature, playback.temperature),
            (self.volume, player.volume),
        ):
            slider.blockSignals(True)
            slider.set_value(value)
            slider.blockSignals(False)
        self.hold.setChecked(player.hold)
        self.at_end.setCurrentIndex(self.at_end.findData(playback.at_end))
        self._show_sound()

    def _show_sound(self) -> None:
        self.sound.setText(name_of(self._playback.sound, self._playback.has_parts) or "Custom sound")
        if "card" in vars(self):  # else it is made when it is first opened
            self._show_on(self.card)

    def _show_on(self, card: SoundCard) -> None:
        playback = self._playback
        card.show_sound(playback.sound, playback.sound_heard if playback.has_parts else None)

    def _show_state(self, state: str) -> None:
        self.play.show_icon("pause" if state == State.PLAYING else "play", 20)


class _Light(QWidget):
    """A small light: good, or not so."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(10, 10)
        self._good: bool | None = None

    def show_good(self, good: bool | None) -> None:
        """Shine where the sound plays; None: nobody knows yet."""
        self._good = good
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        role = QPalette.ColorRole
        colour = self.palette().color(role.PlaceholderText if self._good is None else role.BrightText)
        if self._good:
            colour = QColor("#6cc070")
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawEllipse(1, 1, 8, 8)
