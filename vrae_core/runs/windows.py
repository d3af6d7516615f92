"""The windows of a run as a file in its folder, so that it goes on, or is looked at, wherever the folder is.

`corpus.safetensors` holds the roll as bits, and where each window begins.  A folder without it, of another program or
of older days, is read from the songs that its settings name, or from the file of `vrae pack` that they name.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any

import numpy as np
from msgspec import Meta

from vrae_core.corpus.cutting import pitches_worth_keeping
from vrae_core.corpus.packed import PackedCorpus, PackedRolls
from vrae_core.corpus.sampling import PAPER_GRID, Grid, PlainTime, SongOnsets, time_from_plain, time_to_plain
from vrae_core.corpus.windows import Corpus, Windows
from vrae_core.errors import CorpusError, FileError, TrainingError
from vrae_core.json_values import Natural, converted, parsed
from vrae_core.midi.song import Song, read_song
from vrae_core.model.file import read_metadata
from vrae_core.model.recipes import Recipe
from vrae_core.piano_roll import IntArray
from vrae_core.runs.folder import RunFolder
from vrae_core.runs.train import corpus_of
from vrae_core.safe_files import read_bounded, write_atomically
from vrae_core.signed_tensors import is_signed, signed_tensors, tensors_of
from vrae_core.training.draws import hold_out

CORPUS = "corpus.safetensors"
PACKED = "packed"  # where run.json says which file of `vrae pack` is learnt
FORMAT = "vrae-corpus"
_UNSIGNED_METADATA = frozenset(("format", "corpus", "sha256"))
_LARGEST_FILE = 1 << 30
Program = Annotated[int, Meta(ge=0, le=127)]


def save_corpus(run: RunFolder, corpus: Corpus) -> None:
    """Write the windows into the run's folder.  Raises: FileError."""
    tensors: dict[str, Any] = {
        "roll": np.ascontiguousarray(np.packbits(corpus.roll, axis=1)),  # safetensors writes memory as it lies
        "offsets": corpus.offsets.astype(np.int64),
        "song_of": corpus.song_of.astype(np.int64),
        "start_of": corpus.start_of.astype(np.int64),
    }
    if corpus.onsets:
        lengths = [len(onsets.seconds) for onsets in corpus.onsets]
        tensors["onset_song"] = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
        tensors["onset_seconds"] = np.concatenate([onsets.seconds for onsets in corpus.onsets]).astype(np.float32)
        tensors["onset_column"] = np.concatenate([onsets.columns for onsets in corpus.onsets]).astype(np.int16)
    said = {
        "names": corpus.names,
        "pitches": corpus.pitches,
        "window": corpus.window,
        "skipped": corpus.skipped,
        "grid": asdict(corpus.grid),
        "programs": corpus.programs,
        "times": [time_to_plain(time) for time in corpus.times],
    }
    metadata = {"format": FORMAT, "corpus": json.dumps(said), "sha256": _digest(tensors)}
    write_atomically(run.path / CORPUS, signed_tensors(tensors, metadata))


def load_corpus(run: RunFolder) -> Corpus:
    """Read the windows of a run.  Raises: FileError if the folder has no such file, or a damaged one."""
    file = run.path / CORPUS
    data = read_bounded(file, _LARGEST_FILE)
    metadata = read_metadata(file, data)
    try:
        tensors = tensors_of(data)
        is_signed(data, metadata, _UNSIGNED_METADATA)
        as_saved = metadata.get("format") == FORMAT and _digest(tensors) == metadata.get("sha256")
        return _checked(tensors, converted(parsed(metadata.get("corpus", "")), _Said), as_saved)
    except KeyError as missing:
        raise FileError(file, f"is damaged: it has no {missing.args[0]}") from None
    except ValueError as error:
        raise FileError(file, f"is damaged: {error}") from None


def corpus_of_run(run: RunFolder) -> Corpus | PackedCorpus:
    """The windows of a run: from its folder or its packed file, else cut again from its songs.

    Raises: FileError, CorpusError.
    """
    if (run.path / CORPUS).exists():
        return load_corpus(run)
    settings = run.settings()
    if PACKED not in settings.extra:
        return corpus_of(settings, songs_of(run))
    file = str(settings.extra[PACKED])
    if not os.path.exists(file):
        raise FileError(file, "is not there any more; this run learns from it, and goes on once it is back")
    return packed_windows(file, settings.recipe)


def shown_corpus(corpus: Corpus | PackedCorpus) -> Corpus:
    """The same windows in memory, to be looked at.  Raises: CorpusError if they are too many for that."""
    return corpus if isinstance(corpus, Corpus) else corpus.in_memory()


