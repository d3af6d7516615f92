"""Windows by what stays when songs come and go: stretches of songs, in memory and as text."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from vrae_core.corpus.windows import Corpus
from vrae_core.json_values import Text, converted
from vrae_core.names import unique_names
from vrae_core.piano_roll import BoolArray

MOST_STRETCHES, LATEST_STEP = 1 << 20, 1 << 31  # of a selection, and of a song
_SONG = 1 << 32  # a window as one number: its song times this, and its first step


class Stretches(NamedTuple):
    """Stretches of songs, all windows of which are meant."""

    songs: tuple[str, ...]
    stretches: npt.NDArray[np.int64]  # (k, 3): index into the songs, first steps of the first and the last window

    @classmethod
    def of(cls, windows: BoolArray, corpus: Corpus) -> Stretches:
        """Some of the N windows of a corpus, (N,)."""
        begins = windows.copy()
        begins[1:] &= ~windows[:-1] | (np.diff(corpus.song_of) != 0)
        ends = windows.copy()
        ends[:-1] &= ~windows[1:] | (np.diff(corpus.song_of) != 0)
        first, last = np.flatnonzero(begins), np.flatnonzero(ends)
        return cls(
            unique_names(corpus.names),
            np.stack([corpus.song_of[first], corpus.start_of[first], corpus.start_of[last]], axis=1),
        )

    def windows_in(self, corpus: Corpus) -> BoolArray:
        """Which windows of a corpus are meant, (N,); songs that it has not are left out."""
        numbers = {name: number for number, name in enumerate(unique_names(corpus.names))}
        song_now = np.array([numbers.get(name, -1) for name in self.songs], np.int64)
        stretches = self.stretches[song_now[self.stretches[:, 0]] >= 0]
        base = song_now[stretches[:, 0]] * _SONG
        firsts, lasts = np.sort(base + stretches[:, 1]), np.sort(base + stretches[:, 2])
        windows = corpus.song_of.astype(np.int64) * _SONG + corpus.start_of
        # inside as many beginnings as ends: in no stretch
        meant: BoolArray = np.searchsorted(firsts, windows, "right") > np.searchsorted(lasts, windows, "left")
        return meant

    def as_plain(self) -> dict[str, str]:
        """For a session file: by song, the first steps of its windows as in "0-240, 480"."""
        by_song: dict[str, list[str]] = {}
        for song, first, last in self.stretches.tolist():
            by_song.setdefault(self.songs[song], []).append(str(first) if first == last else f"{first}-{last}")
        return {song: ", ".join(stretches) for song, stretches in by_song.items()}

    @classmethod
    def from_plain(cls, value: Any) -> Stretches:
        """What ``as_plain`` gave.  Raises: ValueError."""
        stretches: list[tuple[int, int, int]] = []
        for number, text in enumerate(converted(value, dict[Text, str]).values()):
            for stretch in text.split(", "):
                first, _, last = stretch.partition("-")
                if not (first.isdecimal() and (last or first).isdecimal()):
                    raise ValueError("a stretch is none")
                stretches.append((number, int(first), int(last or first)))
                if len(stretches) > MOST_STRETCHES or not stretches[-1][1] <= stretches[-1][2] < LATEST_STEP:
                    raise ValueError("a stretch is out of range")
        return cls(tuple(value), np.array(stretches, np.int64).reshape(-1, 3))
