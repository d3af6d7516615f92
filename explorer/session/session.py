"""The session as a whole: its parts, which of them each uses, and the order in which they are told of an atlas."""

from __future__ import annotations

import logging
from typing import Protocol

from PySide6.QtCore import QObject

from explorer.audio.player import Player
from explorer.qt.jobs import Jobs
from explorer.qt.messages import Messages
from explorer.session.compare.comparing import Comparing, OtherColours
from explorer.session.files.exports import Exports
from explorer.session.files.keeping import Keeping
from explorer.session.files.pictures import Pictures
from explorer.session.files.restoring import Restoring
from explorer.session.files.state import SessionState
from explorer.session.map.arithmetic import Arithmetic
from explorer.session.map.clearing import Clearing
from explorer.session.map.colouring import Colouring
from explorer.session.map.hovering import Hovering
from explorer.session.map.latent import Latent
from explorer.session.map.layers import Field, Layers
from explorer.session.map.search import Search
from explorer.session.map.selection import Selection
from explorer.session.map.selection_figures import SelectionFigures
from explorer.session.path.favourites import Favourites
from explorer.session.path.path import DrawnPath
from explorer.session.path.pieces import Pieces
from explorer.session.path.undo_stacks import UndoStacks
from explorer.session.path.wandering import Wandering
from explorer.session.playing.history import History
from explorer.session.playing.loan import PlayerLoan
from explorer.session.playing.midi import Midi
from explorer.session.playing.playback import Playback
from explorer.session.playing.preview import SongPreview
from explorer.session.playing.song_windows import SongWindows
from explorer.session.songs.atlas import Atlas
from explorer.session.songs.library import Library
from explorer.session.songs.notes_right import NotesRight
from explorer.session.songs.recognising import Listening
from explorer.session.songs.song_changes import SongChanges
from explorer.session.training.learning import Learning
from explorer.session.training.pace import TrainingPace
from explorer.session.training.run_models import RunModels
from explorer.session.training.runs import Runs
from explorer.session.training.songs import TrainingSongs
from explorer.session.training.trainer import Trainer
from explorer.session.training.training import Training
from explorer.session.training.weighing import Weighing

log = logging.getLogger(__name__)


class ShowsAtlas(Protocol):
    """A part that is told of each new atlas."""

    def show_atlas(self, atlas: Atlas) -> None: ...


class Session(QObject):
    """Model, songs, map, path, what is heard and what is trained.

    It makes the parts and gives each those it uses.  Panels listen to them and call their verbs.
    """

    def __init__(self, player: Player) -> None:
        super().__init__()
        messages = self.messages = Messages()
        jobs = self.jobs = Jobs(messages)
        library = self.library = Library(messages, jobs)
        self.undo_stack = UndoStacks()  # changes of songs, of the path and of the selection, in their order
        self.song_changes = SongChanges(messages, jobs, library, self.undo_stack)
        self.notes_right = NotesRight(library)
        self.listening = Listening(messages, jobs, library)
        playback = self.playback = Playback(messages, player)
        playback.is_unknown = self.notes_right.is_unknown
        self.notes_right.measured.connect(playback.hear_what_is_known)
        self.loan = PlayerLoan(player)
        self.song_windows = SongWindows(playback)
        self.history = History(playback)
        self.midi = Midi(messages, playback)

        path = self.path = DrawnPath(self.undo_stack)
        self.wandering = Wandering(playback, path)
        self.pieces = Pieces(messages, jobs, playback, path, self.wandering)
        self.favourites = Favourites(messages, playback, path)

        self.colouring = Colouring(jobs, library)
        selection = self.selection = Selection(jobs, library, playback, self.undo_stack)
        self.selection_figures = SelectionFigures(jobs, library, selection)
        self.search = Search(messages, jobs, library, playback, selection, self.midi)
        self.hovering = Hovering(library, playback, self.wandering, self.loan)
        self.layers = Layers()
        self.field = Field(jobs, library, playback, self.layers)
        self.latent = Latent(jobs, playback)
        self.arithmetic = Arithmetic(playback, path, selection)
        self.clearing = Clearing(playback, path, self.pieces, selection, self.search)

        self.trainer = Trainer(messages)
        self.training = Training(messages, self.trainer)
        self.training_songs, self.training_pace = TrainingSongs(messages, jobs, library), TrainingPace(jobs)
        self.preview = SongPreview(jobs, self.loan)
        self.runs = Runs(messages, jobs, library, self.trainer, self.training)
        self.run_models = RunModels(messages, library, self.training, self.runs)
        self.weighing = Weighing(messages, self.training, selection.chosen)
        self.learning = Learning(
            messages, jobs, library, self.notes_right, self.trainer, self.runs, self.run_models, playback, path
        )

        self.comparing = Comparing(jobs, library, playback, path)
        self.other_colours = OtherColours(jobs, self.colouring, self.comparing)
        self.exports = Exports(messages, jobs, library, playback, path)
        self.pictures = Pictures(messages, jobs, library, self.colouring, playback, path, selection, self.training)
        self.restoring = Restoring(messages, jobs, library, path, self.pieces, playback)
        state = SessionState(
            messages, jobs, library, self.colouring, path, playback, selection, self.training_songs, self.run_models
        )
        self.keeping = Keeping(messages, jobs, library, path, state)

        self._atlas_parts: tuple[ShowsAtlas, ...] = (  # in the order in which they are told of an atlas
            self.playback,  # first: with what is heard of another model nobody can compare anything
            self.path,
            self.colouring,
            self.search,
            self.hovering,
            self.field,
            self.selection,
            self.latent,
            self.arithmetic,
            self.selection_figures,  # compares what the selection has kept
            self.comparing,  # hears the path, and what plays, on the new map
            self.restoring,  # draws on the path and plays
            self.keeping,  # sees what all of them have changed
        )
        library.atlas_changed.connect(self._show_atlas)

    def _show_atlas(self) -> None:
        """Tell every part; one that fails leaves none of the others with the old atlas."""
        atlas = self.library.atlas
        assert atlas is not None
        for part in self._atlas_parts:
            try:
                part.show_atlas(atlas)
            except Exception as error:
                log.exception("a part does not show an atlas")
                self.messages.say(f"A fault in VRAE Explorer: {type(error).__name__}: {error}", "error")
