"""The window's pages: the map, training, two models beside each other; the last two are made when they are needed."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from explorer.assembly import compare_panel, training_panel
from explorer.dialogs.exports import ExportDialogs
from explorer.dialogs.files import FileDialogs
from explorer.dialogs.map_options import Reading
from explorer.explore_page import ExplorePage
from explorer.pages import Page, Pages
from explorer.session.session import Session
from vrae_core.runs.folder import RunFolder

if TYPE_CHECKING:
    from explorer.panels.compare.panel import ComparePanel
    from explorer.panels.training.panel import TrainingPanel

EXPLORE, TRAIN, COMPARE = range(3)


class MainPages(Pages):
    """Shows a page, or a part of one, whoever asks for it."""

    def __init__(
        self, session: Session, files: FileDialogs, exporting: ExportDialogs, reading: Reading, below: QWidget
    ) -> None:
        """below: what Tab reaches after the pages."""
        super().__init__(below)
        self._session, self._files, self._exporting, self._reading = session, files, exporting, reading
        self.explore = ExplorePage(session)
        self.explore.songs.colours.table_wanted.connect(reading.open_table)
        self.explore.find_page.shown_wanted.connect(self.show_find)
        self.explore.find_page.file_wanted.connect(files.find_like)
        self.explore.map.train_wanted.connect(self.show_train)
        self.explore.map.model_wanted.connect(files.open_model)
        self.explore.map.banner.shown.connect(self.place_messages)
        session.run_models.opening.connect(self.show_explore)

    def lay_out(self) -> None:
        """Put the pages in, once they are where they belong."""
        self.add("Explore", self._explore_page)
        self.add("Train", self._train_page)
        self.add("Compare", self._compare_page)
        self.explore.lay_out()
        self.place_messages()
        self.tabs.setAccessibleName("Pages")
        self.tabs.setToolTip("Explore the map (Ctrl+1), train a model (Ctrl+2), or compare two (Ctrl+3)")

    @cached_property
    def train(self) -> TrainingPanel:
        """Made when it is first asked for, which after a start is once the window has been painted."""
        panel = training_panel(self._session)
        panel.songs_wanted.connect(self._files.add_training_songs)
        panel.setup.folder_wanted.connect(self._files.add_training_folder)
        panel.save_wanted.connect(lambda: self._exporting.save_model(panel.suggested_name()))
        return panel

    @cached_property
    def compare(self) -> ComparePanel:
        """Made as the Train tab's is."""
        panel = compare_panel(self._session)
        panel.model_wanted.connect(self._files.open_other_model)
        panel.colours.table_wanted.connect(self._reading.open_table)
        return panel

    def _explore_page(self) -> Page:
        the_map = self.explore.map
        return Page(self.explore, the_map.view, the_map, lambda: the_map.messages_top)

    def _train_page(self) -> Page:
        return Page(self.train, self.train, self.train, lambda: 4)  # beside its parts

    def _compare_page(self) -> Page:
        return Page(self.compare, self.compare.maps.first, self.compare.maps, lambda: 34)  # below the maps' titles

    def show_explore(self) -> None:
        """Show the map."""
        self.tabs.setCurrentIndex(EXPLORE)

    def use_tool(self, name: str) -> None:
        """Show the map, with one of its tools in hand."""
        self.show_explore()
        self.explore.map.use_tool(name)

    def show_selection(self) -> None:
        """Show what is selected."""
        self.show_explore()
        self.explore.right.show_page(self.explore.selection)

    def show_find(self) -> None:
        """Show the page that finds windows."""
        self.show_explore()
        self.explore.right.show_page(self.explore.find_page)

    def show_train(self) -> None:
        """Show the training tab."""
        self.tabs.setCurrentIndex(TRAIN)

    def show_compare(self) -> None:
        """Show two models beside each other."""
        self.tabs.setCurrentIndex(COMPARE)

    def show_runs(self) -> None:
        """Show the runs that there are."""
        self.show_train()
        self.train.show_part("runs")

    def watch(self, run: RunFolder | None) -> None:
        """Show how a run goes on; None: the one that was looked at last."""
        if run is not None:
            self._session.training.show_run(run)
        self.show_train()
        self.train.show_part("watch")

    def watch_own(self) -> None:
        """Show how the run goes on that this window trains."""
        self.watch(self._session.trainer.run)
