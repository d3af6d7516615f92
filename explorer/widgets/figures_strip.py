"""The figures of a run in large digits, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.widgets.labels import Label


class Figure(NamedTuple):
    """What a figure is called, its unit, and what it means in plain words."""

    name: str
    unit: str
    tip: str


class FiguresStrip(QWidget):
    """Each figure below its name, its unit below it."""

    def __init__(self, figures: Mapping[str, Figure]) -> None:
        super().__init__()
        self.values: dict[str, Label] = {}
        self.units: dict[str, Label] = {}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        for key, figure in figures.items():
            box, self.values[key], self.units[key] = QWidget(), Label("–", "figure"), Label(figure.unit, "small")
            box.setToolTip(figure.tip)
            column = QVBoxLayout(box)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(0)
            for label in (Label(figure.name, "small"), self.values[key], self.units[key]):
                column.addWidget(label)
            self.values[key].setAccessibleName(f"{figure.name}, {figure.unit}" if figure.unit else figure.name)
            layout.addWidget(box, 1)

    def show_value(self, key: str, value: str, unit: str | None = None) -> None:
        """Show a figure, and another unit if it has one."""
        self.values[key].setText(value)
        if unit is not None:
            self.units[key].setText(unit)
