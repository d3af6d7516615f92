"""What the colour of a dot means: its song, a figure of its window, or a column of a table that somebody opened."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal

from explorer.atlas import Atlas
from explorer.session.jobs import Jobs
from explorer.session.library import Library
from vrae_core.palette import LEVELS, SHAPES, missing_colour, ramp, song_colour
from vrae_core.piano_roll import FloatArray, IntArray
from vrae_core.progress import Progress
from vrae_core.window_figures import FIGURES, Figure, classes, levels, measure
from vrae_core.window_table import Column, WindowTable, read_table

SONG = "song"
TABLE = "table: "  # begins the name of what is a column of the table
MEASURING = "measuring the windows"  # key of the job


@dataclass(frozen=True, eq=False)
class Meaning:
    """What the dots show: which colour each has, (N,), and what the colours stand for.

    A ramp goes from ``low`` to ``high``; words have a colour each, and are as often as ``counts`` says.
    """

    figure: Figure
    colour_of: IntArray
    low: float = 0.0
    high: float = 0.0
    words: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()
    missing: int = 0  # windows that are grey, for nothing is known of them

    def colours(self, dark: bool, safe: bool) -> tuple[str, ...]:
        """The colours for a dark surface or a light one, and for colour-blind eyes; the last is that of nothing."""
        if self.words:
            return (*(song_colour(word, safe).screen for word in range(len(self.words))), missing_colour(dark))
        return (*ramp(dark), missing_colour(dark))


class Colouring(QObject):
    """Follows ``library.colour_by``; measures what is not known yet, in a job, and keeps it as long as the windows."""

    changed = Signal()  # other colours
    choices_changed = Signal()

    def __init__(self, jobs: Jobs, library: Library) -> None:
        super().__init__()
        self._jobs, self._library = jobs, library
        self.meaning: Meaning | None = None  # None: the dots have the colours of their songs
        self.shapes = False  # whether songs have markers of their own
        self.table: WindowTable | None = None
        self._known: dict[str, Meaning] = {}  # of the atlas's windows
        self._atlas: Atlas | None = None
        self._waits = False  # for the job
        library.atlas_changed.connect(self._show_atlas)
        library.colour_by_changed.connect(self._show)
        jobs.changed.connect(self._give_up_if_cancelled)

    @property
    def choices(self) -> dict[str, str]:
        """What one can colour by: its key, and what to call it."""
        columns = () if self.table is None else self.table.columns
        figures = {key: figure.name for key, figure in FIGURES.items()}
        return {SONG: "Song", **figures, **{TABLE + name: name for name in columns}}

    @property
    def shape_of(self) -> IntArray | None:
        """(N,) the marker of each window, 0–7, or None if all are round."""
        atlas = self._library.atlas
        return atlas.corpus.song_of % SHAPES if self.shapes and atlas is not None else None

    def set_shapes(self, on: bool) -> None:
        """Give the songs markers of their own, or let all be round."""
        self.shapes = on
        self.changed.emit()

    def open_table(self, path: Path) -> None:
        """Read a table and colour by its first column."""

        def use(table: WindowTable) -> None:
            self.table = table
            self._known = {key: known for key, known in self._known.items() if not key.startswith(TABLE)}
            self.choices_changed.emit()
            self._library.set_colour_by(TABLE + table.columns[0])

        self._jobs.start(f"Opening {path.name}", _read(path), use)

    def _show_atlas(self) -> None:
        """Another map of the same windows leaves what is known of them."""
        before, atlas = self._atlas, self._library.atlas
        self._atlas = atlas
        if before is None or atlas is None or before.posterior is not atlas.posterior:
            self._known = {}
        self._show()

    def _show(self) -> None:
        what, atlas = self._library.colour_by, self._library.atlas
        self._waits = False
        self._jobs.cancel(MEASURING)
        if what in self._known and atlas is not None:
            self.meaning = self._known[what]
        elif what == SONG or atlas is None or self.meaning is None or len(self.meaning.colour_of) != len(atlas.corpus):
            self.meaning = None
        self.changed.emit()
        if what != SONG and what not in self._known and atlas is not None:
            self._measure(what, atlas)

    def _measure(self, what: str, atlas: Atlas) -> None:
        if what not in self.choices:
            self._library.set_colour_by(SONG)
            return

        def take(meanings: dict[str, Meaning]) -> None:
            self._waits = False
            self._known |= meanings
            self._show()

        job = _column(self.table, what, atlas) if what.startswith(TABLE) and self.table else _figures(what, atlas)
        self._jobs.start(f"Measuring: {self.choices[what].lower()}", job, take, key=MEASURING)
        self._waits = True

    def _give_up_if_cancelled(self) -> None:
        """Or if it failed: then the songs have their colours again."""
        if self._waits and not self._jobs.is_running(MEASURING):
            self._library.set_colour_by(SONG)


def _figures(what: str, atlas: Atlas) -> Generator[Progress, None, dict[str, Meaning]]:
    figures = yield from measure(what, atlas.model, atlas.corpus, atlas.posterior)
    return {name: _of_numbers(FIGURES[name], values) for name, values in figures.items()}


def _column(table: WindowTable, what: str, atlas: Atlas) -> Generator[Progress, None, dict[str, Meaning]]:
    yield Progress(0, 1, f"looking up {len(atlas.corpus):,} windows")
    column = table.column(what.removeprefix(TABLE), atlas.corpus)
    return {what: _of_words(column) if column.numbers is None else _of_numbers(Figure(column.name, ""), column.numbers)}


def _read(path: Path) -> Generator[Progress, None, WindowTable]:
    yield Progress(0, 1, f"Reading {path.name}")
    return read_table(path)


def _of_numbers(figure: Figure, values: FloatArray) -> Meaning:
    scale, low, high = levels(values)
    return Meaning(figure, classes(scale, LEVELS), low, high, missing=int(np.isnan(scale).sum()))


def _of_words(column: Column) -> Meaning:
    assert column.word_of is not None
    colour_of = np.where(column.word_of < 0, len(column.words), column.word_of)
    *counts, missing = np.bincount(colour_of, minlength=len(column.words) + 1).tolist()
    return Meaning(Figure(column.name, ""), colour_of, words=column.words, counts=tuple(counts), missing=missing)
