"""Every kind of file that this project reads back, and every kind that it writes: a small good one of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

from explorer.audio.sequencer import AtEnd
from explorer.preferences import Preferences, load_preferences
from explorer.session.files.contents import Contents, HeardState, MapState, ModelSource, PlayerState, ViewState
from explorer.session.files.exports import ExportedPiece, saving_probabilities
from explorer.session.files.session_file import read_session, to_bytes
from explorer.session.playing.decoded import PieceSettings
from explorer.session.playing.versions import Version
from explorer.session.songs.sources import SongSource
from vrae_core.audio.file import writing_sound
from vrae_core.corpus.cutting import build_corpus
from vrae_core.corpus.packed import PackedRolls
from vrae_core.corpus.packing import packed, writing_rolls
from vrae_core.corpus.windows import Corpus
from vrae_core.latent.path import LatentPath, timing
from vrae_core.latent.table import writing_table
from vrae_core.midi.export import Track, write_midi
from vrae_core.midi.song import InRun, Song, read_song
from vrae_core.model.file import weight_shapes
from vrae_core.model.recipes import ModelConfig, Recipe, TrainingConfig
from vrae_core.model.trained import TrainedModel
from vrae_core.music.piece_recipe import Kind as PieceKind
from vrae_core.music.pieces import medleying, morphing
from vrae_core.music.score import make_score
from vrae_core.music.sound import Sound
from vrae_core.piano_roll import FloatArray, Note
from vrae_core.pictures.map import save_map_picture
from vrae_core.pictures.web_page.page import MapShown, saving_page
from vrae_core.progress import finish
from vrae_core.runs.folder import RunFolder
from vrae_core.runs.settings import RunSettings
from vrae_core.runs.songs import SongToTrain
from vrae_core.runs.windows import load_corpus, save_corpus
from vrae_core.safe_files import write_atomically
from vrae_core.training import checkpoint as checkpoints
from vrae_core.training.checkpoint import Best, Checkpoint, GoodState

CONFIG = ModelConfig(window=20, hop=10, hidden=8, encoder_hidden=6, cell="gru", z_every_step=True)
SONGS = tuple(
    Song(name, tuple(Note(t / 2, t / 2 + 0.4, lowest + 2 * (t % 6)) for t in range(60)), 120.0)
    for name, lowest in (("Low", 40), ("High", 70))
)


@dataclass(frozen=True)
class Kind:
    """A kind of file: ``signed`` if a digest in it covers all that it says, so that no other content may be read."""

    name: str
    file: str
    write: Callable[[Path], object]
    read: Callable[[Path], object]
    signed: bool = False


def corpus() -> Corpus:
    return build_corpus(SONGS, window=20, hop=10, equal_share=False)


def model() -> TrainedModel:
    """One that nobody trained."""
    pitches, source = corpus().pitches, np.random.default_rng(0)
    shapes = weight_shapes(CONFIG, len(pitches))
    weights = {n: source.normal(0, 0.3, shape).astype(np.float32) for n, shape in shapes.items()}
    return TrainedModel(CONFIG, pitches, weights, 0.4, {"recipe": "chance"})


def checkpoint() -> Checkpoint:
    source = np.random.default_rng(0)

    def arrays(*names: str) -> dict[str, Any]:
        return {name: source.normal(size=(3, 2)).astype(np.float32) for name in names}

    return Checkpoint(
        arrays("a", "b"), arrays("0/0/step", "0/1/exp_avg"), 70, 12.5, 3, 1, ((-5.0, -4.5, 0.5),), "this run",
        epoch=arrays("x")["x"],
        sound=GoodState(arrays("a", "b"), arrays("0/0/step"), 60),
        best=Best(-4.25, arrays("a", "b"), {"updates": "50"}),
    )  # fmt: skip


def session() -> Contents:
    return Contents(
        ModelSource("chance", "/somewhere/chance.safetensors", "ab" * 32),
        (SongSource("/somewhere/Low.mid"), SongSource("", "", InRun("/somewhere/run", "High"))),
        MapState("latent", grey=("Low",)),
        ViewState((0.0, 0.0, 1.0, 1.0), "path", 1),
        PlayerState(120.0, 0.5, 0.4, 1.0, 3, Sound(), AtEnd.LOOP),
        HeardState("point", np.zeros((1, 2), np.float32), {"steps": 20}, Version.ORIGINAL),
        {},
        training=(SongToTrain("/somewhere/Low.mid"),),
    )


def preferences() -> Preferences:
    return Preferences("light", 0.3, 97.0, threshold=0.4, recent_songs=["/somewhere/Low.mid"], safe_colours=True)


def run_settings() -> RunSettings:
    recipe = Recipe("tiny", CONFIG, TrainingConfig(epochs=4, batch=48))
    return RunSettings("A run", "tiny", recipe, (SongToTrain("/somewhere/Low.mid"),), seed=3, minutes=2.5)


def write_packed(path: Path) -> None:
    finish(writing_rolls(path, (packed(song.name, song.roll) for song in SONGS)))


def write_song(path: Path) -> None:
    write_midi(path, [Track(song.name, 0, song.notes) for song in SONGS])


def write_run(path: Path) -> None:
    RunFolder(path.parent).write_settings(run_settings())


KINDS = (
    Kind("model", "m.safetensors", lambda path: model().save(path), TrainedModel.load, True),
    Kind(
        "checkpoint",
        "checkpoint.safetensors",
        lambda path: checkpoints.save(path, checkpoint()),
        lambda path: checkpoints.load(path, "this run"),
        True,
    ),
    Kind(
        "corpus",
        "corpus.safetensors",
        lambda path: save_corpus(RunFolder(path.parent), corpus()),
        lambda path: load_corpus(RunFolder(path.parent)),
        True,
    ),
    Kind(
        "packed",
        "songs.vrae-rolls",
        write_packed,
        lambda path: PackedRolls(path).cut(20, 10).in_memory(),
        True,
    ),
    Kind("session", "s.vrae-session", lambda path: write_atomically(path, to_bytes(session())), read_session),
    Kind("preferences", "preferences.json", lambda path: preferences().save(path), load_preferences),
    Kind("run.json", "run.json", write_run, lambda path: RunFolder(path.parent).settings()),
    Kind("MIDI", "song.mid", write_song, read_song),
)


def _write_sound(path: Path) -> None:
    tone = (np.sin(np.arange(200_000) / 9)[:, None] * [9000, 9000]).astype(np.int16)
    finish(writing_sound(path, tone, 44_100))


def _write_table(path: Path) -> None:
    songs, chance = corpus(), model()
    finish(writing_table(path, songs, chance.encode(songs.windows()), CONFIG.hop, np.arange(len(songs))))


def _write_map(path: Path) -> None:
    songs = corpus()
    points = np.random.default_rng(0).normal(size=(len(songs), 2)).astype(np.float32)
    save_map_picture(path, points, songs.song_of, songs.names, "A map")


def _piece(kind: PieceKind, points: FloatArray, parameters: dict[str, Any]) -> ExportedPiece:
    chance = model()
    settings = PieceSettings(0.2, 0.0, 0, 120.0, Sound(), chance.pitches)
    return ExportedPiece(chance, "chance", settings, kind, points, parameters)


def _write_path(path: Path) -> None:
    line = LatentPath(np.array([[-2, 0], [2, 1], [0, 2]], np.float32), (None,) * 3)
    parameters = {name: value for name, value in line.as_plain().items() if name != "points"}
    piece = _piece("path", line.points, parameters)
    finish(saving_probabilities(path, morphing(piece.model, line.at(finish(timing(line, piece.model)).along)), piece))


def _write_medley(path: Path) -> None:
    z = np.ones(2, np.float32)
    piece = _piece("medley", z[None], {"steps": 400})
    finish(saving_probabilities(path, medleying(piece.model, z, 400), piece))


def _write_page(path: Path) -> None:
    songs, chance = corpus(), model()
    mu = chance.encode(songs.windows()).mu
    shown = MapShown(chance, songs, mu, mu, "A map")
    finish(saving_page(path, shown, lambda p: make_score(p, chance.pitches, Sound(), 0.4), Sound(), clips=2))


WRITERS: tuple[tuple[str, str, Callable[[Path], object]], ...] = (
    *((kind.name, kind.file, kind.write) for kind in KINDS),
    *((f"{suffix[1:]} sound", f"heard{suffix}", _write_sound) for suffix in (".wav", ".flac", ".ogg")),
    ("table", "windows.csv", _write_table),
    *((f"{suffix[1:]} of a path", f"path{suffix}", _write_path) for suffix in (".mid", ".flac")),
    *((f"{suffix[1:]} of a medley", f"medley{suffix}", _write_medley) for suffix in (".mid", ".wav")),
    ("web page", "map.html", _write_page),
    ("PNG picture", "map.png", _write_map),
    ("SVG picture", "map.svg", _write_map),
)  # fmt: skip


def leaves(value: object) -> Iterator[object]:
    """All that a value says, without what files are free to say otherwise: the objects, and the order of names."""
    if is_dataclass(value):
        for field in fields(value):
            yield field.name
            yield from leaves(getattr(value, field.name))
    elif isinstance(value, dict):
        for key in sorted(value):
            yield key
            yield from leaves(value[key])
    elif isinstance(value, tuple | list):
        for one in value:
            yield from leaves(one)
    elif isinstance(value, np.ndarray):
        yield value.shape, value.tobytes()
    else:
        yield value
