"""The runs that there are: listed, renamed, described, thrown away and taken back, and what was left unfinished."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal, SignalInstance

from explorer.qt.background import NewestWins
from explorer.qt.jobs import Jobs
from explorer.qt.messages import Messages
from explorer.session.songs.library import Library, OfRun
from explorer.session.training.queue import queue_file, remembered
from explorer.session.training.trainer import Trainer
from explorer.session.training.training import Training
from vrae_core.errors import FileError
from vrae_core.midi.song import Song
from vrae_core.model.trained import TrainedModel
from vrae_core.progress import Progress, Result
from vrae_core.runs.control import leave, restore_from_trash, wait_until_it_ended
from vrae_core.runs.folder import RunFolder, list_runs, trained_now
from vrae_core.runs.history import HistoryRow
from vrae_core.runs.news import RunSummary, UnderWay, model_to_show, summaries, summary, under_way
from vrae_core.runs.settings import RunSettings
from vrae_core.runs.songs import MARK, SongToTrain, key_of
from vrae_core.training.fine_tuning import fine_tuning_recipe

REFRESH_MS, ELSEWHERE_MS = 3000, 2000
MOST_OFFERED = 30  # models: those of the newest runs


def told_apart(runs: Sequence[RunSummary]) -> list[str]:
    """Their names; of those that share one, all but the oldest with a number behind it."""
    seen: Counter[str] = Counter()
    names = []
    for run in reversed(runs):  # the newest stand first
        seen[run.name] += 1
        names.append(f"{run.name} ({seen[run.name]})" if seen[run.name] > 1 else run.name)
    return names[::-1]


class _WithModel(NamedTuple):
    settings: RunSettings
    model: TrainedModel


class _Elsewhere(NamedTuple):
    trained: list[UnderWay]  # by other processes
    changed: float  # when a run came to the folder or went, whoever did that; 0.0 if there is no folder


class Runs(QObject):
    """Reads the folder of runs while somebody looks at the list, and whenever a run comes to it, goes or has ended.

    What changes a run is done in the background.
    """

    changed = Signal()
    compared = Signal(str, list)  # a run's name and its rows, to be drawn beside those of the run shown
    unfinished_found = Signal(object, int)  # the RunSummary of a run that was cut off, and how many wait behind it
    thrown_away = Signal(str)  # a run's name
    ended = Signal(object)  # the RunSummary of this window's own run, when it has ended
    ended_elsewhere = Signal(object)  # that of a run that another process trained
    elsewhere_changed = Signal()  # which runs other processes train, or how far these are

    def __init__(self, messages: Messages, jobs: Jobs, library: Library, trainer: Trainer, training: Training) -> None:
        super().__init__()
        self.summaries: list[RunSummary] = []
        self.elsewhere: list[UnderWay] = []  # that other processes train now
        self.unfinished: RunFolder | None = None  # offered to go on with
        self._messages, self._jobs, self._library = messages, jobs, library
        self._trainer, self._training = trainer, training
        self._trashed: list[tuple[RunFolder, Path]] = []  # where it was, and where it is now
        self._reader = NewestWins(summaries)
        self._reader.answered.connect(self._read)
        self._reader.failed.connect(lambda _request, sentence: messages.say(sentence, "error"))
        self._timer = QTimer(self, interval=REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        self._others = NewestWins(_trained_elsewhere)
        self._others.answered.connect(self._show_elsewhere)
        self._seen: float | None = None  # when a run came to the folder, or went, as far as is known
        self._looking = QTimer(self, interval=ELSEWHERE_MS)
        self._looking.timeout.connect(lambda: self._others.ask((self._own, self._trainer.runs_folder)))
        self._looking.start()
        training.changed.connect(self.refresh)
        trainer.waiting.changed.connect(self.changed)
        trainer.starting.connect(self._leave_no_more)
        trainer.ended.connect(lambda run: self._sum_up(run, self.ended))

    # --- the list

    def watch(self, on: bool) -> None:
        """Keep the list up to date, or not: nobody looks."""
        if on:
            self._timer.start()
            self.refresh()
        else:
            self._timer.stop()

    def refresh(self) -> None:
        """Read the folder again, in the background."""
        self._reader.ask(self._trainer.runs_folder)

    def place_in_queue(self, run: RunFolder) -> int:
        """1 for the run whose turn is next; 0 if it does not wait."""
        paths = [other.path for other in self._trainer.waiting.runs]
        return paths.index(run.path) + 1 if run.path in paths else 0

    def _read(self, _folder: Path, found: list[RunSummary]) -> None:
        self.summaries = found
        named = [(s.model, _of_run(s, name)) for s, name in zip(found, told_apart(found), strict=True)]
        ended = [s.settings is not None and s.state != "running" for s in found]
        models = [(model, run) for (model, run), over in zip(named, ended, strict=True) if model is not None and over]
        self._library.offer_models_of_runs(dict(models[:MOST_OFFERED]))
        self.changed.emit()

    # --- what other processes train

    @property
    def _own(self) -> Path | None:
        return None if self._trainer.run is None else self._trainer.run.path

    def _show_elsewhere(self, asked: tuple[Path | None, Path], found: _Elsewhere) -> None:
        own, _folder = asked
        if own != self._own:
            return  # it may be among them
        still = {each.run.path for each in found.trained}
        ended = [each.run for each in self.elsewhere if each.run.path not in still]
        self.elsewhere = found.trained
        self.elsewhere_changed.emit()
        for each in found.trained:
            self._leave_no_more(each.run)
        if ended or self._seen not in (None, found.changed):
            self.refresh()  # what can be opened is another now, whoever looks at the list
        self._seen = found.changed
        for run in ended:
            if own is None or run.path != own.resolve():
                self._sum_up(run, self.ended_elsewhere)

    def _sum_up(self, run: RunFolder, told: SignalInstance) -> None:
        self._jobs.start("Reading the run", _once(lambda: summary(run)), told.emit, key=f"summary {run.path}")

    # --- what changes a run

    def rename(self, run: RunFolder, name: str) -> None:
        """Call a run something else."""
        self._do("Renaming the run", lambda: run.rename(name))

    def write_notes(self, run: RunFolder, notes: str) -> None:
        """Keep a few words with a run."""
        self._do("Saving the notes", lambda: run.write_settings(replace(run.settings(), notes=notes)))

    def throw_away(self, run: RunFolder) -> None:
        """Move a run among those thrown away; `restore` brings the last one back."""
        name = next((s.name for s in self.summaries if s.run.path == run.path), run.path.name)

        def gone(place: Path) -> None:
            self._trashed.append((run, place))
            self._trainer.waiting.remove(run)
            self._leave_no_more(run)
            self.thrown_away.emit(name)

        self._do("Deleting the run", run.trash, gone)

    @property
    def can_restore(self) -> bool:
        """Whether a run was thrown away."""
        return bool(self._trashed)

    def restore(self) -> None:
        """Bring back the run that was thrown away last."""
        if self._trashed:
            run, place = self._trashed.pop()
            self._do("Restoring the run", lambda: restore_from_trash(place, run.path))

    def compare(self, run: RunFolder) -> None:
        """Have a run's curves drawn beside those of the run that is shown."""
        name = next((s.name for s in self.summaries if s.run.path == run.path), run.path.name)

        def read(rows: list[HistoryRow]) -> None:
            self.compared.emit(name, rows)

        self._do("Reading the run", run.rows, read)

    def save_trained_model(self, file: Path) -> None:
        """Write the newest model of the training to a file."""
        model = self._training.model
        if model is not None:
            job = _once(lambda: model.save(file))
            self._jobs.save(file, f"Saving {file.name}", job, lambda _none: self._messages.say_saved(file))

    def fine_tune(self, run: RunFolder, songs: Sequence[Song]) -> None:
        """Begin a new run from the newest model of a run, by its recipe, on other songs; it waits its turn."""

        def begin(found: _WithModel) -> None:
            entries = tuple(SongToTrain(song.name, song.path) for song in songs)
            name = f"{found.settings.name} on {len(songs)} songs"
            recipe = fine_tuning_recipe(found.settings.recipe, found.model)
            new = replace(
                found.settings,
                name=name,
                recipe=recipe,
                songs=entries,
                parent=run.path.name,
                created="",
                notes="",
                extra={},
            )
            self._trainer.queue(new, songs, found.model)

        self._do("Opening the run's model", lambda: _with_model(run), begin)

    # --- what was left unfinished

    def look_for_unfinished(self) -> None:
        """At the start: find the run that went on when the window, or its machine, went."""
        job = _unfinished(queue_file(), self._trainer.runs_folder)
        self._jobs.start("Looking for unfinished runs", job, self._found)

    def resume(self) -> None:
        """Resume what was cut off; those that waited follow it."""
        if self.unfinished is not None:
            run, self.unfinished = self.unfinished, None
            self._trainer.resume(run)
            self.changed.emit()

    def not_now(self) -> None:
        """Leave it: it stays in the list, and nobody is asked about it again."""
        if self.unfinished is not None:
            run, self.unfinished = self.unfinished, None
            if not self._trainer.running:  # else the run that is trained is the one to remember
                self._trainer.waiting.now(None)
            self._do("Leaving the run", lambda: leave(run))

    def _leave_no_more(self, run: RunFolder | None) -> None:
        """A run that goes on, whoever resumed it, or was thrown away, is not unfinished any more."""
        left = self.unfinished
        if run is not None and left is not None and run.path.resolve() == left.path.resolve():
            self.unfinished = None
            self.changed.emit()

    def _found(self, found: tuple[RunSummary | None, list[RunFolder]]) -> None:
        cut_off, waiting = found
        self._trainer.waiting.restore(waiting)
        if cut_off is not None and not self._trainer.running:
            self.unfinished = cut_off.run
            self.unfinished_found.emit(cut_off, len(waiting))

    def _do(self, title: str, change: Callable[[], Result], done: Callable[[Result], None] = lambda _: None) -> None:
        def over(result: Result) -> None:
            done(result)
            self.refresh()

        self._jobs.start(title, _once(change), over, key=f"{title} {id(change)}")


