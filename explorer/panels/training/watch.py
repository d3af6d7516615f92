"""Watching a training: its figures in large digits, its curves, the living map and the probe windows."""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.panels.training.curves.box import CurvesBox
from explorer.panels.training.curves.panes import in_digits, in_percent
from explorer.panels.training.living_map import LivingMapBox
from explorer.panels.training.probes import ProbeRow
from explorer.qt.jobs import Jobs
from explorer.qt.labels import ElidedLabel, Label
from explorer.qt.messages import Messages
from explorer.session.playing.loan import PlayerLoan
from explorer.session.playing.playback import Playback
from explorer.session.songs.library import Library
from explorer.session.training.living_map import LivingMap
from explorer.session.training.run_models import RunModels
from explorer.session.training.trainer import Trainer
from explorer.session.training.training import Training
from vrae_core.clock import clock, seconds_left
from vrae_core.corpus.windows import Corpus
from vrae_core.model.evaluation import baselines
from vrae_core.progress import Progress
from vrae_core.runs.folder import RunFolder
from vrae_core.runs.history import HistoryRow

if TYPE_CHECKING:
    from vrae_core.training.train import TrainingStep


class FigureText(NamedTuple):
    """What a figure is called, its unit, and what it means in plain words."""

    name: str
    unit: str
    tip: str


PER_STEP = "per step"
BOUND_TIP = (
    "How well the model explains a window, in nats: the likelihood of its notes minus the cost of z. "
    "Closer to 0 is better."
)
FIGURES = {
    "lower_bound": FigureText("Lower bound", PER_STEP, BOUND_TIP),
    "held_out_bound": FigureText("Held-out bound", PER_STEP, "The same, on windows held out of training"),
    "note_onset_f1": FigureText(
        "Notes right", "", "F1 of note onsets: 100 % when every note begins within 25 ms of the song's"
    ),
    "song_accuracy": FigureText("Song accuracy", "", "How often a window's neighbours in z are of its own song"),
    "active_units": FigureText("Active units", "dimensions", "Latent dimensions that the model uses"),
    "epoch": FigureText("Epoch", "", "Times through all windows, and gradient steps"),
    "windows_per_second": FigureText("Speed", "windows/s", "Windows trained on per second"),
    "elapsed": FigureText("Trained", "minutes", "Time spent training, without pauses"),
    "left": FigureText("Remaining", "minutes", "Until the end, at this speed"),
}
SHARES = ("note_onset_f1", "song_accuracy")
MEASURED = ("lower_bound", "held_out_bound", "note_onset_f1", "song_accuracy", "active_units", "windows_per_second")
ROWS_MILLISECONDS = 50  # rows that come in one go are drawn at once
ROWS_AT_ONCE = 3000  # taken over in less than a frame
BASELINES = "measuring baselines"  # key of the job


