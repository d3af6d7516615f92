"""Silence, and nothing chosen: what Esc does."""

from __future__ import annotations

from explorer.session.map.search import Search
from explorer.session.map.selection import Selection
from explorer.session.path.path import DrawnPath
from explorer.session.path.pieces import Pieces
from explorer.session.playing.playback import Playback


class Clearing:
    """Ends whatever plays or listens, then takes away what is chosen."""

    def __init__(
        self, playback: Playback, path: DrawnPath, pieces: Pieces, selection: Selection, search: Search
    ) -> None:
        self._playback, self._path, self._pieces = playback, path, pieces
        self._selection, self._search = selection, search

    def clear(self) -> None:
        """Silence, and no selection; if nothing is selected no path either (undo brings both back)."""
        self._pieces.stop()
        self._search.stop_listening()
        self._playback.clear()
        if self._selection.windows is not None:
            self._selection.clear()
        else:
            self._path.clear()
