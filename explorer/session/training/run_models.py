"""The models of runs in Explore, each with the songs that its run learns; and the songs of before brought back."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from explorer.qt.messages import Messages
from explorer.session.songs.library import Library
from explorer.session.songs.making import Found
from explorer.session.songs.sources import SongSource, read_sources, sources_of
from explorer.session.training.runs import Runs
from explorer.session.training.training import Training
from vrae_core.midi.song import Song
from vrae_core.model.trained import TrainedModel
from vrae_core.names import names_listed
from vrae_core.progress import Progress
from vrae_core.runs.folder import RunFolder
from vrae_core.runs.learnt_songs import LearntSongs, learnt_songs
from vrae_core.runs.news import model_to_show

SHOW_BEFORE, SHOW_OTHERS = "Show the songs from before", "Show the others again"
MOST_NAMED = 3  # songs in a sentence


class RunModels(QObject):
    """Opening one is a job, as any opening is."""

    opening = Signal(RunFolder)  # one of them, to be looked at
    changed = Signal()  # whether there are songs of before

    def __init__(self, messages: Messages, library: Library, training: Training, runs: Runs) -> None:
        super().__init__()
        self._messages, self._library, self._training, self._runs = messages, library, training, runs
        self.before: tuple[Song, ...] = ()  # whose place a run's own took
        self._unread: tuple[SongSource, ...] = ()  # the same, of a session that was opened, until they are read
        self._in_training: tuple[TrainedModel, Path] | None = None  # shown, and its run's folder
        runs.changed.connect(self._rename_in_training)

    def use(self, run: RunFolder, shown_instead: Callable[[Found, tuple[Song, ...]], None] | None = None) -> None:
        """Explore a run's newest model, with the run's songs.

        shown_instead: told what was found and the songs of before, once they are shown, in place of the user.
        """

        def shown(found: Found, replaced: tuple[Song, ...]) -> None:
            self._in_training = None if found.path else (found.model, run.path)
            of_a_run = bool(replaced) and all(song.run is not None for song in replaced)
            if shown_instead is not None:
                shown_instead(found, replaced)
            else:
                self._say(found, self.before if of_a_run else replaced)

        self._library.show("Opening the run's model and songs", _found(run), shown)
        self.opening.emit(run)

    def use_trained(self) -> None:
        """Explore the newest model of the run that is shown on the Train tab."""
        if self._training.model is None or self._training.run is None:
            self._messages.say("There is no trained model yet: start a training and wait for its first epoch.")
        else:
            self.use(self._training.run)

    @property
    def sources_before(self) -> tuple[SongSource, ...]:
        """Where the songs of before come from; none if there are none."""
        return self._unread or sources_of(self.before)

    def restore_before(self, sources: tuple[SongSource, ...]) -> None:
        """Take those of a session as the songs of before; they are read once they are to be shown."""
        self.before, self._unread = (), sources
        self.changed.emit()

    def show_before(self) -> None:
        """Show the songs of before by the model that is shown; once more brings the others back."""
        library = self._library
        if library.model is not None and (self.before or self._unread):
            found = Found(library.model, library.model_name, library.model_path, self.before)
            finding = _of_before(found, self._unread)
            say = partial(self._say, back=SHOW_OTHERS, after=" from before")
            library.show("Opening the songs from before", finding, say)

    def _say(self, found: Found, before: tuple[Song, ...], back: str = SHOW_BEFORE, after: str = "") -> None:
        """Say what is shown, and how the songs ``before`` come back."""
        if not found.songs:
            return  # none was found, which is said
        count = len(found.songs)
        whose = "the" if after else "its"
        sentence = f"{self._library.model_name} with {whose} {f'{count} songs' if count > 1 else 'one song'}{after}."
        if before and before != found.songs:
            self.before, self._unread = before, ()
            self.changed.emit()
        if self._unread or (before and before != found.songs):
            self._messages.offer(sentence, back, self.show_before)
        else:
            self._messages.say(sentence)

    def _rename_in_training(self) -> None:
        """A model that is in no file of its own yet follows its run's name too."""
        if self._in_training is None or self._in_training[0] is not self._library.model:
            return
        for summary in self._runs.summaries:
            if summary.run.path == self._in_training[1] and summary.name != self._library.model_name:
                self._library.name_model(summary.name)


def _found(run: RunFolder) -> Generator[Progress, None, Found]:
    """Raises: TrainingError if there is no model yet, FileError, ModelFileError."""
    yield Progress(0, 1, "Reading the model")
    trained = run.state == "running"
    file = model_to_show(run)
    model = TrainedModel.load(file)
    learnt = yield from learnt_songs(run)
    path = None if trained else file  # a snapshot may be taken away while it goes on
    return Found(model, run.settings().name, path, learnt.songs, _complaints(learnt))


def _of_before(found: Found, unread: tuple[SongSource, ...]) -> Generator[Progress, None, Found]:
    yield Progress(0, 1)
    if not unread:
        return found
    songs, complaints = yield from read_sources(unread)
    return found._replace(songs=songs, complaints=complaints)


def _complaints(learnt: LearntSongs) -> tuple[str, ...]:
    """What is not as it was."""
    if not learnt.songs:
        return ("None of the songs that it learnt can be read any more: it is shown with those that were there",)
    said = {
        "Left out, as their files cannot be read": learnt.missing,
        "Shown without loudness and instruments, as their files cannot be read": learnt.from_windows,
    }
    return tuple(f"{words}: {names_listed(names, MOST_NAMED)}" for words, names in said.items() if names)
