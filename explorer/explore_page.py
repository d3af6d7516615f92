"""The Explore tab: songs on the left, the map in the middle, and on the right pages that small tabs change between."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from explorer.assembly import map_panel
from explorer.panels.find.panel import FindPanel
from explorer.panels.find.selection import SelectionPanel
from explorer.panels.latent.panel import LatentPanel
from explorer.panels.map.songs import SongsPanel
from explorer.panels.playing.panel import NowPlayingPanel
from explorer.session.session import Session


class ExplorePage(QSplitter):
    """Its three parts are put in reading order: Tab goes through them as they came in."""

    def __init__(self, session: Session) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        library, playback, path, selection = session.library, session.playback, session.path, session.selection
        self.songs = SongsPanel(
            library,
            path,
            session.colouring,
            session.favourites,
            selection,
            session.pieces,
            session.run_models,
            session.song_changes,
            session.notes_right,
            session.preview,
        )
        self.map = map_panel(session)
        self.now_playing = NowPlayingPanel(playback, session.exports)
        self.find_page = FindPanel(library, playback, session.search)
        self.selection = SelectionPanel(library, playback, selection, session.selection_figures)
        self.latent = LatentPanel(library, selection, session.latent, session.arithmetic, session.jobs)
        self.right = RightColumn(
            [
                Page("Playing", "What is playing, and what is near it", self.now_playing),
                Page("Find", "Find windows by name, by a phrase or by example (Ctrl+F)", self.find_page),
                Page("Selection", "What is selected on the map", self.selection),
                Page("Latent", "Move the current point with sliders; latent arithmetic", self.latent),
            ]
        )
        self.setHandleWidth(1)

    def lay_out(self) -> None:
        """Put the parts in, once this page is where it belongs: else all of them would be styled twice."""
        self.setChildrenCollapsible(False)
        for part, width in ((self.songs, 220), (self.map, 860), (self.right, 360)):
            self.addWidget(part)
            if part is not self.map:  # which needs the room of its tools
                part.setMinimumWidth(width * 4 // 5)
        self.setSizes([220, 860, 360])
        self.setStretchFactor(1, 1)


class Page(NamedTuple):
    """A page of the column: its tab's word, what the tab says of it, and the panel."""

    word: str
    tip: str
    panel: QWidget


class RightColumn(QWidget):
    """Shows one of its pages; with a single one there are no tabs to see."""

    def __init__(self, pages: Sequence[Page]) -> None:
        super().__init__()
        self._pages = pages
        self.tabs, self._stack = QTabBar(), QStackedWidget()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setAccessibleName("Right of the map")
        self.tabs.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.tabs.setVisible(len(pages) > 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.tabs)
        layout.addWidget(self._stack, 1)
        for number, page in enumerate(pages):
            self.tabs.addTab(page.word)
            self.tabs.setTabToolTip(number, page.tip)
            self._stack.addWidget(page.panel)
        self.tabs.setToolTip(", ".join(page.word for page in pages))
        self.tabs.currentChanged.connect(self._stack.setCurrentIndex)

    def show_page(self, panel: QWidget) -> None:
        """Bring a panel to the front."""
        self.tabs.setCurrentIndex([page.panel for page in self._pages].index(panel))
