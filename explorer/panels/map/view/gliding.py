"""Dots that glide to where they are next."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEasingCurve, QObject, QVariantAnimation, Signal

from explorer.panels.map.view.painting import Points
from explorer.panels.map.view.view import MapView

GLIDE_MILLISECONDS = 300


class Glide(QObject):
    """Moves a view's dots; a new goal is headed for from wherever they are."""

    moved = Signal()  # the dots are elsewhere

    def __init__(self, view: MapView) -> None:
        super().__init__(view)  # ends with it
        self._view = view
        self._start = self._goal = view.points
        self._song_of: npt.NDArray[np.int64] = np.zeros(0, np.int64)
        self._colours: Sequence[str] = ()
        self._way = QVariantAnimation(self, duration=GLIDE_MILLISECONDS, startValue=0.0, endValue=1.0)
        self._way.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._way.valueChanged.connect(self._move)
        self._way.finished.connect(self._arrive)

    def show_dots(self, points: Points, song_of: npt.NDArray[np.int64], colours: Sequence[str]) -> None:
        """Put N dots there at once: (N, 2)."""
        self._way.stop()
        self._goal, self._song_of, self._colours = points, song_of, colours
        self._view.show_dots(points, song_of, colours)
        self.moved.emit()

    def recolour(self, colours: Sequence[str]) -> None:
        """Give the same dots other colours, a song each."""
        self._colours = colours
        self._view.dots.recolour(self._song_of, colours)

    def glide_to(self, points: Points) -> None:
        """Let the same dots glide there, (N, 2); at once if nobody looks."""
        self._way.stop()
        self._start, self._goal = self._view.points, points
        if self._view.isVisible():
            self._way.start()
        else:
            self._arrive()

    def _move(self, share: float) -> None:
        if share < 1:
            self._view.move_dots(self._start + np.float32(share) * (self._goal - self._start))
            self.moved.emit()

    def _arrive(self) -> None:
        """With the glow, which is too slow for every frame."""
        self._view.show_dots(self._goal, self._song_of, self._colours)
        self.moved.emit()
