"""The training tab: setting a training up, and watching it: the curves, and the living map right of them."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QPalette, QShowEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from explorer.atlas import clock
from explorer.panels.training_setup import TrainingSetup
from explorer.session import Session
from explorer.session.training import Sketch
from explorer.widgets.controls import Button
from explorer.widgets.labels import ElidedLabel, Label
from explorer.widgets.map_view import MapView
from explorer.widgets.segments import Segments
from vrae_core.corpus import Piece
from vrae_core.palette import song_colour
from vrae_core.song_facts import moved

if TYPE_CHECKING:
    from vrae_core.training import TrainingStep

PARTS = (
    ("setup", "Set up", "Choose songs, and how to learn them"),
    ("watch", "Watch", "The training that runs, or ran last"),
)
FIGURES = {
    "lower_bound": ("Lower bound", "nats per window per step"),
    "reconstruction": ("Reconstruction", "nats per window per step"),
    "kl": ("KL", "nats per window per step"),
    "active_units": ("Active units", "latent dimensions in use"),
    "epoch": ("Epoch", "times through all windows"),
    "updates": ("Updates", "gradient steps"),
}


class TrainingPanel(QWidget):
    """One run at a time; everything else of the window goes on meanwhile."""

    songs_wanted = Signal()
    save_wanted = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session, self._training = session, session.training
        self.setup = TrainingSetup(session, self.songs_wanted)
        self.curves = _Curves()
        self.figures = {key: Label("–", "figure") for key in FIGURES}
        self.status = ElidedLabel("", "muted")
        self.view = MapView()
        self.pause, self.stop = Button("Pause", "Hold the training"), Button("Stop", "End it, and keep what is learnt")
        self.use = Button("Use this model", "Explore the model as it is now; the training goes on", look="main")
        self.save = Button("Save model…", "Write the model as it is now to a file")
        self.parts, self.pages = Segments("Part of the page", PARTS), QStackedWidget()
        self._lay_out()
        self.show_part("setup")
        self.parts.chosen.connect(self.show_part)
        self.setup.start.clicked.connect(self.start)
        self.pause.clicked.connect(self._training.toggle_pause)
        self.stop.clicked.connect(self._training.stop)
        self.use.clicked.connect(session.use_trained_model)
        self.save.clicked.connect(self.save_wanted)
        self._training.changed.connect(self._show_state)
        self._training.stepped.connect(self._show_step)
        self._training.sketched.connect(self._show_sketch)
        self._show_state()

    def _lay_out(self) -> None:
        middle = QVBoxLayout()
        middle.setSpacing(7)
        middle.setContentsMargins(18, 16, 18, 14)
        middle.addWidget(Label("Lower bound", "caps"))
        middle.addWidget(self.curves, 1)
        middle.addSpacing(8)
        table = QGridLayout()
        table.setHorizontalSpacing(26)
        for place, (key, (name, unit)) in enumerate(FIGURES.items()):
            heading = Label(name, "small")
            heading.setToolTip(unit)
            table.addWidget(heading, 0, place)
            table.addWidget(self.figures[key], 1, place)
        middle.addLayout(table)
        middle.addSpacing(6)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.status, 1)
        foot.addWidget(self.pause)
        foot.addWidget(self.stop)
        middle.addLayout(foot)
        right = QVBoxLayout()
        right.setSpacing(7)
        right.setContentsMargins(0, 16, 16, 14)
        right.addWidget(Label("Living map", "caps"))
        right.addWidget(self.view, 1)
        self.view.setAccessibleName("Living map: the windows as the model sees them now")
        self.view.left_pans = True
        words = Label("The windows as the model sees them now, coloured by song. Playing goes on in Explore.", "small")
        words.setWordWrap(True)
        right.addSpacing(4)
        right.addWidget(words)
        right.addSpacing(8)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.use, 1)
        buttons.addWidget(self.save)
        right.addLayout(buttons)
        self._put_together(middle, right)

    def _put_together(self, middle: QVBoxLayout, right: QVBoxLayout) -> None:
        watch = QWidget()
        columns = QHBoxLayout(watch)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(0)
        columns.addLayout(middle, 3)
        columns.addLayout(right, 2)
        head = QHBoxLayout()
        head.setContentsMargins(16, 10, 0, 0)
        head.addWidget(self.parts)
        head.addStretch(1)
        self.pages.addWidget(self.setup)
        self.pages.addWidget(watch)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.pages, 1)

    def show_part(self, part: str) -> None:
        """Show "setup" or "watch"."""
        self.pages.setCurrentIndex(0 if part == "setup" else 1)
        self.parts.show_chosen(part)

    def start(self) -> None:
        """Train on the ticked songs by the chosen recipe."""
        if not self.setup.start.isEnabled():
            self._session.say(self.setup.start.toolTip(), "warning")
            return
        self.curves.show_history(np.zeros((0, 4)))
        settings = self.setup.settings()
        pairs = zip(self.setup.chosen_songs(), settings.songs, strict=True)
        songs = [Piece(song.name, moved(song.roll, entry.transpose)) for song, entry in pairs]
        self._training.start(songs, settings.recipe_name, settings.recipe, settings.minutes)
        self.show_part("watch")

    def suggested_name(self) -> Path:
        """What to call the model's file."""
        return Path(f"{self._training.recipe_name or 'model'}.safetensors")

    def _show_state(self) -> None:
        training = self._training
        self.setup.show_running(training.running)
        self.pause.setEnabled(training.running)
        self.pause.setText("Go on" if training.paused else "Pause")
        self.stop.setEnabled(training.running)
        self.use.setEnabled(training.model is not None)
        self.save.setEnabled(training.model is not None)
        if training.paused:
            self.status.setText("Paused")
        elif training.running and not training.history:
            songs = f" on {len(training.names)} songs" if training.names else ""
            self.status.setText(f"Starting{songs}…")
        elif not training.running and training.history:
            self.status.setText(f"Ended after {training.history[-1].minutes:.1f} min")
        elif not training.running:
            self.status.setText("Choose songs and a recipe, then start.")

    def _show_step(self, step: TrainingStep) -> None:
        for key in ("lower_bound", "reconstruction", "kl"):
            self.figures[key].setText(f"{getattr(step, key):.3f}".replace("-", "−"))
        for key in ("active_units", "epoch", "updates"):
            self.figures[key].setText(f"{getattr(step, key):,}")
        left = step.seconds / step.done - step.seconds if step.done > 0 else math.nan
        rest = f" · about {clock(left).split('.')[0]} min left" if math.isfinite(left) else ""
        told = f" · the decoder is told {step.teacher_forcing:.0%} of the past" if step.teacher_forcing else ""
        self.status.setText(f"{clock(step.seconds).split('.')[0]} min trained{rest}{told}")
        self.curves.show_history(np.array(self._training.history))
        self.use.setEnabled(self._training.model is not None)
        self.save.setEnabled(self._training.model is not None)

    def _show_sketch(self, sketch: Sketch) -> None:
        colours = [song_colour(song).screen for song in range(len(self._training.names))]
        self.view.show_dots(sketch.points, sketch.song_of, colours)


