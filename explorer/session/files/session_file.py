"""A session as JSON: written whole, and read with a doubt about every value.

A part that is damaged is None, and costs a sentence; a file that is no session, or of a later version, is refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import numpy as np
from msgspec import Meta

from explorer.session.files.contents import (
    MOST_SONGS,
    Contents,
    Coordinate,
    Digest,
    FilePath,
    HeardState,
    MapState,
    ModelSource,
    Origin,
    PlayerState,
    ViewState,
)
from explorer.session.map.stretches import LATEST_STEP, Stretches
from explorer.session.path.drawing import Drawing
from explorer.session.path.path import MOST_LEFT
from explorer.session.playing.versions import Version
from explorer.session.songs.sources import SongSource
from explorer.session.training.songs import MOST_LISTED
from vrae_core.bundled import bundled_models, bundled_songs
from vrae_core.errors import FileError, VraeError
from vrae_core.json_values import Text, converted, parsed, refuse_missing
from vrae_core.midi.parts import PartName, names_of, parts_named
from vrae_core.midi.quantising import AS_PLAYED, checked
from vrae_core.midi.song import MOST_TRACKS, InRun
from vrae_core.music.piece_recipe import LONGEST_PIECE, MOST_POINTS
from vrae_core.runs.songs import MOST_SEMITONES, SongToTrain
from vrae_core.safe_files import read_bounded

SUFFIX, FORMAT, VERSION = ".vrae-session", "vrae-session", 1
LARGEST_FILE = 16 << 20  # bytes; fifty paths of fifty points of twenty numbers have 1 MB
LARGEST_LEFT = 8 << 20  # characters of drawings of models that are not shown
Parts = Annotated[tuple[PartName, ...], Meta(max_length=MOST_TRACKS)]  # of the tracks of a song
T = TypeVar("T")


def to_bytes(contents: Contents) -> bytes:
    """A session with all its parts as the bytes of a file; for a thread, as it looks at the disk."""
    model, songs, player, heard = contents.model, contents.songs, contents.player, contents.heard
    assert model is not None
    assert songs is not None
    assert player is not None
    assert contents.map is not None
    assert contents.view is not None
    models = {str(path): name for name, path in bundled_models().items()}
    with_us = {str(path): path.name for path in bundled_songs()}

    def place(path: str) -> dict[str, Any]:
        return {"bundled": with_us[path]} if path in with_us else {"path": path}

    def song_to_plain(song: SongSource) -> dict[str, Any]:
        plain: dict[str, Any] = place(song.path) if song.path else {}
        plain |= {key: value for key, value in (("name", song.name), ("parts", names_of(song.parts))) if value}
        plain |= {key: True for key in ("estimated_beats", "beats_kept") if getattr(song, key)}
        return plain if song.run is None else {**plain, "run": song.run._asdict()}

    listed = [
        {
            **place(song.path),
            "included": song.included,
            "semitones": song.semitones,
            "quantise": song.quantising.grid,
            "quantise_strength": song.quantising.strength,
            "parts": names_of(song.parts),
            "estimate_beats": song.estimate_beats,
        }
        for song in contents.training or ()
    ]
    values = {
        "format": FORMAT,
        "version": VERSION,
        "model": {
            "name": model.name,
            "digest": model.digest,
            **({"bundled": models[model.path]} if model.path in models else {"path": model.path}),
        },
        "songs": [song_to_plain(song) for song in songs],
        "map": vars(contents.map),
        "view": vars(contents.view),
        "player": {**vars(player), "sound": player.sound.as_plain()},
        "heard": heard and _heard_as_plain(heard),
        "drawing": contents.drawing,
        **({} if contents.origin is None else {"origin": vars(contents.origin)}),
        **({} if contents.selection is None else {"selection": contents.selection.as_plain()}),
        **({} if contents.training is None else {"training": listed[:MOST_LISTED]}),
        **({} if not contents.left else {"left": _left_to_plain(contents.left)}),
        **({} if not contents.before else {"before": [song_to_plain(song) for song in contents.before[:MOST_SONGS]]}),
    }
    return json.dumps(values, indent=1, allow_nan=False).encode()


def read_session(path: Path) -> Contents:
    """Read a session file.  Raises: FileError if it is none, or of a later version."""
    try:
        values = parsed(read_bounded(path, LARGEST_FILE))
    except ValueError:
        raise FileError(path, "is not a session: its text is damaged") from None
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise FileError(path, "is not a session")
    version = values.get("version")
    if type(version) is not int or version < 1:
        raise FileError(path, "is not a session: it names no version")
    if version > VERSION:
        raise FileError(
            path, f"is a session of version {str(version)[:20]}, and this program reads version {VERSION} only"
        )
    complaints: list[str] = []

    def part(name: str, read: Callable[[Any], T]) -> T | None:
        try:
            return read(values[name])
        except (KeyError, ValueError):
            complaints.append(f"{path} is damaged: its {name} is left out")
            return None

    contents = Contents(
        model=part("model", _model),
        songs=part("songs", lambda songs: _songs(songs, complaints)),
        map=part("map", lambda values: converted(values, MapState)),
        view=part("view", lambda values: _complete(values, ViewState)),
        player=part("player", lambda values: _complete(values, PlayerState)),
        heard=part("heard", _heard),
        drawing=part("drawing", lambda values: converted(values, dict[str, Any])),
        origin=part("origin", lambda values: converted(values, Origin)) if "origin" in values else None,
        selection=part("selection", Stretches.from_plain) if "selection" in values else None,
        training=part("training", _training) if "training" in values else None,
        left=part("left", lambda left: _left(left, path.name, complaints)) if "left" in values else None,
        before=(part("before", lambda songs: _songs(songs, complaints)) if "before" in values else None) or (),
    )
    return replace(contents, complaints=tuple(complaints))


# --- the parts, as they are written; each reader raises ValueError for whatever is out of place


@dataclass(frozen=True)
class _Place:
    """Where a file is: beside this program, by its name, or anywhere."""

    bundled: Text | None = None
    path: FilePath | None = None

    def among(self, with_us: Mapping[str, Path]) -> str:
        """Its path; "" if this version does not bring it."""
        if self.bundled is not None:
            return str(with_us.get(self.bundled, ""))
        if self.path is None:
            raise ValueError("path is missing")
        return self.path


@dataclass(frozen=True)
class _InRun:
    folder: FilePath
    name: FilePath


@dataclass(frozen=True, kw_only=True)
class _Song(_Place):
    name: Text = ""  # if not that of its file, or in its run
    run: _InRun | None = None
    parts: Parts = ()
    estimated_beats: bool = False
    beats_kept: bool = False

    def source(self, with_us: Mapping[str, Path]) -> SongSource | None:
        """None if this version does not bring it."""
        run = None if self.run is None else InRun(self.run.folder, self.run.name)
        path = self.among(with_us) if run is None else self.path or str(with_us.get(self.bundled or "", ""))
        changed = (self.name, run, parts_named(self.parts), self.estimated_beats, self.beats_kept)
        return SongSource(path, *changed) if path or run else None


@dataclass(frozen=True, kw_only=True)
class _Model(_Place):
    name: Text
    digest: Digest


@dataclass(frozen=True, kw_only=True)
class _Listed(_Place):
    included: bool
    semitones: Annotated[int, Meta(ge=-MOST_SEMITONES, le=MOST_SEMITONES)]
    quantise: str = AS_PLAYED.grid
    quantise_strength: int = AS_PLAYED.strength
    parts: Parts = ()
    estimate_beats: bool = False


@dataclass(frozen=True)
class _HeardPart:
    kind: Literal["point", "path", "medley", "song"]
    points: Annotated[list[list[Coordinate]], Meta(min_length=1, max_length=MOST_POINTS)]
    how: dict[str, Any]
    chosen: Version | None = None


@dataclass(frozen=True)
class _Length:
    steps: Annotated[int, Meta(ge=1, le=LONGEST_PIECE)]


@dataclass(frozen=True)
class _WhereInSong:
    song: Text
    start: Annotated[int, Meta(ge=0, le=LATEST_STEP)]


def _complete(value: Any, kind: type[T]) -> T:
    """A part none of whose values may be left out."""
    part = converted(value, kind)
    refuse_missing(value, kind)
    return part


def _model(value: Any) -> ModelSource:
    model = converted(value, _Model)
    return ModelSource(model.name, model.among(bundled_models()), model.digest)


def _songs(value: Any, complaints: list[str]) -> tuple[SongSource, ...]:
    entries, with_us = converted(value, list[Any]), {path.name: path for path in bundled_songs()}
    if len(entries) > MOST_SONGS:
        raise ValueError("songs are too many")
    songs = []
    for entry in entries:
        try:
            place = converted(entry, _Song)
            if (source := place.source(with_us)) is not None:
                songs.append(source)
            else:
                complaints.append(f"The bundled song {place.bundled} does not come with this version")
        except ValueError:
            complaints.append("One of the session's songs is damaged and left out")
    return tuple(songs)


def _heard_as_plain(heard: HeardState) -> dict[str, Any]:
    return {
        "kind": heard.kind,
        "points": heard.points.tolist(),
        "how": dict(heard.parameters),
        "chosen": heard.chosen,
    }


def _heard(value: Any) -> HeardState | None:
    if value is None:
        return None
    heard = converted(value, _HeardPart)
    points, parameters = np.array(heard.points, np.float32), heard.how
    if points.ndim != 2 or (heard.kind == "path") != (len(points) > 1):
        raise ValueError("points are no points")
    if heard.kind == "song":
        parameters = vars(converted(parameters, _WhereInSong))
    elif heard.kind != "path":
        converted(parameters, _Length)
    return HeardState(heard.kind, points, parameters, heard.chosen)


def _training(value: Any) -> tuple[SongToTrain, ...]:
    entries, with_us = converted(value, list[_Listed]), {path.name: path for path in bundled_songs()}
    if len(entries) > MOST_LISTED:
        raise ValueError("songs are too many")
    listed = []
    for entry in entries:
        quantising = checked(entry.quantise, entry.quantise_strength)
        if path := entry.among(with_us):
            parts = parts_named(entry.parts)
            how = (entry.semitones, quantising, entry.included, 1.0, parts, entry.estimate_beats)
            listed.append(SongToTrain(Path(path).stem, path, *how))
    return tuple(listed)


# --- what is drawn with models that are not shown


def _left_to_plain(left: Mapping[str, Drawing]) -> dict[str, Any]:
    """As many as there is room for beside all else, those left last first."""
    plain: dict[str, Any] = {}
    room = LARGEST_LEFT
    for digest, drawing in list(left.items())[::-1]:
        plain[digest] = drawing.as_plain()
        room -= len(json.dumps(plain[digest], indent=1))
        if room < 0:
            del plain[digest]
            break
    return dict(list(plain.items())[::-1])


def _left(value: Any, file: str, complaints: list[str]) -> dict[str, Drawing]:
    drawings, by_model = {}, converted(value, dict[Digest, dict[str, Any]])
    if len(by_model) > MOST_LEFT:
        raise ValueError("models are too many")
    for digest, plain in by_model.items():
        try:
            drawings[digest] = Drawing.from_plain(plain)
        except VraeError as error:
            complaints.append(f"{file} is damaged: the paths and favourites of a model are left out: {error}")
    return drawings
