"""The session as a whole: its parts, and the few verbs that need more than one of them."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QUndoStack

from explorer.audio.player import Player
from explorer.qt.jobs import Jobs
from explorer.qt.messages import Messages
from explorer.session.compare.comparing import Comparing, OtherColours
from explorer.session.files.exports import Exports
from explorer.session.files.keeping import Keeping
from explorer.session.files.pictures import Pictures
from explorer.session.files.restoring import Restoring
from explorer.session.map.arithmetic import Arithmetic
from explorer.session.map.colouring import Colouring
from explorer.session.map.hovering import Hovering
from explorer.session.map.latent import Latent
from explorer.session.map.layers import Field, Layers
from explorer.session.map.search import Search
from explorer.session.map.selection import Selection, SelectionFigures
from explorer.session.path.path import DrawnPath
from explorer.session.path.pieces import along_path, along_song
from explorer.session.path.wandering import Wandering
from explorer.session.playing.history import History
from explorer.session.playing.midi import Midi
from explorer.session.playing.playback import Playback
from explorer.session.songs.library import Library
from explorer.session.songs.recognising import Listening
from explorer.session.training.pace import TrainingPace
from explorer.session.training.preview import SongPreview
from explorer.session.training.runs import Runs
from explorer.session.training.sample import same_music
from explorer.session.training.songs import TrainingSongs
from explorer.session.training.training import Training
from vrae_core.midi.song import Song
from vrae_core.model.trained import TrainedModel
from vrae_core.progress import Progress

MOST_UNDONE = 200  # steps: of a million windows half of which are selected, one can be megabytes


class Session(QObject):
    """Model, songs, map, path, what is heard and what is trained.  Panels listen to its parts and call their verbs."""

    def __init__(self, player: Player) -> None:
        super().__init__()
        self.messages = Messages()
        self.jobs = Jobs(self.messages)
        self.library = Library(self.messages, self.jobs)
        self.undo_stack = QUndoStack(self)  # changes of the path and of the selection, in their order
        self.undo_stack.setUndoLimit(MOST_UNDONE)
        self.path = DrawnPath(self.undo_stack)
        self.playback = Playback(self.messages, player)
        self.history = History(self.playback)
        self.midi = Midi(self.messages, self.playback)
        self.wandering = Wandering(self.playback, self.path)
        self.training = Training(self.messages)
        self.runs = Runs(self.messages, self.training, self.jobs)
        self.training_songs = TrainingSongs(self.messages, self.jobs, self.library)
        self.training_pace = TrainingPace(self.jobs)
        self.preview = SongPreview(self.jobs, self.playback, self.wandering)
        self.listening = Listening(self.messages, self.jobs)
        self.exports = Exports(self.messages, self.jobs, self.library, self.playback, self.path)
        self.selection = Selection(self.jobs, self.library, self.playback, self.undo_stack)
        self.colouring = Colouring(self.jobs, self.library)
        self.pictures = Pictures(
            self.messages,
            self.jobs,
            self.library,
            self.colouring,
            self.playback,
            self.path,
            self.selection,
            self.training,
        )
        self.search = Search(self.messages, self.jobs, self.library, self.playback, self.selection, self.midi)
        self.hovering = Hovering(self.library, self.playback, self.wandering)
        self.layers = Layers()
        self.field = Field(self.jobs, self.library, self.playback, self.layers)
        self.latent = Latent(self.jobs, self.playback)
        self.arithmetic = Arithmetic(self.playback, self.path, self.selection)
        self.library.atlas_changed.connect(self._show_atlas)
        self.selection_figures = SelectionFigures(self.jobs, self.library, self.selection)  # hears of it after that
        self.comparing = Comparing(self.jobs, self.library, self.playback, self.path)  # hears of an atlas after this
        self.other_colours = OtherColours(self.jobs, self.colouring, self.comparing)
        self.restoring = Restoring(  # hears of an atlas after this
            self.messages, self.jobs, self.library, self.path, self.playback
        )
        self.restoring.path_restored.connect(self.play_path)
        self.keeping = Keeping(
            self.messages, self.jobs, self.library, self.path, self.playback, self.selection, self.training_songs
        )
        self.library.joined.connect(self._recognise)
        self.runs.model_wanted.connect(self.library.use_model)

    def play_path(self) -> None:
        """Decode the piece along the path and play it."""
        atlas, path = self.library.atlas, self.path
        if atlas is None or len(path.points) < 2:
            self.messages.say("A path needs two points: take the path tool and click twice on the map.")
            return
        job = along_path(atlas.model, path.drawing, path.how())
        self.jobs.start("Playing along the path", job, self.playback.play_piece, key="path")

    def play_song(self) -> None:
        """Play a song through along its thread, from the window that is heard on, or from the nearest one."""
        atlas, heard = self.library.atlas, self.playback.heard
        if atlas is None:
            return
        window = 0
        if heard is not None:
            step = self.playback.player.position
            own = heard.window_at(step)
            window = int(atlas.map.nearest(heard.place_at(step), 1)[0][0]) if own is None else own
        self.wandering.stop()
        name = atlas.song_name(window)
        self.jobs.start(f"Playing {name}", along_song(atlas, window), self.playback.play_piece, key="path")

    def add_favourite(self) -> None:
        """Keep the point that is heard as a favourite."""
        atlas, heard = self.library.atlas, self.playback.heard
        if atlas is None or heard is None:
            self.messages.say("Nothing to save yet: click on the map to hear something.")
            return
        step = self.playback.player.position
        window = heard.window_at(step)
        name = atlas.place_name(heard.place_at(step)) if window is None else atlas.title(window)
        self.path.star(heard.z_at(step), name)

    def hear_favourite(self, index: int) -> None:
        """Hear a favourite point from its start."""
        atlas = self.library.atlas
        if atlas is None:
            return
        z = self.path.drawing.favourites[index].z
        windows, distances = atlas.map.nearest_in_z(z)
        if distances[0] < 1e-6:
            self.playback.play_window(int(windows[0]))
        else:
            self.playback.play_z(z, atlas.map.point_of(z))

    def hear_next_window(self) -> None:
        """Hear the next window of the song that is heard."""
        self._hear_window(1)

    def hear_previous_window(self) -> None:
        """Hear the window before it."""
        self._hear_window(-1)

    def _hear_window(self, way: int) -> None:
        """From what is no window's own place first to the nearest; nothing goes on from a song to another."""
        atlas, heard = self.library.atlas, self.playback.heard
        if atlas is None:
            return
        if heard is None:
            self.playback.play_window(0)
            return
        window = heard.window_at(self.playback.player.position)
        if window is None:
            self.playback.play_window(int(atlas.map.nearest(heard.place_at(self.playback.player.position), 1)[0][0]))
        elif 0 <= window + way < len(atlas.corpus) and atlas.song_name(window + way) == atlas.song_name(window):
            self.playback.play_window(window + way)

    def recognise(self, file: Path) -> None:
        """Say which song on the map a file is most like."""
        atlas, songs = self.library.atlas, self.library.songs
        if atlas is None:
            self.messages.say("There is no map yet to compare with.")
            return
        self.listening.recognise(file, atlas.model, songs)

    def clean_up(self, file: Path, output: Path) -> None:
        """Write a file's song without what the model finds improbable."""
        if self.library.model is None:
            self.messages.say("There is no model yet to clean a song with.")
            return
        self.listening.clean_up(file, output, self.library.model, self.playback.sound.voices[0].program)

    def clear(self) -> None:
        """Silence, and no selection; if nothing is selected no path either (undo brings both back)."""
        self.jobs.cancel("path")
        self.wandering.stop()
        self.search.stop_listening()
        self.playback.clear()
        if self.selection.windows is not None:
            self.selection.clear()
        else:
            self.path.clear()

    def exclude_selected(self) -> None:
        """Let the training learn no more from what is selected on the map."""
        self._weigh_selected(0.0, "are excluded")

    def favour_selected(self) -> None:
        """Let the training learn twice as often from what is selected on the map."""
        self._weigh_selected(2.0, "are used twice as often")

    def _weigh_selected(self, factor: float, words: str) -> None:
        atlas, training = self.library.atlas, self.training
        if atlas is None or self.selection.windows is None:
            self.messages.say("Select windows on the map first.")
        elif training.corpus is None or not training.steerable:
            self.messages.say("No training is running.")
        else:
            windows = same_music(atlas.corpus.take(self.selection.indices), training.corpus)
            training.weigh(windows, factor)
            self.messages.say(f"{len(windows)} of the training's {len(training.corpus)} windows now {words}.")

    def use_trained_model(self) -> None:
        """Explore the model in training as it is now."""
        training = self.training
        if training.model is None:
            self.messages.say("There is no trained model yet: start a training and wait for its first epoch.")
            return
        self.library.use_model(training.model, f"{training.name}, {training.minutes:.1f} min")

    def save_trained_model(self, file: Path) -> None:
        """Write the newest model of the training to a file."""
        if self.training.model is not None:
            self.jobs.start(f"Saving {file.name}", _save_model(self.training.model, file), self.messages.say_saved)

    def _show_atlas(self) -> None:
        atlas = self.library.atlas
        assert atlas is not None
        self.path.show_atlas(atlas)
        self.selection.show_atlas(atlas)
        self.playback.show_atlas(atlas)
        self.latent.show_atlas(atlas)
        self.arithmetic.show_atlas(atlas)

    def _recognise(self, song: Song, others: tuple[Song, ...]) -> None:
        if self.library.model is not None:
            self.listening.recognise(song, self.library.model, others)


def _save_model(model: TrainedModel, file: Path) -> Generator[Progress, None, Path]:
    yield Progress(0, 1, "Writing the model")
    model.save(file)
    return file
