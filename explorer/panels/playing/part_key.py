"""A line that says which colour of the roll is whose."""

from __future__ import annotations

from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from explorer.qt.labels import Label, is_dark
from vrae_core.columns import BAND, Part
from vrae_core.latent.colours import PART_COLOURS


class PartKey(QWidget):
    """Melody, chords, bass and drums, each beside its colour."""

    def __init__(self) -> None:
        super().__init__()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        for part in BAND:
            layout.addWidget(_Swatch(part))
            layout.addWidget(Label(part.label, "small"))
            layout.addSpacing(7)
        layout.addStretch(1)
        self.setToolTip("The colours of the parts; what is muted is faint")

    def show_where(self, there_are_parts: bool, they_have_colours: bool) -> None:
        """Show it, or leave its place empty, where there are parts: what is above it does not jump."""
        policy = self.sizePolicy()
        policy.setRetainSizeWhenHidden(there_are_parts)
        self.setSizePolicy(policy)
        self.setVisible(there_are_parts and they_have_colours)


class _Swatch(QWidget):
    def __init__(self, part: Part) -> None:
        super().__init__()
        self._part = part
        self.setFixedSize(9, 9)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), QColor(PART_COLOURS[self._part].on(is_dark(self))))
