"""What the dots of the other model's map mean: the same figure as on the map in Explore, measured of that model."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from explorer.session.colouring import Colouring
from explorer.session.comparing import Comparing
from explorer.session.jobs import Jobs
from vrae_core.colour_meaning import Meaning, of_numbers
from vrae_core.trained_model import Posterior
from vrae_core.window_figures import FIGURES, Figures, measure

MEASURING = "measuring the other model's windows"  # key of the job


class OtherColours(QObject):
    """Follows the colours in Explore as long as the comparison is shown.

    Figures of the music count too what B is shown of it: its window may be longer and its pitches fewer.  They are
    shown between the ends of A's ramp, so that a colour is one number on both maps.  What a table says holds for both.
    """

    changed = Signal()

    def __init__(self, jobs: Jobs, colouring: Colouring, comparing: Comparing) -> None:
        super().__init__()
        self._jobs, self._colouring, self._comparing = jobs, colouring, comparing
        self.meaning: Meaning | None = None  # None: the dots have the colours of their songs
        self._known: Figures = {}
        self._of: Posterior | None = None  # what is known is about this
        colouring.changed.connect(self._show)
        comparing.changed.connect(self._show)
        comparing.redrawn.connect(self._show)

    def _show(self) -> None:
        first, counterpart = self._colouring.meaning, self._comparing.counterpart
        other = None if counterpart is None else counterpart.other
        if other is None or other.posterior is not self._of:
            self._jobs.cancel(MEASURING)
            self._known, self._of = {}, None if other is None else other.posterior
        what = next((key for key, figure in FIGURES.items() if first is not None and figure is first.figure), None)
        before = self.meaning
        if first is None or other is None:
            self.meaning = None
        elif what is None:
            self.meaning = first
        elif what in self._known:
            self.meaning = of_numbers(first.figure, self._known[what], (first.low, first.high))
        else:
            self.meaning = None
            if self._comparing.shown:
                job = measure(what, other.model, other.corpus, other.posterior)
                self._jobs.start(f"Measuring: {first.figure.name.lower()}", job, self._take, key=MEASURING)
        if self.meaning is not before:
            self.changed.emit()

    def _take(self, found: Figures) -> None:
        self._known |= found
        self._show()
