"""The training tab: setting a training up, watching and steering it, and the runs that there are."""

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
from explorer.panels.runs_panel import RunsPanel
from explorer.panels.steering_bar import SteeringBar
from explorer.session import Session
from explorer.session.sketching import Sketch, Sketching
from explorer.widgets.controls import Button, DropDown, NumberBox
from explorer.widgets.labels import ElidedLabel, Label, as_tooltip
from explorer.widgets.map_view import MapView
from explorer.widgets.rows import Row, RowList
from explorer.widgets.segments import Segments
from vrae_core.palette import song_colour
from vrae_core.recipes import RECIPES
from vrae_core.run_folder import RunSettings, SongEntry
from vrae_core.safe_files import file_stem

if TYPE_CHECKING:
    from vrae_core.midi_file import Song
    from vrae_core.training import TrainingStep

PARTS = (
    ("setup", "Set up", "Choose songs, and how to learn them"),
    ("watch", "Watch", "The run that is shown: its curves, its map, and what steers it"),
    ("runs", "Runs", "All that were trained, and those that wait"),
)
USUAL_MINUTES = 20
USUAL_RECIPE = "fast-2d"
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
        self.setup = _Setup(session, self.songs_wanted)
        self.curves = _Curves()
        self.figures = {key: Label("–", "figure") for key in FIGURES}
        self.status = ElidedLabel("", "muted")
        self.view = MapView()
        self.use = Button("Use this model", "Explore the model as it is now; the training goes on", look="main")
        self.save = Button("Save model…", "Write the model as it is now to a file")
        self.steering, self.runs = SteeringBar(session.training), RunsPanel(session)
        self.parts, self.pages = Segments("Part of the page", PARTS), QStackedWidget()
        self._lay_out()
        self.show_part("setup")
        self.parts.chosen.connect(self.show_part)
        self.runs.show_wanted.connect(lambda: self.show_part("watch"))
        self.setup.start.clicked.connect(self.start)
        self.setup.queue.clicked.connect(self.queue)
        self.use.clicked.connect(session.use_trained_model)
        self.save.clicked.connect(self.save_wanted)
        self._training.changed.connect(self._show_state)
        self._training.stepped.connect(self._show_step)
        self._training.row_added.connect(self._show_curves)
        self._training.changed.connect(self._show_curves)
        self._sketching = Sketching(session.training)
        self._sketching.sketched.connect(self._show_sketch)
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
        middle.addWidget(self.status)
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
        sides = QHBoxLayout()
        sides.setSpacing(0)
        sides.addLayout(middle, 3)
        sides.addLayout(right, 2)
        self.setup.setFixedWidth(420)
        self._put_together(sides)

    def _put_together(self, sides: QHBoxLayout) -> None:
        """The three parts, and what one changes between them by."""
        watch, head = QWidget(), QHBoxLayout()
        column = QVBoxLayout(watch)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(sides, 1)
        column.addWidget(self.steering)
        head.setContentsMargins(16, 10, 0, 0)
        head.addWidget(self.parts)
        head.addStretch(1)
        for part in (self.setup, watch, self.runs):
            self.pages.addWidget(part)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.pages, 1)

    def show_part(self, part: str) -> None:
        """Show "setup", "watch" or "runs"."""
        self.pages.setCurrentIndex([key for key, *_ in PARTS].index(part))
        self.parts.show_chosen(part)

    def start(self) -> None:
        """Train on the ticked songs by the chosen recipe."""
        songs = self.setup.ticked_songs()
        if not songs:
            self._session.say("Tick at least one song to train on.", "warning")
        elif not self._training.running:
            self._training.start(self._settings(songs), songs)
            self.show_part("watch")

    def queue(self) -> None:
        """Train on the ticked songs by the chosen recipe when the runs before have ended."""
        songs = self.setup.ticked_songs()
        if not songs:
            self._session.say("Tick at least one song to train on.", "warning")
        else:
            self._training.queue(self._settings(songs), songs)

    def _settings(self, songs: list[Song]) -> RunSettings:
        name = self.setup.recipe.currentData()
        entries = tuple(SongEntry(song.name, song.path) for song in songs)
        minutes = float(self.setup.minutes.value())
        return RunSettings(name, name, RECIPES[name], entries, minutes=minutes)

    def suggested_name(self) -> Path:
        """What to call the model's file."""
        return Path(f"{file_stem(self._training.name or 'model')}.safetensors")

    def _show_state(self) -> None:
        training = self._training
        self.setup.show_running(training.running)
        self.use.setEnabled(training.model is not None)
        self.save.setEnabled(training.model is not None)
        if training.paused:
            self.status.setText("Paused")
        elif training.attached:
            self.status.setText(f"{training.name}: another process trains it. {training.unsteered}")
        elif training.running and not training.rows:
            songs = f" on {len(training.names)} songs" if training.names else ""
            self.status.setText(f"Starting{songs}…")
        elif not training.running and training.rows:
            self.status.setText(f"{training.name}: {training.state} after {training.minutes:.1f} min")
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
        self.use.setEnabled(self._training.model is not None)
        self.save.setEnabled(self._training.model is not None)

    def _show_curves(self) -> None:
        rows = [(row.seconds / 60, row.lower_bound, row.reconstruction, row.kl) for row in self._training.rows]
        self.curves.show_history(np.array(rows).reshape(-1, 4))

    def _show_sketch(self, sketch: Sketch) -> None:
        colours = [song_colour(song).screen for song in range(len(self._training.names))]
        self.view.show_dots(sketch.points, sketch.song_of, colours)


