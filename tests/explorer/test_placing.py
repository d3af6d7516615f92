"""The window lies where it was left, and always within what the screen has free."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import QMargins, QRect
from PySide6.QtWidgets import QWidget

from explorer.placing import LIKELY_FRAME, fit, place, remember
from explorer.preferences import Preferences, load_preferences

FREE = QRect(0, 24, 1440, 876)  # a laptop's 1440×900 below a bar of 24
FRAME = QMargins(2, 30, 2, 2)


@pytest.mark.parametrize(
    "window",
    [QRect(0, 0, 1440, 900), QRect(-500, -500, 3000, 3000), QRect(1400, 880, 1200, 700), QRect(100, 100, 1200, 700)],
)
def test_a_window_and_its_frame_lie_within_what_is_free(window):
    fitted = fit(window, FREE, FRAME)
    assert FREE.contains(fitted.marginsAdded(FRAME))
    assert fitted.size() == window.size().boundedTo(fitted.size())


def test_what_fits_stays_where_it_is():
    window = QRect(100, 100, 1200, 700)
    assert fit(window, FREE, FRAME) == window


@pytest.fixture
def window(qtbot):
    made = QWidget()
    qtbot.addWidget(made)
    made.setMinimumSize(1180, 640)
    made.resize(1440, 900)
    return made


def test_a_window_larger_than_the_screen_is_made_smaller_and_may_be_that_small(window, qapp):
    free = qapp.primaryScreen().availableGeometry()
    place(window, Preferences())
    window.show()
    assert free.size().shrunkBy(LIKELY_FRAME).boundedTo(window.size()) == window.size()


def test_it_is_remembered_where_it_is_and_whether_it_is_maximised(window, qtbot, tmp_path):
    preferences = Preferences()
    place(window, Preferences(window=(20, 60, 500, 400)))
    window.setMinimumSize(0, 0)
    window.setGeometry(20, 60, 500, 400)
    window.show()
    remember(window, preferences)
    assert (preferences.window, preferences.maximised) == ((20, 60, 500, 400), False)
    window.showMaximized()
    qtbot.waitUntil(window.isMaximized)
    remember(window, preferences)
    assert preferences.maximised
    preferences.save(tmp_path / "p.json")
    read = load_preferences(tmp_path / "p.json")
    assert (read.window, read.maximised) == (preferences.window, True)


def test_a_window_whose_title_was_at_the_top_of_the_screen_lies_there_again(window):
    window.setMinimumSize(0, 0)
    place(window, Preferences(window=(20, LIKELY_FRAME.top() - 16, 500, 400)))
    assert window.geometry() == QRect(20, LIKELY_FRAME.top() - 16, 500, 400)


@pytest.mark.parametrize("junk", [[1, 2, 3], [0, 0, 10**9, 10], ["0", 0, 500, 500], [0, 0, -5, 500], "x", 4, [0.5] * 4])
def test_what_is_no_place_is_none(tmp_path, junk):
    (tmp_path / "p.json").write_text(json.dumps({"window": junk, "theme": "light"}))
    read = load_preferences(tmp_path / "p.json")
    assert (read.window, read.theme) == (None, "light")


def test_a_place_on_a_screen_that_has_gone_is_found_again(window, qapp):
    place(window, Preferences(window=(50_000, 50_000, 500, 400)))
    window.show()
    assert qapp.primaryScreen().availableGeometry().intersects(window.geometry())
