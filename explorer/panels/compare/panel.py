"""The comparison: the model in Explore, A, beside another, B: their maps, their figures, and A/B by ear."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from explorer.panels.compare.maps import CompareMaps
from explorer.panels.map.colour_box import ColourBox
from explorer.panels.map.model_list import list_models
from explorer.qt.controls import Button, DropDown, Segments
from explorer.qt.jobs import Jobs
from explorer.qt.labels import Label, as_tooltip
from explorer.session.compare.comparing import Comparing, OtherColours
from explorer.session.compare.counterpart import MOST_MOVED
from explorer.session.map.colouring import Colouring
from explorer.session.map.selection import Selection
from explorer.session.path.path import DrawnPath
from explorer.session.path.pieces import Pieces
from explorer.session.path.wandering import Wandering
from explorer.session.playing.playback import Playback
from explorer.session.songs.library import Library
from vrae_core.tasks.two_models import MEANINGS, SHARED_MEANING, SideBySide

WIDTH = 292  # pixels: the column left of the maps
HEARD = (
    ("A", "A", "Hear the model in Explore (B)"),
    ("B", "B", "Hear the same place through the other model (B)"),
)
VIEWS = (
    ("own", "As it is", "B's map as its model draws it"),
    (
        "aligned",
        "Aligned",
        "B's map turned, mirrored, scaled and moved to fit A's; both pan and zoom together",
    ),
    ("moves", "Moves", f"Aligned, with a line from the place on A's map for the {MOST_MOVED} windows that moved most"),
)


class ComparePanel(QWidget):
    """Two maps of the same windows; what is done on one is seen on both."""

    model_wanted = Signal()

    def __init__(
        self,
        library: Library,
        playback: Playback,
        path: DrawnPath,
        selection: Selection,
        colouring: Colouring,
        other_colours: OtherColours,
        comparing: Comparing,
        wandering: Wandering,
        jobs: Jobs,
        pieces: Pieces,
    ) -> None:
        super().__init__()
        self._library, self._path, self._comparing, self._jobs = library, path, comparing, jobs
        self.maps = CompareMaps(
            library, playback, path, selection, colouring, other_colours, comparing, wandering, jobs, pieces
        )
        self.model = DropDown()
        self.close_button = Button("Close", "Close model B; Explore stays as it is")
        self.heard = Segments("Which model is heard", HEARD)
        self.play_path = Button("Play path", "Play the path drawn in Explore; B switches models at any time", "play")
        self.view = Segments("How B's map is drawn", VIEWS)
        self.figures = FiguresTable()
        self.colours = ColourBox(library, colouring)
        self._lay_out()
        self._listen()
        self.heard.show_chosen("A")
        self.view.show_chosen(self.maps.way)
        self._show_models()
        self._show_state()

    def _lay_out(self) -> None:
        self.model.setAccessibleName("Model B")
        self.model.setToolTip("The other model: from the list, or from a file")
        left = QVBoxLayout()
        left.setContentsMargins(16, 12, 14, 4)
        left.setSpacing(4)
        row = QHBoxLayout()
        row.addWidget(self.model, 1)
        row.addWidget(self.close_button)
        left.addWidget(Label("Compare with", "caps"))
        left.addLayout(row)
        left.addSpacing(2)
        left.addWidget(Label("Heard", "caps"))
        left.addWidget(self.heard)
        left.addWidget(self.play_path)
        left.addSpacing(2)
        left.addWidget(Label("B's map", "caps"))
        left.addWidget(self.view)
        left.addSpacing(2)
        left.addWidget(self.colours)
        left.addSpacing(2)
        left.addWidget(Label("On the same windows", "caps"))
        left.addWidget(self.figures)
        left.addStretch(1)
        column = QWidget()
        column.setFixedWidth(WIDTH)
        column.setLayout(left)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(column)
        layout.addWidget(self.maps, 1)

    def _listen(self) -> None:
        comparing = self._comparing
        self.model.activated.connect(self._choose_model)
        self.close_button.clicked.connect(comparing.close)
        self.heard.chosen.connect(lambda key: comparing.hear_other(key == "B"))
        self.play_path.clicked.connect(comparing.play_path)
        self.view.chosen.connect(self.show_way)
        comparing.changed.connect(self._show_state)
        self._library.models_changed.connect(self._show_models)
        self._jobs.changed.connect(self._show_chosen)
        self._path.changed.connect(self._show_play_path)

    # --- choosing

    def _choose_model(self) -> None:
        path = self.model.currentData()
        if path is None:
            self._show_models()
            self.model_wanted.emit()
        else:
            self._comparing.open(Path(path))

    def _show_models(self) -> None:
        self.model.setPlaceholderText("Choose a model…")
        list_models(self.model, self._library, self._comparing.name, self._comparing.file)
        self.model.addItem("Open…", None)

    def show_way(self, way: str) -> None:
        """Draw B's map as its "own", "aligned", or with the "moves" too."""
        self.view.show_chosen(way)
        self.maps.show_way(way)

    # --- what the session says

    def _show_state(self) -> None:
        comparing, counterpart = self._comparing, self._comparing.counterpart
        self.heard.show_chosen("B" if comparing.hears_other else "A")
        for part in (self.heard, self.view, self.close_button):
            part.setEnabled(counterpart is not None)
        self._show_play_path()
        self.figures.show_figures(comparing.figures, None if counterpart is None else counterpart.alignment.residual)
        self._show_chosen()

    def _show_chosen(self) -> None:
        """A model that could not be opened is no longer shown as chosen."""
        self.model.setEnabled(self._library.atlas is not None)
        if not self._comparing.busy and self.model.currentText() != self._comparing.name:
            self._show_models()

    def _show_play_path(self) -> None:
        drawn = len(self._path.points) > 1
        self.play_path.setEnabled(self._comparing.counterpart is not None and drawn)

    # --- events

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not event.spontaneous():
            self._comparing.set_shown(True)
            self.maps.show_maps()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():
            self.maps.hover(-1)
            self._comparing.set_shown(False)