class _Setup(QWidget):
    """What to train on, how and how long."""

    def __init__(self, session: Session, songs_wanted: Signal) -> None:
        super().__init__()
        self._library = session.library
        self.songs = RowList("Songs to train on")
        self._left_out: set[int] = set()  # places in the library's songs
        add = Button("Add songs…", "Open MIDI files")
        add.clicked.connect(songs_wanted)
        self.recipe = DropDown()
        self.recipe.setAccessibleName("Recipe")
        self.recipe.setToolTip("What kind of model, and how it is trained")
        for name in RECIPES:
            self.recipe.addItem(name, name)
        self.recipe.setCurrentIndex(max(0, self.recipe.findData(USUAL_RECIPE)))
        self._summary = Label("", "small")
        self._summary.setWordWrap(True)
        self.minutes = NumberBox(1, 24 * 60, USUAL_MINUTES, "Minutes to train")
        self.minutes.setSuffix(" min")
        self.minutes.setToolTip("It can be stopped before, and keeps what it has learnt")
        self.start = Button("Start", "Train a model on the ticked songs (Ctrl+T)", look="main")
        self.queue = Button("Queue this run", "Train it once the runs before it have ended (Ctrl+Shift+T)")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 16, 12, 14)
        layout.setSpacing(7)
        layout.addWidget(Label("Songs to learn", "caps"))
        layout.addWidget(self.songs, 1)
        layout.addWidget(add)
        layout.addSpacing(8)
        for part in (Label("Recipe", "caps"), self.recipe, self._summary, Label("Time", "caps"), self.minutes):
            layout.addWidget(part)
        layout.addSpacing(8)
        row = QHBoxLayout()
        row.setSpacing(8)
        for part in (self.start, self.queue):
            row.addWidget(part)
        layout.addLayout(row)
        self.songs.picked.connect(self._tick)
        self.songs.double_picked.connect(self._tick)
        self.recipe.currentIndexChanged.connect(self._show_summary)
        self._library.songs_changed.connect(self._show_songs)
        self._show_summary()
        self._show_songs()

    def ticked_songs(self) -> list[Song]:
        """The songs to train on."""
        return [song for place, song in enumerate(self._library.songs) if place not in self._left_out]

    def show_running(self, running: bool) -> None:
        """Let the buttons offer what can be done."""
        self.start.setEnabled(not running)
        self.queue.setEnabled(running)

    def _show_summary(self) -> None:
        summary = RECIPES[self.recipe.currentData()].summary
        self._summary.setText(f"{summary[:1].upper()}{summary[1:]}.")

    def _tick(self, place: int) -> None:
        self._left_out ^= {place}
        self._show_songs()

    def _show_songs(self) -> None:
        rows = []
        for place, song in enumerate(self._library.songs):
            ticked = place not in self._left_out
            length = clock(song.seconds).split(".")[0]
            tip = as_tooltip(f"{song.name}: {len(song.notes)} notes. Click to leave it out or take it in.")
            rows.append(Row(place, "", song.name, right=length, on=ticked, tip=tip, ticked=ticked))
        self.songs.rows.show_rows(rows)


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
