"""Jobs that decode a whole piece into something to hear, and where it is on the map."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

import numpy as np

from explorer.session.path.drawing import Drawing
from explorer.session.playing.decoded import Decoded
from explorer.session.playing.pressing import window_at
from explorer.session.songs.atlas import Atlas
from vrae_core.latent.path import timing
from vrae_core.latent.song_thread import windows_in_turn
from vrae_core.model.trained import TrainedModel
from vrae_core.music.pieces import medleying, morphing
from vrae_core.piano_roll import FloatArray
from vrae_core.progress import Progress

LONGEST_SONG = 6000  # steps: five minutes at the songs' own tempo; making notes of more would hold the window up
_AT_ONCE = 32  # windows decoded between two looks at whether they are still wanted


def along_path(model: TrainedModel, drawing: Drawing, how: Mapping[str, Any]) -> Generator[Progress, None, Decoded]:
    """The piece along the path that is drawn; ``how`` is what the path says of itself."""
    path = drawing.path
    along, arrivals = yield from timing(path, model)
    zs = path.at(along)
    probabilities = yield from morphing(model, zs)
    places = drawing.places(along)
    return Decoded(probabilities, model.pitches, zs, places, arrivals=arrivals, points=path.points, how=how)


def from_point(atlas: Atlas, points: FloatArray, steps: int) -> Generator[Progress, None, Decoded]:
    """The window of a point, (1, J), or the medley that begins with it."""
    probabilities = yield from medleying(atlas.model, points[0], steps)
    at = atlas.map.point_of(points[0])
    return Decoded(probabilities, atlas.model.pitches, points, at[None], window_at(atlas, at))


def along_song(atlas: Atlas, window: int) -> Generator[Progress, None, Decoded]:
    """A song from one of its windows on: the decoder's version of each window after the other, along its thread."""
    corpus, mu = atlas.corpus, atlas.posterior.mu
    turn = windows_in_turn(corpus, window, LONGEST_SONG)
    begins = corpus.start_of[turn] - corpus.start_of[window]
    steps = np.arange(begins[-1] + corpus.window)
    which = np.searchsorted(begins, steps, "right") - 1
    parts = []
    for first in range(0, len(turn), _AT_ONCE):
        yield Progress(first, len(turn), "decoding")
        parts.append(atlas.model.decode(mu[turn[first : first + _AT_ONCE]]))
    decoded = np.concatenate(parts)[which, steps - begins[which]]
    places = atlas.song_places(window, len(steps))
    return Decoded(decoded, corpus.pitches, mu[turn[which]], places, window, windows=turn[which])
