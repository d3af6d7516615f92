"""Which windows of one corpus are music that another one holds, however differently the two are cut."""

from __future__ import annotations

import numpy as np

from vrae_core.corpus import Corpus
from vrae_core.piano_roll import IntArray


def same_music(some: Corpus, others: Corpus) -> IntArray:
    """The windows of ``others`` of which at least half lies within windows of ``some``, by songs of the same name."""
    found = []
    for song, name in enumerate(others.names):
        windows = np.flatnonzero(others.song_of == song)
        starts = some.start_of[np.isin(some.song_of, [i for i, other in enumerate(some.names) if other == name])]
        if len(windows) and len(starts):
            begins = others.start_of[windows]
            held = np.zeros(max(int(starts.max()) + some.window, int(begins.max()) + others.window) + 1, np.int64)
            for start in starts:
                held[int(start) + 1 : int(start) + some.window + 1] = 1
            held = np.cumsum(held)
            found.append(windows[2 * (held[begins + others.window] - held[begins]) >= others.window])
    return np.concatenate(found) if found else np.zeros(0, np.int64)
