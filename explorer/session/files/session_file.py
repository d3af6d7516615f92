"""What a session file holds, as JSON: written whole, and read with a doubt about every value.

A part that is damaged is None, and costs a sentence; a file that is no session, or of a later version, is refused.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar, get_args

import numpy as np

from explorer.audio.player import FASTEST, SLOWEST, AtEnd
from explorer.session.map.selection import Stretches
from explorer.session.playing.versions import Version
from explorer.session.training.songs import MOST_LISTED, MOST_SEMITONES, ListedSong
from vrae_core.bundled import bundled_models, bundled_songs
from vrae_core.errors import FileError
from vrae_core.latent.map import Dimensions, Projection
from vrae_core.latent.tsne import MOST_PERPLEXITY, PERPLEXITY
from vrae_core.latent.window_figures import FIGURES
from vrae_core.midi.quantising import AS_PLAYED, checked
from vrae_core.music.piece_recipe import FARTHEST, HIGHEST_SEED, LONGEST_PIECE, MOST_POINTS, Kind
from vrae_core.music.pieces import HIGHEST_TEMPERATURE
from vrae_core.music.sound import Sound
from vrae_core.piano_roll import FloatArray
from vrae_core.safe_files import read_bounded

SUFFIX, FORMAT, VERSION = ".vrae-session", "vrae-session", 1
LARGEST_FILE = 16 << 20  # bytes; fifty paths of fifty points of twenty numbers have 1 MB
MOST_SONGS, LONGEST_PATH = 5000, 4096
COLOURS = ("song", *FIGURES)
TOOLS = ("play", "path", "select", "pan", "lasso")
MOST_RUNS, LATEST_STEP = 1 << 20, 1 << 31  # of a selection, and of a song
T = TypeVar("T")


class ModelSource(NamedTuple):
    """A model: what it is called, where its file is ("" for nowhere), and the SHA-256 of its weights."""

    name: str
    path: str
    digest: str = ""


class MapState(NamedTuple):
    """How the map is drawn and coloured, and the names of the songs that are grey."""

    projection: Projection
    colour_by: str = "song"
    grey: tuple[str, ...] = ()
    perplexity: float = PERPLEXITY


class ViewState(NamedTuple):
    """What the window shows: a part of the map (x, y, width, height) or all of it, the tool, the tab."""

    area: tuple[float, float, float, float] | None = None
    tool: str = "play"
    tab: int = 0


class PlayerState(NamedTuple):
    """Everything that is set below the map."""

    tempo: float
    volume: float
    threshold: float
    temperature: float
    seed: int
    sound: Sound
    at_end: AtEnd


@dataclass(frozen=True, eq=False)
class HeardState:
    """What was heard last: latent points, (k, J), and what was made of them, as in ``PieceRecipe``, or a song."""

    kind: Kind | Literal["song"]
    points: FloatArray
    how: Mapping[str, Any]
    version: Version


class Origin(NamedTuple):
    """Of a session that was kept by itself: the file it was opened from or saved to, and whether it has changed."""

    file: str
    changed: bool


@dataclass(frozen=True, eq=False)
class Contents:
    """A session; None for what is damaged.  ``drawing`` is for ``Drawing.from_plain`` to check, which needs the map."""

    model: ModelSource | None
    songs: tuple[Path, ...] | None
    map: MapState | None
    view: ViewState | None
    player: PlayerState | None
    heard: HeardState | None
    drawing: Mapping[str, Any] | None
    origin: Origin | None = None
    complaints: tuple[str, ...] = field(default=())
    selection: Stretches | None = None
    training: tuple[ListedSong, ...] | None = None  # None, too, in a file from before there was a list in it


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

    listed = [
        {
            **place(song.path),
            "included": song.included,
            "semitones": song.semitones,
            "quantise": song.quantising.grid,
            "quantise_strength": song.quantising.strength,
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
        "songs": [place(str(path)) for path in songs],
        "map": contents.map._asdict(),
        "view": contents.view._asdict(),
        "player": {**player._asdict(), "sound": player.sound.as_plain()},
        "heard": heard and {**vars(heard), "points": heard.points.tolist(), "how": dict(heard.how)},
        "drawing": contents.drawing,
        **({} if contents.origin is None else {"origin": contents.origin._asdict()}),
        **({} if contents.selection is None else {"selection": _selection_text(contents.selection)}),
        **({} if contents.training is None else {"training": listed[:MOST_LISTED]}),
    }
    return json.dumps(values, indent=1, allow_nan=False).encode()


def read_session(path: Path) -> Contents:
    """Read a session file.  Raises: FileError if it is none, or of a later version."""
    try:
        values = json.loads(read_bounded(path, LARGEST_FILE))
    except (ValueError, RecursionError):
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
        except (KeyError, ValueError, TypeError, AttributeError, OverflowError, IndexError):
            complaints.append(f"{path.name} is damaged: its {name} is left out")
            return None

    contents = Contents(
        model=part("model", _model),
        songs=part("songs", lambda songs: _songs(songs, complaints)),
        map=part("map", _map),
        view=part("view", _view),
        player=part("player", _player),
        heard=part("heard", _heard),
        drawing=part("drawing", _table),
        origin=part("origin", _origin) if "origin" in values else None,
        selection=part("selection", _selection) if "selection" in values else None,
        training=part("training", _training) if "training" in values else None,
    )
    return Contents(**{**vars(contents), "complaints": tuple(complaints)})


# --- the parts; each raises ValueError and its like for whatever is out of place


def _require(holds: bool) -> None:
    if not holds:
        raise ValueError


def _table(value: Any) -> Mapping[str, Any]:
    _require(isinstance(value, dict))
    return value  # type: ignore[no-any-return]


def _text(value: Any, longest: int = 200) -> str:
    _require(isinstance(value, str) and len(value) <= longest)
    value.encode()  # half a pair of surrogates is no text
    return str(value)


def _path(value: Any) -> str:
    _require(isinstance(value, str) and 0 < len(value) <= LONGEST_PATH and "\0" not in value)
    os.fsencode(value)
    return str(value)


def _number(value: Any, low: float, high: float) -> float:
    _require(type(value) in (int, float) and low <= value <= high and math.isfinite(value))
    return float(value)


def _whole(value: Any, low: int, high: int) -> int:
    _require(type(value) is int and low <= value <= high)
    return int(value)


def _one_of(value: Any, known: tuple[str, ...]) -> str:
    _require(isinstance(value, str) and value in known)
    return str(value)


def _model(value: Any) -> ModelSource:
    digest = _text(value["digest"], 64)
    if "bundled" in value:
        path = bundled_models().get(_text(value["bundled"]))
        return ModelSource(_text(value["name"]), "" if path is None else str(path), digest)
    return ModelSource(_text(value["name"]), _path(value["path"]), digest)


def _songs(value: Any, complaints: list[str]) -> tuple[Path, ...]:
    _require(isinstance(value, list) and len(value) <= MOST_SONGS)
    with_us = {path.name: path for path in bundled_songs()}
    songs = []
    for entry in value:
        try:
            name = _text(entry["bundled"]) if "bundled" in entry else ""
            if name and name not in with_us:
                complaints.append(f"The bundled song {name} does not come with this version")
            else:
                songs.append(with_us[name] if name else Path(_path(entry["path"])))
        except (KeyError, ValueError, TypeError):
            complaints.append("One of the session's songs is damaged and left out")
    return tuple(songs)


def _map(value: Any) -> MapState:
    drawn, grey = value["projection"], value["grey"]
    _require(isinstance(grey, list) and len(grey) <= MOST_SONGS)
    projection: Any
    if isinstance(drawn, list):
        projection = Dimensions(*(_whole(each, 0, 10_000) for each in drawn))
        _require(projection.i != projection.j)
    else:
        projection = _one_of(drawn, ("latent", "t-SNE", "PCA"))
    perplexity = _number(value.get("perplexity", PERPLEXITY), 1, MOST_PERPLEXITY)
    return MapState(projection, _one_of(value["colour_by"], COLOURS), tuple(_text(name) for name in grey), perplexity)


def _view(value: Any) -> ViewState:
    area: Any = value["area"]
    if area is not None:
        area = tuple(_number(each, -FARTHEST, FARTHEST) for each in area)
        _require(len(area) == 4 and min(area[2:]) > 1e-9)
    return ViewState(area, _one_of(value["tool"], TOOLS), _whole(value["tab"], 0, 2))


def _player(value: Any) -> PlayerState:
    return PlayerState(
        tempo=_number(value["tempo"], SLOWEST, FASTEST),
        volume=_number(value["volume"], 0, 1),
        threshold=_number(value["threshold"], 0, 1),
        temperature=_number(value["temperature"], 0, HIGHEST_TEMPERATURE),
        seed=_whole(value["seed"], 0, HIGHEST_SEED),
        sound=Sound.from_plain(value["sound"]),
        at_end=AtEnd(_text(value["at_end"])),
    )


def _heard(value: Any) -> HeardState | None:
    if value is None:
        return None
    kind: Any = _one_of(value["kind"], (*get_args(Kind), "song"))
    rows, how = value["points"], dict(_table(value["how"]))
    _require(isinstance(rows, list) and 1 <= len(rows) <= MOST_POINTS)
    points = np.array([[_number(each, -FARTHEST, FARTHEST) for each in row] for row in rows], np.float32)
    _require(points.ndim == 2 and (kind == "path") == (len(points) > 1))
    if kind == "song":
        how = {"song": _text(how["song"]), "start": _whole(how["start"], 0, LATEST_STEP)}
    elif kind != "path":
        _whole(how["steps"], 1, LONGEST_PIECE)
    return HeardState(kind, points, how, Version(_text(value["version"])))


def _origin(value: Any) -> Origin:
    _require(isinstance(value["changed"], bool))
    return Origin(_path(value["file"]), value["changed"])


def _training(value: Any) -> tuple[ListedSong, ...]:
    _require(isinstance(value, list) and len(value) <= MOST_LISTED)
    with_us = {path.name: str(path) for path in bundled_songs()}
    listed = []
    for entry in value:
        path = with_us.get(_text(entry["bundled"]), "") if "bundled" in entry else _path(entry["path"])
        _require(isinstance(entry["included"], bool))
        semitones = _whole(entry["semitones"], -MOST_SEMITONES, MOST_SEMITONES)
        quantising = checked(entry.get("quantise", ""), entry.get("quantise_strength", AS_PLAYED.strength))
        if path:
            listed.append(ListedSong(path, entry["included"], semitones, quantising))
    return tuple(listed)


# --- the selection: by song, the first steps of its windows as in "0-240, 480"


def _selection_text(selection: Stretches) -> dict[str, str]:
    by_song: dict[str, list[str]] = {}
    for song, first, last in selection.stretches.tolist():
        by_song.setdefault(selection.songs[song], []).append(str(first) if first == last else f"{first}-{last}")
    return {song: ", ".join(stretches) for song, stretches in by_song.items()}


def _selection(value: Any) -> Stretches:
    stretches: list[tuple[int, int, int]] = []
    for number, (song, text) in enumerate(_table(value).items()):
        _text(song)
        for stretch in text.split(", "):
            first, _, last = stretch.partition("-")
            _require(len(stretches) < MOST_RUNS and first.isdecimal() and (last or first).isdecimal())
            stretches.append((number, int(first), int(last or first)))
            _require(stretches[-1][1] <= stretches[-1][2] < LATEST_STEP)
    return Stretches(tuple(value), np.array(stretches, np.int64).reshape(-1, 3))
