"""Commands, which each room brings, and what is made of them: actions, menus, shortcuts, lines of the `?` page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, SignalInstance
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

Lines = Sequence[tuple[str, str]]  # of the `?` page: a key or a gesture, and what it does


@dataclass(frozen=True)
class Command:
    """Something one can ask the window for.

    ``act`` is called without arguments or, if there is ``checked``, with True or False.  ``wording`` is the text where
    that changes.  ``on_map`` limits the shortcut to the map, where the key means nothing else.
    """

    id: str
    text: str
    shortcut: str
    tip: str
    act: Callable[..., object]
    enabled: Callable[[], bool] | None = None  # None: always
    checked: Callable[[], bool] | None = None  # None: nothing to tick
    wording: Callable[[], str] | None = None
    on_map: bool = False


@dataclass(frozen=True)
class CommandGroup:
    """Commands that stand together in a menu, and the signals after which they are looked at again."""

    commands: Sequence[Command]
    signals: Sequence[SignalInstance] = ()
    title: str = ""  # of a menu of their own within the menu


Menus = Mapping[str, Sequence[Sequence[CommandGroup]]]  # by a menu's name its sections, with lines between them


def commands_of(sections: Iterable[Iterable[CommandGroup]]) -> list[Command]:
    """The commands of a menu, in their order."""
    return [command for section in sections for group in section for command in group.commands]


def make_actions(menus: Menus, window: QWidget, map_area: QWidget) -> dict[str, QAction]:
    """An action for every command, by id, bound to its shortcut and its states."""
    actions: dict[str, QAction] = {}
    for sections in menus.values():
        for section in sections:
            for group in section:
                made = [_make_action(command, window, map_area) for command in group.commands]
                actions |= {command.id: action for command, action in zip(group.commands, made, strict=True)}
                _States(window, group, made)
    return actions


def _make_action(command: Command, window: QWidget, map_area: QWidget) -> QAction:
    action, act = QAction(command.text, window), command.act
    action.setToolTip(command.tip)
    action.setStatusTip(command.tip)
    action.setCheckable(command.checked is not None)
    if command.shortcut:
        action.setShortcut(QKeySequence(command.shortcut))
    action.triggered.connect(lambda on: act() if command.checked is None else act(on))
    if command.on_map:
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    (map_area if command.on_map else window).addAction(action)
    return action


class _States(QObject):
    """Enables, ticks and words the actions of a group; it goes with the window, and the signals let go of it."""

    def __init__(self, window: QWidget, group: CommandGroup, actions: Sequence[QAction]) -> None:
        super().__init__(window)
        self._pairs = list(zip(group.commands, actions, strict=True))
        for signal in group.signals:
            signal.connect(self.look)
        self.look()

    def look(self) -> None:
        """Show what is possible now, and what is switched on."""
        for command, action in self._pairs:
            if command.enabled is not None:
                action.setEnabled(command.enabled())
            if command.checked is not None:
                action.setChecked(command.checked())
            if command.wording is not None:
                action.setText(command.wording())


def fill_menus(bar: QMenuBar, menus: Menus, actions: Mapping[str, QAction]) -> dict[str, QMenu]:
    """The menus by name."""
    made = {name: bar.addMenu(f"&{name}") for name in menus}
    for name, sections in menus.items():
        for section in sections:
            if not made[name].isEmpty():
                made[name].addSeparator()
            for group in section:
                menu = made[name].addMenu(group.title) if group.title else made[name]
                for command in group.commands:
                    menu.addAction(actions[command.id])
    return made


def menu_of(ids: Iterable[str], actions: Mapping[str, QAction], parent: QWidget) -> QMenu:
    """A menu of some of the actions."""
    menu = QMenu(parent)
    menu.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # whatever that of the button is that opens it
    for each in ids:
        menu.addAction(actions[each])
    return menu


def key_lines(commands: Iterable[Command]) -> list[tuple[str, str]]:
    """(key, what it does) of every command that has one, for the help page."""
    native = QKeySequence.SequenceFormat.NativeText
    return [(QKeySequence(c.shortcut).toString(native), c.text.rstrip("…")) for c in commands if c.shortcut]
