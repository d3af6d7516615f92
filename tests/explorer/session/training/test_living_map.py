"""The living map: what is sampled, what each snapshot shows of it, and how windows are weighed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from explorer.qt.messages import Messages
from explorer.session.training.living_map import LivingMap, _SnapshotRequest, _take
from explorer.session.training.sample import first_probes, take_sample
from tests.bands import scale_song
from tests.explorer.training_stand_in import TrainingStandIn
from vrae_core.corpus.cutting import build_corpus
from vrae_core.errors import VraeError
from vrae_core.latent.alignment import align
from vrae_core.model.evaluation import frame_f1
from vrae_core.model.trained import TrainedModel
from vrae_core.runs.folder import Snapshot


@pytest.fixture
def training(session, tmp_path):
    return TrainingStandIn(tmp_path)


@pytest.fixture
def living(training, songs, make_model, qtbot):
    """A map of three snapshots, the newest of which is shown."""
    messages = Messages()
    made = LivingMap(messages, training)
    made.problems = []
    messages.said.connect(lambda sentence, _kind: made.problems.append(sentence))
    training.begin(songs, make_model())
    for seed in range(3):
        training.keep(make_model(seed=seed))
        qtbot.waitUntil(lambda seed=seed: made.shot is not None and made.shot.frame.snapshot.updates == 10 * (seed + 1))
    return made


def shown(living, qtbot, place):
    """The shot of a snapshot, once it is shown."""
    living.show(place)
    qtbot.waitUntil(lambda: living.shot.frame.snapshot == living.snapshots[place])
    return living.shot


# --- the sample


def test_a_small_corpus_is_sampled_whole(songs):
    corpus = build_corpus(songs, 20, 10, equal_share=False)
    sample = take_sample(corpus)
    assert sample.places.tolist() == sample.stands_for.tolist() == list(range(len(corpus)))


def test_a_sample_is_bounded_even_and_the_same_for_the_same_corpus():
    corpus = build_corpus([scale_song("Low", 40, 120), scale_song("High", 70, 120)], 20, 1, cap=None)
    sample, again = take_sample(corpus, 100), take_sample(corpus, 100)
    assert sample.places.tolist() == again.places.tolist()
    assert len(np.unique(sample.places)) == 100
    assert np.diff(sample.places).max() <= 2 * len(corpus) / 100
    assert (sample.corpus.windows() == corpus.windows(sample.places)).all()


def test_a_sampled_window_stands_for_those_around_it_in_its_own_song():
    corpus = build_corpus([scale_song("Low", 40, 60), scale_song("High", 70, 60)], 20, 1, cap=None)
    sample = take_sample(corpus, 20)
    chosen = np.zeros(20, bool)
    chosen[9] = True  # the last of the first song
    meant = np.flatnonzero(sample.windows_of(chosen))
    assert sample.places[9] in meant
    assert set(corpus.song_of[meant]) == {0}
    away = np.abs(corpus.start_of[meant][:, None] - sample.corpus.start_of[:10])
    assert (away.argmin(axis=1) == 9).all()
    assert sample.windows_of(np.ones(20, bool)).all()


def test_no_window_stands_for_those_of_a_song_that_is_not_sampled():
    corpus = build_corpus([scale_song("Low", 40, 60), scale_song("Middle", 55, 2), scale_song("High", 70, 60)], 20, 1,
                          cap=None, equal_share=False)  # fmt: skip
    sample = take_sample(corpus, 2)
    assert set(sample.corpus.song_of) == {0, 2}
    assert not sample.windows_of(np.ones(2, bool))[corpus.song_of == 1].any()


@pytest.mark.parametrize("count", [1, 3, 4, 6])
def test_the_first_probes_are_spread_over_the_songs(songs, count):
    sample = take_sample(build_corpus(songs, 20, 10, equal_share=False))
    probes = first_probes(sample, count)
    assert len(set(probes)) == count
    assert len({int(sample.corpus.song_of[place]) for place in probes}) == min(count, 3)


def test_a_corpus_of_two_windows_has_two_probes():
    assert len(first_probes(take_sample(build_corpus([scale_song("Low", 40, 2.5)], 20, 20)))) == 2


# --- frames


def test_each_frame_is_what_the_snapshot_file_encodes(living, qtbot):
    for place, snapshot in enumerate(living.snapshots):
        frame = shown(living, qtbot, place).frame
        mu = TrainedModel.load(snapshot.path).encode(living.sample.corpus.windows()).mu
        assert (frame.mu == mu).all()


def test_a_frame_is_drawn_as_its_mu_but_for_a_turn(living, qtbot):
    for place in range(3):
        frame = shown(living, qtbot, place).frame
        between = [np.linalg.norm(c[:, None] - c, axis=2) for c in (frame.mu, frame.points)]
        assert np.allclose(*between, atol=1e-4)


def test_a_map_of_more_dimensions_is_drawn_by_its_principal_components(training, songs, make_model, qtbot):
    living = LivingMap(Messages(), training)
    training.begin(songs, make_model(latent=5))
    training.keep(make_model(latent=5))
    qtbot.waitUntil(lambda: living.shot is not None)
    frame = living.shot.frame
    assert frame.mu.shape[1] == 5
    strengths = np.linalg.svd(frame.mu - frame.mu.mean(axis=0), compute_uv=False)
    drawn = np.linalg.svd(frame.points - frame.points.mean(axis=0), compute_uv=False)
    assert np.allclose(drawn, strengths[:2], rtol=1e-4)


def test_a_frame_is_turned_like_the_one_beside_it_and_stays_so(living, qtbot):
    before = living.shot.frame.points
    first = shown(living, qtbot, 0).frame
    shown(living, qtbot, 1)
    assert shown(living, qtbot, 2).frame.points is before
    assert shown(living, qtbot, 0).frame is first


def test_points_that_were_turned_mirrored_and_moved_come_back():
    points = np.random.default_rng(0).normal(size=(50, 2)) * (3, 1)
    turn = np.array([[0.6, 0.8], [0.8, -0.6]])
    moved = points @ turn + (4, -2)
    assert np.allclose(align(moved, points, resize=False).apply(moved), points, atol=1e-5)


def test_a_probe_is_what_the_snapshot_decodes_from_the_windows_mu(living, qtbot):
    shot = shown(living, qtbot, 1)
    model = TrainedModel.load(living.snapshots[1].path)
    for place, probe in zip(living.probes, shot.probes, strict=True):
        window = living.sample.corpus.windows([place])
        probabilities = model.decode(model.encode(window).mu)[0]
        assert (probe.original == window[0]).all()
        assert np.allclose(probe.probabilities, probabilities, atol=1e-5)
        assert probe.f1 == frame_f1(probe.probabilities >= model.threshold, window[0])


def test_a_window_takes_the_place_of_each_probe_in_turn(living, qtbot):
    before = living.probes
    others = [place for place in range(len(living.sample.places)) if place not in before][:2]
    for place in others:
        living.put_probe(place)
    living.put_probe(others[0])  # it is one already
    assert living.probes == (*others, *before[2:])
    qtbot.waitUntil(lambda: [probe.place for probe in living.shot.probes] == list(living.probes))


# --- the history


def test_the_newest_snapshot_is_followed_until_another_is_chosen(living, training, make_model, qtbot):
    assert living.live
    assert living.place == 2
    living.show(0)
    training.keep(make_model(seed=9))
    assert not living.live
    assert living.place == 0
    living.go_live()
    assert living.place == 3
    training.keep(make_model(seed=10))
    assert living.place == 4


def test_the_history_goes_by_from_its_beginning_and_ends_with_the_newest(living, qtbot):
    places = []
    living.framed.connect(lambda frame: places.append(frame.snapshot.updates))
    living.toggle_play()
    assert living.playing
    qtbot.waitUntil(lambda: not living.playing)
    assert places == [10, 20, 30]
    assert living.live


def test_a_snapshot_that_is_damaged_is_told_and_the_others_are_shown(living, training, make_model, qtbot):
    file = training.run.path / "damaged.safetensors"
    file.write_bytes(b"nothing")
    training.snapshots.append(Snapshot(40, file))
    training.snapshot_added.emit(training.snapshots[-1])
    qtbot.waitUntil(lambda: bool(living.problems))
    assert "safetensors" in living.problems[0]
    assert shown(living, qtbot, 1).frame.snapshot.updates == 20


def test_a_snapshot_of_other_pitches_is_told(living, training, make_model, qtbot):
    model = make_model()
    training.keep(replace(model, pitches=tuple(pitch + 1 for pitch in model.pitches)))
    qtbot.waitUntil(lambda: bool(living.problems))
    assert "other pitches" in living.problems[0]


def test_another_run_begins_with_nothing(living, training, songs, make_model, qtbot):
    sampled = []
    living.sampled.connect(lambda: sampled.append(living.place))
    training.begin(songs[:2], make_model(), "second")
    assert sampled == [-1]
    assert living.shot is None
    training.keep(make_model(seed=7))
    qtbot.waitUntil(lambda: living.shot is not None)
    assert living.sample.whole is training.corpus


# --- how often windows come


def test_windows_are_left_out_come_twice_as_often_and_alike_again(living, training):
    chosen = np.zeros(len(living.sample.places), bool)
    chosen[:3] = True
    living.weigh(chosen, 2.0)
    assert training.steering.window_weights.tolist()[:5] == [2, 2, 2, 1, 1]
    before = training.steering.window_weights
    living.weigh(~chosen, 0.0)
    assert training.steering.window_weights.tolist()[:5] == [2, 2, 2, 0, 0]
    assert before[4] == 1  # the training may be reading it
    living.weigh_alike()
    assert (training.steering.window_weights == 1).all()
    assert living.weights is None


def test_the_windows_of_a_run_that_does_not_obey_are_not_weighed(living, training):
    training.running = False
    living.weigh(np.arange(len(living.sample.places)) < 3, 2.0)
    living.weigh_alike()
    assert training.steering.window_weights is None


def test_not_all_windows_can_be_left_out(living, training):
    with pytest.raises(VraeError, match="no window"):
        living.weigh(np.ones(len(living.sample.places), bool), 0.0)
    assert training.steering.window_weights is None


def test_snapshots_that_come_faster_than_they_are_encoded_are_shown_as_they_are(living, training, make_model, qtbot):
    training.keep(make_model(seed=7))
    first = living.snapshot
    training.snapshots = [*training.snapshots, Snapshot(999, first.path)]
    training.snapshot_added.emit(training.snapshots[-1])
    request = _SnapshotRequest(first, living.sample, None, None, living.probes)
    living._taken(request, _take(TrainedModel.load, request))
    assert living.shot.frame.snapshot == first
