"""Noise, and music cleaned of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from vrae_core.errors import CorpusError
from vrae_core.midi.song import Song
from vrae_core.model.recipes import ModelConfig
from vrae_core.model.trained import Posterior
from vrae_core.piano_roll import Note, notes_from_roll
from vrae_core.progress import finish
from vrae_core.tasks.denoising import add_noise, denoise, denoise_song, measure_denoising, model_columns, replayed

PITCHES = tuple(range(50, 66))


def melody(seed, notes=40):
    """Notes of half a second at random pitches, no two windows alike."""
    source = np.random.default_rng(seed)
    chosen = source.integers(PITCHES[0], PITCHES[-1] + 1, (notes, 2))
    return [Note(t / 2, t / 2 + 0.4, int(pitch)) for t, pitches in enumerate(chosen) for pitch in set(pitches)]


def song_of(notes):
    return Song("Melody", tuple(sorted(notes)), 120.0)


@dataclass
class Rote:
    """A model that knows every window of one roll by heart, and takes all others for the one most like them."""

    known: np.ndarray
    pitches = PITCHES
    threshold = 0.5
    config = ModelConfig(window=20, hop=20, latent=1)

    def encode(self, windows):
        known = self.known.reshape(len(self.known), -1).astype(np.float32)
        heard = windows.reshape(len(windows), -1).astype(np.float32)
        distance = known.sum(axis=1) - 2 * heard @ known.T
        return Posterior(distance.argmin(axis=1)[:, None].astype(np.float32), np.ones((len(windows), 1), np.float32))

    def decode(self, z, steps=None):
        return np.float32(np.where(self.known[z[:, 0].astype(int)], 0.999, 0.001))


@pytest.fixture
def song():
    return song_of(melody(0))


@pytest.fixture
def roll(song):
    return song.roll[:, [pitch - 21 for pitch in PITCHES]]


@pytest.fixture
def rote(roll):
    with_silence = np.pad(roll, ((19, 19), (0, 0)))
    return Rote(np.lib.stride_tricks.sliding_window_view(with_silence, 20, axis=0).swapaxes(1, 2))


def test_flipping_turns_over_that_share_of_the_cells(roll):
    noisy = add_noise(roll, 0.05, "flip", np.random.default_rng(0))
    assert np.mean(noisy ^ roll) == pytest.approx(0.05, abs=0.01)


def test_dropping_leaves_out_whole_notes_and_nothing_else(roll):
    noisy = add_noise(roll, 0.3, "drop", np.random.default_rng(0))
    before, after = (set(notes_from_roll(r, PITCHES)) for r in (roll, noisy))
    assert after < before
    assert len(after) / len(before) == pytest.approx(0.7, abs=0.15)


def test_adding_keeps_all_that_was_there(roll):
    noisy = add_noise(roll, 0.3, "add", np.random.default_rng(0))
    assert noisy.sum() > 1.1 * roll.sum()
    assert not (roll & ~noisy).any()


@pytest.mark.parametrize("kind", ["flip", "drop", "add"])
def test_noise_leaves_its_roll_alone_and_is_the_same_for_the_same_seed(roll, kind):
    before = roll.copy()
    first, second = (add_noise(roll, 0.2, kind, np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(roll, before)
    np.testing.assert_array_equal(add_noise(roll, 0, kind, np.random.default_rng(3)), roll)


@pytest.mark.parametrize(("kind", "amount"), [("flip", 0.03), ("drop", 0.1), ("add", 0.1)])
@pytest.mark.parametrize("start", [0, 7])
def test_music_that_the_model_knows_is_cleaned_wherever_it_begins(rote, roll, kind, amount, start):
    true = roll[start:]
    noisy = add_noise(true, amount, kind, np.random.default_rng(1))
    cleaned = finish(denoise(rote, noisy))
    assert np.count_nonzero(noisy ^ true) > 40
    assert np.count_nonzero(cleaned ^ true) < np.count_nonzero(noisy ^ true) / 2


def test_music_that_the_model_does_not_know_stays_as_it_is(rote):
    unknown = song_of(melody(1)).roll[:, model_columns(rote)]
    np.testing.assert_array_equal(finish(denoise(rote, unknown)), unknown)


def test_a_model_that_nobody_trained_changes_nothing(model, corpus):
    roll = corpus.roll[:90]
    np.testing.assert_array_equal(finish(denoise(model, roll)), roll)


def test_a_roll_shorter_than_a_window_is_cleaned_too(rote, roll):
    assert finish(denoise(rote, roll[:5])).shape == roll[:5].shape


def test_cleaning_tells_how_far_it_is(rote, roll):
    steps = list(denoise(rote, roll))
    assert len(steps) > 1
    assert all(0 <= step.done < step.total for step in steps)


def test_a_song_keeps_its_name_its_tempo_and_the_pitches_that_the_model_does_not_know(rote, song):
    low = Note(2.0, 3.0, 30)
    wrong = Note(5.0, 5.1, 57)
    cleaned = finish(denoise_song(rote, song_of([*song.notes, low, wrong])))

    assert (cleaned.name, cleaned.beats_per_minute) == (song.name, song.beats_per_minute)
    assert any(note.pitch == 30 for note in cleaned.notes)
    np.testing.assert_array_equal(cleaned.roll[:, model_columns(rote)], song.roll[:, model_columns(rote)])


def test_a_cleaned_song_keeps_its_velocities_its_tracks_and_its_drums(rote, song):
    played = [n._replace(velocity=40 + n.pitch, track=n.pitch % 2) for n in song.notes]
    wrong, off_the_piano, hit = Note(5.0, 5.1, 57, 9), Note(1.0, 2.0, 10, 77), Note(0.5, 0.6, 36, 99, 2)
    cleaned = finish(denoise_song(rote, replace(song_of([*played, wrong, off_the_piano]), drums=(hit,))))

    assert cleaned.drums == (hit,)
    assert off_the_piano in cleaned.notes
    own = {n.pitch: (n.velocity, n.track) for n in cleaned.notes}
    assert own == {n.pitch: (n.velocity, n.track) for n in [*played, off_the_piano]}


def test_what_two_tracks_strike_together_stays_on_both():
    both = song_of([Note(0, 1, 60, 40, 0), Note(0, 0.5, 60, 110, 1), Note(2, 3, 62, 50, 1)])
    assert replayed(both, both.roll).notes == (Note(0, 1, 60, 40, 0), Note(0, 1, 60, 110, 1), Note(2, 3, 62, 50, 1))


def test_a_new_note_is_played_like_the_one_nearest_in_time():
    song = song_of([Note(0, 1, 60, 40, 0), Note(2, 3, 62, 110, 1)])
    roll = song.roll.copy()
    roll[35:38, 70 - 21] = True
    assert Note(1.75, 1.9, 70, 110, 1) in [n._replace(end=round(n.end, 6)) for n in replayed(song, roll).notes]


def test_a_song_without_a_known_pitch_is_refused(rote):
    with pytest.raises(CorpusError, match="none of the 16 pitches"):
        finish(denoise_song(rote, Song("Low", (Note(0, 1, 30),), 120.0)))


def test_without_noise_all_figures_of_a_model_that_knows_the_song_are_perfect(rote, roll):
    figures = finish(measure_denoising(rote, [roll, roll], 0.0, "flip"))
    assert figures == (1.0, 1.0, 1.0, 1.0)


def test_the_figures_say_that_cleaning_helps_and_a_median_a_little(rote, roll):
    figures = finish(measure_denoising(rote, [roll], 0.05, "flip"))
    assert figures.noisy_f1 < figures.median_f1 < figures.cleaned_f1
    assert figures.decoded_f1 > 0.9


def test_the_same_seed_gives_the_same_figures(rote, roll):
    first, second = (finish(measure_denoising(rote, [roll], 0.1, "drop", seed=5)) for _ in range(2))
    assert first == second
