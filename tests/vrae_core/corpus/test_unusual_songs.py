"""Files that count their beats strangely, or not at all, are cut into bars or left out in one sentence."""

from __future__ import annotations

from pathlib import Path

import mido
import numpy as np
import pytest

from vrae_core.columns import Part, parts_of
from vrae_core.corpus.windows import Corpus
from vrae_core.errors import CorpusError
from vrae_core.midi.parts import parts_of_tracks
from vrae_core.midi.song import Song, read_song
from vrae_core.model.recipes import RECIPES
from vrae_core.runs.settings import RunSettings
from vrae_core.runs.song_facts import facts_of, figures_of
from vrae_core.runs.songs import SongToTrain
from vrae_core.runs.train import corpus_of

BARS = RECIPES["bars-2d"]
BEAT = 480


def tune(channel: int = 0, pitch: int = 60, notes: int = 64, apart: int = BEAT // 2) -> list[mido.Message]:
    """Evenly played notes."""
    return [
        mido.Message(kind, channel=channel, note=pitch + i % 5, velocity=90, time=time)
        for i in range(notes)
        for kind, time in (("note_on", 0 if i == 0 else apart // 4), ("note_off", apart - apart // 4))
    ]


def written(path: Path, *tracks: list[mido.Message | mido.MetaMessage], ticks_per_beat: int = BEAT) -> Song:
    """A file of such tracks, read."""
    file = mido.MidiFile(ticks_per_beat=ticks_per_beat)
    file.tracks += [mido.MidiTrack(track) for track in tracks]
    file.save(path)
    return read_song(path)


def cut(song: Song, **how: object) -> Corpus:
    """What a training by the bar would learn; what is foretold of it is as it is."""
    estimate = bool(how.get("estimate_beats"))
    corpus = corpus_of(RunSettings("", "", BARS, (SongToTrain(song.name, **how),)), [song])
    figures = figures_of([facts_of(song, grid=BARS.model.grid, estimate_beats=estimate)], BARS)
    assert (figures.pitches, figures.windows.tolist()) == (corpus.pitches, [len(corpus)])
    return corpus


def tempos(count: int) -> list[mido.MetaMessage]:
    return [mido.MetaMessage("set_tempo", tempo=400_000 + i % 1000, time=1) for i in range(count)]


def meter(numerator: int, denominator: int, time: int = 0) -> mido.MetaMessage:
    return mido.MetaMessage("time_signature", numerator=numerator, denominator=denominator, time=time)


def test_thousands_of_tempos_are_followed(tmp_path):
    song = written(tmp_path / "many.mid", tempos(19_000), tune())
    corpus = cut(song)
    assert song.warnings == ()
    assert corpus.start_of[:-1].tolist() == [48 * i for i in range(len(corpus) - 1)]
    np.testing.assert_allclose(corpus.tempos(), 150, rtol=0.01)


def test_more_tempos_than_anybody_could_count_leave_a_song_without_beats_which_is_said(tmp_path):
    song = written(tmp_path / "too-many.mid", tempos(20_001), tune())
    assert song.warnings == ("its tempo or meter changes too often for beats to be counted",)
    with pytest.raises(CorpusError, match=r"^too many has no beats in its file, and is left out unless"):
        cut(song)
    assert len(cut(song, estimate_beats=True)) > 4


@pytest.mark.parametrize(
    ("meters", "lines"),
    [
        ([meter(13, 8)], [0, 78, 156, 234, 312]),
        ([meter(4, 4), meter(3, 4, BEAT * 5 // 2), meter(4, 4, BEAT * 3)], [0, 30, 66, 114, 162, 210, 258, 306, 354]),
        ([meter(4, 4), meter(1, 32, BEAT * 8), meter(4, 4, BEAT // 8)], [0, 48, 96, 98, 146, 194, 242, 290, 338]),
    ],
)
def test_windows_begin_on_the_bars_of_odd_meters_and_of_those_that_change_in_mid_bar(tmp_path, meters, lines):
    song = written(tmp_path / "odd.mid", meters, tune())
    corpus = cut(song)
    steps = facts_of(song, grid=BARS.model.grid).steps
    assert corpus.times[0].bar_lines(steps).tolist() == [line for line in lines if line < steps]
    *starts, last = corpus.start_of.tolist()
    assert last == steps - 48
    assert {start if start in lines else start - 48 for start in starts} <= set(lines)  # a long bar has two windows


def test_bars_of_a_thirty_second_are_no_windows_without_end(tmp_path):
    corpus = cut(written(tmp_path / "short-bars.mid", [meter(1, 32)], tune()))
    assert 8 <= len(corpus) <= 10


def test_a_file_without_any_tempo_is_played_at_120(tmp_path):
    song = written(tmp_path / "plain.mid", tune())
    assert song.beats_per_minute == 120
    np.testing.assert_allclose(cut(song).tempos(), 120)


def test_a_file_that_counts_frames_has_no_beats(tmp_path):
    path = tmp_path / "frames.mid"
    written(path, tune())
    data = bytearray(path.read_bytes())
    data[12:14] = b"\xe7\x28"  # SMPTE: 25 frames of 40 ticks
    path.write_bytes(data)
    with pytest.raises(CorpusError, match=r"^frames has no beats in its file"):
        cut(read_song(path))


def test_tracks_without_a_channel_say_nothing_and_cost_nothing(tmp_path):
    words = [mido.MetaMessage("track_name", name="by nobody"), mido.MetaMessage("lyrics", text="la", time=BEAT)]
    song = written(tmp_path / "words.mid", words, tune(), words, [])
    assert [track.name for track in song.tracks] == [""]
    assert len(cut(song)) == 8


def test_sixty_four_tracks_are_one_band(tmp_path):
    song = written(tmp_path / "crowd.mid", *(tune(i % 16, 36 + i % 40, 32) for i in range(64)))
    parts = parts_of_tracks(song)
    assert len(parts) == 64
    assert [part for number, part in enumerate(parts) if number % 16 == 9] == [Part.DRUMS] * 4
    assert parts.count(Part.MELODY) == 1
    assert set(parts_of(cut(song).pitches).tolist()) == {Part.MELODY, Part.CHORDS, Part.BASS, Part.DRUMS}
