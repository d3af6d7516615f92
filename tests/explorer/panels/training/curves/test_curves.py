"""The curves: what is drawn of rows, what the cursor tells, and what has no place on an axis."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt

from explorer.panels.training.curves.box import CurvesBox
from explorer.panels.training.curves.columns import Columns
from explorer.panels.training.curves.panes import PANES, in_digits
from explorer.qt.theme import apply_theme
from vrae_core.runs.changes import ChangeMark
from vrae_core.runs.history import HistoryRow

NAN = math.nan


def row(n: int, **figures: float) -> HistoryRow:
    usual = HistoryRow(60.0 * n, n, 100 * n, -9.0 + n, -8.0 + n, 1.0, 10.0**-n, 1.0, 2.0, 2, 500.0)
    return usual._replace(**figures)


@pytest.fixture
def box(qtbot, qapp):
    apply_theme(qapp, "dark")
    made = CurvesBox()
    qtbot.addWidget(made)
    made.resize(640, 420)
    with qtbot.waitExposed(made):
        made.show()
    made.show_empty(False)
    return made


def drawn(box: CurvesBox, key: str) -> list[tuple[float, float]]:
    """A curve's points as they were given to be drawn."""
    _, item, _ = lines_of(box, key)
    x, y = item.xData, item.yData
    return [] if x is None else list(zip(x.tolist(), y.tolist(), strict=True))


def lines_of(box: CurvesBox, key: str):
    return next(plot.lines[key] for plot in box.plots._plots if key in plot.lines)


def told(box: CurvesBox) -> dict[str, float]:
    return {entry.name: entry.value for entry in box.legend.entries}


# --- columns


def test_columns_grow_as_rows_come():
    columns = Columns()
    for n in range(1000):
        columns.extend([row(1, lower_bound=float(n))])
    assert len(columns) == 1000
    assert columns.column("lower_bound").tolist() == list(range(1000))
    assert columns.column("held_out_bound").size == 1000


def test_what_was_not_measured_is_no_gap_in_the_curve():
    columns = Columns([row(n, held_out_bound=-n if n % 3 == 0 else NAN) for n in range(7)])
    x, y = columns.curve("held_out_bound", "updates")
    assert (x.tolist(), y.tolist()) == ([0, 300, 600], [0, -3, -6])
    assert columns.newest("held_out_bound") == -6
    assert columns.at("held_out_bound", 5) == -3
    assert math.isnan(columns.newest("frame_f1"))
    assert not columns.is_known("frame_f1")


def test_smoothing_takes_the_mean_over_the_last_rows():
    columns = Columns([row(n, kl=float(n**2)) for n in range(5)])
    assert columns.curve("kl", "updates", 3)[1].tolist() == pytest.approx([0, 0.5, 5 / 3, 14 / 3, 29 / 3])
    sparse = Columns([row(n, kl=float(n) if n % 2 == 0 else NAN) for n in range(5)])
    assert sparse.curve("kl", "updates", 3)[1].tolist() == pytest.approx([0, 1, 3])


def test_a_logarithmic_axis_leaves_out_what_is_not_positive():
    columns = Columns([row(0, kl=1.0), row(1, kl=0.0), row(2, kl=3.0)])
    assert columns.curve("kl", "time", log_x=True)[0].tolist() == [1, 2]
    assert columns.curve("kl", "time", log_x=True, log_y=True)[1].tolist() == [3]


def test_a_run_that_went_back_is_drawn_from_left_to_right():
    columns = Columns([row(1), row(3), row(2)])
    assert columns.curve("kl", "updates")[0].tolist() == [100, 200, 300]