class _Curves(pg.GraphicsLayoutWidget):
    """Lower bound and reconstruction over minutes, and KL below them.

    Made when the tab is first looked at: the window need not wait for it as it starts.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Lower bound, reconstruction and KL over time")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # there is nothing to operate
        self._history = np.zeros((0, 4))
        self._lines: dict[str, pg.PlotDataItem] = {}

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._lines:
            self._make_plots()
            self.show_history(self._history)

    def _make_plots(self) -> None:
        self._bounds: pg.PlotItem = self.addPlot(row=0, col=0)
        self._kl: pg.PlotItem = self.addPlot(row=1, col=0)
        self.ci.layout.setRowStretchFactor(0, 3)
        self.ci.layout.setRowStretchFactor(1, 1)
        self._kl.setXLink(self._bounds)
        self._legend = self._bounds.addLegend(offset=(-10, -10))
        self._lines = {
            "lower bound": self._bounds.plot(name="lower bound", antialias=True),
            "reconstruction": self._bounds.plot(name="reconstruction", antialias=True),
            "kl": self._kl.plot(antialias=True),
        }
        for plot, name in ((self._bounds, "nats per window per step"), (self._kl, "KL")):
            plot.setMenuEnabled(False)
            plot.hideButtons()
            plot.setLabel("left", name)
            plot.getAxis("left").setWidth(58)
            for side in ("left", "bottom"):
                plot.getAxis(side).enableAutoSIPrefix(False)
        self._kl.setLabel("bottom", "minutes")
        self._colour()

    def show_history(self, history: np.ndarray) -> None:
        """history: (n, 4) minutes, lower bound, reconstruction, KL."""
        self._history = history
        for column, line in enumerate(self._lines.values(), start=1):
            line.setData(history[:, 0], history[:, column])

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and getattr(self, "_lines", None):
            self._colour()

    def _colour(self) -> None:
        role = QPalette.ColorRole
        palette = self.palette()
        muted, accent = palette.color(role.PlaceholderText), palette.color(role.Accent)
        self.setBackground(palette.color(role.Base))
        pens = {
            "lower bound": pg.mkPen(accent, width=2.2),
            "reconstruction": pg.mkPen(muted, width=1.4),
            "kl": pg.mkPen(QColor("#f2a65e"), width=1.8),
        }
        for name, line in self._lines.items():
            line.setPen(pens[name])
        self._legend.setLabelTextColor(palette.color(role.Text))
        for plot in (self._bounds, self._kl):
            plot.showGrid(x=True, y=True, alpha=0.12)
            for side in ("left", "bottom"):
                plot.getAxis(side).setPen(muted)
                plot.getAxis(side).setTextPen(muted)
