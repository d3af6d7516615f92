"""Tables of windows, as CSV: of where they lie in latent space, and of what somebody else knows of them.

One made elsewhere is matched with the windows of a corpus.

The first line names the columns.  ``song`` is the song's name as the legend has it, in whatever case.  A row is about
one window if it says which: by ``start_s``, ``start_seconds`` or ``start``, where in its song it begins; or else by
``window``, its number within its song counted from 0; or else by ``bar``, that which it begins in, counted from 1.
Otherwise it is about the whole song.  Every other column can be looked at.  Commas, semicolons and tabs separate, which
a first line ``sep=;`` may say; the text is UTF-8 (decimals.py reads the numbers).

A spreadsheet takes a cell that begins with =, +, − or @ for something to work out: names of songs that do are written
with an apostrophe before them, which is taken away when they are read.

A row that names a time is about the window that begins at the step nearest to it, so that a table that was written here
is read for the windows it was written of, however far apart (``hop``) those of either side are.  A window without a
row, or with an empty cell, has no value.
"""

from __future__ import annotations

import csv
import io
import math
import os
import re
from codecs import BOM_UTF8
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vrae_core.corpus.bars import places
from vrae_core.corpus.windows import Corpus
from vrae_core.decimals import read_decimals
from vrae_core.errors import VraeError
from vrae_core.latent.colours import FigureName, Meaning, of_numbers, of_words
from vrae_core.model.trained import Posterior
from vrae_core.names import comparable, names_listed
from vrae_core.piano_roll import FloatArray, IntArray
from vrae_core.progress import Progress
from vrae_core.safe_files import read_bounded, write_atomically

