"""The windows of a run in its folder: as they were, on whatever grid, and nothing else."""

import hashlib
import json

import numpy as np
import pytest

from vrae_core.columns import Part
from vrae_core.corpus.cutting import build_corpus
from vrae_core.corpus.packing import packed, writing_rolls
from vrae_core.corpus.sampling import PAPER_GRID, Grid
from vrae_core.corpus.windows import Corpus
from vrae_core.errors import CorpusError, FileError
from vrae_core.midi.beats import Meter, Tempo, TempoMap
from vrae_core.midi.song import Song, SongTrack
from vrae_core.model.file import read_metadata
from vrae_core.model.recipes import RECIPES
from vrae_core.piano_roll import Note
from vrae_core.progress import finish
from vrae_core.runs.folder import RunFolder
from vrae_core.runs.windows import CORPUS, load_corpus, packed_windows, save_corpus
from vrae_core.signed_tensors import signed_tensors, tensors_of

HURRYING = TempoMap((Tempo(0, 90), Tempo(4, 150)))
TRACKS = (SongTrack("Lead", 0, 80), SongTrack("Bass", 1, 33), SongTrack("Kit", 9, 8, is_drums=True))


@pytest.fixture
def run(tmp_path) -> RunFolder:
    return RunFolder(tmp_path)


def song_of(name: str, lowest: int) -> Song:
    times = HURRYING.seconds_at(np.arange(13)).tolist()
    notes = tuple(Note(times[i], times[i + 1], lowest + i % 7, 90, i % 2) for i in range(12))
    drums = tuple(Note(time, time + 0.1, 36, 90, 2) for time in times[:12])
    parts = (Part.MELODY, Part.BASS, Part.DRUMS)
    return Song(name, notes, 120.0, (), "", HURRYING, (Meter(0, 4, 4), Meter(8, 3, 4)), TRACKS, drums, parts)


def corpus_on(grid: Grid) -> Corpus:
    return build_corpus([song_of("Low", 40), song_of("High", 70)], 24, 24, grid=grid)


@pytest.mark.parametrize("grid", [PAPER_GRID, Grid(12), Grid(12, parts=True), Grid(0, parts=True)])
def test_windows_on_any_grid_are_what_they_were(run, grid):
    corpus = corpus_on(grid)
    save_corpus(run, corpus)
    again = load_corpus(run)
    np.testing.assert_array_equal(again.roll, corpus.roll)
    for name in ("names", "pitches", "window", "skipped", "grid", "times", "programs"):
        assert getattr(again, name) == getattr(corpus, name)
    for name in ("offsets", "song_of", "start_of", "starts", "durations"):
        np.testing.assert_array_equal(getattr(again, name), getattr(corpus, name))
    for one, other in zip(again.onsets, corpus.onsets, strict=True):
        np.testing.assert_allclose(one.seconds, other.seconds, atol=1e-5)
        np.testing.assert_array_equal(one.columns, other.columns)


def rewritten(run: RunFolder, said=(), tensors=(), without=()) -> None:
    """The file with other words and arrays, signed as if it had been saved so."""
    file = run.path / CORPUS
    metadata, arrays = read_metadata(file, file.read_bytes()), tensors_of(file.read_bytes()) | dict(tensors)
    arrays = {name: array for name, array in arrays.items() if name not in without}
    words = json.loads(metadata["corpus"]) | dict(said)
    words = {name: value for name, value in words.items() if name not in without}
    digest = hashlib.sha256(b"".join(arrays[name].tobytes() for name in sorted(arrays))).hexdigest()
    signed = {"format": metadata["format"], "corpus": json.dumps(words), "sha256": digest}
    file.write_bytes(signed_tensors(arrays, signed))


def test_a_file_of_before_there_were_grids_holds_steps_of_50_ms(run):
    corpus = corpus_on(PAPER_GRID)
    save_corpus(run, corpus)
    rewritten(run, without=("grid", "times", "programs", "onset_song", "onset_seconds", "onset_column"))
    again = load_corpus(run)
    np.testing.assert_array_equal(again.windows(), corpus.windows())
    assert (again.grid, again.times, again.programs, again.onsets) == (PAPER_GRID, (), (), ())


