"""Learning the songs on the map in one click: a short training from the base, and the map that comes of it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal

from explorer.qt.jobs import Jobs
from explorer.qt.labels import counted
from explorer.qt.messages import Messages
from explorer.session.path.path import DrawnPath
from explorer.session.playing.playback import Playback
from explorer.session.songs.library import Library, OfRun
from explorer.session.songs.making import Found, at_hand
from explorer.session.songs.notes_right import NotesRight
from explorer.session.training.learning_jobs import Start, right_by_run, starting, timed
from explorer.session.training.run_models import RunModels
from explorer.session.training.runs import Runs
from explorer.session.training.trainer import Trainer
from vrae_core.midi.song import Song
from vrae_core.runs.folder import RunFolder
from vrae_core.runs.learning import NO_BASE, USUAL_MINUTES, is_learnt, learning_settings, usual_minutes
from vrae_core.runs.news import RunSummary
from vrae_core.runs.songs import MARK, key_of

OPENING = "opening the map"  # undo and redo of that
CANCELLED = "Learning was cancelled before anything was learnt; the map stays as it is."
LEARNING, TIMING = "learning", "timing a learning"  # keys of jobs


class Learning(QObject):
    """The map goes on being played meanwhile; the one that is learnt opens by itself if nobody has."""

    changed = Signal()  # what is unknown, how long learning would take, whether it goes on
    ready = Signal(object, str)  # the RunFolder whose model can be opened as a map, and a sentence on it

    def __init__(
        self,
        messages: Messages,
        jobs: Jobs,
        library: Library,
        right: NotesRight,
        trainer: Trainer,
        runs: Runs,
        run_models: RunModels,
        playback: Playback,
        path: DrawnPath,
    ) -> None:
        super().__init__()
        self._messages, self._jobs, self._library, self._right = messages, jobs, library, right
        self._trainer, self._run_models, self._playback, self._path = trainer, run_models, playback, path
        self.count = 0  # songs that are learnt now
        self.minutes: float | None = None  # that learning the songs on the map takes; None: not measured yet
        self._begun_with: tuple[object, ...] = ()  # what one changes by playing, as it was when the learning began
        self._told: tuple[object, ...] = ()  # the model and the songs that were shown when a map of them was ready
        self._cancelled = self._waits = False  # whether it waits for another training to end
        right.changed.connect(self._look)
        trainer.changed.connect(self._follow)
        trainer.finished.connect(self._finished)
        runs.ended.connect(self._ended)

    # --- what can be done

    @property
    def running(self) -> bool:
        """Whether this window learns songs."""
        return (self._trainer.running and self._trainer.is_learning) or self._jobs.is_running(LEARNING)

    @property
    def can_go_on(self) -> bool:
        """Whether the map that is shown was learnt here, so that it can be learnt further."""
        return self._run_shown is not None

    @property
    def _run_shown(self) -> OfRun | None:
        library = self._library
        if library.model is None or library.model_path is None or not is_learnt(library.model):
            return None
        return library.of_runs.get(library.model_path)

    @property
    def unknown(self) -> tuple[str, ...]:
        """The names of the songs on the map that its model does not know."""
        atlas = self._library.atlas
        return () if atlas is None else tuple(atlas.corpus.names[song] for song in self._right.unknown)

    @property
    def share(self) -> float:
        """How many of the notes of the unknown songs are right."""
        right, unknown = self._right.of_song, self._right.unknown
        return 0.0 if right is None or not unknown else float(right[list(unknown)].mean())

    def _look(self) -> None:
        """Once the songs turn out to be unknown: time a few updates, to say how long learning them takes."""
        self.minutes = None
        self._jobs.cancel(TIMING)
        atlas = self._library.atlas
        waits = self._trainer.running or self._library.busy or self.map_of_these is not None
        if self.unknown and atlas is not None and not waits:
            job = timed(len(atlas.corpus), len(atlas.corpus.pitches), self._trainer.threads)
            self._jobs.start("Timing a few updates", job, self._take_time, key=TIMING)
        self.changed.emit()

    def _follow(self) -> None:
        self._waits = self._waits and self._trainer.running and not self._trainer.is_learning
        self.changed.emit()

    def _take_time(self, minutes: float | None) -> None:
        self.minutes = minutes
        self.changed.emit()

    @property
    def first_unknown(self) -> int | None:
        """The first song on the map that its model does not know."""
        return next(iter(self._right.unknown), None)

    @property
    def goes_on(self) -> bool:
        """Whether the map that is shown was learnt of the songs that it does not know, only not long enough."""
        run, atlas = self._run_shown, self._library.atlas
        if run is None or atlas is None or not atlas.songs:
            return False
        return all(key_of(atlas.songs[song]) in run.songs for song in self._right.unknown)

    @property
    def map_of_these(self) -> OfRun | None:
        """The newest map that was learnt of these very songs, unless it is the one that is shown."""
        library = self._library
        songs = frozenset(map(key_of, library.songs))
        maps = ((path, run) for path, run in library.of_runs.items() if run.is_map and run.songs == songs)
        path, newest = next(maps, (None, None))
        return newest if path != library.model_path else None

    @property
    def is_told(self) -> bool:
        """Whether the user was told in this window that the map of these songs is ready."""
        shown = self._library.model, self._library.songs
        return bool(self._told) and all(one is other for one, other in zip(self._told, shown, strict=True))

    # --- learning

    def learn(self) -> None:
        """Learn the songs on the map, from the base; from the model that learnt some of them, if that is shown."""
        atlas = self._library.atlas
        self._learn(self.minutes or usual_minutes(0 if atlas is None else len(atlas.corpus)))

    def learn_more(self) -> None:
        """Learn the songs on the map for three more minutes."""
        if self.can_go_on:
            self._learn(USUAL_MINUTES)
        else:
            self._messages.say("This map was not learnt here: learn its songs first.", "warning")

    def _learn(self, minutes: float) -> None:
        library = self._library
        if not library.songs:
            self._messages.say("There are no songs to learn yet: open some first.", "warning")
        elif library.busy:
            self._messages.say("The songs are still being opened: learn them once all are there.", "warning")
        elif self.running or self._waits:
            self._messages.say("Songs are being learnt already: wait until that has ended, or cancel it.", "warning")
        else:
            self.count = len(library.songs)
            begin, run = partial(self._begin, library.songs, minutes), self._run_shown
            known = 0 if run is None else sum(key_of(song) in run.songs for song in library.songs)
            if known:
                begin(Start(library.model, library.model_name, goes_on=2 * known > len(library.songs)))
            else:
                self._jobs.start("Reading the model to begin from", starting(), begin, key=LEARNING)
                self.changed.emit()

    def _begin(self, songs: tuple[Song, ...], minutes: float, start: Start) -> None:
        if start.model is None:
            self._messages.say(NO_BASE, "warning")
        self._jobs.cancel(TIMING)
        self._cancelled, self._begun_with = False, self._state()
        self._waits = self._trainer.running
        settings = learning_settings(songs, minutes, start.model, start.called, goes_on=start.goes_on)
        self._trainer.queue(settings, songs, start.model)
        if self._waits:
            self._messages.say(f"{settings.name} will be learnt when the training that is running has ended.")

    def cancel(self) -> None:
        """Learn no more; the map stays as it is."""
        if self._jobs.is_running(LEARNING):
            self._jobs.cancel(LEARNING)
            self.changed.emit()
        elif self._trainer.is_learning:
            self._cancelled = True
            self._trainer.stop()

    def _state(self) -> tuple[object, ...]:
        return self._library.model, self._library.songs, self._playback.gesture, self._path.undo_stack.count()

    def _is_untouched(self) -> bool:
        """Whether nothing was played, drawn or opened since the learning began; maps are also redrawn by themselves."""
        (*now, drawn), (*before, drawn_before) = self._state(), self._begun_with
        return drawn == drawn_before and all(one is other for one, other in zip(now, before, strict=True))

    # --- what comes of it

    def _finished(self, run: RunFolder | None) -> None:
        if run is None and self._cancelled:  # while its songs were still being cut
            self._cancelled = False
            self._messages.say(CANCELLED)

    def _ended(self, summary: RunSummary) -> None:
        if summary.settings is None or MARK not in summary.settings.extra:
            return
        cancelled, self._cancelled = self._cancelled, False
        if summary.model is None:
            self._messages.say(CANCELLED if cancelled else "Nothing was learnt; the map stays as it is.")
            return
        finished = summary.state == "finished"
        measured = partial(self._measured, summary.run, finished)
        key = f"notes of {summary.run.path}"
        self._jobs.start("Comparing the notes", right_by_run(summary.run), measured, key=key)

    def _measured(self, run: RunFolder, finished: bool, share: float) -> None:
        right = f"{share:.0%} of the notes right."
        sentence = f"Your map is ready: {right}" if finished else f"Learning ended early, with {right}"
        if finished and self._begun_with and self._is_untouched():
            self.open(run, sentence)
        else:
            self.ready.emit(run, sentence)
            self._told = self._begun_with[:2] if finished else ()
            self.changed.emit()
        self._begun_with = ()

    def open(self, run: RunFolder, sentence: str = "") -> None:
        """Show the map that was learnt; undo brings back the one of before, with its paths and favourites."""
        library = self._library
        before = None
        if library.model is not None:
            before = Found(library.model, library.model_name, library.model_path, library.songs)

        def shown(found: Found, _songs: tuple[Song, ...]) -> None:
            songs = counted(len(found.songs), "song") if found.songs else "the songs"
            said = sentence or f"{library.model_name} with {songs}."
            if before is None:
                self._messages.say(said)
                return
            done = self._path.undo_stack.done(OPENING, partial(self._go_back, before, run))
            self._messages.offer_back(said, "Back to the map from before", done)

        self._run_models.use(run, shown)

    def _go_back(self, before: Found, run: RunFolder) -> None:
        def shown(_found: Found, _songs: tuple[Song, ...]) -> None:
            self._path.undo_stack.undone(OPENING, partial(self.open, run))
            self._messages.offer("The map from before.", "Open the new map", partial(self.open, run))

        self._library.show("Opening the map from before", at_hand(before), shown)