LARGEST_FILE = 256 << 20  # bytes; a million windows with a few columns have 60 MB
MOST_ROWS, MOST_COLUMNS, MOST_WORDS = 2_000_000, 200, 100
SONG, SECONDS, NUMBER, BAR = "song", ("start_s", "start_seconds", "start"), "window", "bar"
_PLACES = (*SECONDS, NUMBER)  # what names the window of a row: the first that there is
_SEPARATORS = ",;\t"
_RUN_BY_SPREADSHEETS = r"'*(?:\s*[=+\-@＝＋－＠]|[\t\r\n])"


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
    row_numbers: tuple[int, ...]  # as a spreadsheet counts them
    comma_separates: bool

    @property
    def columns(self) -> tuple[str, ...]:
        """Those that can be looked at."""
        return tuple(name for name in self.names if name not in (SONG, *_PLACES, self._where))

    @property
    def _where(self) -> str | None:
        """The column that says which window a row is about; a bar may also be looked at, if it is not needed here."""
        by_bar = BAR if BAR in self.names and len(self.names) > 2 else None
        return next((name for name in _PLACES if name in self.names), by_bar)

    def column(self, name: str, corpus: Corpus) -> TableColumn:
        """A column's value for every window.  Raises: TableError if it has none for any, or too many words."""
        texts, row_of = self._texts(name), self._row_of(corpus)
        words, word_of = _words(texts, row_of)
        if not words:
            raise TableError(
                f"{self.file} says nothing of these songs under {name[:40]}: its column “song” must hold their names."
            )
        numbers = self._numbers(name, texts)
        if numbers is not None:
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

    def _places(self, name: str) -> npt.NDArray[np.float64]:
        """Where each row's window is, (rows,): a time, or a whole number.  Raises: TableError if a cell is none."""
        texts, counts = self._texts(name), name not in SECONDS
        places = read_decimals(texts, self.comma_separates)
        for at, place in enumerate(places):
            if place is None or not 0 <= place < math.inf or (counts and place != int(place)):
                raise self._doubted(name, at, texts[at], place)
        return np.array(places, np.float64)

    def _numbers(self, name: str, texts: Sequence[str]) -> FloatArray | None:
        """The numbers of a column, (rows,), NaN for nothing, or None for one of words.

        Raises: TableError if nobody can tell which number a cell is, or if one cell in ten or fewer is none.
        """
        numbers = read_decimals(texts, self.comma_separates)
        words = [at for at, number in enumerate(numbers) if number is None]
        unclear = [at for at, number in enumerate(numbers) if number == math.inf]
        if words and 10 * len(words) > sum(map(bool, texts)):
            return None
        for at in words or unclear:
            raise self._doubted(name, at, texts[at], numbers[at])
        return np.array(numbers, np.float32)

    def _doubted(self, name: str, at: int, text: str, number: float | None) -> TableError:
        if not text:
            return TableError(f"{self.file} has nothing in row {self.row_numbers[at]:,} under {name[:40]}.")
        why = "which is no number" if number is None else "which is no place in a song"
        if number == math.inf:
            why = f"which may be {text.replace(',', '').replace('.', '')} or {text.replace(',', '.')}"
        return TableError(f"{self.file} has “{text[:40]}” in row {self.row_numbers[at]:,} under {name[:40]}, {why}.")

    def _row_of(self, corpus: Corpus) -> npt.NDArray[np.int64]:
        """The row about each window, (N,), or −1; of several the last."""
        where = self._where
        names = list(map(comparable, corpus.names))
        known = {name: i for i, name in reversed(tuple(enumerate(names)))}
        same = np.array([known[name] for name in names])  # songs of one name are one
        song_of_row = np.array([known.get(comparable(name), -1) for name in self._texts(SONG)], np.int64)
        place_of_row, place_of = np.zeros(len(self.rows), np.int64), np.zeros(len(corpus), np.int64)
        if where is not None:
            said = self._places(where).clip(0, 1e9)
            if where in SECONDS:
                for song in np.unique(song_of_row[song_of_row >= 0]).tolist():
                    own = song_of_row == song
                    place_of_row[own] = corpus.time_of(song).step_nearest(said[own])
                place_of = corpus.start_of
            else:
                place_of_row = np.rint(said).astype(np.int64)
                place_of = _number_in_song(corpus) if where == NUMBER else self._bars_of(corpus)
        rows = np.flatnonzero(song_of_row >= 0)
        span = 1 + max(int(place_of_row.max(initial=0)), int(place_of.max(initial=0)))
        keys, last = np.unique((song_of_row[rows] * span + place_of_row[rows])[::-1], return_index=True)
        wanted = same[corpus.song_of] * span + place_of
        found = np.searchsorted(keys, wanted).clip(0, max(len(keys) - 1, 0))
        if not len(keys):
            return np.full(len(corpus), -1, np.int64)
        return np.where(keys[found] == wanted, rows[::-1][last][found], -1)

    def _bars_of(self, corpus: Corpus) -> IntArray:
        """The bar that each window begins in, (N,).  Raises: TableError if nobody knows."""
        found = places(corpus)
        if found is None:
            raise TableError(f"{self.file} names windows by their bars, and these windows have none.")
        return found[:, 0].astype(np.int64)


def read_table(path: Path) -> WindowTable:
    """Read a CSV file.  Raises: TableError, or FileError if it cannot be read at all."""
    try:
        text = read_bounded(path, LARGEST_FILE).decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise TableError(f"{path} is not text in UTF-8: save it as “CSV UTF-8”.")
    separator, text, rows_before = _separator(text)
    rows: list[tuple[str, ...]] = []
    numbers: list[int] = []
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True), 1):
            if any(cell.strip() for cell in row):
                rows.append(tuple(row))
                numbers.append(number + rows_before)
            if len(rows) > MOST_ROWS:
                raise TableError(f"{path} has more than {MOST_ROWS:,} rows.")
    except csv.Error as error:
        raise TableError(f"{path} is not a table of comma-separated values ({error}).") from None
    if len(rows) < 2:
        raise TableError(f"{path} has no rows below a line that names its columns.")
    names = tuple(map(_column_name, rows[0]))
    while not names[-1] and not any(row[len(names) - 1 :] and row[len(names) - 1].strip() for row in rows):
        names = names[:-1]  # a spreadsheet writes as many cells as it has shown
    _check_names(path, names)
    for number, cells in zip(numbers, rows, strict=True):
        if len(cells) < len(names) or any(cell.strip() for cell in cells[len(names) :]):
            raise TableError(f"{path} has {len(cells)} cells in row {number:,}, and {len(names)} columns.")
    song = names.index(SONG)
    read = tuple((*row[:song], _taken_back(row[song]), *row[song + 1 : len(names)]) for row in rows[1:])
    return WindowTable(path.name, names, read, tuple(numbers[1:]), separator == ",")


