"""Make the model that knows music: `python -m assets.models.make_base SONGS [-o FOLDER]`, or `make base SONGS=folder`.

Two trainings in a row, on the bundled songs and whatever MIDI files are given (ours: 27 songs of the Freedoom project),
the second also on every fourth of the chorales that the package music21 carries, if it is installed.  The first begins
from the bundled 20-D model and learns the songs sharply; the second learns them in all keys, with parts exchanged
between songs.  What is stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from vrae_core.bundled import bundled_models, bundled_songs
from vrae_core.corpus.midi_files import midi_files_in
from vrae_core.errors import MidiFileError
from vrae_core.midi.song import Song, read_song
from vrae_core.model.recipes import RECIPES, Recipe
from vrae_core.model.trained import TrainedModel
from vrae_core.runs.folder import RunFolder
from vrae_core.runs.learning import RECIPE
from vrae_core.runs.settings import RunSettings
from vrae_core.runs.songs import SongToTrain
from vrae_core.runs.train import corpus_of, train_in

EVERY_CHORALE = 4
SHARP_EPOCHS, BROAD_EPOCHS = 60, 40


def main(arguments: Sequence[str]) -> None:
    """Train both stages; the second's model is the base."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("songs", nargs="*", type=Path, help="MIDI files or folders of them")
    parser.add_argument("-o", "--output", type=Path, default=Path("base"), help="a folder for the two runs")
    asked = parser.parse_args(arguments)
    files = [
        file for path in asked.songs for file in (chain.from_iterable(midi_files_in(path)) if path.is_dir() else [path])
    ]
    songs = _read([*bundled_songs(), *files])
    sharp = _trained(asked.output / "sharp", songs, _for_long(SHARP_EPOCHS), bundled_models()["20d"])
    broad = _for_long(BROAD_EPOCHS)
    broad = replace(
        broad,
        model=replace(broad.model, hop=broad.model.window // 2),
        training=replace(broad.training, other_keys=0.5, hybrids=0.25),
    )
    made = _trained(asked.output / "broad", [*songs, *_read(_chorales(asked.output / "chorales"))], broad, sharp)
    print(f"{made} is ready; copy it to assets/models/base.safetensors")


def _for_long(epochs: int) -> Recipe:
    """A training that begins from a model of other music: nearly as fast as one from nothing."""
    usual = RECIPES[RECIPE]
    rate = usual.training.muon_learning_rate
    training = replace(
        usual.training,
        epochs=epochs,
        learning_rate=0.8 * usual.training.learning_rate,
        muon_learning_rate=None if rate is None else 0.8 * rate,
        kl_warm_up=0.0,
    )
    return replace(usual, training=training)


def _read(files: Sequence[Path]) -> list[Song]:
    songs = []
    for file in files:
        try:
            songs.append(read_song(file))
        except MidiFileError as problem:
            print(problem, file=sys.stderr)
    return songs


def _trained(folder: Path, songs: Sequence[Song], recipe: Recipe, start: Path) -> Path:
    """Train a run to its end, from where it was left, and return its model file."""
    entries = tuple(SongToTrain(song.name, song.path) for song in songs)
    run = RunFolder(folder)
    if not (folder / "run.json").exists():
        run = RunFolder.create_at(folder, RunSettings(folder.name, RECIPE, recipe, entries))
    corpus = corpus_of(run.settings(), songs)
    if not run.model.exists():
        for step in train_in(run, corpus, start_from=TrainedModel.load(start)):
            print(f"\r{folder.name}: {step.done:.1%}, bound {step.lower_bound:.3f}", end="", file=sys.stderr)
    return run.model


def _chorales(folder: Path) -> list[Path]:
    """Bach's chorales as MIDI files, from music21's scores; none without it."""
    try:
        from music21 import corpus  # type: ignore[import-not-found]  # noqa: PLC0415 - pip install music21
    except ImportError:
        print("music21 is not installed, so that no chorales are learnt", file=sys.stderr)
        return []
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for path in sorted(corpus.getComposer("bach"))[::EVERY_CHORALE]:
        file = folder / f"{Path(path).stem}.mid"
        if not file.exists():
            corpus.parse(path).write("midi", file)
        files.append(file)
    return files


if __name__ == "__main__":
    main(sys.argv[1:])
