"""Which songs show their colour on the map; the others are grey."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from explorer.session.songs.atlas import Atlas


class LitSongs(QObject):
    """Songs keep their light as long as the map has the same ones."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.mask: npt.NDArray[np.bool_] = np.ones(0, bool)  # (songs of the atlas,)
        self._atlas: Atlas | None = None

    def take_atlas(self, atlas: Atlas) -> None:
        """Be about the songs of another atlas from now on; the library then says that they have changed."""
        before, now = None if self._atlas is None else self._atlas.corpus, atlas.corpus
        if before is None or not (before.names == now.names or now.has_windows_of(before)):
            self.mask = np.ones(len(atlas.corpus.names), bool)
        self._atlas = atlas

    def toggle(self, song: int) -> None:
        """Grey a song's windows, or bring them back."""
        self.mask[song] = not self.mask[song]
        self.changed.emit()

    def solo(self, song: int) -> None:
        """Grey all other songs; once more brings all back."""
        alone = np.arange(len(self.mask)) == song
        self.mask = np.ones_like(alone) if (self.mask == alone).all() else alone
        self.changed.emit()

    def light_all(self) -> None:
        """Give every song its colour back."""
        self.mask[:] = True
        self.changed.emit()

    @property
    def grey(self) -> tuple[str, ...]:
        """The names of the songs that don't show their colour."""
        names = self._atlas.corpus.names if self._atlas is not None else ()
        return tuple(name for name, lit in zip(names, self.mask, strict=True) if not lit)

    def set_grey(self, names: Sequence[str]) -> None:
        """Grey the songs of these names, and no others."""
        if self._atlas is not None:
            self.mask = np.array([name not in names for name in self._atlas.corpus.names], bool)
            self.changed.emit()

    def windows(self) -> npt.NDArray[np.bool_]:
        """(N,) which windows are of songs that show their colour."""
        return self.mask[self._atlas.corpus.song_of] if self._atlas is not None else np.zeros(0, bool)
