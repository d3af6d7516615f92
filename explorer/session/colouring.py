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
from vrae_core.palette import LEVELS, MISSING, SHAPES, ramp, song_colour
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
    safe: bool = False

    def colours(self, dark: bool) -> tuple[str, ...]:
        """The colours for a dark surface or a light one; the last is that of nothing."""
        if self.words:
            return (*(song_colour(word, self.safe).screen for word in range(len(self.words))), MISSING)
        return (*ramp(dark), MISSING)


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
        self._known: dict[str, FloatArray | Column] = {}  # of the atlas's windows
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
            self.meaning = _meaning(what, self._known[what], self._library.safe_colours)
        elif what == SONG or atlas is None or self.meaning is None or len(self.meaning.colour_of) != len(atlas.corpus):
            self.meaning = None
        self.changed.emit()
        if what != SONG and what not in self._known and atlas is not None:
            self._measure(what, atlas)

    def _measure(self, what: str, atlas: Atlas) -> None:
        if what not in self.choices:
            self._library.set_colour_by(SONG)
            return

        def take(figures: dict[str, FloatArray | Column]) -> None:
            self._waits = False
            self._known |= figures
            self._show()

        job = _column(self.table, what, atlas) if what.startswith(TABLE) and self.table else _figures(what, atlas)
        self._jobs.start(f"Measuring: {self.choices[what].lower()}", job, take, key=MEASURING)
        self._waits = True

    def _give_up_if_cancelled(self) -> None:
        """Or if it failed: then the songs have their colours again."""
        if self._waits and not self._jobs.is_running(MEASURING):
            self._library.set_colour_by(SONG)


def _figures(what: str, atlas: Atlas) -> Generator[Progress, None, dict[str, FloatArray]]:
    return measure(what, atlas.model, atlas.corpus, atlas.posterior)


def _column(table: WindowTable, what: str, atlas: Atlas) -> Generator[Progress, None, dict[str, Column]]:
    yield Progress(0, 1, f"looking up {len(atlas.corpus):,} windows")
    return {what: table.column(what.removeprefix(TABLE), atlas.corpus)}


def _read(path: Path) -> Generator[Progress, None, WindowTable]:
    yield Progress(0, 1, f"Reading {path.name}")
    return read_table(path)


def _meaning(what: str, known: FloatArray | Column, safe: bool) -> Meaning:
    if isinstance(known, Column) and known.word_of is not None:
        colour_of = np.where(known.word_of < 0, len(known.words), known.word_of)
        *counts, missing = np.bincount(colour_of, minlength=len(known.words) + 1).tolist()
        figure = Figure(known.name, "")
        return Meaning(figure, colour_of, words=known.words, counts=tuple(counts), missing=missing, safe=safe)
    numbers = known.numbers if isinstance(known, Column) else known
    assert numbers is not None
    figure = Figure(known.name, "") if isinstance(known, Column) else FIGURES[what]
    scale, low, high = levels(numbers)
    return Meaning(figure, classes(scale, LEVELS), low, high, missing=int(np.isnan(scale).sum()))
