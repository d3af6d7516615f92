"""What the colour of a dot means: its song, a figure of its window, or a column of a table that somebody opened."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from explorer.qt.jobs import Jobs
from explorer.session.songs.atlas import Atlas
from explorer.session.songs.library import Library
from vrae_core.latent.colours import SHAPES, Meaning
from vrae_core.latent.table import WindowTable, read_table
from vrae_core.latent.window_figures import FIGURES, meanings
from vrae_core.piano_roll import IntArray
from vrae_core.progress import Progress

SONG = "song"
TABLE = "table: "  # begins the name of what is a column of the table
MEASURING = "measuring the windows"  # key of the job


class Colouring(QObject):
    """Measures what is not known yet, in a job, and keeps it as long as the windows."""

    changed = Signal()  # other colours
    choices_changed = Signal()

    def __init__(self, jobs: Jobs, library: Library) -> None:
        super().__init__()
        self._jobs, self._library = jobs, library
        self.colour_by = SONG
        self.meaning: Meaning | None = None  # None: the dots have the colours of their songs
        self.shapes = False  # whether songs have markers of their own
        self.table: WindowTable | None = None
        self._known: dict[str, Meaning] = {}  # of the atlas's windows
        self._atlas: Atlas | None = None
        self._waits = False  # for the job
        jobs.changed.connect(self._give_up_if_cancelled)

    @property
    def choices(self) -> dict[str, str]:
        """What one can colour by: its key, and what to call it."""
        columns = () if self.table is None else self.table.columns
        figures = {key: figure.name for key, figure in FIGURES.items()}
        return {SONG: "Song", **figures, **{TABLE + name: name for name in columns}}

    @property
    def known(self) -> tuple[Meaning, ...]:
        """All that the windows are known to mean so far."""
        return tuple(self._known.values())

    def shape_of(self, atlas: Atlas) -> IntArray | None:
        """(N,) the marker of each window of an atlas, 0–7, or None if all are round."""
        return atlas.corpus.song_of % SHAPES if self.shapes else None

    def set_shapes(self, on: bool) -> None:
        """Give the songs markers of their own, or let all be round."""
        self.shapes = on
        self.changed.emit()

    def set_colour_by(self, what: str) -> None:
        """Colour the dots by their songs, by a figure or by a column of a table: a key of ``choices``."""
        self.colour_by = what
        self._show()

    def open_table(self, path: Path) -> None:
        """Read a table and colour by its first column."""

        def use(table: WindowTable) -> None:
            self.table = table
            self._known = {key: known for key, known in self._known.items() if not key.startswith(TABLE)}
            self.choices_changed.emit()
            self.set_colour_by(TABLE + table.columns[0])

        self._jobs.start(f"Opening {path.name}", _read(path), use)

    def show_atlas(self, atlas: Atlas) -> None:
        """Another map of the same windows leaves what is known of them."""
        before, self._atlas = self._atlas, atlas
        if before is None or before.posterior is not atlas.posterior:
            self._known = {}
        self._show()

    def _show(self) -> None:
        what, atlas = self.colour_by, self._library.atlas
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
            self.set_colour_by(SONG)
            return

        def take(found: dict[str, Meaning]) -> None:
            self._waits = False
            self._known |= found
            self._show()

        if what.startswith(TABLE) and self.table:
            job = _column(self.table, what, atlas)
        else:
            job = meanings(what, atlas.model, atlas.corpus, atlas.posterior)
        self._jobs.start(f"Measuring: {self.choices[what].lower()}", job, take, key=MEASURING)
        self._waits = True

    def _give_up_if_cancelled(self) -> None:
        """Or if it failed: then the songs have their colours again."""
        if self._waits and not self._jobs.is_running(MEASURING):
            self.set_colour_by(SONG)


def _column(table: WindowTable, what: str, atlas: Atlas) -> Generator[Progress, None, dict[str, Meaning]]:
    yield Progress(0, 1, f"looking up {len(atlas.corpus):,} windows")
    return {what: table.meaning(what.removeprefix(TABLE), atlas.corpus)}


def _read(path: Path) -> Generator[Progress, None, WindowTable]:
    yield Progress(0, 1, f"Reading {path.name}")
    return read_table(path)
