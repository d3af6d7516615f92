"""The action table is whole, and every key is used once."""

from __future__ import annotations

from collections import Counter

from PySide6.QtGui import QKeySequence

from explorer.actions import COMMANDS, MENUS, key_lines


def test_ids_and_shortcuts_are_each_used_once():
    assert max(Counter(command.id for command in COMMANDS).values()) == 1
    shortcuts = Counter(QKeySequence(command.shortcut).toString() for command in COMMANDS if command.shortcut)
    assert max(shortcuts.values()) == 1
    assert "" not in shortcuts, "every shortcut is one that Qt understands"


def test_every_command_has_a_menu_a_text_and_a_tip():
    for command in COMMANDS:
        assert command.menu in MENUS
        assert command.text
        assert command.tip


def test_the_help_page_lists_every_key():
    assert len(key_lines()) == sum(bool(command.shortcut) for command in COMMANDS)
