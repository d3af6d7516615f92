"""Favourite points: kept from what is heard, and heard again."""

from __future__ import annotations

from explorer.qt.messages import Messages
from explorer.session.path.path import DrawnPath
from explorer.session.playing.playback import Playback
from explorer.session.playing.pressing import name_of


class Favourites:
    """They are the drawing's, so that undo and the session file know them."""

    def __init__(self, messages: Messages, playback: Playback, path: DrawnPath) -> None:
        self._messages, self._playback, self._path = messages, playback, path

    def add(self) -> None:
        """Keep the point that is heard."""
        atlas, heard = self._playback.atlas, self._playback.heard
        if atlas is None or heard is None:
            self._messages.say("There is nothing to keep yet: click on the map to hear something.")
            return
        step = self._playback.player.position
        self._path.star(heard.z_at(step), name_of(heard, atlas, step))

    def hear(self, index: int) -> None:
        """Hear a favourite point from its start."""
        atlas = self._playback.atlas
        if atlas is None:
            return
        z = self._path.drawing.favourites[index].z
        windows, distances = atlas.map.nearest_in_z(z)
        if distances[0] < 1e-6:
            self._playback.play_window(int(windows[0]))
        else:
            self._playback.play_z(z, atlas.map.point_of(z))
