"""run.json: what a run trains, on which songs and for how long."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta

from vrae_core.errors import FileError
from vrae_core.json_values import Natural, Share, Whole, converted, parsed
from vrae_core.midi.parts import PartName, names_of, parts_named
from vrae_core.midi.quantising import AS_PLAYED, Quantising, checked
from vrae_core.midi.song import MOST_TRACKS
from vrae_core.model.recipes import Recipe, recipe_from_plain
from vrae_core.runs.songs import SongToTrain
from vrae_core.safe_files import read_bounded, write_atomically

FORMAT, VERSION = "vrae-run", 1
_LARGEST = 4 << 20  # bytes; ten thousand songs have 2 MB
_MOST_SONGS = 200_000


@dataclass(frozen=True)
class _SavedSong:
    """What run.json says of a song."""

    name: str
    path: str = ""
    transpose: Annotated[int, Meta(ge=-127, le=127)] = 0  # semitones; as far as MIDI's pitches reach
    weight: Annotated[float, Meta(ge=0, le=1e6)] = 1.0
    quantise: str = AS_PLAYED.grid
    quantise_strength: Annotated[int, Meta(ge=0, le=100)] = AS_PLAYED.strength
    parts: Annotated[tuple[PartName, ...], Meta(max_length=MOST_TRACKS)] = ()
    estimate_beats: bool = False

    def __post_init__(self) -> None:
        checked(self.quantise, self.quantise_strength)

    @classmethod
    def of(cls, song: SongToTrain) -> _SavedSong:
        how = (song.semitones, song.weight, *song.quantising)
        return cls(song.name, song.path, *how, names_of(song.parts), song.estimate_beats)

    def song(self) -> SongToTrain:
        quantising = Quantising(self.quantise, self.quantise_strength)
        how = (self.transpose, quantising, True, self.weight, parts_named(self.parts), self.estimate_beats)
        return SongToTrain(self.name, self.path, *how)


@dataclass(frozen=True)
class _SavedSongs:
    songs: Annotated[tuple[_SavedSong, ...], Meta(max_length=_MOST_SONGS)]


@dataclass(frozen=True)
class RunSettings:
    """What run.json holds."""

    name: str
    recipe_name: str
    recipe: Recipe
    songs: tuple[SongToTrain, ...]
    seed: Whole = 0
    epochs: Natural | None = None  # the recipe's if neither is given
    minutes: Annotated[float, Meta(gt=0, le=1e9)] | None = None
    held_out: Share = 0.0  # share of the windows that are measured and not learnt
    created: str = ""  # ISO 8601, UTC
    notes: str = ""
    parent: str = ""  # the run and snapshot, or the model, that it began from
    extra: Mapping[str, Any] = field(default_factory=dict)  # whatever else was there, kept as it was


@dataclass(frozen=True)
class _Head:
    """What every run.json begins with."""

    format: str
    version: int


@dataclass(frozen=True)
class _Named:
    name: str


def read_settings(path: Path) -> RunSettings:
    """Read a run.json.  Raises: FileError."""
    try:
        values = parsed(read_bounded(path, _LARGEST))
        head = converted(values, _Head)
        if head.format != FORMAT or head.version != VERSION:
            raise FileError(path, f"is of version {str(head.version)[:20]}; this program reads {VERSION}")
        return _settings_from_plain(values)
    except ValueError as error:
        raise FileError(path, f"does not say what is trained: {error}") from None


def read_name(path: Path) -> str:
    """What a run.json calls its run, whatever else it says.  Raises: FileError."""
    try:
        return converted(parsed(read_bounded(path, _LARGEST)), _Named).name
    except ValueError as error:
        raise FileError(path, f"does not say what its run is called: {error}") from None


def write_settings(path: Path, settings: RunSettings) -> None:
    """Write a run.json, atomically.  Raises: FileError."""
    values = {"format": FORMAT, "version": VERSION, **asdict(settings)}
    values |= values.pop("extra")
    values["songs"] = [asdict(_SavedSong.of(song)) for song in settings.songs]
    text = json.dumps(values, indent=1, ensure_ascii=False)
    write_atomically(
        path, text.encode(errors="backslashreplace")
    )  # a path need not be UTF-8; JSON has the same escapes


def _settings_from_plain(values: dict[str, Any]) -> RunSettings:
    songs = tuple(saved.song() for saved in converted(values, _SavedSongs).songs)
    known = converted({**values, "songs": ()}, RunSettings)
    recipe = recipe_from_plain(values["recipe"])  # which refuses what RunSettings passes over
    names = RunSettings.__dataclass_fields__.keys() - {"extra"} | _Head.__dataclass_fields__.keys()
    return replace(
        known, recipe=recipe, songs=songs, extra={key: value for key, value in values.items() if key not in names}
    )
