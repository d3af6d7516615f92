"""The menus of recent files."""

from __future__ import annotations

from PySide6.QtWidgets import QMenu


def test_the_name_of_a_recent_file_is_no_rich_text(window):
    window.preferences.recent_songs = ["/music/<img src=x>.mid"]
    file_menu = next(action.menu() for action in window.menuBar().actions() if "File" in action.text())
    file_menu.aboutToShow.emit()
    recent = next(menu for menu in file_menu.findChildren(QMenu) if menu.title() == "Recent songs")
    tip = recent.actions()[0].toolTip()
    assert "img src=x" in tip
    assert "<" not in tip
