"""The windows of a run as a file in its folder, so that it goes on, or is looked at, wherever the folder is.

`corpus.safetensors` holds the roll as bits, and where each window begins.  A folder without it, of another program or
of older days, is read from the songs that its settings name, or from the file of `vrae pack` that they name.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from vrae_core.corpus.packed import PackedCorpus, PackedRolls
from vrae_core.corpus.windows import Corpus, pitches_worth_keeping
from vrae_core.errors import FileError
from vrae_core.json_values import Natural, converted, parsed
from vrae_core.midi.song import Song, read_song
from vrae_core.model.file import read_metadata
from vrae_core.model.recipes import Recipe
from vrae_core.piano_roll import PIANO_PITCHES
from vrae_core.runs.folder import RunFolder
from vrae_core.runs.train import corpus_of
from vrae_core.safe_files import read_bounded, write_atomically
from vrae_core.signed_tensors import is_signed, signed_tensors, tensors_of

CORPUS = "corpus.safetensors"
PACKED = "packed"  # where run.json says which file of `vrae pack` is learnt
FORMAT = "vrae-corpus"
_UNSIGNED_METADATA = frozenset(("format", "corpus", "sha256"))
_LARGEST_FILE = 1 << 30


def save_corpus(run: RunFolder, corpus: Corpus) -> None:
    """Write the windows into the run's folder.  Raises: FileError."""
    tensors: dict[str, Any] = {
        "roll": np.ascontiguousarray(np.packbits(corpus.roll, axis=1)),  # safetensors writes memory as it lies
        "offsets": corpus.offsets.astype(np.int64),
        "song_of": corpus.song_of.astype(np.int64),
        "start_of": corpus.start_of.astype(np.int64),
    }
    said = {"names": corpus.names, "pitches": corpus.pitches, "window": corpus.window, "skipped": corpus.skipped}
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
    """The windows of a run: from its folder or its packed file, else cut anew from its songs.

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


def _checked(tensors: dict[str, Any], said: _Said, as_saved: bool) -> Corpus:
    names, pitches, window = said.names, said.pitches, said.window
    bits, offsets, song_of, start_of = (tensors[name] for name in ("roll", "offsets", "song_of", "start_of"))
    whole = (
        as_saved
        and bits.dtype == np.uint8
        and bits.ndim == 2
        and bits.shape[1] == (len(pitches) + 7) // 8
        and 0 < len(pitches) <= len(PIANO_PITCHES)
        and set(pitches) <= set(PIANO_PITCHES)
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
    return Corpus(names, pitches, roll, offsets, song_of, start_of, window, said.skipped)


def packed_windows(path: str, recipe: Recipe) -> PackedCorpus:
    """The windows of a file of `vrae pack`, as a recipe cuts them.  Raises: RollsFileError, CorpusError."""
    model, rolls = recipe.model, PackedRolls(path)
    pitches = pitches_worth_keeping(rolls.cells, recipe.min_pitch_share)
    return rolls.cut(model.window, model.hop, cap=recipe.cap, equal_share=recipe.equal_share, pitches=pitches)
