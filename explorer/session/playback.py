"""What is heard: a point of the map, or a piece along a path, decoded, made into notes and handed to the player."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from explorer.atlas import Atlas
from explorer.background import NewestWins
from explorer.player import STEPS_PER_BEAT, Phrase, Player, State
from vrae_core.midi_export import Track
from vrae_core.piano_roll import BoolArray, FloatArray, notes_from_roll
from vrae_core.pieces import roll_from_probabilities

FRAME_MILLISECONDS = 16


@dataclass(frozen=True, eq=False)
class Heard:
    """Something decoded: its probabilities, (steps, P), and where on the map it is."""

    probabilities: FloatArray
    pitches: tuple[int, ...]
    zs: FloatArray  # (1, J) for a point, (steps, J) for a piece along a path
    places: FloatArray  # where these are on the map: (1, 2) or (steps, 2)
    window: int | None = None  # when the point is a window's own
    arrivals: tuple[int, ...] = ()  # of a path: the step at which it is at each of its points

    def place_at(self, step: float) -> FloatArray:
        """Where on the map the music is at a step: (2,)."""
        return self.places[min(max(int(step), 0), len(self.places) - 1)]

    def z_at(self, step: float) -> FloatArray:
        """The latent point of the music at a step: (J,)."""
        return self.zs[min(max(int(step), 0), len(self.zs) - 1)]


@dataclass(frozen=True)
class PieceSettings:
    """How probabilities become notes, and these a track."""

    threshold: float
    temperature: float
    seed: int
    tempo: float  # beats per minute
    program: int
    pitches: tuple[int, ...]

    def roll(self, probabilities: FloatArray) -> BoolArray:
        """The cells that sound: (steps, P)."""
        return roll_from_probabilities(probabilities, self.threshold, self.temperature, self.seed)

    def tracks(self, roll: BoolArray) -> list[Track]:
        """A roll as the tracks of a file, at the tempo that is set."""
        step_seconds = 60 / (self.tempo * STEPS_PER_BEAT)
        return [Track("VRAE Explorer", self.program, notes_from_roll(roll, self.pitches, step_seconds))]


@dataclass(frozen=True, eq=False)
class _Request:
    atlas: Atlas
    at: FloatArray  # (2,) on its map
    window: int | None
    z: FloatArray | None = None  # (J,), where the place on the map does not say it


class Playback(QObject):
    """Decodes what is pointed at, newest first, and plays it."""

    heard_changed = Signal()  # another point or piece, or other notes of it
    state_changed = Signal(str)  # the transport: one of player.State
    moved = Signal(float)  # the play-head, in steps, while it plays
    settings_changed = Signal()
    failed = Signal(str)

    def __init__(self, player: Player) -> None:
        super().__init__()
        self.player = player
        self.atlas: Atlas | None = None
        self.heard: Heard | None = None
        self.roll: BoolArray | None = None  # (steps, P), the notes of what is heard
        self.threshold = 0.5
        self.temperature = 0.0
        self._seed = 0
        self._start = False  # the next answer begins anew rather than morphing
        self._decoder = NewestWins(_decode)
        self._decoder.answered.connect(self._decoded)
        self._decoder.failed.connect(lambda _request, sentence: self.failed.emit(sentence))
        self._state = State.STOPPED
        player.loop = True
        self._clock = QTimer(self)
        self._clock.setTimerType(Qt.TimerType.PreciseTimer)
        self._clock.setInterval(FRAME_MILLISECONDS)
        self._clock.timeout.connect(self._tick)

    # --- pointing

    def show_atlas(self, atlas: Atlas) -> None:
        """Point into another atlas from now on; another model brings its own threshold."""
        before, self.atlas = self.atlas, atlas
        other_model = before is None or before.model is not atlas.model
        if other_model:
            self.heard = self.roll = None
            self.player.stop()
            self.threshold = atlas.model.threshold
            self.settings_changed.emit()
        elif self.heard is not None:  # the same z lies elsewhere on another map, and windows have other numbers
            places = np.array([atlas.map.point_of(z) for z in self.heard.zs])
            same_windows = before is not None and before.corpus is atlas.corpus
            window = self.heard.window if same_windows else _window_at(atlas, places[0])
            self.heard = replace(self.heard, places=places, window=window)
        self.heard_changed.emit()
        self._show_state()

    def play_at(self, point: npt.ArrayLike, window: int | None = None) -> None:
        """Hear a map point from its start; ``window`` if it is that window's own place."""
        self._start = True
        self._seed += 1
        self._ask(np.asarray(point, np.float32), window)

    def play_window(self, window: int) -> None:
        """Hear a window as the model decodes it."""
        if self.atlas is not None and window < len(self.atlas.map.points):
            self.play_at(self.atlas.map.points[window], window)

    def morph_to(self, point: npt.ArrayLike, window: int | None = None) -> None:
        """Move what is heard to another map point, in time: the music goes on where it is."""
        self._ask(np.asarray(point, np.float32), window)

    def play_z(self, z: FloatArray, at: FloatArray) -> None:
        """Hear a latent point (J,) from its start; ``at`` is where the map shows it."""
        self._start = True
        self._seed += 1
        self._ask(at, None, z)

    def morph_to_z(self, z: FloatArray, at: FloatArray) -> None:
        """Move what is heard to a latent point, in time."""
        self._ask(at, None, z)

    def play_piece(self, piece: Heard) -> None:
        """Hear something decoded elsewhere, from its start."""
        self._start = True
        self._take(piece)

    def _ask(self, point: FloatArray, window: int | None, z: FloatArray | None = None) -> None:
        if self.atlas is not None:
            self._decoder.ask(_Request(self.atlas, point, window, z))

    def _decoded(self, request: _Request, heard: Heard) -> None:
        if request.atlas is self.atlas:
            self._take(heard)

    def _take(self, heard: Heard) -> None:
        self.heard = heard
        phrase = self._make_notes()
        if self._start:
            self._start = False
            self.player.play(phrase)
        else:
            self.player.morph(phrase)
        self.heard_changed.emit()
        self._show_state()

    def _make_notes(self) -> Phrase:
        assert self.heard is not None
        self.roll = self.piece_settings().roll(self.heard.probabilities)
        return Phrase(self.roll, self.heard.pitches)

    # --- the transport

    def toggle(self) -> None:
        """Pause, or play on; from the start after a stop."""
        if self.player.state is State.PLAYING:
            self.player.pause()
        elif self.heard is not None:
            self.player.resume()
        self._show_state()

    def stop(self) -> None:
        """Silence, and back to the start."""
        self.player.stop()
        self._show_state()

    def clear(self) -> None:
        """Silence, and nothing is pointed at any more."""
        self.heard = self.roll = None
        self.stop()
        self.heard_changed.emit()

    def _tick(self) -> None:
        self.moved.emit(self.player.position)
        self._show_state()

    def _show_state(self) -> None:
        state = self.player.state
        if state is State.PLAYING and not self._clock.isActive():
            self._clock.start()
        elif state is not State.PLAYING:
            self._clock.stop()
        if state is not self._state:
            self._state = state
            self.moved.emit(self.player.position)
            self.state_changed.emit(state)

    # --- settings

    def set_threshold(self, threshold: float) -> None:
        """Cells above this probability sound (0–1)."""
        self.threshold = threshold
        self._renew()

    def set_temperature(self, temperature: float) -> None:
        """0: by the threshold; 1: drawn with the decoder's probabilities."""
        self.temperature = temperature
        self._renew()

    def set_tempo(self, beats_per_minute: float) -> None:
        """150 plays at the songs' own speed."""
        self.player.tempo = beats_per_minute
        self.settings_changed.emit()

    def set_volume(self, volume: float) -> None:
        """0–1."""
        self.player.volume = volume
        self.settings_changed.emit()

    def set_program(self, program: int) -> None:
        """A General MIDI instrument, 0–127."""
        self.player.program = program
        self.settings_changed.emit()

    def set_loop(self, loop: bool) -> None:
        """Whether what is heard starts again at its end."""
        self.player.loop = loop
        self.settings_changed.emit()

    def _renew(self) -> None:
        if self.heard is not None:
            self.player.morph(self._make_notes())
            self.heard_changed.emit()
        self.settings_changed.emit()

    # --- what others may want to know

    @property
    def is_silent(self) -> bool:
        """Whether what is pointed at has no note at all."""
        return self.roll is not None and not self.roll.any()

    def audible_threshold(self) -> float:
        """A threshold, in hundredths, at which what is pointed at has some notes."""
        assert self.heard is not None
        return max(0.0, float(np.floor(np.quantile(self.heard.probabilities, 0.97) * 100 - 1e-6)) / 100)

    def piece_settings(self) -> PieceSettings:
        """How probabilities become notes now."""
        player = self.player
        return PieceSettings(
            self.threshold, self.temperature, self._seed, player.tempo, player.program, self._pitches()
        )

    def _pitches(self) -> tuple[int, ...]:
        return self.atlas.model.pitches if self.atlas is not None else ()


def _decode(request: _Request) -> Heard:
    atlas, model = request.atlas, request.atlas.model
    z = request.z
    if z is None:
        z = atlas.posterior.mu[request.window] if request.window is not None else atlas.map.z_at(request.at)
    return Heard(model.decode(z[None])[0], model.pitches, z[None], request.at[None], request.window)


def _window_at(atlas: Atlas, place: FloatArray) -> int | None:
    windows, distances = atlas.map.nearest(place, 1)
    return int(windows[0]) if distances[0] < 1e-6 * (1 + atlas.extent) else None
