"""The training tab: setting a training up, watching and steering it, and the runs that there are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from explorer.panels.training.runs import RunsPanel
from explorer.panels.training.setup import TrainingSetup
from explorer.panels.training.steering_bar import SteeringBar
from explorer.panels.training.watch import TrainingWatch
from explorer.qt.controls import Segments
from explorer.qt.jobs import Jobs
from explorer.qt.messages import Messages
from explorer.session.playing.loan import PlayerLoan
from explorer.session.playing.playback import Playback
from explorer.session.playing.preview import SongPreview
from explorer.session.songs.library import Library
from explorer.session.training.pace import TrainingPace
from explorer.session.training.run_models import RunModels
from explorer.session.training.runs import Runs
from explorer.session.training.songs import TrainingSongs
from explorer.session.training.trainer import Trainer
from explorer.session.training.training import Training
from vrae_core.safe_files import file_stem
from vrae_core.training.fine_tuning import fine_tuning_recipe

PARTS = (
    ("setup", "Set up", "Choose songs and how to train"),
    ("watch", "Watch", "The current run: its curves, its map and its controls"),
    ("runs", "Runs", "All runs, and the queue"),
)


class TrainingPanel(QWidget):
    """One run at a time; everything else of the window goes on meanwhile."""

    songs_wanted = Signal()
    save_wanted = Signal()

    def __init__(
        self,
        trainer: Trainer,
        training: Training,
        runs: Runs,
        run_models: RunModels,
        training_songs: TrainingSongs,
        training_pace: TrainingPace,
        preview: SongPreview,
        library: Library,
        playback: Playback,
        loan: PlayerLoan,
        jobs: Jobs,
        messages: Messages,
    ) -> None:
        super().__init__()
        self._trainer, self._training = trainer, training
        self._library, self._messages = library, messages
        self.setup = TrainingSetup(self.songs_wanted, training_songs, training_pace, preview, jobs)
        self.watch = TrainingWatch(trainer, training, library, playback, loan, jobs, messages, run_models)
        self.steering = SteeringBar(training)
        self.runs = RunsPanel(trainer, training, runs, run_models, library, messages)
        self.parts, self.pages = Segments("Part of the page", PARTS), QStackedWidget()
        self._lay_out()
        self.show_part("setup")
        self.parts.chosen.connect(self.show_part)
        self.runs.show_wanted.connect(lambda: self.show_part("watch"))
        runs.compared.connect(lambda name, rows: self.watch.show_other(rows, name))
        self.setup.start.clicked.connect(self.start)
        self.setup.queue.clicked.connect(self.queue)
        self.watch.save_wanted.connect(self.save_wanted)
        self._training.changed.connect(self._show_state)
        self._show_state()

    def _lay_out(self) -> None:
        watch, head, foot = QWidget(), QHBoxLayout(), QHBoxLayout()
        column = QVBoxLayout(watch)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.watch, 1)
        foot.addWidget(self.steering, 2)
        foot.addWidget(self.watch.status, 1)
        foot.setContentsMargins(0, 0, 16, 12)
        column.addLayout(foot)
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
        """Train on the ticked songs by the plan that is set up."""
        if not self.setup.start.isEnabled():
            self._messages.say(self.setup.start.toolTip(), "warning")
            return
        self._trainer.use_threads(self.setup.threads)
        self._trainer.start(self.setup.settings(), self.setup.chosen_songs(), self.setup.plan.from_base)
        self.show_part("watch")

    def queue(self) -> None:
        """Train on the ticked songs by the plan that is set up, when the runs before have ended."""
        if self.setup.problem:
            self._messages.say(self.setup.problem, "warning")
        else:
            from_base = self.setup.plan.from_base
            self._trainer.use_threads(self.setup.threads)
            self._trainer.queue(self.setup.settings(), self.setup.chosen_songs(), from_base=from_base)

    def fine_tune(self) -> None:
        """Train the model of the map further on the ticked songs, by the plan but for its shape; it waits its turn."""
        atlas, settings = self._library.atlas, self.setup.settings()
        problem = self.setup.problem or ("" if atlas else "There is no model to start from: open one first.")
        if problem or atlas is None:
            self._messages.say(problem, "warning")
            return
        parent = self._library.model_name
        name = self.setup.plan.name.text().strip() or f"{parent} on {len(settings.songs)} songs"
        recipe = fine_tuning_recipe(settings.recipe, atlas.model)
        self._trainer.use_threads(self.setup.threads)
        settings = replace(settings, name=name, recipe=recipe, parent=parent)
        self._trainer.queue(settings, self.setup.chosen_songs(), atlas.model)
        self.show_part("watch")

    def suggested_name(self) -> Path:
        """What to call the model's file."""
        return Path(f"{file_stem(self._training.name or 'model')}.safetensors")

    def _show_state(self) -> None:
        self.setup.show_running(self._trainer.running)