def _trained_elsewhere(asked: tuple[Path | None, Path]) -> _Elsewhere:
    own, folder = asked
    mine, found, changed = own and own.resolve(), [], 0.0
    with suppress(OSError):
        changed = folder.stat().st_mtime
    for run in trained_now():
        if run.path != mine:
            with suppress(FileError):
                found.append(under_way(run))
    return _Elsewhere(found, changed)


def _with_model(run: RunFolder) -> _WithModel:
    return _WithModel(run.settings(), TrainedModel.load(model_to_show(run)))


def _once(change: Callable[[], Result]) -> Generator[Progress, None, Result]:
    yield Progress(0, 1)
    return change()


def _unfinished(file: Path, root: Path) -> Generator[Progress, None, tuple[RunSummary | None, list[RunFolder]]]:
    """The run that was cut off: the one that the window remembers, else the newest whose process just went."""
    yield Progress(0, 1)
    now, waiting = remembered(file)
    if now is not None:
        yield from wait_until_it_ended(now)
    run = now or next((each for each in list_runs(root) if each.state == "interrupted"), None)
    if run is not None and run.state == "running":
        return None, []  # another window trains it, and those that wait are that window's
    if run is None or run.state == "finished":
        return None, waiting
    return summary(run), waiting


def _of_run(summary: RunSummary, name: str) -> OfRun:
    settings = summary.settings
    if settings is None:
        return OfRun(summary.run.path, name)
    songs = frozenset(key_of(song) for song in settings.songs if song.included)
    return OfRun(summary.run.path, name, songs, MARK in settings.extra and summary.state == "finished")
