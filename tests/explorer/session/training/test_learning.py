"""Songs that the model does not know are learnt in one click, and the map that comes of it opens."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from explorer.session.playing.versions import Version
from explorer.session.training.learning import CANCELLED
from explorer.session.training.worker import begin_from_base
from tests.bands import make_band, make_band_model
from tests.explorer.conftest import hear, settle
from vrae_core.errors import TrainingError
from vrae_core.model.recipes import ModelConfig, Recipe, TrainingConfig
from vrae_core.model.trained import TrainedModel
from vrae_core.progress import Progress, finish, passed_through
from vrae_core.runs.folder import list_runs
from vrae_core.runs.learning import MARK, NO_BASE, learning_recipe
from vrae_core.runs.settings import RunSettings
from vrae_core.runs.songs import SongToTrain
from vrae_core.training.forecast import Speed

SECONDS = 3.0


def measured(session, qtbot):
    qtbot.waitUntil(lambda: session.notes_right.of_song is not None)
    settle(session, qtbot)


def timed(recipe, pitches, windows, threads):
    """In place of a process that imports torch and makes a few updates."""
    yield Progress(0, 0)
    return Speed(0.6, 3)


@pytest.fixture
def said(session):
    """All that is told, with the button that stands beside it."""
    told = []
    session.messages.said.connect(lambda sentence, _kind: told.append((sentence, "", None)))
    session.messages.offered.connect(told.append)
    return told


@pytest.fixture
def base(tmp_path, monkeypatch):
    """The file of a small base that knows no song yet."""
    file = tmp_path / "base.safetensors"
    make_band_model([make_band("Slow", 90.0), make_band("Fast", 150.0)], latent=4).save(file)
    monkeypatch.setattr("vrae_core.runs.learning.bundled_models", lambda: {"base": file})
    monkeypatch.setattr("explorer.session.training.learning_jobs.measure", timed)
    return file


@pytest.fixture
def unknown(in_bars, base, monkeypatch, qtbot):
    """A session with two songs that its model, which nobody has trained, does not know."""
    monkeypatch.setattr("explorer.session.songs.notes_right.KNOWN", 0.5)
    monkeypatch.setattr("explorer.session.training.learning.USUAL_MINUTES", SECONDS / 60)
    measured(in_bars, qtbot)
    in_bars.learning.minutes = SECONDS / 60
    yield in_bars
    in_bars.learning.cancel()
    qtbot.waitUntil(lambda: not in_bars.trainer.running)


def learn(session, qtbot):
    """Learn, and wait for what is said at the end."""
    session.learning.learn()
    qtbot.waitUntil(lambda: session.trainer.running)
    qtbot.waitUntil(lambda: not session.trainer.running)
    settle(session, qtbot)


def test_songs_are_measured_when_they_are_shown_and_time_is_foreseen(in_bars, base, monkeypatch, qtbot):
    monkeypatch.setattr("explorer.session.songs.notes_right.KNOWN", 0.5)
    measured(in_bars, qtbot)
    in_bars.notes_right.changed.emit()
    settle(in_bars, qtbot)
    assert in_bars.learning.unknown == ("Slow", "Fast")
    assert in_bars.learning.share < 0.5
    assert in_bars.learning.minutes == 200 * 0.6 / 60
    assert in_bars.learning.first_unknown == 0


def test_where_time_cannot_be_foreseen_learning_is_offered_all_the_same(in_bars, base, monkeypatch, qtbot):
    def impossible(*_given):
        raise TrainingError("no memory for it")
        yield

    monkeypatch.setattr("explorer.session.training.learning_jobs.measure", impossible)
    monkeypatch.setattr("explorer.session.songs.notes_right.KNOWN", 0.5)
    in_bars.notes_right.changed.emit()
    settle(in_bars, qtbot)
    assert in_bars.learning.minutes is None
    assert in_bars.problems == []


def test_a_song_that_is_not_known_is_heard_as_it_is_until_somebody_chooses(unknown, qtbot):
    playback = unknown.playback
    hear(unknown, qtbot, lambda: playback.play_window(0))
    assert playback.version is Version.ORIGINAL
    assert playback.original_unasked
    playback.set_version(Version.MODEL)
    hear(unknown, qtbot, lambda: playback.play_window(1))
    assert playback.version is Version.MODEL
    assert not playback.original_unasked


def test_one_click_learns_the_songs_and_their_map_opens_by_itself(unknown, said, base, qtbot):
    atlas = unknown.library.atlas
    unknown.path.add(unknown.path.point_at(atlas.map.points[0], 0))
    learn(unknown, qtbot)
    assert [problem.split(",")[0] for problem in unknown.problems] == ["Shown without loudness and instruments"]
    library = unknown.library
    assert library.atlas is not atlas
    assert library.model_name == "Slow, Fast"
    assert library.atlas.corpus.names == ("Slow", "Fast")
    (run,) = list_runs(unknown.trainer.runs_folder)
    assert library.model_path == run.model
    assert (run.settings().parent, run.settings().extra[MARK]) == ("base", True)
    sentence, words, *_acts = said[-1]
    assert sentence.startswith("Your map is ready: ")
    assert words == "Back to the map from before"

    assert unknown.path.points == ()
    unknown.undo_stack.undo()
    settle(unknown, qtbot)
    assert library.model_name == "chance in bars"
    assert len(unknown.path.points) == 1
    assert said[-1][1] == "Open the new map"
    said[-1][2]()
    settle(unknown, qtbot)
    assert library.model_name == "Slow, Fast"
    assert unknown.undo_stack.undoText() == "opening the map"
    for step, shown in ((unknown.undo_stack.undo, "chance in bars"), (unknown.undo_stack.redo, "Slow, Fast")):
        step()
        settle(unknown, qtbot)
        assert library.model_name == shown

    qtbot.waitUntil(lambda: bool(library.of_runs))
    assert unknown.learning.can_go_on
    learnt = unknown.library.model
    unknown.learning.learn_more()
    qtbot.waitUntil(lambda: unknown.trainer.running)
    qtbot.waitUntil(lambda: not unknown.trainer.running)
    settle(unknown, qtbot)
    newest = list_runs(unknown.trainer.runs_folder)[0].settings()
    assert newest.parent == "Slow, Fast"
    assert newest.recipe == learning_recipe(learnt, goes_on=True)
    assert unknown.library.model is not learnt


def test_a_map_that_is_played_meanwhile_stays_and_the_new_one_is_offered(unknown, qtbot):
    offered = []
    unknown.learning.ready.connect(lambda *offer: offered.append(offer))
    atlas = unknown.library.atlas
    unknown.learning.learn()
    qtbot.waitUntil(lambda: unknown.trainer.is_learning)
    hear(unknown, qtbot, lambda: unknown.playback.play_window(3))
    qtbot.waitUntil(lambda: bool(offered))
    assert unknown.library.atlas is atlas
    run, sentence = offered[0]
    assert sentence.startswith("Your map is ready: ")
    qtbot.waitUntil(lambda: unknown.learning.map_of_these is not None)
    assert unknown.learning.map_of_these.folder == run.path
    unknown.learning.open(run)
    settle(unknown, qtbot)
    assert unknown.library.model_name == "Slow, Fast"
    assert unknown.learning.map_of_these is None, "it is the one that is shown"
    assert unknown.learning.goes_on, "and knows of these songs, however little"


def test_without_a_base_they_are_learnt_from_nothing_which_is_said(unknown, said, base, monkeypatch, qtbot):
    base.write_bytes(b"damaged")
    unknown.learning.learn()
    qtbot.waitUntil(lambda: unknown.trainer.is_learning)
    assert NO_BASE in [sentence for sentence, *_ in said]
    unknown.learning.cancel()
    qtbot.waitUntil(lambda: not unknown.trainer.running)


def test_a_learning_that_is_cancelled_at_once_leaves_the_map_as_it_is(unknown, said, qtbot):
    atlas = unknown.library.atlas
    unknown.learning.learn()
    unknown.learning.cancel()
    settle(unknown, qtbot)
    assert not unknown.trainer.running
    unknown.learning.learn()
    qtbot.waitUntil(lambda: unknown.trainer.is_learning)
    unknown.learning.cancel()
    qtbot.waitUntil(lambda: not unknown.trainer.running)
    settle(unknown, qtbot)
    assert unknown.library.atlas is atlas
    assert said[-1][0] == "Learning was cancelled before anything was learnt; the map stays as it is."
    assert unknown.problems == []


def test_while_the_songs_are_still_being_cut_a_learning_is_one_already_and_can_be_cancelled(
    unknown, said, monkeypatch, qtbot
):
    def cutting(*_: object) -> Iterator[None]:
        while True:  # until it is cancelled
            time.sleep(0.01)
            yield

    monkeypatch.setattr("explorer.session.training.trainer.begin_run", cutting)
    unknown.learning.learn()
    qtbot.waitUntil(lambda: unknown.trainer.running)
    assert unknown.learning.running
    assert unknown.trainer.name == "Slow, Fast"
    unknown.learning.learn()
    assert unknown.problems == ["Songs are being learnt already: wait until that has ended, or cancel it."]
    unknown.learning.cancel()
    qtbot.waitUntil(lambda: not unknown.trainer.running)
    assert not unknown.learning.running
    qtbot.waitUntil(lambda: CANCELLED in [sentence for sentence, *_ in said])


def test_a_second_learning_waits_for_the_first_and_is_told_so(unknown, qtbot):
    unknown.learning.learn()
    qtbot.waitUntil(lambda: unknown.trainer.is_learning)
    unknown.learning.learn()
    assert unknown.problems == ["Songs are being learnt already: wait until that has ended, or cancel it."]


def test_behind_another_training_it_waits_its_turn_and_says_so(unknown, songs, said, qtbot):
    tiny = Recipe("tiny", ModelConfig(window=10, hop=5, latent=3, hidden=6, encoder_hidden=6), TrainingConfig(epochs=3))
    entries = tuple(SongToTrain(song.name) for song in songs)
    unknown.trainer.start(RunSettings("Other", "tiny", tiny, entries, minutes=5.0), songs)
    qtbot.waitUntil(lambda: unknown.trainer.run is not None)
    unknown.learning.learn()
    qtbot.waitUntil(lambda: bool(unknown.trainer.waiting.runs))
    assert said[-1][0] == "Slow, Fast will be learnt when the training that is running has ended."
    assert not unknown.learning.running
    unknown.learning.learn()
    assert unknown.problems == ["Songs are being learnt already: wait until that has ended, or cancel it."]
    unknown.training.stop()
    qtbot.waitUntil(lambda: unknown.trainer.is_learning)
    assert unknown.learning.running


def test_a_disk_that_is_full_is_told_and_the_map_stays(unknown, tmp_path, qtbot):
    unknown.trainer.runs_folder = tmp_path / "file"
    unknown.trainer.runs_folder.write_text("in the way")
    atlas = unknown.library.atlas
    unknown.learning.learn()
    qtbot.waitUntil(lambda: bool(unknown.problems))
    qtbot.waitUntil(lambda: not unknown.trainer.running)
    assert len(unknown.problems) == 1
    assert unknown.library.atlas is atlas


def test_a_map_that_was_not_learnt_here_cannot_be_learnt_further(explored):
    explored.learning.learn_more()
    assert explored.problems == ["This map was not learnt here: learn its songs first."]


def test_without_songs_there_is_nothing_to_learn(session):
    session.learning.learn()
    assert session.problems == ["There are no songs to learn yet: open some first."]


@pytest.mark.parametrize("damaged", [False, True])
def test_a_training_of_the_tab_begins_from_the_base_or_says_that_it_cannot(base, tmp_path, damaged):
    bands = (make_band("Slow", 90.0), make_band("Fast", 150.0))
    shape = TrainedModel.load(base).config
    if damaged:
        base.write_bytes(b"damaged")
    recipe = Recipe("tiny", shape, TrainingConfig(epochs=3))
    settings = RunSettings("Mine", "tiny", recipe, tuple(map(SongToTrain.of, bands)))
    said = []
    job = begin_from_base(tmp_path / "runs", settings, bands)
    begun = finish(passed_through(job, said.append))
    assert [sentence for sentence in said if sentence] == ([NO_BASE] if damaged else [])
    assert begun.settings.parent == ("" if damaged else "base")
    assert begun.settings.recipe == (recipe if damaged else learning_recipe(TrainedModel.load(base), recipe))
    assert begun.run.start.exists() != damaged
