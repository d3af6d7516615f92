"""The commands are whole, every key is used once, and each is offered when it can be done."""

from __future__ import annotations

from collections import Counter

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMainWindow, QWidget

from explorer.actions import Command, CommandGroup, commands_of, fill_menus, key_lines, make_actions
from explorer.main_window import MainWindow
from explorer.menus import shortcut_columns


@pytest.fixture
def commands(window: MainWindow) -> list[Command]:
    """Everything one can ask the window for."""
    return commands_of(section for sections in window.menus.values() for section in sections)


def test_ids_and_shortcuts_are_each_used_once(commands):
    assert max(Counter(command.id for command in commands).values()) == 1
    shortcuts = Counter(QKeySequence(command.shortcut).toString() for command in commands if command.shortcut)
    assert max(shortcuts.values()) == 1
    assert "" not in shortcuts, "every shortcut is one that Qt understands"


def test_every_command_has_a_menu_a_text_and_a_tip(window, commands):
    assert len(commands) == 124
    for command in commands:
        assert command.text
        assert command.tip
        assert window.actions_by_id[command.id].associatedObjects()


def test_the_help_page_lists_every_key(window, commands):
    assert len(key_lines(commands)) == sum(bool(command.shortcut) for command in commands)
    listed = [line for column in shortcut_columns(window.menus) for _heading, lines in column for line in lines]
    assert set(key_lines(commands)) <= set(listed)


def test_the_tools_have_the_digits_in_the_order_in_which_they_stand_over_the_map(window):
    tools = window.map_panel.tool_buttons
    keys = [window.actions_by_id[f"tool_{name}"].shortcut().toString() for name in tools]
    assert keys == ["1", "2", "3", "4", "5"]
    assert all(f"({key})" in button.toolTip() for key, button in zip(keys, tools.values(), strict=True))


class Lamp(QObject):
    """A part that can be on or off."""

    changed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.on, self.pressed = False, 0

    def set_on(self, on: bool) -> None:
        self.on = on
        self.changed.emit("on" if on else "off")

    def press(self) -> None:
        self.pressed += 1


def test_a_command_is_enabled_ticked_and_worded_after_the_signals_of_its_part(qtbot):
    lamp, window, area = Lamp(), QMainWindow(), QWidget()
    qtbot.addWidget(window)
    window.setCentralWidget(area)
    group = CommandGroup(
        [
            Command("light", "Light", "L", "Shine", lamp.set_on, checked=lambda: lamp.on),
            Command("press", "Press", "", "Press it", lamp.press, lambda: lamp.on, on_map=True),
            Command("say", "Say", "", "Say it", lamp.press, wording=lambda: f"It is {lamp.on}"),
        ],
        [lamp.changed],
        "Lamp",
    )
    menus = {"Room": [[CommandGroup([Command("quit", "Quit", "", "Leave", window.close)])], [group]]}
    actions = make_actions(menus, window, area)
    shown = fill_menus(window.menuBar(), menus, actions)
    assert [action.text() for action in shown["Room"].actions()] == ["Quit", "", "Lamp"]
    assert not actions["press"].isEnabled()
    assert actions["press"].shortcutContext() is Qt.ShortcutContext.WidgetWithChildrenShortcut
    actions["light"].trigger()
    assert lamp.on
    assert actions["press"].isEnabled()
    assert actions["say"].text() == "It is True"
    actions["press"].trigger()
    assert lamp.pressed == 1
    lamp.set_on(False)
    assert not actions["light"].isChecked()
    assert not actions["press"].isEnabled()