class TrainingWatch(QWidget):
    """Follows the run that the session shows, whoever trains it; ``status`` says in words how it stands."""

    save_wanted = Signal()

    def __init__(
        self,
        trainer: Trainer,
        training: Training,
        library: Library,
        playback: Playback,
        loan: PlayerLoan,
        jobs: Jobs,
        messages: Messages,
        run_models: RunModels,
    ) -> None:
        super().__init__()
        self._trainer, self._training, self._jobs = trainer, training, jobs
        self._measured: Corpus | None = None  # whose baselines are known, or being measured
        self._left = math.nan  # seconds
        self._run: RunFolder | None = None
        self._clock = QTimer(self, interval=ROWS_MILLISECONDS, singleShot=True)
        self._clock.timeout.connect(self._catch_up)
        self.living = LivingMap(messages, training)
        self.figures, self.status = FiguresStrip(FIGURES), ElidedLabel("", "muted")
        self.curves, self.map, self.probes = (
            CurvesBox(),
            LivingMapBox(self.living, training, library, messages, run_models),
            ProbeRow(self.living, playback, loan, library),
        )
        self._lay_out()
        self._training.changed.connect(self.show_run)
        self._training.row_added.connect(self._expect_rows)
        self._training.stepped.connect(self._show_step)
        self._training.marked.connect(self._show_marks)
        self.living.changed.connect(self._mark_snapshot)
        self.map.save_wanted.connect(self.save_wanted)
        self.show_run()
        self._show_marks()

    def _lay_out(self) -> None:
        sides = QHBoxLayout()
        sides.setSpacing(18)
        left = QVBoxLayout()
        left.setSpacing(6)
        left.addWidget(Label("Curves", "caps"))
        left.addWidget(self.curves, 1)
        sides.addLayout(left, 3)
        sides.addWidget(self.map, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 10)
        layout.setSpacing(10)
        layout.addWidget(self.figures)
        layout.addLayout(sides, 1)
        layout.addWidget(self.probes)

    # --- verbs

    def pin_snapshot(self) -> None:
        """Play the snapshot that is shown in Explore; the training goes on."""
        self.map.pin_snapshot()

    def toggle_history(self) -> None:
        """Let the history of snapshots go by, or hold it."""
        self.living.toggle_play()

    def show_other(self, rows: Sequence[HistoryRow], name: str) -> None:
        """Draw another run's curves, dotted, to compare with; no rows take them away."""
        self.curves.plots.show_other(rows, name)

    # --- what the session says

    def show_run(self) -> None:
        """Show the run from its beginning if it is another, and how it stands."""
        training = self._training
        if training.run is not self._run:
            self._run, self._left = training.run, math.nan
            self.curves.plots.show_rows([])
        self._catch_up()
        self._measure_baselines()
        self.status.setText(self._in_words())
        self.map.show_state()

    def _expect_rows(self, _row: HistoryRow) -> None:
        if not self._clock.isActive():
            self._clock.start()

    def _catch_up(self) -> None:
        """Show the rows that came since; of very many, the rest a little later."""
        rows, plots = self._training.rows, self.curves.plots
        if len(rows) < len(plots.columns):
            plots.show_rows([])
        shown = len(plots.columns)
        plots.add_rows(rows[shown : shown + ROWS_AT_ONCE])
        if len(plots.columns) < len(rows):
            self._clock.start()
        self.curves.show_empty(not rows)
        self._show_figures()

    def _show_step(self, step: TrainingStep) -> None:
        self._left = seconds_left(step.seconds, step.done)
        self.figures.show_value("left", _minutes(self._left))
        self.map.use.setEnabled(self._training.model is not None)
        self.map.save.setEnabled(self._training.model is not None)
        self.status.setText(self._in_words(step.teacher_forcing))

    def _show_figures(self) -> None:
        columns = self.curves.plots.columns
        for key in MEASURED:
            self.figures.show_value(key, (in_percent if key in SHARES else in_digits)(columns.newest(key)))
        epoch, updates = columns.newest("epoch"), columns.newest("updates")
        self.figures.show_value("epoch", in_digits(epoch), f"{updates:,.0f} updates" if math.isfinite(updates) else "")
        self.figures.show_value("elapsed", _minutes(columns.newest("seconds")))
        self.figures.show_value("left", _minutes(self._left if self._trainer.running else math.nan))

    def _in_words(self, teacher_forcing: float = 0.0) -> str:
        training = self._training
        if training.attached:
            return "Another process is training this run; its progress is shown here."
        if training.paused:
            return "Paused"
        if self._trainer.running:
            forcing = f" Teacher forcing: {teacher_forcing:.0%}." if teacher_forcing else ""
            return ("Training." if training.rows else "Starting…") + forcing
        return "Ended." if training.rows else "Choose songs and a recipe, then start."

    def _mark_snapshot(self) -> None:
        """Where on the curves the snapshot is, unless that is their end."""
        snapshot = self.living.snapshot
        self.curves.plots.set_mark(None if snapshot is None or self.living.live else snapshot.updates)

    def _show_marks(self) -> None:
        self.curves.plots.show_changes(self._training.marks)

    # --- baselines

    def _measure_baselines(self) -> None:
        corpus = self._training.corpus
        if corpus is self._measured:
            return
        self._measured = corpus
        self.curves.plots.show_baselines({})
        if corpus is not None:
            self._jobs.start("Measuring baselines", _baselines(corpus), self._take_baselines, key=BASELINES)

    def _take_baselines(self, found: _Baselines) -> None:
        if found.corpus is self._training.corpus:
            self.curves.plots.show_baselines(found.figures)


class _Baselines(NamedTuple):
    corpus: Corpus
    figures: dict[str, float]


def _baselines(corpus: Corpus) -> Generator[Progress, None, _Baselines]:
    yield Progress(0, 1, "what models without a latent point reach")
    return _Baselines(corpus, baselines(corpus))


def _minutes(seconds: float) -> str:
    return clock(seconds, 0) if math.isfinite(seconds) else "–"


class FiguresStrip(QWidget):
    """Each figure below its name, its unit below it."""

    def __init__(self, figures: Mapping[str, FigureText]) -> None:
        super().__init__()
        self.values: dict[str, Label] = {}
        self.units: dict[str, Label] = {}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        for key, figure in figures.items():
            box, self.values[key], self.units[key] = QWidget(), Label("–", "figure"), Label(figure.unit, "small")
            box.setToolTip(figure.tip)
            column = QVBoxLayout(box)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(0)
            for label in (Label(figure.name, "small"), self.values[key], self.units[key]):
                column.addWidget(label)
            self.values[key].setAccessibleName(f"{figure.name}, {figure.unit}" if figure.unit else figure.name)
            layout.addWidget(box, 1)

    def show_value(self, key: str, value: str, unit: str | None = None) -> None:
        """Show a figure, and another unit if it has one."""
        self.values[key].setText(value)
        if unit is not None:
            self.units[key].setText(unit)
