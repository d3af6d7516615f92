"""Tables of windows, as CSV: of where they lie in latent space, and of what somebody else knows of them.

One made elsewhere is matched with the windows of a corpus.

The first line names the columns.  ``song`` is the song's name as the legend has it, in whatever case; with
``start_s`` or ``start_seconds``, where in its song a window begins, or else ``window``, its number within its song
counted from 0, a row is about that window alone, else about the whole song.  Every other column can be looked at.
Commas, semicolons and tabs separate; the text is UTF-8.

A row is about the window that begins at the step of 50 ms nearest to it, so that a table that was written here is read
for the windows it was written of, however far apart (``hop``) those of either side are.  A window without a row, or
with an empty cell, has no value.
"""

from __future__ import annotations

import csv
import io
import math
import os
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vrae_core.corpus.windows import Corpus, names_listed
from vrae_core.errors import VraeError
from vrae_core.latent.colours import FigureName, Meaning, of_numbers, of_words
from vrae_core.model.trained import Posterior
from vrae_core.piano_roll import STEPS_PER_SECOND, FloatArray, IntArray
from vrae_core.progress import Progress
from vrae_core.safe_files import read_bounded, write_atomically

LARGEST_FILE = 256 << 20  # bytes; a million windows with a few columns have 60 MB
MOST_ROWS, MOST_COLUMNS, MOST_WORDS = 2_000_000, 200, 100
SONG, SECONDS, NUMBER = "song", ("start_s", "start_seconds"), "window"
_PLACES = (*SECONDS, NUMBER)  # what names the window of a row: the first that there is


class TableError(VraeError):
    """A table cannot be read, or says nothing about these windows."""


@dataclass(frozen=True, eq=False)
class TableColumn:
    """What a table says of N windows: numbers, (N,) with NaN for nothing, or which of some words, (N,) with −1."""

    name: str
    numbers: FloatArray | None = None
    words: tuple[str, ...] = ()
    word_of: IntArray | None = None


@dataclass(frozen=True, eq=False)
class WindowTable:
    """Rows of text, all of one length, under the names of their columns."""

    file: str
    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Those that can be looked at."""
        return tuple(name for name in self.names if name not in (SONG, *_PLACES))

    def column(self, name: str, corpus: Corpus) -> TableColumn:
        """A column's value for every window.  Raises: TableError if it has none for any, or too many words."""
        texts, row_of = self._texts(name), self._row_of(corpus)
        words, word_of = _words(texts, row_of)
        if not words:
            raise TableError(
                f"{self.file} says nothing of these songs under {name[:40]}: its column “song” must hold their names."
            )
        values = [_number(text) for text in texts]
        if all(value is not None for value, text in zip(values, texts, strict=True) if text):
            numbers = np.array([math.nan if value is None else value for value in values], np.float32)
            return TableColumn(name, numbers=np.where(row_of >= 0, numbers[row_of], np.float32(math.nan)))
        if len(words) > MOST_WORDS:
            raise TableError(
                f"{self.file} has {len(words):,} different words under {name[:40]}; {MOST_WORDS} can be shown."
            )
        return TableColumn(name, words=words, word_of=word_of)

    def words(self, corpus: Corpus) -> dict[str, TableColumn]:
        """Every column's words, numbers among them, however many.  Raises: TableError if no column has any."""
        row_of = self._row_of(corpus)
        columns = {name: TableColumn(name, None, *_words(self._texts(name), row_of)) for name in self.columns}
        if not any(column.words for column in columns.values()):
            raise TableError(f"{self.file} says nothing of the songs, which are {names_listed(corpus.names)}.")
        return columns

    def meaning(self, name: str, corpus: Corpus) -> Meaning:
        """The colours by a column.  Raises: TableError as ``column`` does."""
        column, figure = self.column(name, corpus), FigureName(name, "")
        if column.numbers is not None:
            return of_numbers(figure, column.numbers)
        assert column.word_of is not None
        return of_words(figure, column.words, column.word_of)

    def _texts(self, name: str) -> list[str]:
        at = self.names.index(name)
        return [row[at].strip() for row in self.rows]

    def _row_of(self, corpus: Corpus) -> npt.NDArray[np.int64]:
        """The row about each window, (N,), or −1; of several the last."""
        where = next((name for name in _PLACES if name in self.names), None)
        names = list(map(_plain, corpus.names))
        known = {name: i for i, name in reversed(tuple(enumerate(names)))}
        same = np.array([known[name] for name in names])  # songs of one name are one
        song_of_row = np.array([known.get(_plain(name), -1) for name in self._texts(SONG)], np.int64)
        place_of_row, place_of = np.zeros(len(self.rows), np.int64), np.zeros(len(corpus), np.int64)
        if where is not None:
            seconds = where in SECONDS
            places = [_number(text) for text in self._texts(where)]
            steps = np.array([-1.0 if place is None else place for place in places]) * (
                STEPS_PER_SECOND if seconds else 1
            )
            place_of_row = np.rint(np.nan_to_num(steps, nan=-1.0).clip(-1, 1e9)).astype(np.int64)
            place_of = corpus.start_of if seconds else _number_in_song(corpus)
        rows = np.flatnonzero((song_of_row >= 0) & (place_of_row >= 0))
        span = 1 + max(int(place_of_row.max(initial=0)), int(place_of.max(initial=0)))
        keys, last = np.unique((song_of_row[rows] * span + place_of_row[rows])[::-1], return_index=True)
        wanted = same[corpus.song_of] * span + place_of
        found = np.searchsorted(keys, wanted).clip(0, max(len(keys) - 1, 0))
        if not len(keys):
            return np.full(len(corpus), -1, np.int64)
        return np.where(keys[found] == wanted, rows[::-1][last][found], -1)