def test_of_a_hundred_thousand_rows_few_points_are_drawn_and_no_peak_is_lost():
    columns = Columns([row(n, lower_bound=math.sin(n / 500), kl=50.0 if n == 70_001 else 1.0) for n in range(100_000)])
    x, y = columns.curve("lower_bound", "updates")
    assert len(x) <= 4001
    assert (np.diff(x) >= 0).all()
    assert np.abs(y - np.sin(x / 50_000)).max() < 0.11
    assert columns.curve("kl", "updates")[1].max() == 50
    near = columns.curve("kl", "updates", within=(7_000_000, 7_000_200))
    assert list(zip(*near, strict=True)) == [(7_000_000, 1), (7_000_100, 50), (7_000_200, 1)]


# --- the plots


def test_each_pane_draws_what_was_measured_of_its_figures(box):
    box.plots.show_rows([row(1), row(2)])
    assert drawn(box, "lower_bound") == [(1, -8), (2, -7)]
    assert drawn(box, "held_out_bound") == []
    box.panes.buttons["learning"].click()
    assert drawn(box, "learning_rate") == [(1, 0.1), (2, 0.01)]
    box.along.buttons["updates"].click()
    assert drawn(box, "gradient_norm") == [(100, 2), (200, 2)]


def test_there_are_no_empty_axes(box):
    box.plots.show_rows([row(1, gradient_norm=NAN)])
    box.panes.buttons["learning"].click()
    assert [drawn.plot.unit for drawn in box.plots._plots] == ["learning rate", "windows/s"]
    box.panes.buttons["quality"].click()
    assert box.plots._plots == []
    box.plots.add_rows([row(2, frame_f1=0.5)])
    assert drawn(box, "frame_f1") == [(2, 0.5)]


def test_baselines_are_levels_where_they_are(box):
    box.plots.show_rows([row(1), row(2)])
    box.plots.show_baselines({"baseline_per_song": -8.5, "baseline_persistence": NAN, "persistence_f1": 0.8})
    assert [level.value() for level in box.plots._plots[0].levels] == [-8.5]
    assert told(box)["rates per song"] == -8.5
    box.plots.add_rows([row(3, frame_f1=0.5)])
    box.panes.buttons["quality"].click()
    box.log_y.click()
    assert [level.value() for level in box.plots._plots[0].levels] == [pytest.approx(math.log10(0.8))]


def test_what_is_negative_has_no_logarithmic_axis(box):
    box.plots.show_rows([row(1), row(2)])
    assert not box.log_y.isEnabled()
    box.panes.buttons["kl"].click()
    assert box.log_y.isEnabled()
    box.log_y.click()
    box.panes.buttons["bound"].click()
    assert drawn(box, "lower_bound") == [(1, -8), (2, -7)]


def test_the_cursor_tells_all_values_at_a_row(box, qtbot):
    box.plots.show_rows([row(1, held_out_bound=-8.5), row(2), row(3)])
    assert told(box)["lower bound"] == -6
    box.plots.setFocus()
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Left):
        qtbot.keyClick(box.plots, key)
    assert [told(box)[name] for name in ("lower bound", "held-out bound", "reconstruction")] == [-8, -8.5, -7]
    assert math.isnan(told(box)["held-out reconstr."])
    assert box.legend.words == "At 1:00 min, update 100"
    qtbot.keyClick(box.plots, Qt.Key.Key_Left)
    assert box.plots.cursor == 0
    qtbot.keyClick(box.plots, Qt.Key.Key_End)
    assert told(box)["lower bound"] == -6
    assert "lower bound −6" in box.legend.accessibleDescription()


@pytest.mark.parametrize("log_x", [False, True])
def test_who_zooms_in_sees_every_row_there_and_all_again(box, qtbot, log_x):
    box.plots.show_rows([row(1)] * 5 + [row(n) for n in range(1, 50_000)])
    if log_x:
        box.log_x.click()
    item = box.plots._plots[0].item
    item.vb.setXRange(*((2, 2.001) if log_x else (100, 110)), padding=0)
    x = [x for x, _ in drawn(box, "lower_bound")]
    assert x == (list(range(100, 101)) if log_x else list(range(99, 112)))
    qtbot.mouseDClick(box.plots.viewport(), Qt.MouseButton.LeftButton)
    qtbot.mouseRelease(box.plots.viewport(), Qt.MouseButton.LeftButton)
    assert len(drawn(box, "lower_bound")) > 3000


