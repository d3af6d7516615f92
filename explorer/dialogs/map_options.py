"""Reading the map: what its colours and markers mean and what hovering does, as it is asked for and remembered."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from explorer.preferences import Preferences
from explorer.session.session import Session

TABLE_KINDS = "Tables (*.csv *.tsv *.txt);;All files (*)"


class Reading:
    """Asks and remembers; the session does it."""

    def __init__(self, window: QWidget, session: Session, preferences: Preferences) -> None:
        self._window, self._session, self._preferences = window, session, preferences
        session.colouring.set_shapes(preferences.marker_shapes)
        session.library.set_safe_colours(preferences.safe_colours)
        session.hovering.set_listening(preferences.hover_to_listen)

    def set_marker_shapes(self, on: bool) -> None:
        """Give the songs markers of their own, or let all be round."""
        self._preferences.marker_shapes = on
        self._session.colouring.set_shapes(on)

    def set_safe_colours(self, on: bool) -> None:
        """Colours of songs that colour-blind eyes can tell, or the usual ones."""
        self._preferences.safe_colours = on
        self._session.library.set_safe_colours(on)

    def set_hover_to_listen(self, on: bool) -> None:
        """Let the dot under the mouse be heard, or not."""
        self._preferences.hover_to_listen = on
        self._session.hovering.set_listening(on)

    def open_table(self) -> None:
        """Ask for a table, and colour the dots by it."""
        folder = self._preferences.last_folder
        name, _ = QFileDialog.getOpenFileName(self._window, "Colour by a table", folder, TABLE_KINDS)
        if name:
            self._preferences.last_folder = str(Path(name).parent)
            self._session.colouring.open_table(Path(name))
