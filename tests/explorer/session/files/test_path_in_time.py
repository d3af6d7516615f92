"""A path in musical time says and writes the same on every map, and when its session is opened again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from explorer.session.files.session_file import SUFFIX
from tests.bands import make_band, make_band_model
from tests.explorer.conftest import hear, saved
from tests.explorer.session.files.conftest import open_again, save, wait
from vrae_core.latent.map import Dimensions
from vrae_core.midi.export import write_song


@pytest.fixture
def between_tempos(session, tmp_path, qtbot):
    """Two bands at 90 and at 150, a map by t-SNE, and a path that was put between its dots."""
    slow, fast = make_band("Slow", 90.0), make_band("Fast", 150.0)
    higher = tuple(note._replace(pitch=note.pitch + 7) for note in fast.notes)
    bands = [slow, replace(fast, notes=higher)]  # the same music would lie at the same z
    for band in bands:
        write_song(tmp_path / f"{band.name}.mid", band)
    make_band_model(bands, latent=5).save(tmp_path / "five.safetensors")
    session.library.open(tmp_path / "five.safetensors", [tmp_path / f"{band.name}.mid" for band in bands])
    wait(session, qtbot)
    session.library.set_projection("t-SNE")
    wait(session, qtbot)
    points = session.library.atlas.map.points
    for one, other in ((0, 13), (15, 3), (8, 20)):
        session.path.add(session.path.point_at((0.6 * points[one] + 0.4 * points[other]).astype("f")))
    return session


def as_said_and_written(session, file, qtbot):
    """How long the path says it lasts, when the steps along it are, and its file."""
    heard = hear(session, qtbot, session.pieces.play_path)
    written = saved(session, qtbot, lambda: session.exports.save_path(file)).read_bytes()
    return session.path.seconds, heard.time.tempos.tolist(), heard.programs, written


@pytest.mark.parametrize("projection", ["PCA", Dimensions(1, 3)])
def test_a_path_says_and_writes_the_same_on_whatever_map(between_tempos, tmp_path, qtbot, projection):
    before = as_said_and_written(between_tempos, tmp_path / "before.mid", qtbot)
    assert len(set(before[1])) > 2, "the tempo changes on its way"
    between_tempos.library.set_projection(projection)
    wait(between_tempos, qtbot)
    assert as_said_and_written(between_tempos, tmp_path / "after.mid", qtbot) == before


def test_a_path_says_and_writes_the_same_when_its_session_is_opened_again(between_tempos, tmp_path, qtbot):
    before = as_said_and_written(between_tempos, tmp_path / "before.mid", qtbot)
    file = save(between_tempos, qtbot, tmp_path / f"mine{SUFFIX}")
    between_tempos.path.clear()
    open_again(between_tempos, qtbot, file)
    assert as_said_and_written(between_tempos, tmp_path / "after.mid", qtbot) == before


def test_a_path_says_and_writes_the_same_after_undo_and_redo(between_tempos, tmp_path, qtbot):
    path, before = between_tempos.path, as_said_and_written(between_tempos, tmp_path / "before.mid", qtbot)
    path.drag(1, path.points[0])
    path.drop()
    between_tempos.library.set_projection("PCA")
    wait(between_tempos, qtbot)
    path.undo_stack.undo()
    assert as_said_and_written(between_tempos, tmp_path / "undone.mid", qtbot) == before
    path.undo_stack.undo()
    path.undo_stack.redo()
    assert as_said_and_written(between_tempos, tmp_path / "redone.mid", qtbot) == before


def test_a_place_between_the_dots_has_the_same_tempo_when_its_session_is_opened_again(between_tempos, tmp_path, qtbot):
    session = between_tempos
    place = session.library.atlas.map.points[[0, 13]].mean(axis=0)
    before = hear(session, qtbot, lambda: session.playback.play_at(place))
    qtbot.waitUntil(lambda: not session.jobs.running)
    file = save(session, qtbot, tmp_path / f"mine{SUFFIX}")
    session.playback.clear()
    open_again(session, qtbot, file)
    after = session.playback.heard
    assert (after.time.tempos.tolist(), after.programs) == (before.time.tempos.tolist(), before.programs)
