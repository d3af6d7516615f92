"""Where a window begins and how long it is, in words: in bars and beats where a corpus has them, else in seconds."""

from __future__ import annotations

from collections import Counter

import numpy as np
import numpy.typing as npt

from vrae_core.clock import bars_in_words, clock, place_in_words
from vrae_core.corpus.windows import Corpus
from vrae_core.midi.beats import Meter


def begins(corpus: Corpus, window: int) -> str:
    """Where in its song a window begins: "bar 12", "bar 12, beat 3" or "0:42.5"."""
    time = corpus.time_of(int(corpus.song_of[window]))
    if time.bars is None:
        return clock(corpus.start_seconds(window))
    return place_in_words(*time.bars.place(int(corpus.start_of[window]) / time.steps_per_beat))


def places(corpus: Corpus) -> npt.NDArray[np.float64] | None:
    """The bar and the beat of it that each window begins at, both counted from 1: (windows, 2); None without bars."""
    found = np.zeros((len(corpus), 2))
    for window, (song, step) in enumerate(zip(corpus.song_of.tolist(), corpus.start_of.tolist(), strict=True)):
        time = corpus.time_of(song)
        if time.bars is None:
            return None
        found[window] = time.bars.place(step / time.steps_per_beat)
    return found


def usually_lasts(corpus: Corpus) -> str:
    """How long any of its windows is: "1 bar", "4 beats" or "2.5 s"."""
    if not corpus.grid.steps_per_beat:
        return f"{round(float(np.median(corpus.durations)), 2):g} s"
    meters = {time.meters[0][1:] if time.meters else (4, 4) for time in corpus.times}
    return bars_in_words(corpus.window / corpus.grid.steps_per_beat, meters.pop() if len(meters) == 1 else (0, 4))


def meter_of(corpus: Corpus, window: int) -> tuple[int, int]:
    """The time signature that a window begins in."""
    time = corpus.time_of(int(corpus.song_of[window]))
    beat = int(corpus.start_of[window]) / corpus.grid.played_per_beat
    begun = [meter for meter in time.meters if meter.beat <= beat]
    return (begun[-1].numerator, begun[-1].denominator) if begun else (4, 4)


def usual_meter(corpus: Corpus) -> tuple[int, int]:
    """The time signature that most windows begin in."""
    counted = Counter(meter_of(corpus, window) for window in range(len(corpus)))
    return counted.most_common(1)[0][0] if counted else (4, 4)


def meters_from(corpus: Corpus, window: int) -> tuple[Meter, ...]:
    """The meters of a song, counted from the beginning of one of its windows: the first began then, or before."""
    time = corpus.time_of(int(corpus.song_of[window]))
    beat = int(corpus.start_of[window]) / corpus.grid.played_per_beat
    first = max((number for number, meter in enumerate(time.meters) if meter.beat <= beat), default=0)
    return tuple(meter._replace(beat=meter.beat - beat) for meter in time.meters[first:])
