"""A song's own notes, with its instruments, drums and velocities, ready to be played from any place in it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt

from explorer.audio.phrase import PITCHES, Phrase
from vrae_core.corpus.sampling import PAPER_STEPS_PER_BEAT, SongTime
from vrae_core.midi.beats import TempoMap, Times
from vrae_core.midi.export import channels_of
from vrae_core.midi.song import Song
from vrae_core.piano_roll import BoolArray, IntArray, Notes

FINEST = 0.0125  # seconds: a step of a song's own notes lasts no longer, but in one that is very long
FEWEST_PARTS, MOST_PARTS = 4, 16  # of a step of the model
MOST_CELLS = 1 << 23  # of a roll
STEPS_PER_BEAT = 12  # of a whole song; their parts are finer


@dataclass(frozen=True, eq=False)
class OwnNotes:
    """starts, ends: in seconds; columns: 128 · channel + pitch; velocities: 1–127; all (notes,).

    Those of a column are sorted by onset.  programs: what each channel plays.
    """

    starts: Times
    ends: Times
    columns: IntArray
    velocities: IntArray
    programs: Mapping[int, int]

    @classmethod
    def of_song(cls, song: Song) -> Self:
        """All that the song's file has; of a song of no file one piano plays."""
        if not song.tracks:
            notes, channels, programs = song.notes, np.zeros(len(song.notes), np.int64), {0: 0}
        else:
            notes, of_tracks = Notes.joined(song.notes, song.drums), channels_of(song.tracks)
            channels = np.array(of_tracks)[notes.tracks]
            used = reversed(np.unique(notes.tracks).tolist())  # the first on a channel says what that plays
            programs = {of_tracks[track]: song.tracks[track].program for track in used}
        columns = PITCHES * channels + notes.pitches
        return cls(notes.starts, notes.ends, columns, notes.velocities.astype(np.int64), programs)

    def phrase(self, begins: Times, steps_per_beat: int) -> Phrase:
        """What sounds while some steps of a grid last.

        begins: when each of them does, and when the last ends, in seconds of the song, (steps + 1,).  A note is moved
        to the nearest part of a step; one that is held already is struck at the beginning.
        """
        steps, per_step = len(begins) - 1, self._parts_of(begins)
        fine = np.interp(np.arange(steps * per_step + 1) / per_step, np.arange(steps + 1), begins)
        inside = np.flatnonzero(self._is_inside(float(begins[0]), float(begins[-1])))
        first, last = (
            np.rint(np.interp(when[inside], fine, np.arange(len(fine)))).astype(np.int64)
            for when in (self.starts, self.ends)
        )
        first = np.minimum(first, len(fine) - 2)
        layout, column = np.unique(self.columns[inside], return_inverse=True)
        spans = np.stack([column.reshape(-1), first, np.maximum(last, first + 1), self.velocities[inside]])
        roll, velocities = _drawn(spans, len(fine) - 1, max(len(layout), 1))
        columns = tuple(layout.tolist()) or (0,)
        return Phrase(
            roll,
            columns,
            velocities,
            np.array(columns) // PITCHES,
            steps_per_beat * per_step,
            np.repeat((60 / steps_per_beat / np.diff(begins)).astype(np.float32), per_step),
            self.programs,
            per_step,
        )

    def from_on(self, start: float, tempo_map: TempoMap | None) -> Phrase:
        """All that sounds from a time on (seconds), at the song's own tempos; of an endless one what there is room for.

        tempo_map: None if nobody knows the song's beats.
        """
        time = SongTime() if tempo_map is None else SongTime(STEPS_PER_BEAT, tempo_map)
        first = int(time.step_nearest(start))
        steps = int(time.step_nearest(self.ends.max(initial=start))) + 1 - first
        steps = max(1, min(steps, MOST_CELLS // max(1, self._distinct)))
        return self.phrase(time.seconds_at(first + np.arange(steps + 1)), time.steps_per_beat or PAPER_STEPS_PER_BEAT)

    @cached_property
    def _distinct(self) -> int:
        return len(np.unique(self.columns))

    def _is_inside(self, first: float, last: float) -> npt.NDArray[np.bool_]:
        """The notes of which more than half a fine step, or half of all, lies between two times."""
        lasting = np.minimum(self.ends, last) - np.maximum(self.starts, first)
        inside: npt.NDArray[np.bool_] = lasting > np.minimum(FINEST, self.ends - self.starts) / 2
        return inside

    def _parts_of(self, begins: Times) -> int:
        """So many parts of a step as are fine enough, and not too many for the memory."""
        wanted = max(FEWEST_PARTS, math.ceil(float(np.diff(begins).max()) / FINEST - 1e-6))
        room = MOST_CELLS // max(1, (len(begins) - 1) * self._distinct)
        return max(1, min(wanted, MOST_PARTS, room))


def _drawn(spans: IntArray, steps: int, columns: int) -> tuple[BoolArray, IntArray]:
    """Notes as a roll and its velocities, (steps, columns) each.

    spans: (4, notes): the column of each, its first step, the step that it ends at, and its velocity.  A note that is
    struck while another of its column sounds ends it a step before, if that has begun by then.
    """
    column, first, last, velocity = spans[:, np.lexsort((spans[3], spans[1], spans[0]))]
    follows = np.append(column[1:] == column[:-1], False)
    gap = np.maximum(np.append(first[1:], 0) - 1, first + 1)
    last = np.where(follows & (np.append(first[1:], 0) > first), np.minimum(last, gap), last)
    edges = np.zeros((steps + 1, columns), np.int32)
    np.add.at(edges, (first, column), 1)
    np.add.at(edges, (np.minimum(last, steps), column), -1)
    struck, loud = np.zeros((steps, columns), np.int32), np.ones((steps, columns), np.int64)
    struck[first, column] = first
    loud[first, column] = velocity.clip(1, 127)  # the loudest is the last of those that begin together
    latest = np.maximum.accumulate(struck, axis=0)
    return np.cumsum(edges, axis=0)[:-1] > 0, np.take_along_axis(loud, latest.astype(np.int64), axis=0)