def _separator(text: str) -> tuple[str, str, int]:
    """What separates a table's cells, the text without a line that only says so, and how many such lines there were."""
    said = re.match(rf'"?sep=([{_SEPARATORS}])"?\s*?(?:\r\n?|\n)', text, re.IGNORECASE)
    if said:
        return said[1], text[said.end() :], 1
    head = re.split(r"[\r\n]", text.lstrip("\r\n"), maxsplit=1)[0]
    return max(_SEPARATORS, key=re.sub(r'"[^"]*"', "", head).count), text, 0


def _column_name(text: str) -> str:
    """The name of a column; those that are known are known in whatever case."""
    name = text.strip()
    return name.casefold() if name.casefold() in (SONG, *_PLACES, BAR) else name


def _guarded(name: str) -> str:
    """A name as a cell that no spreadsheet takes for something to work out."""
    return f"'{name}" if re.match(_RUN_BY_SPREADSHEETS, name) else name


def _taken_back(cell: str) -> str:
    """The name that ``_guarded`` made a cell of."""
    return cell[1:] if re.match("'" + _RUN_BY_SPREADSHEETS, cell) else cell


def _check_names(file: Path, names: tuple[str, ...]) -> None:
    if SONG not in names:
        raise TableError(f"{file} has no column “song”.")
    if len(names) > MOST_COLUMNS:
        raise TableError(f"{file} has {len(names):,} columns; the limit is {MOST_COLUMNS}.")
    if len(set(names)) < len(names) or not all(name and name.isprintable() and len(name) <= 100 for name in names):
        raise TableError(f"{file} must give every column a short name of its own.")
    if len(names) < 2 or not set(names) - {SONG, *_PLACES}:
        raise TableError(f"{file} has no column to look at beside those that say which window is meant.")


def _words(texts: Sequence[str], row_of: IntArray) -> tuple[tuple[str, ...], IntArray]:
    """The different texts of those rows that are about windows, and which each window has, (N,), −1 for none."""
    words = tuple(sorted({texts[row] for row in np.unique(row_of[row_of >= 0]).tolist() if texts[row]}))
    index = {word: i for i, word in enumerate(words)}
    word_of = np.array([index.get(text, -1) for text in texts], np.int64)
    return words, np.where(row_of >= 0, word_of[row_of], -1)


def _number_in_song(corpus: Corpus) -> IntArray:
    """(N,) the number of each window within its song, counted from 0: windows of a song lie together."""
    first = np.searchsorted(corpus.song_of, corpus.song_of)
    return np.arange(len(corpus)) - first


_AT_ONCE = 1000  # rows between two looks at whether to go on


def writing_table(
    path: str | os.PathLike[str], corpus: Corpus, posterior: Posterior, hop: int, windows: IntArray
) -> Generator[Progress, None, None]:
    """Write one row a window: song, window (counted from 0 by ``hop``), start_s, and μ and σ of each dimension.

    In musical time also the bar that it begins in.
    A job; closing it leaves no file.  Raises: FileError.
    """
    dimensions, bars = range(posterior.mu.shape[1]), places(corpus)
    head = [SONG, NUMBER, SECONDS[0], *([] if bars is None else [BAR])]
    text = io.StringIO()
    writer = csv.writer(text)  # lines end as RFC 4180 has it, so that either half of that in a name is quoted
    writer.writerow([*head, *(f"mu_{j}" for j in dimensions), *(f"sigma_{j}" for j in dimensions)])
    for done, i in enumerate(windows.tolist()):
        if done % _AT_ONCE == 0:
            yield Progress(done, len(windows), "Writing the table")
        start = [f"{corpus.start_seconds(i):.2f}"] if bars is None else [f"{corpus.starts[i]:.3f}", int(bars[i, 0])]
        # str() of a float32: the fewest digits that read back as the same number
        figures = map(str, [*posterior.mu[i], *posterior.sigma[i]])
        writer.writerow([_guarded(corpus.names[corpus.song_of[i]]), corpus.number_in_song(i, hop), *start, *figures])
    write_atomically(path, BOM_UTF8 + text.getvalue().encode("utf-8", "replace"))  # by which Excel knows UTF-8
