"""The page itself: the map's numbers, deflated, in a template with a script and a style sheet of its own."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import os
import re
import zlib
from bisect import bisect_left
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

from vrae_core.corpus.bars import places
from vrae_core.corpus.windows import Corpus
from vrae_core.errors import FileError, VraeError
from vrae_core.latent.colours import Meaning, ends_in_words, song_colour
from vrae_core.model.trained import TrainedModel
from vrae_core.music.piece_time import PieceTime
from vrae_core.music.score import Score
from vrae_core.music.sound import Sound
from vrae_core.piano_roll import BoolArray, FloatArray, IntArray
from vrae_core.pictures.file import plain
from vrae_core.pictures.web_page.clips import USUAL_CLIPS, clip, spread_out
from vrae_core.progress import Progress, passed_through
from vrae_core.safe_files import write_atomically

_FINEST = 65_535  # a place on the map is a whole number up to this
_BATCH = 32  # windows decoded at once
_MOST_ROLL_BYTES = 32 << 20  # of rolls before they are deflated: 30 hours of music on 88 keys


@dataclass(frozen=True, eq=False)
class MapShown:
    """What the page shows: N windows, where they are on the map, and the model that made it."""

    model: TrainedModel
    corpus: Corpus
    mu: FloatArray  # (N, J)
    points: FloatArray  # (N, 2); a window whose place is no number is left out
    title: str
    meaning: Meaning | None = None  # of the colours at first; None: they are of songs
    others: Sequence[Meaning] = ()  # that one can choose as well
    lit: BoolArray | None = None  # (songs,) those that show their colour at first; None: all
    safe_colours: bool = False  # for colour-blind eyes


class _Clips:
    """Clips as they are gathered: which windows, what is heard of them, and the sound."""

    def __init__(self, windows: IntArray) -> None:
        self.windows = windows
        self.rolls: list[BoolArray] = []  # (T, columns of the grid) each
        self.seconds: list[float] = []  # that each window lasts as it is heard
        self.sounds: list[bytes] = []


def saving_page(
    path: str | os.PathLike[str],
    shown: MapShown,
    score: Callable[[FloatArray], Score],
    sound: Sound,
    tempo: float | None = None,
    clips: int = USUAL_CLIPS,
) -> Generator[Progress, None, int]:
    """Write the map as one HTML file, whole or not at all; a job that returns how many windows can be heard.

    score: what is played of probabilities (T, P); sound: how; tempo: beats a minute, None: each window's own, which is
    150 where a step lasts 50 ms.  clips: the most windows to be heard, each as the model plays it; they are spread
    over the map, and any other dot gives the nearest.
    Raises: FileError if the file cannot be written; SoundError if there is nothing to make sound with; VraeError
    if no window has a place on the map.
    """
    if not os.fspath(path).lower().endswith((".html", ".htm")):
        raise FileError(path, "must end in .html")
    placed = np.flatnonzero(np.isfinite(shown.points).all(axis=1))
    if not len(placed):
        raise VraeError("no window has a place on the map, so there is nothing to make a page of")
    yield Progress(0, 1, "choosing what to hear")
    points = _in_a_square(shown.points[placed])
    chosen = yield from spread_out(points, clips)
    heard, tempos, grid = _Clips(chosen), shown.corpus.tempos(), shown.corpus.grid
    for done, decoded in enumerate(_decoded(shown, placed[chosen])):
        yield Progress(done, len(chosen), "making clips")
        played = score(decoded)
        heard.rolls.append(_laid_out(played.heard, played.pitches, grid.columns))
        own = np.full(len(played.roll), tempos[placed[chosen[done]]], np.float32)
        times = PieceTime(grid.played_per_beat, own).at(tempo).seconds
        heard.seconds.append(float(times[-1]))
        job = clip(played.tracks(sound, times), heard.seconds[-1])
        heard.sounds.append((yield from _as_part(job, done, len(chosen))))
    yield Progress(len(chosen), len(chosen), "writing the page")
    data = _data(shown, placed, points, heard)
    write_atomically(path, _page(shown.title, data).encode())
    return len(chosen)


def _decoded(shown: MapShown, windows: IntArray) -> Iterator[FloatArray]:
    """The probabilities of windows, (T, P) each, decoded a batch at a time."""
    for first in range(0, len(windows), _BATCH):
        yield from shown.model.decode(shown.mu[windows[first : first + _BATCH]])


def _as_part(job: Generator[Progress, None, bytes], done: int, total: int) -> Generator[Progress, None, bytes]:
    """One clip's job, which may be stopped within it, as a part of all."""
    return (yield from passed_through(job, lambda _: Progress(done, total, "making clips")))


def _in_a_square(points: FloatArray) -> FloatArray:
    """Points moved and scaled into 0–1 each way, with the same scale for both."""
    wide = points.astype(np.float64)  # the span of float32 may not be a float32
    low, high = wide.min(axis=0), wide.max(axis=0)
    reach = float((high - low).max()) or 1.0
    return np.asarray((wide - (low + high) / 2) / reach + 0.5, np.float32)


def _laid_out(roll: BoolArray, columns: Sequence[int], layout: Sequence[int]) -> BoolArray:
    """(steps, columns of the layout): whatever columns the model knows or the scale has moved them to."""
    cells, places = np.zeros((len(roll), len(layout)), bool), {column: place for place, column in enumerate(layout)}
    for number, column in enumerate(columns):
        if column in places:
            cells[:, places[column]] |= roll[:, number]
    return cells