PLAIN = [[[0.0, 90.0]], [[0.0, 4, 4]], 480]


@pytest.mark.parametrize(
    "said",
    [
        {"grid": {"steps_per_beat": 0, "parts": True}},
        {"grid": {"steps_per_beat": 10**9, "parts": True}},
        {"grid": {"steps_per_beat": -12, "parts": True}},
        {"grid": {"steps_per_beat": 12, "parts": False}},
        {"grid": {"steps_per_beat": "12", "parts": True}},
        {"grid": None},
        {"times": [PLAIN]},
        {"times": [PLAIN] * 3},
        {"times": [PLAIN, [[], [], 480]]},
        {"times": [PLAIN, [[[0.0, 0.0]], [], 480]]},
        {"times": [PLAIN, [[[0.0, 90.0], [-1.0, 90.0]], [], 480]]},
        {"times": [PLAIN, [[[0.0, 90.0]], [[0.0, 0, 4]], 480]]},
        {"times": [PLAIN, [[[0.0, 90.0]], [[0.0, 4, 4]], -1]]},
        {"times": [PLAIN, [[[0.0, 1e99]], [[0.0, 4, 4]], 480]]},
        {"programs": [[0, 0, 0, 0]]},
        {"programs": [[0, 0, 0, 0], [0, 0, 0, 128]]},
        {"programs": [[0, 0, 0, 0], [0, 0, 0]]},
        {"pitches": []},
        {"pitches": [60, 60]},
        {"window": 10**12},
        {"window": 0},
    ],
    ids=str,
)
def test_words_that_are_not_those_of_its_windows_are_refused(run, said):
    save_corpus(run, corpus_on(Grid(12, parts=True)))
    rewritten(run, said)
    with pytest.raises(FileError, match=r"^.*corpus\.safetensors is damaged"):
        load_corpus(run)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("onset_song", lambda array: array + 5),
        ("onset_song", lambda array: array - 1),
        ("onset_song", lambda array: array[:-1]),
        ("onset_song", lambda array: array.astype(np.int64)),
        ("onset_seconds", lambda array: array * np.float32("nan")),
        ("onset_seconds", lambda array: array - 1),
        ("onset_seconds", lambda array: array[:, None]),
        ("onset_column", lambda array: array * 0),
        ("onset_column", lambda array: array * -1),
        ("offsets", lambda array: array + 10**9),
        ("song_of", lambda array: array + 1),
        ("start_of", lambda array: array - 10**6),
        ("roll", lambda array: array[:5]),
    ],
)
def test_arrays_that_do_not_belong_together_are_refused(run, name, change):
    save_corpus(run, corpus_on(Grid(12, parts=True)))
    arrays = tensors_of((run.path / CORPUS).read_bytes())
    rewritten(run, tensors={name: np.ascontiguousarray(change(arrays[name]))})
    with pytest.raises(FileError, match=r"^.*corpus\.safetensors is damaged"):
        load_corpus(run)


@pytest.mark.parametrize("name", ["onset_seconds", "onset_column", "offsets"])
def test_a_file_that_lacks_an_array_is_refused(run, name):
    save_corpus(run, corpus_on(Grid(12, parts=True)))
    rewritten(run, without=(name,))
    with pytest.raises(FileError, match=f"it has no {name}"):
        load_corpus(run)


def test_a_packed_file_is_refused_by_a_recipe_of_another_grid(tmp_path):
    file = tmp_path / "songs.rolls"
    finish(writing_rolls(file, [packed("A song", song_of("A song", 60).roll)]))
    assert len(packed_windows(str(file), RECIPES["fast-2d"])) == 2
    with pytest.raises(CorpusError, match=r"songs\.rolls holds songs at 20 Hz, and the recipe asks for 12 per beat in"):
        packed_windows(str(file), RECIPES["bars-40d"])
