"""The table of settings, as Markdown and as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from vrae_core.pictures.file import INK, save_picture
from vrae_core.reproduction import charts
from vrae_core.reproduction.experiment import Figures
from vrae_core.safe_files import write_atomically

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLUMNS = {  # heading: figure, form
    "updates": ("updates", ",d"),
    "lower bound": ("lower_bound", ".2f"),
    "reconstruction": ("reconstruction", ".2f"),
    "KL": ("kl", ".3f"),
    "active units": ("active_units", "d"),
    "frame F1": ("frame_f1", ".3f"),
    "F1, shuffled z": ("frame_f1_shuffled_z", ".3f"),
    "5-NN song accuracy": ("song_accuracy", ".3f"),
    "held-out bound": ("held_out_lower_bound", ".2f"),
}


def save_table(path: Path, rows: dict[str, Figures], minutes: float) -> None:
    """Write the table as Markdown, a setting a line.  Raises: FileError."""
    headings = ["setting", *_COLUMNS, "minutes to F1 0.8"]
    lines = [
        f"Each setting trained for {minutes:g} minutes of a processor core's time.  Bounds are nats per window per",
        "step, with KL weight 1 and the decoder running freely; the F1 is at the best fixed threshold; every tenth",
        "window is held out, and no setting learns from a window that shares a step with one of those.",
        "",
        _line(headings),
        _line(["---", *["---:"] * (len(headings) - 1)]),
        *(_line([name, *_cells(row)]) for name, row in rows.items()),
    ]
    write_atomically(path, ("\n".join(lines) + "\n").encode())


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(row: Figures) -> list[str]:
    cells = [format(row[figure], form) if figure in row else "failed" for figure, form in _COLUMNS.values()]
    seconds = row.get("seconds_to_good_f1")
    return [*cells, "—" if seconds is None else f"{seconds / 60:.1f}"]


def save_chart(path: Path, rows: dict[str, Figures], minutes: float) -> None:
    """Draw bound and F1 of every setting that did not fail.  Raises: FileError."""
    shown = {name: row for name, row in rows.items() if "failed" not in row}
    if shown:
        title = "Settings compared in equal time"
        save_picture(path, title, lambda: _chart(title, shown, minutes))


def _chart(title: str, rows: dict[str, Figures], minutes: float) -> Figure:
    figure = charts.new_figure(title, f"{minutes:g} minutes of processor time each", 8.6, 2.1 + 0.24 * len(rows))
    left, right = figure.subplots(1, 2, sharey=True)
    _dots(left, "lower bound, nats per window per step", rows, "lower_bound", "held_out_lower_bound", "held out")
    _dots(right, "frame F1, best fixed threshold", rows, "frame_f1", "frame_f1_shuffled_z", "from another window's z")
    left.set_yticks(range(len(rows)), list(rows), fontsize=8, color=INK)
    left.set_ylim(len(rows) + 1.0, -0.7)  # room for the legends below the last
    right.set_xlim(0, 1.02)
    return figure


def _dots(axes: Axes, measures: str, rows: dict[str, Figures], figure: str, other: str, what: str) -> None:
    """One line a setting: a dot for a figure, a ring for what to hold against it."""
    charts.dress(axes, measures)
    places = range(len(rows))
    axes.scatter([row[other] for row in rows.values()], places, 26, "none", edgecolors=charts.QUIET, label=what)
    axes.scatter([row[figure] for row in rows.values()], places, 30, charts.FIRST, label="windows it learnt from")
    charts.legend(axes, "lower left")
