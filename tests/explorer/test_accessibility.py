"""Every control of the real window can be reached by keyboard, says its name and what it is for."""

from __future__ import annotations

from collections import Counter
from operator import attrgetter

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QGraphicsView,
    QListView,
    QMenu,
    QScrollArea,
    QTabBar,
    QTableView,
    QWidget,
)

from explorer.panels.map.view.view import MapView

_WHOLES = (QComboBox, QAbstractSpinBox, QListView, QTableView, QMenu, QTabBar, QGraphicsView)


def controls(root: QWidget) -> list[QWidget]:
    """What the keyboard can reach, but for the parts that a control is made of."""
    found = []
    for each in root.findChildren(QWidget):
        inside = each.parentWidget()
        is_part = False
        while inside is not None:
            is_part = is_part or isinstance(inside, _WHOLES)
            inside = inside.parentWidget()
        reachable = each.focusPolicy() & Qt.FocusPolicy.TabFocus and not isinstance(each, QMenu)
        if reachable and not is_part:
            found.append(each)
    return found


def nameless(root: QWidget) -> list[str]:
    """The controls that do not say what they are; a list's rows and the map's card have tips of their own."""
    bad = []
    for each in controls(root):
        named = each.accessibleName() or (isinstance(each, QAbstractButton) and each.text())
        tipped = each.toolTip() or isinstance(each, QListView | MapView | QScrollArea)
        if not (named and tipped):
            bad.append(f"{type(each).__name__} {each.accessibleName()!r} {each.toolTip()!r} in {each.parentWidget()}")
    return bad


def test_every_control_of_the_window_has_a_name_and_a_tip(window):
    assert len(controls(window)) > 40
    assert "\n".join(nameless(window)) == ""


PAGES = ["show_preferences", "show_midi_ports", "show_shortcuts", "show_about", "pages.train.setup.plan.show_expert"]


@pytest.mark.parametrize("verb", PAGES)
def test_every_control_of_a_page_has_a_name_and_a_tip(window, verb):
    attrgetter(verb)(window)()
    page = next(page for page in window.findChildren(QDialog) if page.isVisible())
    try:
        assert controls(page)
        assert "\n".join(nameless(page)) == ""
        assert page.width() <= window.width()
        assert page.height() <= window.height()
    finally:
        page.close()


def test_no_line_of_the_shortcuts_is_cut_off_at_the_side(window, qtbot):
    window.show_shortcuts()
    page = next(page for page in window.findChildren(QDialog) if page.isVisible())
    with qtbot.waitExposed(page):
        pass
    assert page.findChild(QScrollArea).horizontalScrollBar().maximum() == 0
    page.close()


def test_no_shortcut_of_the_window_is_used_twice_and_every_action_has_a_tip(window):
    actions = list(window.actions_by_id.values())
    for button in window.findChildren(QAbstractButton):
        assert button.shortcut().isEmpty(), f"{button.text()} has a key that no table lists"
    keys = Counter(key.toString() for action in actions for key in action.shortcuts())
    assert [key for key, times in keys.items() if times > 1] == []
    assert "" not in keys
    assert QKeySequence("N").toString() in keys
    for action in actions:
        assert action.toolTip()
        assert action.toolTip() != action.text().rstrip("…")


def tabbed_through(window, qtbot, most=120) -> list[QWidget]:
    """The controls that Tab reaches from the map, until it comes back there."""
    window.map_panel.view.setFocus()
    reached: list[QWidget] = []
    for _ in range(most):
        now = QApplication.focusWidget()
        if now in reached:
            return reached
        reached.append(now)
        qtbot.keyClick(now, Qt.Key.Key_Tab)
    raise AssertionError("Tab never came back to the map")


def test_tab_goes_through_the_panels_in_reading_order(window, qtbot):
    reached = tabbed_through(window, qtbot)
    panels = (window.tabs, window.explore.songs, window.map_panel, window.explore.right, window.transport)
    order = [next((i for i, p in enumerate(panels) if p is w or p.isAncestorOf(w)), -1) for w in reached]
    assert -1 not in order, reached[order.index(-1)]
    first = order.index(0)
    assert order[first:] + order[:first] == sorted(order)


def test_tab_reaches_every_control_that_is_shown(window, qtbot):
    reached = tabbed_through(window, qtbot)
    shown = [w for w in controls(window) if w.isVisible() and w.isEnabled()]
    assert [w for w in shown if w not in reached] == []


def test_of_the_tools_tab_reaches_the_one_that_is_taken_and_arrow_keys_the_others(window, qtbot):
    window.pages.use_tool("lasso")
    tools = window.map_panel.tool_buttons
    assert [w for w in tabbed_through(window, qtbot) if w in tools.values()] == [tools["lasso"]]
    tools["lasso"].setFocus()
    qtbot.keyClick(tools["lasso"], Qt.Key.Key_Right)
    assert window.map_panel.tool == "pan"


def test_within_a_panel_tab_goes_from_above_to_below(window, qtbot):
    reached = [w for w in tabbed_through(window, qtbot) if window.explore.songs.isAncestorOf(w)]
    heights = [w.mapTo(window, w.rect().topLeft()).y() for w in reached]
    assert heights == sorted(heights)
