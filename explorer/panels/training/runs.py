"""The page of runs: a table of all that were trained, what can be done with each, and which wait their turn."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from explorer.panels.training.runs_table import RunRows, RunsTable
from explorer.qt.controls import Button, MenuButton
from explorer.qt.labels import ElidedLabel, Label, counted
from explorer.qt.messages import Messages
from explorer.session.songs.library import Library
from explorer.session.training.run_models import RunModels
from explorer.session.training.runs import Runs
from explorer.session.training.trainer import Trainer
from explorer.session.training.training import Training
from vrae_core.runs.folder import RunFolder
from vrae_core.runs.news import RunSummary


class RunsPanel(QWidget):
    """Keeps itself up to date while it is looked at.  Its verbs are about the run that is chosen in the table."""

    show_wanted = Signal()  # the run that is shown now is to be looked at

    def __init__(
        self,
        trainer: Trainer,
        training: Training,
        runs: Runs,
        run_models: RunModels,
        library: Library,
        messages: Messages,
    ) -> None:
        super().__init__()
        self._trainer, self._training = trainer, training
        self._runs, self._run_models = runs, run_models
        self._library, self._messages = library, messages
        self.rows = RunRows(runs)
        self.table = RunsTable(self.rows)
        self._empty = Label("No runs yet: set one up, and it appears here.", "muted")
        self._folder = ElidedLabel("", "small")
        self.buttons = {
            "show": Button("Show", "Look at this run (Return)", look="main"),
            "resume": Button("Resume", "Resume it from its last checkpoint, after the runs in the queue"),
            "use": Button("Use in Explore", "Explore its newest model, with its songs"),
            "compare": Button("Compare", "Draw its curves beside those of the run that is shown"),
            "delete": Button("Delete", "Delete it (Delete); it can be restored"),
            "restore": Button("Restore", "Restore the run deleted last"),
        }
        self._menu = QMenu(self)
        self._more = MenuButton("More", "Branch, fine-tune, order of the queue, folder")
        self._lay_out()
        self.table.shown.connect(self.show_chosen)
        self.table.deleted.connect(self.delete)
        self.table.customContextMenuRequested.connect(self._offer)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._show_what_is_possible())
        runs.changed.connect(self._show)
        training.changed.connect(self._show_what_is_possible)
        self._show()

    def _lay_out(self) -> None:
        verbs: dict[str, Callable[[], None]] = {
            "show": self.show_chosen, "resume": self.resume, "use": self.use, "compare": self.compare,
            "delete": self.delete, "restore": self._runs.restore,
        }  # fmt: skip
        self._actions = {
            text: self._menu.addAction(text, verb)
            for text, verb in (
                ("Branch from its newest snapshot", self.branch),
                ("Fine-tune on the songs of the map", self.fine_tune),
                ("Earlier in the queue", lambda: self._move(-1)),
                ("Later in the queue", lambda: self._move(1)),
                ("Remove from the queue", self._leave_queue),
                ("Open its folder", self.open_folder),
            )
        }
        self._more.setMenu(self._menu)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        for key, button in self.buttons.items():
            button.clicked.connect(verbs[key])
            foot.addWidget(button)
            if key == "compare":
                foot.addWidget(self._more)
        foot.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 14, 18, 14)
        layout.setSpacing(8)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(Label("Runs", "caps"))
        for part in (self._empty, self.table):  # of which one is shown
            layout.addWidget(part, 1)
        layout.addWidget(self._folder)
        layout.addLayout(foot)

    @property
    def chosen(self) -> RunSummary | None:
        """The run that is chosen in the table."""
        index = self.table.currentIndex()
        return self.rows.rows[index.row()] if index.isValid() and index.row() < len(self.rows.rows) else None

    # --- verbs

    def show_chosen(self) -> None:
        """Show the run."""
        if (run := self._whole()) is not None:
            self._training.show_run(run)
            self.show_wanted.emit()

    def resume(self) -> None:
        """Train it further."""
        if (run := self._whole()) is not None:
            self._trainer.resume(run)

    def use(self) -> None:
        """Explore its newest model, with its songs."""
        if (run := self._whole()) is not None:
            self._run_models.use(run)

    def compare(self) -> None:
        """Draw its curves beside those of the run shown."""
        if (run := self._whole()) is not None:
            self._runs.compare(run)
            self.show_wanted.emit()

    def branch(self) -> None:
        """Begin a new run from its newest snapshot."""
        if (run := self._whole()) is not None:
            self._trainer.branch(run)

    def fine_tune(self) -> None:
        """Begin a new run from its model, on the songs of the map."""
        if (run := self._whole()) is not None:
            self._runs.fine_tune(run, self._library.songs)

    def delete(self) -> None:
        """Throw it away."""
        if self.chosen is not None:
            self._runs.throw_away(self.chosen.run)

    def open_folder(self) -> None:
        """Show its files in the system's own way."""
        if self.chosen is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.chosen.run.path)))

    def _move(self, places: int) -> None:
        if (run := self._whole()) is not None:
            self._trainer.waiting.move(run, places)

    def _leave_queue(self) -> None:
        if self.chosen is not None:
            self._trainer.waiting.remove(self.chosen.run)

    def _whole(self) -> RunFolder | None:
        """The chosen run, unless it is damaged: that is said."""
        chosen = self.chosen
        if chosen is None:
            self._messages.say("Choose a run in the list first.")
            return None
        if chosen.settings is None:
            self._messages.say(chosen.problem, "warning")
            return None
        return chosen.run

    # --- showing

    def _show(self) -> None:
        chosen = self.chosen
        self.rows.show_rows()
        paths = [row.run.path for row in self.rows.rows]
        if chosen is not None and chosen.run.path in paths and self.table.currentIndex().row() < 0:
            self.table.selectRow(paths.index(chosen.run.path))
        elif paths and not self.table.currentIndex().isValid():
            self.table.selectRow(0)
        self._empty.setVisible(not paths)
        self.table.setVisible(bool(paths))
        total = sum(row.disk_used for row in self.rows.rows) / 1e6
        self._folder.setText(f"{counted(len(paths), 'run')}, {total:,.1f} MB, in {self._trainer.runs_folder}")
        self._show_what_is_possible()

    def _show_what_is_possible(self) -> None:
        chosen = self.chosen
        whole = None if chosen is None or chosen.settings is None else chosen
        trained = chosen is not None and chosen.state == "running"
        waits = chosen is not None and self._runs.place_in_queue(chosen.run) > 0
        shown = whole is not None
        unfinished = whole is not None and not trained and whole.state != "finished"
        usable = whole is not None and whole.last is not None
        possible = {
            "show": shown,
            "resume": unfinished and not (waits and self._trainer.running),
            "use": usable,
            "compare": usable and self._training.run is not None,
            "delete": chosen is not None and not trained,
            "restore": self._runs.can_restore,
        }
        for key, on in possible.items():
            self.buttons[key].setEnabled(on)
        self.buttons["restore"].setVisible(self._runs.can_restore)
        for text, action in self._actions.items():
            action.setEnabled(waits if "queue" in text else chosen is not None if "folder" in text else shown)

    def _offer(self, position: QPoint) -> None:
        if self.table.indexAt(position).isValid():
            self._menu.popup(self.table.viewport().mapToGlobal(position))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._runs.watch(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._runs.watch(False)