class FiguresTable(QFrame):
    """The two models' figures, a line each."""

    def __init__(self) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(5)
        grid.setColumnStretch(0, 1)
        right = Qt.AlignmentFlag.AlignRight
        for column, name in ((1, "A"), (2, "B")):
            grid.addWidget(Label(name, "small"), 0, column, right)
            grid.setColumnMinimumWidth(column, 58)
        self.values: dict[str, tuple[Label, Label]] = {}
        shown = {key: words for key, words in MEANINGS.items() if key not in ("kl", "threshold")}
        for row, (key, (name, meaning)) in enumerate(shown.items(), 1):
            heading = Label(name, "muted")
            heading.setToolTip(meaning)
            self.values[key] = Label("–"), Label("–")
            grid.addWidget(heading, row, 0)
            for column, value in enumerate(self.values[key], 1):
                grid.addWidget(value, row, column, right)
        neighbours, self.shared, self.residual = Label("Shared neighbours", "muted"), Label("–"), Label("–")
        neighbours.setToolTip(as_tooltip(SHARED_MEANING[0].upper() + SHARED_MEANING[1:]))
        left_over = Label("Alignment residual", "muted")
        left_over.setToolTip("How much of the spread of A's map the aligned B does not explain; 0: the same shape")
        self.note = Label("", "small")
        self.note.setWordWrap(True)
        for row, (heading, value) in enumerate(((neighbours, self.shared), (left_over, self.residual)), len(shown) + 1):
            grid.addWidget(heading, row, 0)
            grid.addWidget(value, row, 1, 1, 2, right)
        grid.addWidget(self.note, len(shown) + 3, 0, 1, 3)

    def show_figures(self, found: SideBySide | None, residual: float | None) -> None:
        """Show what is known so far; ``residual``: what aligning leaves, None if there is no second model."""
        both = (None, None) if found is None else (found.first, found.second)
        for key, labels in self.values.items():
            for label, figures in zip(labels, both, strict=True):
                label.setText("–" if figures is None else _shown(getattr(figures, key)))
        self.shared.setText("–" if found is None else f"{found.shared_neighbours:.0%}")
        self.residual.setText("–" if residual is None else f"{residual:.0%}")
        if found is not None:
            few = "" if found.measured == found.windows else f", {found.measured:,} of them measured"
            self.note.setText(f"By chance {found.shared_by_chance:.1%} are shared. {found.windows:,} windows{few}.")
        else:
            self.note.setText("" if residual is None else "Measuring…")


def _shown(value: float) -> str:
    return f"{value:.3f}".replace("-", "−") if isinstance(value, float) else str(value)
