"""What decides how decoded music becomes notes, and how these are played."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from explorer.audio.player import Player
from explorer.audio.sequencer import AtEnd
from explorer.session.playing.decoded import PieceSettings
from explorer.session.playing.versions import Through, Version
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
        self.chosen_version: Version | None = None  # None: nobody has chosen
        self.is_unknown: Callable[[int], bool] = lambda _window: False  # whether the model knows a window's song not
        self.through: Through | None = None  # another model that all sounds through
        self.at_end = player.at_end = AtEnd.LOOP
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

    def hear_through(self, through: Through | None) -> None:
        """A/B: let all sound through another model, or again through its own; the music goes on where it is.

        What is heard stays what it is, a place on this model's map.
        """
        self.through = through
        self.player.at_end = self.at_end
        self._renew()

    def set_at_end(self, at_end: AtEnd) -> None:
        """What follows the end of what is heard."""
        self.at_end = self.player.at_end = at_end
        self.settings_changed.emit()

    def play_once(self) -> None:
        """Stop at the end."""
        self.set_at_end(AtEnd.STOP)

    def loop(self) -> None:
        """Start again at the end."""
        self.set_at_end(AtEnd.LOOP)

    def run_on(self) -> None:
        """Let the decoder run on past the end: a medley."""
        self.set_at_end(AtEnd.RUN_ON)

    def take_settings(self, settings: PieceSettings) -> None:
        """Let what is played next become notes as some piece did."""
        self.threshold, self.temperature, self._seed = settings.threshold, settings.temperature, settings.seed
        self.player.tempo = settings.tempo
        self._use_sound(settings.sound)
        self.settings_changed.emit()

    def _wanted_version(self, window: int | None) -> Version:
        """What was chosen; until then a song that the model does not know is heard as it is."""
        unknown = window is not None and self.is_unknown(window)
        return self.chosen_version or (Version.ORIGINAL if unknown else Version.MODEL)

    def _use_sound(self, sound: Sound) -> None:
        self.sound = sound
        self.player.programs = tuple(voice.program for voice in sound.voices)

    def _renew(self) -> None:
        """Make what is heard anew after a change."""
        self.settings_changed.emit()
