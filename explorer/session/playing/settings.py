"""What decides how decoded music becomes notes, and how these are played."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from explorer.audio.player import Player
from explorer.session.playing.decoded import PieceSettings
from vrae_core.music.sound import Sound


class PlayingSettings(QObject):
    """Each verb changes one setting, and what is heard with it."""

    settings_changed = Signal()

    def __init__(self, player: Player) -> None:
        super().__init__()
        self.player = player
        self.threshold = 0.5
        self.temperature = 0.0
        self._seed = 0
        self._use_sound(Sound())

    def set_threshold(self, threshold: float) -> None:
        """Cells above this probability sound (0–1)."""
        self.threshold = threshold
        self._renew()

    def set_temperature(self, temperature: float) -> None:
        """0: by the threshold; 1: drawn with the decoder's probabilities."""
        self.temperature = temperature
        self._renew()

    def set_sound(self, sound: Sound) -> None:
        """The instruments, the scale, and whether velocities come from probabilities."""
        self._use_sound(sound)
        self._renew()

    def set_tempo(self, beats_per_minute: float | None) -> None:
        """None plays as fast as the songs."""
        self.player.tempo = beats_per_minute
        self.settings_changed.emit()

    def set_volume(self, volume: float) -> None:
        """0–1."""
        self.player.volume = volume
        self.settings_changed.emit()

    def set_hold(self, hold: bool) -> None:
        """Whether time stands still while what sounds goes on sounding."""
        self.player.hold = hold
        self.settings_changed.emit()

    def take_settings(self, settings: PieceSettings) -> None:
        """Let what is played next become notes as some piece did."""
        self.threshold, self.temperature, self._seed = settings.threshold, settings.temperature, settings.seed
        self.player.tempo = settings.tempo
        self._use_sound(settings.sound)
        self.settings_changed.emit()

    def _use_sound(self, sound: Sound) -> None:
        self.sound = sound
        self.player.programs = tuple(voice.program for voice in sound.voices)

    def _renew(self) -> None:
        """Make what is heard anew after a change."""
        self.settings_changed.emit()