@pytest.mark.parametrize("log_x", [False, True])
def test_the_mouse_puts_the_cursor_on_the_nearest_row(box, log_x):
    box.plots.show_rows([row(n) for n in range(1, 20)])
    if log_x:
        box.log_x.click()
    box.grab()
    item = box.plots._plots[0].item
    at = item.vb.mapViewToScene(item.vb.mapToView(item.vb.rect().center()))
    x = item.vb.mapSceneToView(at).x()
    box.plots._point_at(at)
    assert box.plots.cursor == np.abs(np.arange(1, 20) - (10**x if log_x else x)).argmin()


def test_another_run_is_drawn_beside_this_one_and_taken_away(box):
    box.plots.show_rows([row(1), row(2)])
    box.plots.show_other([row(5)], "yesterday")
    assert lines_of(box, "lower_bound")[2].xData.tolist() == [5]
    assert box.legend.words == "dotted: yesterday"
    box.plots.show_other([], "")
    assert lines_of(box, "lower_bound")[2].xData is None
    assert box.legend.words == ""


@pytest.mark.parametrize("log_x", [False, True])
def test_what_was_done_to_the_run_is_a_line_told_by_the_keyboard_and_by_the_mouse(box, qtbot, log_x):
    box.plots.show_rows([row(n) for n in range(1, 8)])
    box.plots.show_changes(
        [ChangeMark(130.0, 250, "paused at update 250"), ChangeMark(300.0, 500, "resumed at update 500")]
    )
    box.log_x.setChecked(log_x)
    [lines] = box.plots.changes._lines
    assert lines.xvals == pytest.approx(np.log10([2.5, 5]) if log_x else [2.5, 5])
    box.plots.setFocus()
    qtbot.keyClick(box.plots, Qt.Key.Key_PageUp)
    assert box.legend.words == "At 5:00 min, update 500  ·  resumed at update 500"
    qtbot.keyClick(box.plots, Qt.Key.Key_PageUp)
    assert "paused" in box.legend.accessibleDescription()
    qtbot.keyClick(box.plots, Qt.Key.Key_PageUp)
    assert box.plots.cursor == 1
    box.grab()
    item = box.plots._plots[0].item
    at = item.vb.mapViewToScene(QPointF(lines.xvals[1], item.vb.viewRect().center().y()))
    assert box.plots.changes.under(at, [item]) == "resumed at update 500"
    assert box.plots.changes.under(at + QPointF(40, 0), [item]) == ""


def test_a_snapshot_is_marked_where_its_update_is(box):
    box.plots.show_rows([row(1), row(2), row(3)])
    box.plots.set_mark(200)
    assert box.plots._plots[0].mark.value() == 2
    box.plots.set_mark(None)
    assert not box.plots._plots[0].mark.isVisible()


def test_all_panes_are_drawn_in_every_theme_and_on_every_axis(box, qapp):
    box.plots.show_rows([row(n, frame_f1=0.5, held_out_kl=1.0) for n in range(40)])
    box.smoothing.set_value(5)
    for theme in ("light", "dark"):
        apply_theme(qapp, theme)
        for pane in PANES:
            box.panes.buttons[pane].click()
            for toggle in (box.log_x, box.log_y, box.log_x, box.log_y):
                toggle.click()
                box.grab()


def test_before_a_run_there_are_words_in_place_of_curves(box):
    box.show_empty(True)
    assert not box.plots.isVisible()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (NAN, "–"),
        (-5.25, "−5.250"),
        (2.0, "2"),
        (0.00047, "0.00047"),
        (123.45, "123.5"),
        (12345.6, "12,346"),
        (0.0, "0"),
    ],
)
def test_figures_are_written_as_people_read_them(value, text):
    assert in_digits(value) == text
