"""The small widgets that panels share."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt, QTimer
from PySide6.QtGui import QColor, QHelpEvent
from PySide6.QtWidgets import QApplication, QMenu, QToolTip, QWidget

from explorer.panels.map.hover_card import HoverCard
from explorer.panels.playing.roll_page import MOST_STEPS
from explorer.panels.playing.roll_view import RollView, thumbnail
from explorer.qt.controls import WIDEST_DROP_DOWN, Button, DropDown, MenuButton, NumberBox, Segments
from explorer.qt.labels import ElidedLabel, Label, as_tooltip
from explorer.qt.notices import JobStrip, MessageBar
from explorer.qt.rows import Row, RowList
from explorer.qt.theme import DARK, LIGHT, qpalette


@pytest.mark.parametrize("opened_by", ["mouse", "keyboard"])
def test_return_takes_the_first_entry_that_is_possible_of_the_menu_that_a_button_has_just_opened(qtbot, opened_by):
    button, taken = MenuButton("Export", "Save something"), []
    menu = QMenu(button)
    menu.addAction("what is not there", lambda: taken.append("what is not there")).setEnabled(False)
    menu.addSeparator()
    menu.addAction("what is heard", lambda: taken.append("what is heard"))
    menu.addAction("the map", lambda: taken.append("the map"))
    button.setMenu(menu)
    qtbot.addWidget(button)
    button.show()

    def press_return_once() -> None:
        qtbot.keyClick(menu, Qt.Key.Key_Return)
        menu.close()

    QTimer.singleShot(0, press_return_once)  # while the menu is open the press has not returned
    if opened_by == "mouse":
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    else:
        qtbot.keyClick(button, Qt.Key.Key_Space)
    assert taken == ["what is heard"]


def test_a_button_that_says_something_else_says_it_to_a_screen_reader_too(qtbot):
    button = Button("", "Do what this message offers")
    qtbot.addWidget(button)
    assert button.accessibleName() == "Do what this message offers"
    button.setText("Rock && Roll")
    assert button.accessibleName() == "Rock & Roll"
    button.setText("")
    assert button.accessibleName() == "Do what this message offers"


def test_a_number_box_keeps_within_its_range(qtbot):
    box = NumberBox(1, 60, 5, "Seconds")
    qtbot.addWidget(box)
    box.setValue(100)
    assert box.value() == 60


def test_labels_never_take_text_for_rich_text(qtbot):
    for kind in (Label, ElidedLabel):
        label = kind("<b>bold</b><img src=x>")
        qtbot.addWidget(label)
        assert label.textFormat() == Qt.TextFormat.PlainText
    assert "<" not in as_tooltip("<b>bold</b>")


def test_a_roll_shows_every_note_and_the_play_head(qtbot):
    view = RollView()
    qtbot.addWidget(view)
    view.resize(400, 120)
    roll = np.zeros((40, 12), bool)
    roll[3:7, 4] = roll[3:5, 0] = roll[39, 11] = True
    view.show_music(roll * np.float32(0.9), roll)
    assert sorted(run[:3] for run in view._notes) == [(0, 39, 40), (7, 3, 7), (11, 3, 5)]
    before = view.grab().toImage()
    view.set_position(20)
    assert view.grab().toImage() != before
    view.clear()
    assert view.grab().toImage() != before


def test_a_brighter_cell_is_a_likelier_one(qtbot):
    view = RollView()
    qtbot.addWidget(view)
    view.resize(200, 100)
    view.setPalette(qpalette(DARK))
    probabilities = np.zeros((2, 2), np.float32)
    probabilities[0, 1], probabilities[1, 1] = 0.3, 0.9
    view.show_music(probabilities, np.zeros((2, 2), bool))
    picture = view.grab().toImage()
    faint, bright, none = (picture.pixelColor(x, y).lightness() for x, y in ((50, 25), (150, 25), (50, 75)))
    assert none < faint < bright


def test_a_long_piece_scrolls_under_the_play_head(qtbot):
    view = RollView()
    qtbot.addWidget(view)
    view.show_music(np.zeros((400, 12), np.float32), np.zeros((400, 12), bool))
    assert view.first_shown() == 0
    view.set_position(200)
    assert view.first_shown() == 200 - MOST_STEPS / 2
    view.set_position(399)
    assert view.first_shown() == 400 - MOST_STEPS


def test_a_thumbnail_of_silence_is_empty_and_of_notes_is_not(qapp):
    silent, loud = np.zeros((20, 10), bool), np.zeros((20, 10), bool)
    loud[4:9, 3] = True
    assert thumbnail(silent, "#ffffff", 60, 20) != thumbnail(loud, "#ffffff", 60, 20)


def test_rows_are_picked_by_click_and_by_key(qtbot):
    rows = RowList("Songs")
    qtbot.addWidget(rows)
    rows.resize(200, 120)
    rows.rows.show_rows([Row(7, "#ff0000", "One"), Row(9, "#00ff00", "Two", on=False)])
    rows.show()
    second = rows.visualRect(rows.rows.index(1)).center()
    with qtbot.waitSignal(rows.picked) as signal:
        qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=second)
    assert signal.args == [9]
    rows.setCurrentIndex(rows.rows.index(0))
    with qtbot.waitSignal(rows.picked) as signal:
        qtbot.keyClick(rows, Qt.Key.Key_Space)
    assert signal.args == [7]


def test_a_double_click_on_a_row_is_one_pick_and_one_double_pick(qtbot):
    rows = RowList("Songs")
    qtbot.addWidget(rows)
    rows.rows.show_rows([Row(7, "#ff0000", "One")])
    rows.show()
    picked, twice = [], []
    rows.picked.connect(picked.append)
    rows.double_picked.connect(twice.append)
    at = rows.visualRect(rows.rows.index(0)).center()
    qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=at)
    qtbot.mouseDClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=at)
    qtbot.mouseRelease(rows.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert (picked, twice) == ([7], [7])


def test_a_screen_reader_gets_the_words_of_a_row(qtbot):
    rows = RowList("Songs")
    qtbot.addWidget(rows)
    rows.rows.show_rows([Row(0, "#ff0000", "One", right="71", on=False), Row(1, "", "Two", ticked=True)])
    role = Qt.ItemDataRole.AccessibleTextRole
    assert rows.rows.data(rows.rows.index(0), role) == "One, 71, greyed"
    assert rows.rows.data(rows.rows.index(1), role) == "Two, ticked"


@pytest.fixture
def bar(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.resize(900, 600)
    yield MessageBar(parent)
    parent.close()


def test_a_message_lies_within_its_parent_however_long_its_words(bar):
    bar.say("Saved a.mid in " + "/a-very-long-folder-name" * 12, "note")
    assert bar.parentWidget().rect().contains(bar.geometry())
    assert bar.height() >= bar.minimumSizeHint().height()


def test_warnings_add_up_and_notes_never_push_them_away(bar):
    bar.say("One thing.", "note")
    bar.say("Another thing.", "note")
    assert bar.sentences == ["Another thing."]
    bar.say("a.mid is empty.", "warning")
    bar.say("b.mid is empty.", "warning")
    bar.say("Saved.", "note")
    assert bar.sentences == ["a.mid is empty.", "b.mid is empty.", "Saved."]
    bar.clear()
    assert bar.isHidden()


def test_a_hundred_warnings_are_counted_and_the_newest_shown(bar):
    for i in range(100):
        bar.say(f"{i}.mid is empty.", "warning")
    lines = bar._words.text().splitlines()
    assert (lines[0], lines[-1]) == ("94 more, and:", "99.mid is empty.")


def test_what_is_said_twice_is_shown_once(bar):
    for sentence in ("a.mid is empty.", "b.mid is empty.", "a.mid is empty."):
        bar.say(sentence, "error")
    assert bar.sentences == ["b.mid is empty.", "a.mid is empty."]


def test_the_strip_can_cancel_the_job_it_shows(qtbot):
    strip = JobStrip()
    qtbot.addWidget(strip)
    strip.show_job("map", "Drawing", "neighbours", 0.5)
    assert not strip.isHidden()
    with qtbot.waitSignal(strip.cancelled) as signal:
        qtbot.mouseClick(strip._cancel, Qt.MouseButton.LeftButton)
    assert signal.args == ["map"]


def test_the_hover_card_stays_inside_its_parent(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.resize(500, 300)
    card = HoverCard(parent)
    for x, y in ((0, 0), (499, 299), (250, 299)):
        card.show_window(
            "A song with a name that is much too long for its card · 0:00.0",
            "σ",
            np.ones((9, 9), bool),
            "#fff",
            QPointF(x, y),
        )
        assert parent.rect().contains(card.geometry())


def test_text_is_readable_on_every_surface_of_both_themes():
    def luminance(colour):
        channels = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in QColor(colour).getRgbF()[:3]]
        return np.dot((0.2126, 0.7152, 0.0722), channels)

    def contrast(a, b):
        light, dark = sorted((luminance(a), luminance(b)), reverse=True)
        return (light + 0.05) / (dark + 0.05)

    for theme in (DARK, LIGHT):
        for surface in (theme.ground, theme.panel, theme.raised):
            assert contrast(theme.text, surface) > 7
            assert contrast(theme.muted, surface) > 4.5
        assert contrast(theme.faint, theme.panel) > 3.5
        assert contrast(theme.on_accent, theme.accent) > 4.5
        assert contrast(theme.on_chosen, theme.chosen) > 4.5
        assert contrast(theme.warning, theme.panel) > 4.5


def test_tab_reaches_the_segment_that_is_shown_as_chosen(qtbot):
    segments = Segments("Part", (("a", "A", "the first"), ("b", "B", "the second")))
    qtbot.addWidget(segments)
    for key in ("a", "b"):
        segments.show_chosen(key)
        reached = [k for k, button in segments.buttons.items() if button.focusPolicy() & Qt.FocusPolicy.TabFocus]
        assert reached == [key]


def test_a_very_long_name_in_a_drop_down_widens_nothing_and_is_its_tooltip(qtbot):
    box = DropDown()
    qtbot.addWidget(box)
    box.addItems(["short", "x" * 200])
    box.show()
    assert box.shown_text() == "short"
    box.setCurrentIndex(1)
    assert box.sizeHint().width() <= WIDEST_DROP_DOWN
    assert box.minimumSizeHint().width() <= WIDEST_DROP_DOWN
    box.resize(200, 30)
    assert box.shown_text().endswith("x…")
    assert box.fontMetrics().horizontalAdvance(box.shown_text()) < 200
    at = box.rect().center()
    QApplication.sendEvent(box, QHelpEvent(QEvent.Type.ToolTip, at, box.mapToGlobal(at)))
    assert QToolTip.text() == "x" * 200
    QToolTip.hideText()
