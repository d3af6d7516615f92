"""How fast the music is: as its songs are, or at a tempo of one's own."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from explorer.audio.phrase import TEMPO
from explorer.audio.player import FASTEST, SLOWEST
from explorer.qt.controls import Button
from explorer.qt.sliders import CaptionedSlider
from explorer.session.playing.playback import Playback

TIP = "Beats per minute, 40 to 300: those that are heard. Move it to set your own."
AS_SONGS_TIP = (
    "On: as fast as the songs, which may change along the music.\n"
    "Off: always at the tempo on the slider. Moving the slider turns it off."
)


class TempoSlider(CaptionedSlider):
    """Shows the tempo that is heard; moved, it sets one's own, and a double-click goes back to that of the songs."""

    as_songs_wanted = Signal()

    def __init__(self) -> None:
        super().__init__("Tempo", SLOWEST, FASTEST, 1, TEMPO, _in_words, TIP, "as the songs")

    def show_tempo(self, beats_per_minute: float) -> None:
        """Follow the music: nothing is set."""
        self.blockSignals(True)
        self.set_value(beats_per_minute)
        self.blockSignals(False)
        self.show_words(_in_words(beats_per_minute))  # which may be beyond the slider's ends

    def bring_back(self) -> None:
        """Go back to the tempo of the songs."""
        self.as_songs_wanted.emit()


class TempoControl(QWidget):
    """The slider, and the button that is on while the songs say how fast the music is."""

    def __init__(self, playback: Playback) -> None:
        super().__init__()
        self._playback = playback
        self.slider = TempoSlider()
        self.as_songs = Button("As songs", AS_SONGS_TIP, look="plain")
        self.as_songs.setAccessibleName("Tempo as the songs")
        self.as_songs.setCheckable(True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.slider, 1)
        layout.addWidget(self.as_songs)
        self.slider.value_changed.connect(playback.set_tempo)
        self.slider.as_songs_wanted.connect(lambda: playback.set_tempo(None))
        self.as_songs.clicked.connect(lambda on: playback.set_tempo(None if on else playback.tempo_heard))
        for changed in (playback.settings_changed, playback.heard_changed, playback.moved):
            changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        self.slider.show_tempo(self._playback.tempo_heard)
        self.as_songs.setChecked(self._playback.player.tempo is None)


def _in_words(beats_per_minute: float) -> str:
    return f"{beats_per_minute:.0f} bpm"
