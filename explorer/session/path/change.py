"""A step of undo: the drawing of before and after a change of it."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtGui import QUndoCommand

from explorer.session.path.drawing import Drawing

NO_KIND = -1  # Qt's word for a step that never joins another


class _Remembered:
    """A drawing, and the point chosen, that keeps no map: where its points are drawn holds as long as the map does."""

    def __init__(self, drawing: Drawing, chosen: int | None) -> None:
        self._drawing, self._chosen = replace(drawing, map=None), chosen
        self._map = None if drawing.map is None else weakref.ref(drawing.map)

    def show(self, show: Callable[[Drawing, int | None], object]) -> None:
        latent_map = None if self._map is None else self._map()
        show(replace(self._drawing, map=latent_map), self._chosen)


class DrawingChange(QUndoCommand):
    """It shares what did not change, so whole drawings are kept.

    One that ``joins`` becomes one step with the change before it, if that is of the same kind.
    """

    def __init__(
        self,
        text: str,
        show: Callable[[Drawing, int | None], object],
        before: tuple[Drawing, int | None],
        after: tuple[Drawing, int | None],
        kind: int = NO_KIND,
        joins: bool = False,
    ) -> None:
        """before, after: the drawing, and the point that is chosen."""
        super().__init__(text)
        self._show, self._kind, self._joins = show, kind, joins
        self._before, self._after = _Remembered(*before), _Remembered(*after)

    def undo(self) -> None:
        self._before.show(self._show)

    def redo(self) -> None:
        self._after.show(self._show)

    def id(self) -> int:
        return self._kind

    def mergeWith(self, other: QUndoCommand) -> bool:
        assert isinstance(other, DrawingChange)
        if other._joins:
            self._after = other._after
        return other._joins
