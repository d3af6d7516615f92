"""What the subcommands read: models, songs and points in latent space, with one sentence for each that is no good."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np

from vrae_core.bundled import bundled_models, bundled_songs
from vrae_core.corpus.bars import meter_of
from vrae_core.corpus.benchmark import RollsFile, read_rolls
from vrae_core.corpus.cutting import unknown_shares
from vrae_core.corpus.midi_files import midi_files_in
from vrae_core.corpus.packed import SUFFIX, is_packed
from vrae_core.corpus.sampling import NO_PROGRAMS, Programs
from vrae_core.corpus.windows import BenchmarkPiece, Corpus, Rolled
from vrae_core.errors import MidiFileError, ModelFileError, VraeError
from vrae_core.latent.map import encode_corpus
from vrae_core.midi.quantising import keeps_to_its_beats
from vrae_core.midi.song import Song, read_song
from vrae_core.model.trained import UNSIGNED, TrainedModel
from vrae_core.music.piece_time import PieceTime
from vrae_core.names import unique_names
from vrae_core.piano_roll import FloatArray
from vrae_core.progress import finish

_FARTHEST = 1e6  # songs lie within a few units of the origin; far beyond this float32 overflows
_WORTH_A_WARNING = 0.05  # share of a song's cells that the model cannot know


def warn(sentence: str) -> None:
    """Tell the user something on stderr."""
    print(f"vrae: {printable(sentence)}", file=sys.stderr)


def printable(text: str) -> str:
    """Text from a file made safe for a terminal, which would obey control characters."""
    return "".join(c if c.isprintable() else "�" for c in text)


def open_model(name: str) -> TrainedModel:
    """Load a model file, or a bundled model by its name.  Raises: ModelFileError."""
    if os.path.exists(name):
        model = TrainedModel.load(name)
        if not model.signed:
            warn(f"{name} {UNSIGNED}")
        return model
    bundled = bundled_models()
    if name in bundled:
        return TrainedModel.load(bundled[name])
    known = f"; the bundled models are {', '.join(sorted(bundled))}" if bundled else ""
    raise ModelFileError(name, f"does not exist{known}")


def midi_paths(names: Sequence[str]) -> list[Path]:
    """The files named and the MIDI files anywhere in folders named, or the bundled songs if nothing is named.

    Says on stderr which folders have none.  Raises: MidiFileError if there is nothing else.
    """
    paths: list[Path] = []
    empty: list[MidiFileError] = []
    for path in map(Path, names):
        inside = list(chain.from_iterable(midi_files_in(path))) if os.path.isdir(path) else [path]
        paths += inside
        if not inside:
            empty.append(MidiFileError(path, "is a folder without MIDI files"))
    if empty and not paths:
        raise empty[0]
    for each in empty:
        warn(str(each))
    return paths or bundled_songs()


def read_songs(names: Sequence[str]) -> list[Song]:
    """Read songs, each with a name of its own; one sentence on stderr for each file that is no good.

    Raises: VraeError if none is any good.
    """
    songs: list[Song] = []
    errors: list[MidiFileError] = []
    paths = midi_paths(names)
    for path in paths:
        try:
            songs.append(read_song(path))
        except MidiFileError as error:
            errors.append(error)
    if not songs and len(errors) == 1:
        raise errors[0]
    for each in errors:
        warn(str(each))
    if not songs:
        raise VraeError(f"none of the {len(paths)} files can be used" if paths else "there are no songs to read")
    names = unique_names([song.name for song in songs])
    return [replace(song, name=name) for song, name in zip(songs, names, strict=True)]


def read_music(args: argparse.Namespace) -> Sequence[Rolled]:
    """The songs that a command line names, or the pieces of its --rolls.  Raises: VraeError."""
    if args.rolls is None:
        return read_songs(args.midi)
    return pieces_of(rolls_of(args), args.split)


def pieces_of(rolls: RollsFile, split: str) -> list[BenchmarkPiece]:
    """The pieces of one split of the benchmark, numbered from 1; none if there is no such split."""
    return [BenchmarkPiece(f"{split} {i}", roll) for i, roll in enumerate(getattr(rolls, split, ()), 1)]


def rolls_of(args: argparse.Namespace) -> RollsFile:
    """The file of --rolls.  Raises: VraeError if there are MIDI files too."""
    if args.midi:
        raise VraeError("give MIDI files or --rolls, not both")
    return read_rolls(args.rolls)


def all_windows(
    songs: Sequence[Song], model: TrainedModel, hop: int | None = None, *, to_the_end: bool = False
) -> Corpus:
    """Cut songs into every window they give, as the model was trained to see them or ``hop`` steps apart.

    to_the_end: with a last window that ends with its song.
    Says on stderr which songs give none, keep to no beats, or hold much that the model cannot know.
    Raises: CorpusError if no song gives any.
    """
    corpus = model.cut(songs, hop, to_the_end=to_the_end)
    for sentence in corpus.skipped:
        warn(sentence)
    for song in songs if model.config.steps_per_beat else ():
        if song.name in corpus.names and not keeps_to_its_beats(song):
            warn(f"{song.name} does not keep to the beats of its file, so its windows begin anywhere")
    for name, unknown in unknown_shares(songs, model.pitches, model.config.grid):
        if name in corpus.names and unknown >= _WORTH_A_WARNING:
            warn(f"{name} loses {unknown:.0%} of its notes, on pitches that the model does not know")
    return corpus


class AsPlayed(NamedTuple):
    """How a song plays one of its windows: its tempo and meter there, and its instruments."""

    time: PieceTime
    programs: Programs


def as_played_near(model: TrainedModel, corpus: Corpus, z: FloatArray) -> AsPlayed:
    """How the window is played that is nearest to a point of latent space, (J,)."""
    mu = finish(encode_corpus(model, corpus)).mu
    return as_played(corpus, int(np.linalg.norm(mu - z, axis=1).argmin()))


def as_played(corpus: Corpus, window: int) -> AsPlayed:
    """How a window's song plays it."""
    tempos = corpus.tempos()[[window]].astype(np.float32)
    time = PieceTime(corpus.grid.played_per_beat, tempos, meter_of(corpus, window))
    return AsPlayed(time, corpus.programs[corpus.song_of[window]] if corpus.programs else NO_PROGRAMS)


