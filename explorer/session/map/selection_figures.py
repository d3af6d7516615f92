"""What sets the selected windows apart from the rest, found in threads while one looks."""

from __future__ import annotations

from collections.abc import Generator

from PySide6.QtCore import QObject, Signal

from explorer.qt.jobs import Jobs
from explorer.session.map.selection import Selection
from explorer.session.songs.atlas import Atlas
from explorer.session.songs.library import Library
from vrae_core.corpus.windows import Corpus
from vrae_core.latent.window_figures import Statistics, WindowFigures, compare, measuring
from vrae_core.piano_roll import BoolArray
from vrae_core.progress import Progress

MEASURING, COMPARING = "measuring windows", "comparing the selection"  # keys of the two jobs


class SelectionFigures(QObject):
    """``statistics`` are those of the newest selection, or None: not yet found, or nothing to compare with.

    The windows are measured once for each set of songs, however often the selection changes meanwhile.
    """

    changed = Signal()

    def __init__(self, jobs: Jobs, library: Library, selection: Selection) -> None:
        super().__init__()
        self._jobs, self._library, self._selection = jobs, library, selection
        self.statistics: Statistics | None = None
        self._measured: tuple[Corpus, WindowFigures] | None = None
        self._being_measured: Corpus | None = None
        self._wanted = False
        selection.changed.connect(self._find)

    def want(self, wanted: bool) -> None:
        """Say whether anybody looks: if nobody does, nothing is found."""
        if wanted != self._wanted:
            self._wanted = wanted
            self._find()

    def show_atlas(self, _atlas: Atlas) -> None:
        """Compare what is selected on it."""
        self._find()

    def _find(self) -> None:
        atlas, selected = self._library.atlas, self._selection.windows
        self.statistics = None
        self._jobs.cancel(COMPARING)
        if self._wanted and atlas is not None and selected is not None and not selected.all():
            if self._measured is not None and self._measured[0] is atlas.corpus:
                comparing = _comparing(self._measured[1], atlas, selected)
                self._jobs.start("Comparing the selection", comparing, self._show, key=COMPARING)
            elif self._being_measured is not atlas.corpus or not self._jobs.is_running(MEASURING):
                corpus = self._being_measured = atlas.corpus
                job = measuring(corpus)
                self._jobs.start("Measuring windows", job, lambda found: self._take(corpus, found), key=MEASURING)
        self.changed.emit()

    def _take(self, corpus: Corpus, figures: WindowFigures) -> None:
        self._measured = corpus, figures
        self._find()

    def _show(self, statistics: Statistics) -> None:
        self.statistics = statistics
        self.changed.emit()


def _comparing(figures: WindowFigures, atlas: Atlas, selected: BoolArray) -> Generator[Progress, None, Statistics]:
    yield Progress(0, 1, "Comparing the selection with the rest")
    return compare(figures, atlas.posterior.mu, selected)
