"""A session with everything set, saved and opened again."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.audio.sequencer import AtEnd
from explorer.session.files.contents import ViewState
from tests.explorer.conftest import hear_window
from vrae_core.latent.map import Dimensions
from vrae_core.music.sound import Sound, Voice

OWN = Sound((Voice(3), Voice(127, 0.25), Voice(0, 0.5)), split=False, scale="dorian", tonic=11)
SEEN = ViewState((-1.5, 0.25, 2.0, 1.0), "path", 1)


@pytest.fixture
def kept(session, songs, make_model, write_song, tmp_path, qtbot):
    """A session whose five-dimensional model and three songs are in files."""
    make_model(5).save(tmp_path / "five.safetensors")
    session.library.open(tmp_path / "five.safetensors", [write_song(song) for song in songs])
    wait(session, qtbot)
    session.keeping.state.view = lambda: SEEN
    session.views = []
    session.keeping.state.view_wanted.connect(session.views.append)
    return session


def wait(session, qtbot):
    qtbot.waitUntil(lambda: session.library.atlas is not None and not session.jobs.running)


def set_everything(session, qtbot):
    library, playback, path = session.library, session.playback, session.path
    library.set_projection(Dimensions(3, 1))
    wait(session, qtbot)
    session.colouring.set_colour_by("density")
    library.lit.set_grey(["Middle"])
    playback.set_tempo(97)
    playback.set_volume(0.35)
    playback.set_threshold(0.37)
    playback.set_temperature(0.6)
    playback.set_sound(OWN)
    playback.set_at_end(AtEnd.STOP)
    for window in (0, 9, 20):
        path.add(session.path.point_at(library.atlas.map.points[window] + np.float32(0.01)))
    path.set_smooth(True)
    path.choose_segment(1)
    path.set_seconds(1.3)
    path.keep()
    path.star(library.atlas.posterior.mu[7], "Here")


def change_everything(session, make_model, qtbot):
    session.library.use_model(make_model(seed=4), "other")
    wait(session, qtbot)
    session.colouring.set_colour_by("time")
    session.library.lit.set_grey(["Low"])
    session.playback.set_tempo(200)
    session.playback.set_volume(1)
    session.playback.set_threshold(0.8)
    session.playback.set_temperature(0)
    session.playback.set_sound(Sound())
    session.playback.set_at_end(AtEnd.LOOP)
    session.path.add(session.path.point_at(session.library.atlas.map.points[1]))
    session.path.keep()
    hear_window(session, qtbot, 2)


def everything(session):
    library, playback = session.library, session.playback
    return {
        "model": (library.model.digest, library.model_name, library.model_path),
        "songs": [(song, song.path) for song in library.songs],
        "map": (library.projection, library.atlas.map.projection, session.colouring.colour_by, library.lit.grey),
        "drawing": session.path.as_plain(),
        "settings": (playback.piece_settings(), playback.player.volume, playback.at_end),
        "programs": playback.player.programs,
        "heard": None if playback.heard is None else playback.heard.zs.tolist(),
        "version": playback.version,
        "roll": None if playback.roll is None else playback.roll.tolist(),
    }


def save(session, qtbot, file):
    with qtbot.waitSignal(session.keeping.used):
        session.keeping.save(file)
    return file


def open_again(session, qtbot, file):
    session.keeping.open(file)
    qtbot.waitUntil(lambda: not session.jobs.running)
    wait(session, qtbot)
