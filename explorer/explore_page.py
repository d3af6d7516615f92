"""The Explore tab: the songs on the left, the map in the middle, pages on what is heard and selected on the right."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter

from explorer.panels.find_panel import FindPanel
from explorer.panels.latent_panel import LatentPanel
from explorer.panels.map_panel import MapPanel
from explorer.panels.now_playing_panel import NowPlayingPanel
from explorer.panels.selection_panel import SelectionPanel
from explorer.panels.songs_panel import SongsPanel
from explorer.right_column import Page, RightColumn
from explorer.session import Session


class ExplorePage(QSplitter):
    """Its three parts are put in reading order: Tab goes through them as they came in."""

    def __init__(self, session: Session) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.songs, self.map, self.now_playing = SongsPanel(session), MapPanel(session), NowPlayingPanel(session)
        self.find, self.selection, self.latent = FindPanel(session), SelectionPanel(session), LatentPanel(session)
        self.right = RightColumn(
            [
                Page("Playing", "What is heard, and what is near it", self.now_playing),
                Page("Find", "Find windows by name, by a phrase or by example (Ctrl+F)", self.find),
                Page("Selection", "What is selected on the map", self.selection),
                Page("Latent", "Move the point heard by sliders; latent arithmetic", self.latent),
            ]
        )
        self.setHandleWidth(1)

    def lay_out(self) -> None:
        """Put the parts in, once this page is where it belongs: else all of them would be styled twice."""
        self.setChildrenCollapsible(False)
        for part, width in ((self.songs, 220), (self.map, 860), (self.right, 360)):
            self.addWidget(part)
            part.setMinimumWidth(min(width, 400) * 4 // 5)
        self.setSizes([220, 860, 360])
        self.setStretchFactor(1, 1)
