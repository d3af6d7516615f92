"""Whole pieces to hear, along the path or through a song, and where on the map they are."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from functools import partial
from typing import Any

import numpy as np

from explorer.qt.jobs import Jobs
from explorer.qt.messages import Messages
from explorer.session.path.drawing import Drawing
from explorer.session.path.path import DrawnPath
from explorer.session.path.wandering import Wandering
from explorer.session.playing.decoded import Decoded
from explorer.session.playing.playback import Playback
from explorer.session.playing.pressing import window_at
from explorer.session.songs.atlas import Atlas
from vrae_core.latent.path import prepared, timing
from vrae_core.latent.song_thread import song_windows, windows_in_turn
from vrae_core.music.pieces import medleying, morphing
from vrae_core.piano_roll import FloatArray
from vrae_core.progress import Progress

LONGEST_SONG = 750  # beats: five minutes at 150 a minute; making notes of more would hold the window up
_AT_ONCE = 32  # windows decoded between two looks at whether they are still wanted
PIECE = "path"  # key of the job; the newest wins


class Pieces:
    """Decodes a piece in a job and plays it."""

    def __init__(
        self, messages: Messages, jobs: Jobs, playback: Playback, path: DrawnPath, wandering: Wandering
    ) -> None:
        self._messages, self._jobs, self._playback = messages, jobs, playback
        self._path, self._wandering = path, wandering

    def play_path(self) -> None:
        """Decode the piece along the path and play it."""
        atlas, path = self._playback.atlas, self._path
        if atlas is None or len(path.points) < 2:
            self._messages.say("A path needs two points: take the path tool and click twice on the map.")
            return
        job = along_path(atlas, path.drawing, path.parameters())
        self._play("Playing along the path", job, atlas)

    def play_song(self) -> None:
        """Play a song through along its thread, from the window that is heard on, or from the nearest one."""
        atlas, heard = self._playback.atlas, self._playback.heard
        if atlas is None:
            return
        window = 0
        if heard is not None:
            step = self._playback.player.position
            own = heard.window_at(step)
            window = int(atlas.map.nearest(heard.place_at(step), 1)[0][0]) if own is None else own
        self._play_song_from(atlas, window)

    def play_whole_song(self, song: int) -> None:
        """Play a song of the map through from its beginning."""
        atlas = self._playback.atlas
        if atlas is not None:
            self._play_song_from(atlas, song_windows(atlas.corpus, song).start)

    def _play_song_from(self, atlas: Atlas, window: int) -> None:
        self._wandering.stop()
        name = atlas.song_name(window)
        self._play(f"Playing {name}", along_song(atlas, window), atlas)

    def _play(self, title: str, job: Generator[Progress, None, Decoded], atlas: Atlas) -> None:
        self._jobs.start(title, job, partial(self._playback.play_piece, atlas=atlas), key=PIECE)

    def stop(self) -> None:
        """Play nothing that is still being decoded, and wander no more."""
        self._jobs.cancel(PIECE)
        self._wandering.stop()


def along_path(atlas: Atlas, drawing: Drawing, parameters: Mapping[str, Any]) -> Generator[Progress, None, Decoded]:
    """The piece along the path that is drawn; ``parameters`` are what the path says of itself."""
    model = atlas.model
    path = yield from prepared(drawing.path, model)
    along, arrivals = yield from timing(path, model, atlas.rates_over(drawing.path))
    zs = path.at(along)
    probabilities = yield from morphing(model, zs)
    time, programs = atlas.played_along(drawing.path, along)
    return Decoded(
        probabilities,
        model.pitches,
        zs,
        drawing.places(along),
        arrivals=arrivals,
        points=path.points,
        parameters=parameters,
        time=time,
        programs=programs,
    )


def from_point(atlas: Atlas, points: FloatArray, steps: int) -> Generator[Progress, None, Decoded]:
    """The window of a point, (1, J), or the medley that begins with it."""
    probabilities = yield from medleying(atlas.model, points[0], steps)
    at = atlas.map.point_of(points[0])
    window = window_at(atlas, at)
    time, programs = atlas.played_at(points[0], window)
    return Decoded(
        probabilities,
        atlas.model.pitches,
        points,
        at[None],
        window,
        time=time,
        programs=programs,
    )


def along_song(atlas: Atlas, window: int) -> Generator[Progress, None, Decoded]:
    """A song from one of its windows on: the decoder's version of each window after the other, along its thread."""
    corpus, mu = atlas.corpus, atlas.posterior.mu
    turn = windows_in_turn(corpus, window, LONGEST_SONG * corpus.grid.played_per_beat)
    begins = corpus.start_of[turn] - corpus.start_of[window]
    steps = np.arange(begins[-1] + corpus.window)
    which = np.searchsorted(begins, steps, "right") - 1
    parts = []
    for first in range(0, len(turn), _AT_ONCE):
        yield Progress(first, len(turn), "decoding")
        parts.append(atlas.model.decode(mu[turn[first : first + _AT_ONCE]]))
    decoded = np.concatenate(parts)[which, steps - begins[which]]
    places = atlas.song_places(window, len(steps))
    return Decoded(
        decoded,
        corpus.pitches,
        mu[turn[which]],
        places,
        window,
        windows=turn[which],
        time=atlas.song_time(window, len(steps)),
        programs=atlas.programs_of(window),
        original=atlas.original(window, len(steps)),
    )
