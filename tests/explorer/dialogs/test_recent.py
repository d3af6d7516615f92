"""The menus of recent files."""

from __future__ import annotations

from PySide6.QtWidgets import QMenu

from explorer.session.songs.library import OfRun


def recent(window, title):
    """A menu of recent files, as it is when one opens it."""
    file_menu = next(action.menu() for action in window.menuBar().actions() if "File" in action.text())
    file_menu.aboutToShow.emit()
    return next(menu for menu in file_menu.findChildren(QMenu) if menu.title() == title).actions()


def test_the_name_of_a_recent_file_is_no_rich_text(window):
    window.preferences.recent_songs = ["/music/<img src=x>.mid"]
    tip = recent(window, "Recent songs")[0].toolTip()
    assert "img src=x" in tip
    assert "<" not in tip


def test_a_model_of_a_run_is_called_as_its_run_is(window, tmp_path):
    files = [tmp_path / "model.safetensors", tmp_path / "mine.safetensors"]
    window.preferences.recent_models = [str(file) for file in files]
    window.session.library.offer_models_of_runs({files[0]: OfRun(tmp_path, "Reels")})
    assert [action.text() for action in recent(window, "Recent models")] == ["Reels", "mine.safetensors"]