def packed_file(names: Sequence[str]) -> str:
    """The file of `vrae pack` that the names are, in full, or "" if they are of songs.  Raises: VraeError for both."""
    if not any(map(is_packed, names)):
        return ""
    if len(names) > 1:
        raise VraeError(f"give either one {SUFFIX} file or MIDI files; `vrae pack` makes one file of many songs")
    return os.path.abspath(names[0])


def warn_of_skipped(sentences: Sequence[str], most: int = 20) -> None:
    """Say which songs were left out, or what else happened to them, and of a great many sentences how many."""
    for sentence in sentences[:most]:
        warn(sentence)
    if len(sentences) > most:
        warn(f"and {len(sentences) - most:,} more sentences of this kind")


def numbers_of(text: str) -> list[float] | None:
    """Numbers separated by commas or spaces, or None if the text is anything else."""
    try:
        return [float(word) for word in re.split(r"[,;\s]+", text.strip(" ,;"))]
    except ValueError:
        return None


def latent_point(z: list[float], model: TrainedModel, option: str) -> FloatArray:
    """Numbers as a point (J,).  Raises: VraeError if the model has not as many dimensions, or for an absurd number."""
    if len(z) != model.config.latent:
        dimensions = "dimension" if model.config.latent == 1 else "dimensions"
        raise VraeError(f"{option} gives {len(z)} numbers, but the model has {model.config.latent} latent {dimensions}")
    if not all(abs(number) <= _FARTHEST for number in z):
        raise VraeError(f"{option} must hold numbers between {-_FARTHEST:g} and {_FARTHEST:g}")
    return np.array(z, np.float32)
