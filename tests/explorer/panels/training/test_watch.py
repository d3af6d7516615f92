"""Watching a training: figures, baselines, the living map under the hand, probes to hear, snapshots to pin."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from explorer.audio.player import State
from explorer.panels.training.probes import Side
from explorer.panels.training.watch import TrainingWatch
from tests.bands import scale_song
from tests.explorer.conftest import shown_panel
from tests.explorer.training_stand_in import TrainingStandIn
from vrae_core.model.evaluation import evaluate
from vrae_core.progress import finish


@pytest.fixture
def training(explored, tmp_path):
    explored.trainer = explored.training = TrainingStandIn(tmp_path)
    return explored.training


@pytest.fixture
def watch(explored, training, qtbot):
    return shown_panel(TrainingWatch, explored, qtbot, 1100, 640)


@pytest.fixture
def watched(watch, training, songs, make_model, qtbot):
    """A run with a row and two snapshots, the second of which is shown."""
    training.begin(songs, make_model())
    training.go_on()
    for seed in range(2):
        training.keep(make_model(seed=seed))
    qtbot.waitUntil(lambda: watch.living.shot is not None and watch.living.shot.frame.snapshot.updates == 20)
    qtbot.waitUntil(lambda: len(watch.map.view.points) > 0)
    return watch


def settled(watch, qtbot):
    """Wait until the dots have arrived."""
    qtbot.waitUntil(lambda: np.array_equal(watch.map.view.points, watch.living.shot.frame.points))


# --- figures and curves


def test_before_a_run_it_says_what_will_be_seen(watch):
    assert not watch.curves.plots.isVisible()
    assert not watch.map.view.isVisible()
    assert not watch.probes.isVisible()
    assert {label.text() for label in watch.figures.values.values()} == {"–"}


def test_a_row_shows_its_figures_and_extends_the_curves(watch, training, songs, make_model, qtbot):
    training.begin(songs, make_model())
    training.go_on(lower_bound=-5.25, note_onset_f1=0.5)
    training.go_on(lower_bound=-5.0, seconds=90.0)
    qtbot.waitUntil(lambda: len(watch.curves.plots.columns) == 2)
    values = {key: label.text() for key, label in watch.figures.values.items()}
    assert values["lower_bound"] == "−5"
    assert values["note_onset_f1"] == "50 %"  # as it was last measured
    assert values["held_out_bound"] == "–"
    assert values["elapsed"] == "1:30"
    assert watch.figures.units["epoch"].text() == "20 updates"
    assert watch.curves.plots.isVisible()


def test_what_is_left_is_told_at_the_pace_so_far(watch, training, songs, make_model):
    training.begin(songs, make_model())
    training.go_on()
    training.stepped.emit(SimpleNamespace(seconds=90.0, done=0.25, teacher_forcing=0.4))
    assert watch.figures.values["left"].text() == "4:30"
    assert watch.status.text() == "Training. Teacher forcing: 40%."


def test_another_run_is_shown_from_its_own_beginning(watched, training, songs, make_model):
    training.begin(songs, make_model(), "second")
    assert len(watched.curves.plots.columns) == 0
    assert not watched.map.view.isVisible()
    assert not watched.probes.isVisible()


def test_of_two_runs_of_one_length_each_shows_its_own_rows(watch, training, songs, make_model):
    for name, bound in (("first", -5.0), ("second", -3.0)):
        training.begin(songs, make_model(), name)
        training.go_on(lower_bound=bound)
        training.changed.emit()
        assert watch.curves.plots.columns.column("lower_bound").tolist() == [bound]


def test_a_long_run_is_shown_to_its_end(watch, training, songs, make_model, qtbot):
    training.begin(songs, make_model())
    training.go_on()
    training.rows = [training.rows[0]._replace(updates=n) for n in range(10_000)]
    training.changed.emit()
    qtbot.waitUntil(lambda: len(watch.curves.plots.columns) == 10_000)
    assert watch.curves.plots.columns.column("updates").tolist() == list(range(10_000))


def test_the_baselines_are_those_of_the_evaluation(watch, training, songs, make_model, qtbot):
    training.begin(songs, make_model())
    qtbot.waitUntil(lambda: bool(watch.curves.plots.baselines))
    measured = finish(evaluate(make_model(), training.corpus))._asdict()
    for key, value in watch.curves.plots.baselines.items():
        assert value == pytest.approx(measured[key])


# --- snapshots


def test_the_slider_goes_through_the_history_and_marks_it_on_the_curves(watched, training, qtbot):
    assert watched.map.slider.value() == 1
    assert watched.map.live.isChecked()
    watched.map.slider.setFocus()
    qtbot.keyClick(watched.map.slider, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: watched.living.shot.frame.snapshot.updates == 10)
    settled(watched, qtbot)
    assert watched.map.which.text() == "Snapshot 1 of 2  ·  update 10  ·  0:01 min"
    assert watched.curves.plots.mark == 10
    watched.map.live.click()
    assert watched.living.live
    assert watched.curves.plots.mark is None


def test_dots_glide_from_one_snapshot_to_the_next(watched, training, make_model, qtbot):
    settled(watched, qtbot)
    before = watched.map.view.points
    way, shares = watched.map._glide._way, []
    way.setDuration(60_000)  # or a busy machine might see its end only
    way.valueChanged.connect(shares.append)
    training.keep(make_model(seed=5))
    qtbot.waitUntil(lambda: any(0 < share < 1 for share in shares))
    between = watched.map.view.points
    way.setCurrentTime(way.duration())
    settled(watched, qtbot)
    assert not np.allclose(between, before)
    assert not np.allclose(between, watched.map.view.points)


def test_a_song_has_the_colour_that_it_has_on_the_map(watch, training, explored, songs, make_model, qtbot):
    training.begin([scale_song("Newer", 50, 25), *reversed(songs)], make_model())
    training.keep(make_model())
    qtbot.waitUntil(lambda: len(watch.map.view.points) > 0)
    library, names = explored.library, training.corpus.names

    def shown():
        return dict(zip(names, watch.map.view.dots._scene.colours, strict=True))

    def of_the_map():
        return {
            "Newer": library.song_colours.of(("Newer",))[0],
            **dict(zip(library.atlas.corpus.names, library.atlas.colours, strict=True)),
        }

    assert shown() == of_the_map()
    dark = shown()
    library.song_colours.set_dark(False)
    assert shown() == of_the_map()
    assert not set(dark.values()) & set(shown().values())


def test_a_pinned_snapshot_is_played_in_explore_while_the_training_goes_on(
    watched, explored, training, make_model, qtbot
):
    watched.living.show(0)
    qtbot.waitUntil(lambda: watched.living.shot.frame.snapshot.updates == 10)
    watched.pin_snapshot()
    qtbot.waitUntil(lambda: explored.library.model is watched.living.shot.model and not explored.jobs.running)
    assert explored.library.model_name == "run, update 10"
    training.keep(make_model(seed=6))
    watched.living.go_live()
    assert watched.map.which.text().endswith("Explore plays update 10")
    explored.library.use_model(make_model(seed=8), "another")
    qtbot.waitUntil(lambda: explored.library.model_name == "another")
    assert "Explore plays" not in watched.map.which.text()


def test_without_a_snapshot_nothing_is_pinned(watch, explored):
    watch.pin_snapshot()
    assert not watch.map.pin.isEnabled()
    assert explored.library.model_name == "chance"


# --- the map under the hand


def at(view, point):
    return view.to_pixels(point).toPoint()


def test_a_click_on_a_dot_makes_it_a_probe(watched, qtbot):
    settled(watched, qtbot)
    view = watched.map.view
    seen = {view.dot_at(point) for point in view.points} - set(watched.living.probes)
    place = seen.pop()  # some dots lie under others
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at(view, view.points[place]))
    assert watched.living.probes[0] == place
    qtbot.waitUntil(lambda: watched.living.shot.probes[0].place == place)
    assert (view.marks.path[0] == view.points[place]).all()
    assert watched.probes.cards[0].title.text().startswith("1  ")


def box_around_all(watch, qtbot):
    view = watch.map.view.viewport()
    shift = Qt.KeyboardModifier.ShiftModifier
    corner = QPoint(view.width() - 1, view.height() - 1)
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, shift, QPoint(1, 1))  # Qt takes (0, 0) for none given
    qtbot.mouseMove(view, corner)
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, shift, corner)


def test_windows_in_a_box_come_twice_as_often_or_not_at_all(watched, training, explored, qtbot):
    settled(watched, qtbot)
    box_around_all(watched, qtbot)
    assert watched.map.selected.all()
    watched.map.twice.click()
    assert set(training.steering.window_weights.tolist()) == {2.0}
    assert watched.map.selected is None
    box_around_all(watched, qtbot)
    watched.map.leave_out.click()
    assert explored.problems == ["That is not possible: no window would be left to learn from."]
    watched.map.reset.click()
    assert (training.steering.window_weights == 1).all()
    assert not watched.map._weighing.isVisible()


def test_a_lasso_takes_what_it_goes_around_and_a_click_with_it_is_still_a_probe(watched, qtbot):
    settled(watched, qtbot)
    view, points = watched.map.view, watched.map.view.points
    watched.map.lasso.click()
    middle = (points[:, 0].min() + points[:, 0].max()) / 2
    low, high = view.to_pixels(points.min(axis=0)), view.to_pixels(points.max(axis=0))
    top, bottom, left = min(low.y(), high.y()) - 8, max(low.y(), high.y()) + 8, round(low.x()) - 8
    right = round(view.to_pixels(np.array([middle, 0])).x())
    corners = [
        QPoint(left, round(top)),
        QPoint(right, round(top)),
        QPoint(right, round(bottom)),
        QPoint(left, round(bottom)),
    ]
    qtbot.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=corners[0])
    for corner in corners[1:]:
        qtbot.mouseMove(view.viewport(), corner)
    qtbot.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=corners[-1])
    away = np.abs(points[:, 0] - middle) > 2 * view.map_per_pixel()
    assert (watched.map.selected == (points[:, 0] < middle))[away].all()
    assert 0 < watched.map.selected.sum() < len(points)
    new = next(place for place in range(len(points)) if place not in watched.living.probes)
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.to_pixels(points[new]).toPoint())
    assert watched.map.selected is None
    assert view.dot_at(points[new]) in watched.living.probes


def test_windows_that_are_left_out_are_grey(watched, training, qtbot):
    chosen = np.arange(len(watched.map.view.points)) < 5
    watched.map.selected = chosen
    watched.map.show_state()
    assert (watched.map.view.dots.lit == chosen).all()
    watched.map.leave_out.click()
    assert (watched.map.view.dots.lit == ~chosen).all()


def test_a_run_of_another_process_cannot_be_weighed(watched, training):
    training.attached = True
    watched.map.selected = np.ones(len(watched.map.view.points), bool)
    watched.map.show_state()
    assert not watched.map.leave_out.isEnabled()
    assert not watched.map.twice.isEnabled()


def test_in_a_run_that_cannot_be_steered_nothing_is_selected_or_weighed_and_it_says_why(
    watched, training, explored, qtbot
):
    settled(watched, qtbot)
    said = []
    explored.messages.said.connect(lambda sentence, _kind: said.append(sentence))
    watched.map.lasso.setChecked(True)
    training.running = False
    training.changed.emit()
    assert not watched.map.lasso.isEnabled()
    assert not watched.map.lasso.isChecked()
    assert watched.map.lasso.toolTip() == "No training is running."
    box_around_all(watched, qtbot)
    assert said == ["No training is running."]
    assert watched.map.selected is None
    watched.map.selected = np.ones(len(watched.map.view.points), bool)  # from when it still went on
    watched.map.show_state()
    watched.map.reset.click()
    assert watched.map.selected is None
    assert training.steering.window_weights is None
    assert not watched.map._weighing.isVisible()


# --- probes


def test_probes_show_the_song_and_the_model_with_their_f1(watched):
    for card, probe in zip(watched.probes.cards, watched.living.shot.probes, strict=True):
        assert card.isVisible()
        assert card.f1.text() == f"{probe.f1:.0%} right"
        assert any(name in card.title.text() for name in ("Low", "Middle", "High"))


def test_a_probe_is_heard_as_the_song_has_it_or_as_the_model_makes_it(watched, explored, qtbot):
    player, card = explored.playback.player, watched.probes.cards[1]
    probe = watched.living.shot.probes[1]
    card.buttons[Side.SONG].click()
    player.render(64)
    assert (player.sequencer.phrase.roll == probe.original).all()
    assert player.sequencer.phrase.pitches == watched.living.sample.corpus.pitches
    qtbot.mouseClick(card.rolls[Side.MODEL], Qt.MouseButton.LeftButton)
    player.render(64)
    assert (player.sequencer.phrase.roll == (probe.probabilities >= probe.threshold)).all()
    qtbot.waitUntil(lambda: card.rolls[Side.MODEL].position is not None)
    card.buttons[Side.MODEL].click()
    assert player.state is State.STOPPED
    assert card.rolls[Side.MODEL].position is None


def test_a_row_without_figures_leaves_dashes(watch, training, songs, make_model, qtbot):
    training.begin(songs, make_model())
    training.go_on(lower_bound=math.nan)
    qtbot.waitUntil(lambda: len(watch.curves.plots.columns) == 1)
    assert watch.figures.values["lower_bound"].text() == "–"
