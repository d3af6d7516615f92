"""Menus whose lines change: recent and earlier sessions, models, songs, and what was heard."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from explorer.dialogs.files import FileDialogs
from explorer.preferences import Preferences
from explorer.qt.labels import as_tooltip, without_mnemonic
from explorer.session.files.keeping import Keeping
from explorer.session.playing.history import History
from explorer.session.songs.library import Library

LONGEST_LINE = 60
MOST_HEARD, MOST_EARLIER = 15, 15  # lines: the newest


class Line(NamedTuple):
    """A line of such a menu; ``current`` marks it."""

    text: str
    tip: str
    act: Callable[[], object]
    current: bool = False


def add_recent_menus(
    menus: Mapping[str, QMenu],
    actions: Mapping[str, QAction],
    library: Library,
    history: History,
    keeping: Keeping,
    files: FileDialogs,
    preferences: Preferences,
) -> None:
    """Put each menu where one looks for it; its lines are made when the menu it is in opens."""
    recent = {
        "Recent songs": lambda: preferences.recent_songs,
        "Recent models": lambda: preferences.recent_models,
        "Recent sessions": lambda: preferences.recent_sessions,
    }
    for title, paths in recent.items():
        _add(menus["File"], title, actions["open_session"], partial(_lines_of, paths, files, library))
    _add(menus["File"], "Earlier sessions", actions["open_session"], lambda: _earlier_lines(keeping))
    _add(menus["Play"], "History", actions["toggle_original"], lambda: _heard_lines(history))


def _add(into: QMenu, title: str, before: QAction, lines: Callable[[], list[Line]]) -> None:
    menu = QMenu(title, into)
    menu.setToolTipsVisible(True)
    actions = into.actions()
    place = actions.index(before)
    into.insertMenu(actions[place - 1] if actions[place - 1].isSeparator() else actions[place], menu)

    def fill() -> None:
        menu.clear()
        for line in lines():
            short = line.text if len(line.text) <= LONGEST_LINE else f"{line.text[: LONGEST_LINE - 1]}…"
            action = menu.addAction(without_mnemonic(short), line.act)
            action.setToolTip(as_tooltip(line.tip))
            action.setCheckable(line.current)
            action.setChecked(line.current)
        menu.setEnabled(not menu.isEmpty())

    into.aboutToShow.connect(fill)
    fill()


def _lines_of(paths: Callable[[], list[str]], files: FileDialogs, library: Library) -> list[Line]:
    def name(path: Path) -> str:
        return library.of_runs[path].name if path in library.of_runs else path.name

    return [Line(name(Path(path)), path, partial(files.open, [Path(path)])) for path in paths()]


def _earlier_lines(keeping: Keeping) -> list[Line]:
    tip = "Open the session that was open until then"
    return [Line(file.stem, tip, partial(keeping.open, file)) for file in keeping.earlier[:MOST_EARLIER]]


def _heard_lines(history: History) -> list[Line]:
    """The newest first."""
    places = range(len(history.entries))[: -MOST_HEARD - 1 : -1]
    return [Line(history.entries[i].title, "", partial(history.go, i), i == history.place) for i in places]
