"""What a session is made of, gathered for a file and set again from one."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from PySide6.QtCore import QObject, Signal

from explorer.qt.jobs import Jobs
from explorer.qt.messages import Messages
from explorer.session.files.contents import COLOURS, Contents, HeardState, MapState, ModelSource, PlayerState, ViewState
from explorer.session.files.heard import decoding, heard_state
from explorer.session.map.colouring import Colouring
from explorer.session.map.selection import Selection
from explorer.session.path.drawing import Drawing
from explorer.session.path.path import DrawnPath
from explorer.session.playing.decoded import Decoded, PieceSettings
from explorer.session.playing.playback import Playback
from explorer.session.songs.atlas import Atlas
from explorer.session.songs.library import Library
from explorer.session.songs.sources import sources_of
from explorer.session.training.run_models import RunModels
from explorer.session.training.songs import TrainingSongs
from vrae_core.errors import VraeError
from vrae_core.model.trained import TrainedModel

DECODING = "Decoding what was heard last"  # title and key of a job
_NOTHING_DRAWN = Drawing().as_plain()


class Compared(NamedTuple):
    """What counts as a change of the session: neither what is looked at nor what is listened to."""

    model: TrainedModel | None
    drawing: Drawing
    left: Mapping[str, Drawing]
    rest: tuple[object, ...]

    def is_like(self, other: Compared) -> bool:
        """Whether there is nothing to save between the two."""
        same = self.model is other.model and self.rest == other.rest and self.left.keys() == other.left.keys()
        drawn = (self.drawing, other.drawing), *((self.left[key], other.left[key]) for key in self.left if same)
        return same and all(one.is_like(another) for one, another in drawn)


class SessionState(QObject):
    """Gathers in the window's thread what a job writes, and sets what a job has read.

    ``view`` is asked what the window shows, which only the window knows.
    """

    changed = Signal()  # something that a session is made of, but for the atlas
    view_wanted = Signal(object)  # a ViewState to show

    def __init__(
        self,
        messages: Messages,
        jobs: Jobs,
        library: Library,
        colouring: Colouring,
        path: DrawnPath,
        playback: Playback,
        selection: Selection,
        training_songs: TrainingSongs,
        run_models: RunModels,
    ) -> None:
        super().__init__()
        self._messages, self._jobs, self._library = messages, jobs, library
        self._colouring, self._path, self._playback = colouring, path, playback
        self._selection, self._training_songs, self._run_models = selection, training_songs, run_models
        self.view: Callable[[], ViewState] = ViewState
        self._to_be_heard: HeardState | None = None  # it is being decoded
        for signal in (library.lit.changed, colouring.changed, path.changed, path.kept_changed):
            signal.connect(self.changed)
        for signal in (playback.heard_changed, playback.settings_changed, selection.changed):
            signal.connect(self.changed)
        for signal in (training_songs.changed, run_models.changed):
            signal.connect(self.changed)
        library.beats_kept_changed.connect(self.changed)
        library.models_changed.connect(self.changed)  # the one that is shown may be called something else

    def compared(self) -> Compared:
        """What is compared to see whether there is something to save."""
        library, playback, player = self._library, self._playback, self._playback.player
        shown = library.songs, library.projection, library.perplexity, self._colouring.colour_by, library.lit.grey
        settings = playback.threshold, playback.temperature, playback.sound, playback.at_end
        rest = (*shown, *settings, player.tempo, player.volume)
        return Compared(library.model, self._path.drawing, dict(self._path.left), rest)

    def contents(self) -> Contents | None:
        """The session but for what a job adds, the model's digest and the drawing, and where it is kept.

        None while there is no map yet.
        """
        library, playback = self._library, self._playback
        if library.atlas is None or library.model is None:
            return None
        settings, player = playback.piece_settings(), playback.player
        path = "" if library.model_path is None else os.path.abspath(library.model_path)
        return Contents(
            model=ModelSource(library.model_name, path),
            songs=sources_of(library.songs, library.beats_kept),
            map=MapState(
                library.projection, _kept_colours(self._colouring.colour_by), library.lit.grey, library.perplexity
            ),
            view=self.view(),
            player=PlayerState(
                player.tempo,
                player.volume,
                settings.threshold,
                settings.temperature,
                settings.seed,
                settings.sound,
                playback.at_end,
            ),
            heard=self._to_be_heard or heard_state(playback),
            drawing={},
            selection=self._selection.runs(),
            training=self._training_songs.listing(),
            left=dict(self._path.left),
            before=self._run_models.sources_before,
        )

    def set(self, contents: Contents, with_its_model: bool) -> None:
        """Set everything but the songs and the model, which are there, as it was; what cannot be is told."""
        library, atlas = self._library, self._library.atlas
        assert atlas is not None
        shown = contents.map or MapState(library.projection)
        self._colouring.set_colour_by(shown.colour_by)
        library.lit.set_grey(shown.grey)
        self._selection.restore(contents.selection)
        if contents.training is not None:
            complained = {song.path for song in contents.songs or ()} - {song.path for song in library.songs}
            self._training_songs.restore(tuple(song for song in contents.training if song.path not in complained))
        self._run_models.restore_before(contents.before)
        if contents.player is not None:
            self._set_player(contents.player)
        drawing: Mapping[str, Any] | None = _NOTHING_DRAWN if contents.drawing is None else contents.drawing
        heard, left = contents.heard, contents.left or {}
        if not with_its_model:
            called = f"“{contents.model.name}”" if contents.model is not None and contents.model.name else "model"
            self._messages.say(
                f"The session's {called} was not found: its songs are shown by another model, without its paths.",
                "warning",
            )
            left = _with_its_own(contents)
            drawing, heard = None, None
        self._draw(drawing, left)
        self._playback.clear()
        self._hear(atlas, heard)
        if contents.view is not None:
            self.view_wanted.emit(contents.view)

    def _set_player(self, player: PlayerState) -> None:
        playback = self._playback
        playback.take_settings(
            PieceSettings(player.threshold, player.temperature, player.seed, player.tempo, player.sound, ())
        )
        playback.set_volume(player.volume)
        playback.set_at_end(player.at_end)

    def _draw(self, drawing: Mapping[str, Any] | None, left: Mapping[str, Drawing]) -> None:
        try:
            self._path.restore(drawing, left)
        except VraeError as error:
            self._path.restore(_NOTHING_DRAWN, left)
            self._messages.say(f"The session's paths and favourites are left out: {error}.", "warning")

    def _hear(self, atlas: Atlas, heard: HeardState | None) -> None:
        """Decode what was heard last, so that Space plays it; whatever is played meanwhile wins."""
        if heard is None:
            return
        if heard.points.shape[1] != atlas.model.config.latent:
            self._messages.say("The session's current point belongs to another model, and is left out.", "warning")
            return
        try:
            job = decoding(atlas, heard)
        except VraeError as error:
            self._messages.say(f"What was heard last is left out: {error}.", "warning")
            return
        self._to_be_heard, gesture = heard, self._playback.gesture

        def decoded(piece: Decoded) -> None:
            self._to_be_heard = None
            if self._playback.gesture is gesture:
                self._playback.show_piece(piece, atlas, heard.chosen)

        self._jobs.start(DECODING, job, decoded)


def _with_its_own(contents: Contents) -> Mapping[str, Drawing]:
    """What is drawn with models that are not shown, if the session's own is none that is: it may return."""
    left = dict(contents.left or {})
    if contents.model is not None and contents.drawing is not None:
        with suppress(VraeError):  # what is damaged in it means nothing to whatever model is shown
            left[contents.model.digest] = Drawing.from_plain(contents.drawing)
    return left


def _kept_colours(colour_by: str) -> str:
    """What a session says of the colours: a table somebody opened is not part of it."""
    return colour_by if colour_by in COLOURS else "song"
