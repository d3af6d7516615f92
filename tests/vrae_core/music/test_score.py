"""Probabilities to a score, and the score to tracks and back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vrae_core.audio.synthesizer import SAMPLE_RATE, render_notes
from vrae_core.columns import TONAL
from vrae_core.corpus.voices import BASS, MELODY
from vrae_core.midi.export import write_midi
from vrae_core.midi.song import read_song
from vrae_core.music.score import LOUDEST, LOWEST_THRESHOLD, PLAIN_VELOCITY, SOFTEST, make_score
from vrae_core.music.sound import PRESETS, Sound, Voice
from vrae_core.piano_roll import PIANO_PITCHES, STEP_SECONDS
from vrae_core.progress import finish

PITCHES = (40, 52, 55, 60, 76)
PLAIN = Sound((Voice(0), Voice(1), Voice(2)), expressive=False)


def music(steps: int = 200) -> np.ndarray:
    """Probabilities that stay alike for some steps."""
    blocks = np.random.default_rng(4).random((steps // 4, len(PITCHES)))
    return np.repeat(blocks, 4, axis=0).astype(np.float32)


@pytest.mark.parametrize("split", [True, False])
def test_the_tracks_of_a_file_read_back_together_are_the_roll(tmp_path: Path, split: bool) -> None:
    sound = replace(PLAIN, split=split, expressive=True)
    score = make_score(music(), PITCHES, sound, 0.5)
    tracks = score.tracks(sound, STEP_SECONDS)
    write_midi(tmp_path / "voices.mid", tracks)
    song = read_song(tmp_path / "voices.mid")
    assert [track.name for track in tracks] == ([part.label for part in TONAL] if split else ["VRAE Explorer"])
    read = song.roll[:, [pitch - 21 for pitch in PITCHES]]
    assert song.roll.sum() == read.sum()
    assert (read == score.roll[: len(read)]).all()
    assert not score.roll[len(read) :].any()
    written = sorted((round(note.start, 3), note.pitch, note.velocity) for track in tracks for note in track.notes)
    assert written == sorted((round(note.start, 3), note.pitch, note.velocity) for note in song.notes)


def test_each_track_has_its_voice_s_instrument_and_its_notes_only() -> None:
    score = make_score(music(), PITCHES, PLAIN, 0.5)
    tracks = score.tracks(PLAIN, STEP_SECONDS)
    assert [track.program for track in tracks] == [0, 1, 2]
    mean = [np.mean([note.pitch for note in track.notes]) for track in tracks]
    assert mean[MELODY] > mean[1] > mean[BASS]


def test_a_voice_that_never_plays_has_no_track_but_silence_has_one() -> None:
    high = np.zeros((10, 5), np.float32)
    high[2:5, 4] = 1
    assert [t.name for t in make_score(high, PITCHES, PLAIN, 0.5).tracks(PLAIN, 0.05)] == ["Melody"]
    silence = make_score(high * 0, PITCHES, PLAIN, 0.5).tracks(PLAIN, 0.05)
    assert [(t.name, list(t.notes)) for t in silence] == [("Melody", [])]


def test_a_likelier_note_is_louder_within_the_stated_range() -> None:
    ramp = np.tile(np.linspace(0, 1, 71, dtype=np.float32)[:, None], 5)
    velocities = make_score(ramp, PITCHES, Sound(split=False), 0.0).velocities[:, 0]
    assert velocities[0] == SOFTEST
    assert velocities[-1] == LOUDEST
    assert (np.diff(velocities) >= 0).all()
    assert (make_score(ramp, PITCHES, PLAIN, 0.0).velocities == PLAIN_VELOCITY).all()


def test_the_level_of_a_voice_scales_its_velocities_only() -> None:
    loud = make_score(music(), PITCHES, PLAIN, 0.5)
    soft = make_score(music(), PITCHES, replace(PLAIN, voices=(Voice(0), Voice(1), Voice(2, 0.5))), 0.5)
    bass = loud.roll & (loud.voices == BASS)
    assert bass.any()
    assert (soft.velocities[bass] == 45).all()
    assert (soft.velocities[loud.roll & ~bass] == PLAIN_VELOCITY).all()
    none = make_score(music(), PITCHES, replace(PLAIN, voices=(Voice(0, 0.0), Voice(1), Voice(2))), 0.5)
    assert none.velocities.min() == 1, "velocity 0 would be the end of a note"


def test_a_score_locked_to_a_scale_has_its_pitches_only_and_the_probabilities_they_were_given() -> None:
    chances = np.random.default_rng(2).random((40, 88)).astype(np.float32)
    score = make_score(chances, PIANO_PITCHES, Sound(scale="blues", tonic=7), 0.6)
    assert {(pitch - 7) % 12 for pitch in score.pitches} == {0, 3, 5, 6, 7, 10}
    assert score.roll.shape == score.probabilities.shape == (40, len(score.pitches))
    assert (score.roll == (score.probabilities >= 0.6)).all()


def test_settings_out_of_range_are_refused() -> None:
    for wrong in (
        lambda: Voice(128),
        lambda: Voice(0, float("nan")),
        lambda: Sound(scale="odd"),
        lambda: Sound(tonic=12),
    ):
        with pytest.raises(ValueError, match="no "):
            wrong()


def test_every_preset_knows_its_own_name() -> None:
    for name, (split, voices) in PRESETS.items():
        assert Sound(voices, split).preset == name
    assert Sound((Voice(5), Voice(6), Voice(7))).preset == ""
    assert Sound().preset == "Chiptune"


@pytest.mark.parametrize("name", PRESETS)
def test_no_preset_clips_and_its_melody_is_not_drowned(name: str) -> None:
    """Each voice rendered alone, and all of them together, by the real synthesizer."""
    split, voices = PRESETS[name]
    sound = Sound(voices, split)
    chances = np.zeros((40, 5), np.float32)
    chances[:, :4] = 1  # a held chord over a bass …
    chances[::8] = 0  # … struck again every 0.4 s
    chances[:, 4] = chances[:, 0]
    score = make_score(chances, PITCHES, sound, 0.5)
    tracks = score.tracks(sound, STEP_SECONDS)
    together = finish(render_notes(tracks, tail_seconds=0.2)).astype(float)
    assert np.abs(together).max() < 0.9 * 32767
    if split:
        melody, chords, bass = (finish(render_notes([track], tail_seconds=0.2)).astype(float) for track in tracks)
        loudness = [float(np.sqrt(np.mean(part[: 2 * SAMPLE_RATE] ** 2))) for part in (melody, chords, bass)]
        assert loudness[0] > 0.5 * max(loudness[1:]), loudness


def test_at_the_threshold_that_is_offered_a_few_cells_sound_however_many_columns_there_are():
    probabilities = np.full((48, 205), 0.0002, np.float32)
    probabilities[::4, 7] = 0.2
    probabilities[:, 9] = 0.034
    score = make_score(probabilities, tuple(range(205)), PLAIN, 0.5)
    assert score.audible_threshold() == pytest.approx(0.03)
    assert (probabilities >= 0.03).sum() == 60
    hardly = make_score(np.full((48, 205), 0.0002, np.float32), tuple(range(205)), PLAIN, 0.5)
    assert hardly.audible_threshold() == LOWEST_THRESHOLD
