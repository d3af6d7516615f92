"""A control of a few segments side by side, of which one is chosen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QSizePolicy

from explorer.widgets.controls import Button


class Segments(QFrame):
    """Choose by mouse, or with Tab and the arrow keys; ``chosen`` gives the segment's key."""

    chosen = Signal(str)

    def __init__(self, accessible_name: str, segments: Sequence[tuple[str, str, str]]) -> None:
        """segments: (key, text, tip) of each, from the left."""
        super().__init__()
        self.setProperty("look", "segments")
        self.setAccessibleName(accessible_name)
        self.buttons: dict[str, Button] = {}
        group = QButtonGroup(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2, 2, 2, 2)
        layout.setSpacing(2)
        for key, text, tip in segments:
            button = Button(text, tip, look="segment")
            button.setAccessibleDescription(tip)
            button.setCheckable(True)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.toggled.connect(lambda on, key=key: self.chosen.emit(key) if on else None)
            group.addButton(button)
            layout.addWidget(button, 1)
            self.buttons[key] = button

    def show_chosen(self, key: str) -> None:
        """Show which is chosen, without a signal."""
        self.blockSignals(True)
        self.buttons[key].setChecked(True)
        self.blockSignals(False)
        for each, button in self.buttons.items():  # Tab reaches the chosen one, as Qt sees to after a click alone
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus if each == key else Qt.FocusPolicy.ClickFocus)
