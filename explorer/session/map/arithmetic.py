"""Latent arithmetic: A − B + C of points one has found, and the average of windows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QObject, Signal

from explorer.session.map.selection import Selection
from explorer.session.path.drawing import PathPoint
from explorer.session.path.path import DrawnPath
from explorer.session.playing.playback import Playback
from explorer.session.playing.pressing import name_of
from explorer.session.songs.atlas import Atlas
from vrae_core.piano_roll import FloatArray

SLOTS = ("A", "B", "C")


class Term(NamedTuple):
    """A latent point (J,), and what to call it."""

    name: str
    z: FloatArray


class Arithmetic(QObject):
    """Three slots, and what comes of them."""

    changed = Signal()

    def __init__(self, playback: Playback, path: DrawnPath, selection: Selection) -> None:
        super().__init__()
        self.terms: dict[str, Term] = {}
        self._playback, self._path, self._selection = playback, path, selection
        self._atlas: Atlas | None = None

    def show_atlas(self, atlas: Atlas) -> None:
        """Another model's points mean something else: the slots are empty then."""
        before, self._atlas = self._atlas, atlas
        if before is None or before.model is not atlas.model:
            self.terms = {}
        self.changed.emit()

    # --- what can stand in a slot

    def heard(self) -> Term | None:
        """What is heard now."""
        atlas, heard = self._atlas, self._playback.heard
        if atlas is None or heard is None:
            return None
        step = self._playback.player.position
        return Term(name_of(heard, atlas, step), heard.z_at(step))

    def favourites(self) -> list[Term]:
        """The favourite points."""
        return [Term(name, z) for name, z in self._path.drawing.favourites]

    def selected(self) -> Term | None:
        """The mean of the selected windows' μ, or the window itself if it is the only one."""
        atlas, windows = self._atlas, self._selection.indices
        if atlas is None or not len(windows):
            return None
        name = atlas.title(int(windows[0])) if len(windows) == 1 else f"Average of {len(windows)} windows"
        return Term(name, _average(atlas.posterior.mu[windows]))

    def song(self, song: int) -> Term:
        """The mean of a song's windows."""
        assert self._atlas is not None
        of_it = self._atlas.corpus.song_of == song
        return Term(f"Average of {self._atlas.corpus.names[song]}", _average(self._atlas.posterior.mu[of_it]))

    def song_heard(self) -> int | None:
        """The song that what is heard is of, or nearest to."""
        atlas, heard = self._atlas, self._playback.heard
        if atlas is None or heard is None:
            return None
        window = atlas.map.nearest_in_z(heard.z_at(self._playback.player.position))[0][0]
        return int(atlas.corpus.song_of[window])

    def fill(self, slot: str, term: Term | None) -> None:
        """Put a point into a slot, or empty it."""
        if term is None:
            self.terms.pop(slot, None)
        else:
            self.terms[slot] = term
        self.changed.emit()

    # --- what comes of them

    @property
    def result(self) -> Term | None:
        """A − B + C, once there are all three."""
        if len(self.terms) < len(SLOTS):
            return None
        a, b, c = (self.terms[slot] for slot in SLOTS)
        z = a.z.astype(np.float64) - b.z + c.z  # in float32 A − B + B would be A but for its last digit
        return Term(f"{a.name} − {b.name} + {c.name}", z.astype(np.float32))

    def hear(self) -> None:
        """Hear A − B + C where the map shows it."""
        self._hear(self.result)

    def hear_average(self) -> None:
        """Hear the average of the selected windows."""
        self._hear(self.selected())

    def keep(self) -> None:
        """Keep A − B + C as a favourite."""
        if (result := self.result) is not None:
            self._path.star(result.z, result.name)

    def put_on_path(self) -> None:
        """Put A − B + C at the end of the path."""
        if self._atlas is not None and (result := self.result) is not None:
            self._path.add(PathPoint(self._atlas.map.point_of(result.z), result.z))

    def _hear(self, term: Term | None) -> None:
        if self._atlas is not None and term is not None:
            self._playback.play_z(term.z, self._atlas.map.point_of(term.z))


def _average(mu: FloatArray) -> FloatArray:
    return np.asarray(mu.mean(axis=0, dtype=np.float64), np.float32)
