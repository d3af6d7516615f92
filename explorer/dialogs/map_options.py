"""Reading the map: what its colours and markers mean and what hovering does, as it is asked for and remembered."""

from __future__ import annotations

from explorer.dialogs.asking import Asking
from explorer.preferences import Preferences
from explorer.session.map.colouring import Colouring
from explorer.session.map.hovering import Hovering
from explorer.session.songs.library import Library

TABLE_KINDS = "Tables (*.csv *.tsv *.txt);;All files (*)"


class Reading:
    """Asks and remembers; others do it."""

    def __init__(
        self, asking: Asking, preferences: Preferences, library: Library, colouring: Colouring, hovering: Hovering
    ) -> None:
        self._asking, self._preferences = asking, preferences
        self._library, self._colouring, self._hovering = library, colouring, hovering
        colouring.set_shapes(preferences.marker_shapes)
        library.song_colours.set_safe(preferences.safe_colours)
        library.song_colours.set_dark(preferences.theme == "dark")
        hovering.set_listening(preferences.hover_to_listen)

    def set_marker_shapes(self, on: bool) -> None:
        """Give the songs markers of their own, or let all be round."""
        self._preferences.marker_shapes = on
        self._colouring.set_shapes(on)

    def set_safe_colours(self, on: bool) -> None:
        """Colours of songs that colour-blind eyes can tell, or the usual ones."""
        self._preferences.safe_colours = on
        self._library.song_colours.set_safe(on)

    def set_hover_to_listen(self, on: bool) -> None:
        """Let the dot under the mouse be heard, or not."""
        self._preferences.hover_to_listen = on
        self._hovering.set_listening(on)

    def open_table(self) -> None:
        """Ask for a table, and colour the dots by it."""
        file = self._asking.file("Colour by a table", TABLE_KINDS)
        if file is not None:
            self._colouring.open_table(file)
