"""Which windows are selected; the others turn grey."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal

from explorer.atlas import Atlas
from vrae_core.piano_roll import BoolArray, IntArray


class Selection(QObject):
    """Some of the N windows of the map, or nothing: an empty selection is none."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.windows: BoolArray | None = None  # (N,), or None for no selection

    @property
    def indices(self) -> IntArray:
        """The windows that are selected, in the order of their numbers: (n,)."""
        return np.flatnonzero(self.windows) if self.windows is not None else np.zeros(0, np.int64)

    def set(self, windows: BoolArray | None) -> None:
        """Select windows, (N,), and no others; None, or none of them, is no selection."""
        self.windows = windows if windows is not None and windows.any() else None
        self.changed.emit()

    def clear(self) -> None:
        """Select nothing."""
        self.set(None)

    def show_atlas(self, atlas: Atlas) -> None:
        """The windows have other numbers if there are more or fewer of them now: then nothing stays selected."""
        if self.windows is not None and len(self.windows) != len(atlas.corpus):
            self.clear()