def _data(shown: MapShown, placed: IntArray, points: FloatArray, heard: _Clips) -> dict[str, Any]:
    """What the script reads of the windows that have a place.  All arrays are little-endian, deflated and base64."""
    corpus = shown.corpus.take(placed)
    rolls, roll_at = _rolls(corpus, heard.windows)
    counts = np.bincount(corpus.song_of, minlength=len(corpus.names)).tolist()
    lit = [True] * len(counts) if shown.lit is None else shown.lit.tolist()
    songs = [
        {
            "name": plain(name, 120),
            "dark": song_colour(i, shown.safe_colours).screen,
            "light": song_colour(i, shown.safe_colours).paper,
            "count": counts[i],
            "lit": lit[i],
        }
        for i, name in enumerate(corpus.names)
    ]
    layout, bars = corpus.grid.columns, places(corpus)
    keys = np.concatenate(heard.rolls) if heard.rolls else np.zeros((0, len(layout)), bool)
    return {
        "title": plain(shown.title, 200),
        "songs": songs,
        "window": corpus.window,
        "columns": list(corpus.pitches),
        "heardColumns": list(layout),
        "heardSeconds": heard.seconds,
        "stepsPerBeat": corpus.grid.steps_per_beat,
        "finest": _FINEST,
        "points": _packed(np.rint(points * _FINEST), "<u2"),
        "songOf": _packed(corpus.song_of, "<u4"),
        "startOf": _packed(corpus.start_of, "<u4"),
        "secondsOf": _packed(corpus.starts, "<f4"),
        "barOf": _packed(np.zeros(0) if bars is None else bars, "<f4"),
        "barLineOf": _packed(np.zeros(0) if bars is None else _bar_lines(corpus), "<i4"),
        "rolls": _packed(_bits(rolls), "u1"),
        "rollAt": _packed(roll_at, "<i4"),
        "clipped": _packed(heard.windows, "<u4"),
        "heardRolls": _packed(_bits(keys), "u1"),
        "clips": [base64.b64encode(sound).decode() for sound in heard.sounds],
        **_colourings(shown, placed),
    }


def _bar_lines(corpus: Corpus) -> IntArray:
    """The step of each window at which its first bar line is, −1 for none, and how long that bar is: (2 N,)."""
    found = np.full((len(corpus), 2), -1)
    for song in np.unique(corpus.song_of).tolist():
        own = np.flatnonzero(corpus.song_of == song)
        lines = corpus.time_of(song).bar_lines(int(corpus.start_of[own].max()) + corpus.window).tolist()
        for window in own.tolist():
            start, end = int(corpus.start_of[window]), int(corpus.start_of[window]) + corpus.window
            inside = lines[bisect_left(lines, start) :][:2]
            if inside:
                found[window] = inside[0] - start, (inside[1] if len(inside) > 1 else end) - inside[0]
    return found.reshape(-1)


def _colourings(shown: MapShown, placed: IntArray) -> dict[str, Any]:
    """What one can colour by besides songs, and which of these is shown at first, −1 for songs."""
    found = [*([] if shown.meaning is None else [shown.meaning]), *shown.others]
    return {
        "colourings": [_colouring(each, placed, shown.safe_colours) for each in found],
        "colouredBy": -1 if shown.meaning is None else 0,
    }


def _colouring(meaning: Meaning, placed: IntArray, safe: bool) -> dict[str, Any]:
    """The last colour of each kind is that of nothing."""
    return {
        "name": plain(meaning.figure.name, 120),
        "unit": meaning.figure.unit,
        "ends": list(ends_in_words(meaning.low, meaning.high)) if meaning.has_ramp else [],
        "words": [plain(word, 120) for word in meaning.words],
        "counts": meaning.counts,
        "missing": meaning.missing,
        "dark": meaning.colours(dark=True, safe=safe),
        "light": meaning.paper_colours,
        "colourOf": _packed(meaning.colour_of[placed], "<u4"),
    }


def _rolls(corpus: Corpus, heard: IntArray) -> tuple[BoolArray, IntArray]:
    """Rows of rolls, and where each window's begin among them, −1 for none.

    All that the songs play; of more than a page can hold, only the windows that can be heard.
    """
    if corpus.roll.size <= 8 * _MOST_ROLL_BYTES:
        return corpus.roll, corpus.offsets
    roll_at = np.full(len(corpus), -1)
    roll_at[heard] = np.arange(len(heard)) * corpus.window
    return corpus.windows(heard).reshape(-1, len(corpus.pitches)), roll_at


def _bits(roll: BoolArray) -> npt.NDArray[np.uint8]:
    return np.packbits(roll, axis=1, bitorder="little")


def _packed(array: npt.NDArray[Any], kind: str) -> str:
    return base64.b64encode(zlib.compress(np.ascontiguousarray(array, kind).tobytes())).decode()


def _page(title: str, data: dict[str, Any]) -> str:
    """The template filled in.  The page allows itself no script but its own, and nothing from anywhere else."""
    style, script = _part("page.css"), _part("page.js")
    parts = {
        "title": html.escape(plain(title, 200)),
        "policy": f"default-src 'none'; script-src {_fingerprint(script)}; style-src {_fingerprint(style)}",
        "style": style,
        "script": script,
        "data": _json_in_html(data),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], _part("template.html"))


def _json_in_html(data: dict[str, Any]) -> str:
    """JSON that no name in it can break out of: an HTML parser looks for nothing but "<" in a script."""
    return json.dumps(data, ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c")


def _fingerprint(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _part(name: str) -> str:
    return (files("vrae_core.pictures.web_page") / name).read_text("utf-8")