def read_table(path: Path) -> WindowTable:
    """Read a CSV file.  Raises: TableError, or FileError if it cannot be read at all."""
    try:
        text = read_bounded(path, LARGEST_FILE).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise TableError(f"{path.name} is not text in UTF-8.") from None
    head = text.split("\n", 1)[0]
    separator = max(",;\t", key=head.count)
    rows: list[tuple[str, ...]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True):
            if any(cell.strip() for cell in row):
                rows.append(tuple(row))
            if len(rows) > MOST_ROWS:
                raise TableError(f"{path.name} has more than {MOST_ROWS:,} rows.")
    except csv.Error as error:
        raise TableError(f"{path.name} is not a table of comma-separated values ({error}).") from None
    if len(rows) < 2:
        raise TableError(f"{path.name} has no rows below a line that names its columns.")
    names = tuple(name.strip() for name in rows[0])
    _check_names(path.name, names)
    for number, cells in enumerate(rows[1:], start=2):
        if len(cells) != len(names):
            raise TableError(f"{path.name} has {len(cells)} cells in row {number:,}, and {len(names)} columns.")
    return WindowTable(path.name, names, tuple(rows[1:]))


def _check_names(file: str, names: tuple[str, ...]) -> None:
    if SONG not in names:
        raise TableError(f"{file} has no column “song”.")
    if len(names) > MOST_COLUMNS:
        raise TableError(f"{file} has {len(names):,} columns; the limit is {MOST_COLUMNS}.")
    if len(set(names)) < len(names) or not all(name and name.isprintable() and len(name) <= 100 for name in names):
        raise TableError(f"{file} must give every column a short name of its own.")
    if len(names) < 2 or not set(names) - {SONG, *_PLACES}:
        raise TableError(f"{file} has no column to look at beside those that say which window is meant.")


def _plain(name: str) -> str:
    """A song's name as it is compared: as a file in UTF-8 can hold it."""
    return name.encode("utf-8", "replace").decode().strip().casefold()


def _words(texts: Sequence[str], row_of: IntArray) -> tuple[tuple[str, ...], IntArray]:
    """The different texts of those rows that are about windows, and which each window has, (N,), −1 for none."""
    words = tuple(sorted({texts[row] for row in np.unique(row_of[row_of >= 0]).tolist() if texts[row]}))
    index = {word: i for i, word in enumerate(words)}
    word_of = np.array([index.get(text, -1) for text in texts], np.int64)
    return words, np.where(row_of >= 0, word_of[row_of], -1)


def _number(text: str) -> float | None:
    """A number as people write it, NaN for one that is not finite, or None if it is none."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) < 1e30 else math.nan


def _number_in_song(corpus: Corpus) -> IntArray:
    """(N,) the number of each window within its song, counted from 0: windows of a song lie together."""
    first = np.searchsorted(corpus.song_of, corpus.song_of)
    return np.arange(len(corpus)) - first


_AT_ONCE = 1000  # rows between two looks at whether to go on


def writing_table(
    path: str | os.PathLike[str], corpus: Corpus, posterior: Posterior, hop: int, windows: IntArray
) -> Generator[Progress, None, None]:
    """Write one row a window: song, window (counted from 0 by ``hop``), start_s, and μ and σ of each dimension.

    A job; closing it leaves no file.  Raises: FileError.
    """
    dimensions = range(posterior.mu.shape[1])
    text = io.StringIO()
    writer = csv.writer(text)  # lines end as RFC 4180 has it, so that either half of that in a name is quoted
    writer.writerow([SONG, NUMBER, SECONDS[0], *(f"mu_{j}" for j in dimensions), *(f"sigma_{j}" for j in dimensions)])
    for done, i in enumerate(windows.tolist()):
        if done % _AT_ONCE == 0:
            yield Progress(done, len(windows), "Writing the table")
        start = f"{corpus.start_seconds(i):.2f}"
        # str() of a float32: the fewest digits that read back as the same number
        figures = map(str, [*posterior.mu[i], *posterior.sigma[i]])
        writer.writerow([corpus.names[corpus.song_of[i]], corpus.start_of[i] // hop, start, *figures])
    write_atomically(path, text.getvalue().encode("utf-8", "replace"))
