"""A song that one model plays through, through another that is shown the same windows.  No Qt."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

import numpy as np

from explorer.session.playing.decoded import Decoded
from explorer.session.songs.atlas import Atlas
from vrae_core.latent.song_thread import places_along, song_windows
from vrae_core.piano_roll import IntArray
from vrae_core.progress import Progress

_AT_ONCE = 32  # windows decoded between two looks at whether they are still wanted


def song_through(heard: Decoded, here: Atlas, there: Atlas) -> Generator[Progress, None, Decoded]:
    """Decode the other model's own windows, each where the same one is heard, at the steps that are heard.

    Where its windows are too short for that it goes on with the one that has begun last, past its end if need be.
    """
    assert heard.window is not None
    assert heard.windows is not None
    corpus, steps = there.corpus, _steps_there(heard, here, there)
    song = int(corpus.song_of[heard.window])
    own = song_windows(corpus, song)
    same = heard.windows[: len(steps)]
    begun = own.start + np.searchsorted(corpus.start_of[own], steps, "right") - 1
    windows = np.where(steps < corpus.start_of[same] + corpus.window, same, begun)
    rows = steps - corpus.start_of[windows]
    probabilities = np.empty((len(steps), len(corpus.pitches)), np.float32)
    distinct = np.unique(windows)
    for first in range(0, len(distinct), _AT_ONCE):
        yield Progress(first, len(distinct), "decoding")
        some = distinct[first : first + _AT_ONCE]
        at = np.flatnonzero(np.isin(windows, some))
        decoded = there.model.decode(there.posterior.mu[some], int(rows[at].max()) + 1)
        probabilities[at] = decoded[np.searchsorted(some, windows[at]), rows[at]]
    return replace(
        heard,
        probabilities=probabilities,
        pitches=corpus.pitches,
        zs=there.posterior.mu[windows],
        places=places_along(corpus, there.map.points, song, steps),
        windows=windows,
        ran_on=0,
    )


def at_steps_heard(heard: Decoded, here: Atlas, there: Atlas) -> Atlas:
    """The other atlas with the song's notes at the steps that are heard, should it count other ones."""
    corpus, first = there.corpus, heard.window
    rows = corpus.offsets[first] - corpus.start_of[first] + _steps_there(heard, here, there)
    return replace(there, corpus=replace(corpus, roll=corpus.roll[rows], offsets=np.zeros_like(corpus.offsets)))


def _steps_there(heard: Decoded, here: Atlas, there: Atlas) -> IntArray:
    """The other's step of the song at each that is heard, no farther than to the end of its last window."""
    song = int(here.corpus.song_of[heard.window])
    heard_at = here.corpus.start_of[heard.window] + np.arange(heard.own_steps)
    steps = there.corpus.time_of(song).step_nearest(here.corpus.time_of(song).seconds_at(heard_at))
    last = song_windows(there.corpus, song).stop - 1
    heard_there: IntArray = steps[steps < there.corpus.start_of[last] + there.corpus.window]
    return heard_there
