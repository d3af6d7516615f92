"""From window to window through the song that is heard."""

from __future__ import annotations

from explorer.session.playing.playback import Playback


class SongWindows:
    """Hears the neighbours of what is heard; nothing goes on from a song to another."""

    def __init__(self, playback: Playback) -> None:
        self._playback = playback

    def hear_next(self) -> None:
        """Hear the next window of the song that is heard."""
        self._hear(1)

    def hear_previous(self) -> None:
        """Hear the window before it."""
        self._hear(-1)

    def _hear(self, way: int) -> None:
        """From what is no window's own place first to the nearest."""
        playback = self._playback
        atlas, heard = playback.atlas, playback.heard
        if atlas is None:
            return
        if heard is None:
            playback.play_window(0)
            return
        step = playback.player.position
        window = heard.window_at(step)
        if window is None:
            playback.play_window(int(atlas.map.nearest(heard.place_at(step), 1)[0][0]))
        elif 0 <= window + way < len(atlas.corpus) and atlas.song_name(window + way) == atlas.song_name(window):
            playback.play_window(window + way)
