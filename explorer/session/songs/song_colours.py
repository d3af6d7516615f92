"""The colours of songs: for all eyes or the usual ones, on a dark surface or a light one."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from explorer.session.songs.atlas import Atlas
from vrae_core.latent.colours import song_colour


class SongColours(QObject):
    """A song on the map has the colour of its place there; the others have those that come after."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.safe = False  # whether colour-blind eyes can tell them
        self.dark = True  # the surface that they are seen on
        self._atlas: Atlas | None = None

    def on(self, atlas: Atlas) -> Atlas:
        """An atlas in these colours, which is the map from now on."""
        self._atlas = atlas.recoloured(self.safe, self.dark)
        return self._atlas

    def set_safe(self, safe: bool) -> None:
        """Give the songs colours that colour-blind eyes can tell, or the usual ones."""
        if safe != self.safe:
            self.safe = safe
            self.changed.emit()

    def set_dark(self, dark: bool) -> None:
        """Give the songs colours for a dark surface, or for a light one."""
        if dark != self.dark:
            self.dark = dark
            self.changed.emit()

    def of(self, names: Sequence[str]) -> tuple[str, ...]:
        """The colours of songs by their names, whether they are on the map or not."""
        on_map = {} if self._atlas is None else {name: song for song, name in enumerate(self._atlas.corpus.names)}
        others = itertools.count(len(on_map))
        places = [on_map[name] if name in on_map else next(others) for name in names]
        return tuple(song_colour(place, self.safe).on(self.dark) for place in places)