def learnt_windows(run: RunFolder, corpus: Windows) -> IntArray | None:
    """Which of its windows a run learns, as indices; None if so many cannot be held out.  Raises: FileError."""
    try:
        return hold_out(corpus, run.settings().held_out)[0]
    except TrainingError:
        return None


def songs_of(run: RunFolder) -> list[Song]:
    """The songs that a run's settings name, read again.  Raises: FileError, MidiFileError if one is not there."""
    entries = run.settings().songs
    nowhere = [entry.name for entry in entries if not entry.path]
    if nowhere or not entries:
        raise FileError(run.path, f"does not say where {nowhere[0] if nowhere else 'its songs'} can be read")
    return [read_song(entry.path) for entry in entries]


def _digest(tensors: Mapping[str, Any]) -> str:
    return hashlib.sha256(b"".join(tensors[name].tobytes() for name in sorted(tensors))).hexdigest()


@dataclass(frozen=True)
class _Said:
    """What the file says beside its tensors; as JSON."""

    names: tuple[str, ...]
    pitches: tuple[int, ...]
    window: Natural
    skipped: tuple[str, ...]
    grid: Grid = PAPER_GRID
    times: tuple[PlainTime, ...] = ()
    programs: tuple[tuple[Program, Program, Program, Program], ...] = ()


def _checked(tensors: dict[str, Any], said: _Said, as_saved: bool) -> Corpus:
    names, pitches, window = said.names, said.pitches, said.window
    bits, offsets, song_of, start_of = (tensors[name] for name in ("roll", "offsets", "song_of", "start_of"))
    whole = (
        as_saved
        and bits.dtype == np.uint8
        and bits.ndim == 2
        and bits.shape[1] == (len(pitches) + 7) // 8
        and pitches
        and set(pitches) <= set(said.grid.columns)
        and len(set(pitches)) == len(pitches)
        and len(said.programs) in (0, len(names))
        and len(said.times) == (len(names) if said.grid.steps_per_beat else 0)
        and all(each.dtype == np.int64 and each.ndim == 1 for each in (offsets, song_of, start_of))
        and 0 < len(offsets) == len(song_of) == len(start_of)
        and window <= len(bits)
        and offsets.min() >= 0
        and offsets.max() <= len(bits) - window
        and song_of.min() >= 0
        and song_of.max() < len(names)
        and start_of.min() >= 0
    )
    if not whole:
        raise ValueError("these are not the windows that were saved")
    roll = np.unpackbits(bits, axis=1, count=len(pitches)).astype(bool)
    times = tuple(time_from_plain(time, said.grid) for time in said.times)
    onsets = _onsets(tensors, len(names), said.grid)
    return Corpus(
        names, pitches, roll, offsets, song_of, start_of, window, said.skipped, said.grid, times, onsets, said.programs
    )


def _onsets(tensors: Mapping[str, Any], songs: int, grid: Grid) -> tuple[SongOnsets, ...]:
    """When the songs' notes begin; () in a file of before this was written down.  Raises: ValueError."""
    if "onset_song" not in tensors:
        return ()
    of_song, seconds, columns = (tensors[f"onset_{name}"] for name in ("song", "seconds", "column"))
    whole = (
        of_song.ndim == 1
        and of_song.shape == seconds.shape == columns.shape
        and (of_song.dtype, seconds.dtype, columns.dtype) == (np.int32, np.float32, np.int16)
        and np.isfinite(seconds).all()
        and (not len(of_song) or (of_song.min() >= 0 and of_song.max() < songs and seconds.min() >= 0))
        and set(np.unique(columns).tolist()) <= set(grid.columns)
    )
    if not whole:
        raise ValueError("its onsets are not those that were saved")
    return tuple(
        SongOnsets(seconds[of_song == song].astype(np.float64), columns[of_song == song].astype(np.int16))
        for song in range(songs)
    )


def packed_windows(path: str, recipe: Recipe) -> PackedCorpus:
    """The windows of a file of `vrae pack`, as a recipe cuts them.

    Raises: RollsFileError; CorpusError, too, if the file holds songs on another grid than the recipe's.
    """
    model, rolls = recipe.model, PackedRolls(path)
    if rolls.grid != model.grid:
        holds, asked = (f"{grid}{' in parts' if grid.parts else ''}" for grid in (rolls.grid, model.grid))
        raise CorpusError(f"{path} holds songs at {holds}, and the recipe asks for {asked}; pack them again for it")
    pitches = pitches_worth_keeping(rolls.cells, recipe.min_pitch_share, rolls.grid.columns)
    return rolls.cut(model.window, model.hop, cap=recipe.cap, equal_share=recipe.equal_share, pitches=pitches)
