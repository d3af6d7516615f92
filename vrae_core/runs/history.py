"""A run's figures over time as a CSV file that grows by a line at a time; and what any such file needs.

A last line that was cut off by a crash is left out when it is read.
"""

from __future__ import annotations

import csv
import io
import math
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from vrae_core.errors import FileError
from vrae_core.safe_files import read_bounded, write_atomically

_LARGEST = 256 << 20  # bytes
_LARGEST_COUNT = 1 << 53  # which every double can hold


class HistoryRow(NamedTuple):
    """A line of history.csv; bounds in nats per window per step, free running, at KL weight 1.  NaN: not measured."""

    seconds: float
    epoch: int
    updates: int
    lower_bound: float
    reconstruction: float
    kl: float
    learning_rate: float
    kl_weight: float
    gradient_norm: float
    active_units: int
    windows_per_second: float
    held_out_bound: float = math.nan
    held_out_reconstruction: float = math.nan
    held_out_kl: float = math.nan
    frame_f1: float = math.nan
    song_accuracy: float = math.nan
    note_onset_f1: float = math.nan  # since it is measured: older files lack it


def append_line(path: Path, line: NamedTuple) -> None:
    """Add a line to a file whose first names the fields.  Raises: FileError."""
    text = b""
    try:
        with path.open("ab+") as file:
            if file.seek(0, os.SEEK_END) == 0:
                text = _lines([line._fields])
            else:
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":  # the line before was cut off by a crash
                    text = b"\r\n"
            file.write(text + _lines([line]))
    except OSError as problem:
        raise FileError(path, f"cannot be written: {problem.strerror}") from None


def read_lines(path: Path) -> list[dict[str, str]]:
    """The lines, each by the fields' names, damaged or not; none if there is no such file yet."""
    try:
        text = read_bounded(path, _LARGEST).decode(errors="replace")
    except FileError:
        return []
    lines: list[dict[str, str]] = []
    with suppress(csv.Error):
        lines.extend(csv.DictReader(io.StringIO(text)))
    return lines


def write_lines(path: Path, kind: type[NamedTuple], lines: Iterable[Iterable[object]]) -> None:
    """Write a whole file, atomically.  Raises: FileError."""
    write_atomically(path, _lines([kind._fields, *lines]))


def append(path: Path, row: HistoryRow) -> None:
    """Add a line.  Raises: FileError."""
    append_line(path, row)


def read(path: Path) -> list[HistoryRow]:
    """The lines, without those that are damaged; none if there is no such file yet."""
    rows = []
    for values in read_lines(path):
        with suppress(ValueError, TypeError, KeyError):
            rows.append(row_of(values))
    return rows


def row_of(texts: Mapping[str, str]) -> HistoryRow:
    """A line by the names of its columns.  Raises: ValueError, TypeError or KeyError if it is damaged."""
    known = [name for name in HistoryRow._fields if name != "note_onset_f1" or name in texts]
    return HistoryRow(**{name: _figure(name, texts[name]) for name in known})  # type: ignore[arg-type]


def rewind(path: Path, updates: int, seconds: float) -> None:
    """Drop what was written down at or after an update: the run went back behind it.  Raises: FileError.

    An older file gets the columns of today, for the lines to come.
    """
    rows, lines = read(path), read_lines(path)
    kept = [row for row in rows if row.updates < updates and row.seconds < seconds]
    if len(kept) < len(rows) or (lines and tuple(lines[0]) != HistoryRow._fields):
        write_lines(path, HistoryRow, kept)


def _lines(rows: Iterable[Iterable[object]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    for row in rows:
        writer.writerow(["" if isinstance(v, float) and math.isnan(v) else v for v in row])
    return text.getvalue().encode(errors="replace")  # the name of a run's folder need not be UTF-8


def _figure(name: str, text: str) -> float | int:
    if name in ("epoch", "updates", "active_units"):
        whole = int(text)
        if not 0 <= whole < _LARGEST_COUNT:
            raise ValueError(f"{name} is no count")
        return whole
    return math.nan if text == "" else float(text)
