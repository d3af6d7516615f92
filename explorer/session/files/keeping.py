"""Keeping the session: saving it, opening it, and writing it down by itself so that no crash takes it."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal

from explorer.preferences import state_folder
from explorer.qt.jobs import Jobs
from explorer.qt.messages import Messages
from explorer.session.files import jobs as heard_song
from explorer.session.files.jobs import FoundSession, find_last, find_or_complaint, or_complaint, write
from explorer.session.files.session_file import (
    COLOURS,
    SUFFIX,
    Contents,
    HeardState,
    MapState,
    ModelSource,
    Origin,
    PlayerState,
    ViewState,
)
from explorer.session.map.selection import Selection
from explorer.session.path.drawing import Drawing
from explorer.session.path.path import DrawnPath
from explorer.session.path.pieces import along_path, along_song, from_point
from explorer.session.playing.decoded import Decoded, PieceSettings
from explorer.session.playing.playback import Playback
from explorer.session.songs.atlas import Atlas
from explorer.session.songs.library import Library
from explorer.session.training.songs import TrainingSongs
from vrae_core.errors import VraeError
from vrae_core.latent.path import LatentPath
from vrae_core.model.trained import TrainedModel
from vrae_core.music.piece_recipe import Kind
from vrae_core.progress import Progress

AUTOSAVE, SET_ASIDE, BEFORE = f"autosave{SUFFIX}", f"set aside{SUFFIX}", f"before the last one opened{SUFFIX}"
SECONDS_TO_AUTOSAVE = 3.0  # after the first change since the last time
_NOTHING_DRAWN = Drawing().as_plain()


class _State(NamedTuple):
    """What counts as a change of the session: neither what is looked at nor what is listened to."""

    model: TrainedModel | None
    drawing: Drawing
    rest: tuple[object, ...]

    def is_like(self, other: _State) -> bool:
        """Whether there is nothing to save between the two."""
        return self.model is other.model and self.rest == other.rest and self.drawing.is_like(other.drawing)


class Keeping(QObject):
    """Files are read and written, and weights hashed, by jobs; the window's thread only gathers what to write.

    ``view`` is asked what the window shows, which only the window knows.
    """

    changed = Signal()  # the session's file, or whether it has unsaved changes
    view_wanted = Signal(object)  # a ViewState to show
    used = Signal(Path)  # a session file was opened or saved

    def __init__(
        self,
        messages: Messages,
        jobs: Jobs,
        library: Library,
        path: DrawnPath,
        playback: Playback,
        selection: Selection,
        training_songs: TrainingSongs,
    ) -> None:
        super().__init__()
        self._messages, self._jobs, self._library = messages, jobs, library
        self._path, self._playback = path, playback
        self._selection, self._training_songs = selection, training_songs
        self.view: Callable[[], ViewState] = ViewState
        self.folder = state_folder()
        self.file: Path | None = None  # that the session was opened from or saved to
        self.modified = False  # whether it has changes that are not in that file
        self._saved: _State | None = None  # as it is in the file
        self._to_be_heard: HeardState | None = None  # it is being decoded
        self._keeps_itself = self._complained = False
        self._timer = QTimer(self, singleShot=True, interval=int(SECONDS_TO_AUTOSAVE * 1000))
        self._timer.timeout.connect(self.autosave)
        for signal in (library.lit_changed, library.colour_by_changed, path.changed):
            signal.connect(self.touch)
        for signal in (path.kept_changed, playback.heard_changed, playback.settings_changed, selection.changed):
            signal.connect(self.touch)
        training_songs.changed.connect(self.touch)

    # --- what there is

    def show_atlas(self, _atlas: Atlas) -> None:
        """Other songs or another model are a change."""
        self.touch()

    def touch(self) -> None:
        """Something has changed: say whether it is in the file, and write it down soon."""
        if self._keeps_itself and not self._timer.isActive():
            self._timer.start()
        modified = self.file is not None and not self._is_saved()
        if modified != self.modified:
            self.modified = modified
            self.changed.emit()

    def _state(self) -> _State:
        library, playback, player = self._library, self._playback, self._playback.player
        shown = library.songs, library.projection, library.perplexity, library.colour_by, library.grey
        settings = playback.threshold, playback.temperature, playback.sound, playback.at_end
        return _State(library.model, self._path.drawing, (*shown, *settings, player.tempo, player.volume))

    def _is_saved(self) -> bool:
        return self._saved is not None and self._state().is_like(self._saved)

    def _contents(self) -> Contents | None:
        """The session but for what a job adds: the model's digest and the drawing."""
        library, playback = self._library, self._playback
        if library.atlas is None or library.model is None:
            return None
        settings, player = playback.piece_settings(), playback.player
        path = "" if library.model_path is None else os.path.abspath(library.model_path)
        return Contents(
            model=ModelSource(library.model_name, path),
            songs=tuple(Path(song.path) for song in library.songs if song.path),
            map=MapState(library.projection, _kept_colours(library.colour_by), library.grey, library.perplexity),
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
            heard=self._to_be_heard or _heard_state(playback),
            drawing={},
            origin=None if self.file is None else Origin(str(self.file), self.modified),
            selection=self._selection.runs(),
            training=self._training_songs.listing(),
        )

    # --- saving

    def save(self, file: Path) -> None:
        """Write the session to a file, which is the session's file from then on."""
        contents = self._contents()
        if contents is None:
            self._messages.say("Nothing to save yet: the map is still being made.", "warning")
            return
        saved = self._state()

        def done(_written: str) -> None:
            self._belongs_to(file, saved)
            self.used.emit(file)
            self._messages.say_saved(file)

        self._jobs.start(f"Saving {file.name}", self._writing(file, replace(contents, origin=None)), done)

    def autosave(self) -> None:
        """Write the session down where it is found at the next start."""
        contents = self._contents()
        if contents is None or not self._keeps_itself:
            return
        if self._jobs.is_running(AUTOSAVE):  # never two at once
            self._timer.start()
            return

        def done(complaint: str) -> None:
            if complaint and not self._complained:
                self._messages.say(f"This session cannot be saved for the next start: {complaint}.", "warning")
            self._complained = bool(complaint)

        job = or_complaint(self._writing(self.folder / AUTOSAVE, contents))
        self._jobs.start("Saving the session", job, done, key=AUTOSAVE)

    def close(self) -> None:
        """Write the session down for the last time."""
        self._timer.stop()
        self._jobs.cancel(AUTOSAVE)
        self.autosave()
        self._keeps_itself = False

    def _writing(self, file: Path, contents: Contents) -> Generator[Progress, None, str]:
        assert self._library.model is not None
        return write(file, contents, self._library.model, self._path.drawing, self.folder)

    def _belongs_to(self, file: Path | None, saved: _State | None) -> None:
        self.file, self._saved = file, saved
        self.modified = file is not None and not self._is_saved()
        self.changed.emit()
        self.touch()

    # --- opening

    def begin(self, otherwise: Callable[[], None] | None) -> None:
        """Write the session down from now on; first open the last one, or do ``otherwise`` if there is none.

        With None for ``otherwise`` the last one is left alone: something else is being opened.
        """
        self._keeps_itself = True
        if otherwise is None:
            return
        job = find_last(self.folder / AUTOSAVE, self.folder / SET_ASIDE, self._known_models())
        self._jobs.start("Opening the last session", job, lambda found: self._reopened(found, otherwise))

    def _reopened(self, found: FoundSession, otherwise: Callable[[], None]) -> None:
        if found.complaint:
            self._messages.say(found.complaint, "warning")
        if found.contents is None:
            otherwise()
        else:
            self._show(found, lambda opened: None if opened else otherwise())

    def open(self, file: Path, otherwise: Callable[[], None] = lambda: None) -> None:
        """Open a session in place of this one, which is written down beside the autosave; or do ``otherwise``."""
        before = self._contents()
        writing = None if before is None else self._writing(self.folder / BEFORE, replace(before, origin=None))
        job = find_or_complaint(file, self._known_models(), writing)
        self._jobs.start(f"Opening {file.name}", job, lambda found: self._found(file, found, otherwise), key="restore")

    def _found(self, file: Path, found: FoundSession, otherwise: Callable[[], None]) -> None:
        def opened(there_is_a_map: bool) -> None:
            if there_is_a_map:
                self.used.emit(file)
            else:
                self._messages.say(f"None of the songs of {file.name} can be opened, so nothing is changed.", "warning")
                otherwise()

        if found.contents is None:
            self._messages.say(f"{found.complaint}.", "error")
            otherwise()
        else:  # opened by hand, it belongs to its file
            contents = replace(found.contents, origin=Origin(os.path.abspath(file), False))
            self._show(found._replace(contents=contents), opened)

    def _known_models(self) -> list[Path]:
        return list(self._library.models.values())

    def _show(self, found: FoundSession, done: Callable[[bool], None]) -> None:
        """Open the songs and the model, then set everything else; ``done`` is told whether there is a map."""
        contents, library = found.contents, self._library
        assert contents is not None
        self._messages.complain(contents.complaints)
        model_path = found.model_path
        if model_path is None and library.model is None and library.models:
            model_path = next(iter(library.models.values()))  # any is better than none

        def opened(there_is_a_map: bool) -> None:
            if there_is_a_map:
                self._set(contents, found.model_path is not None and library.model_path == found.model_path)
            done(there_is_a_map)

        drawn = None
        if contents.map is not None:
            drawn, library.perplexity = contents.map.projection, contents.map.perplexity
        library.reopen(model_path, contents.songs or (), drawn, opened)

    def _set(self, contents: Contents, with_its_model: bool) -> None:
        library, atlas = self._library, self._library.atlas
        assert atlas is not None
        shown = contents.map or MapState(library.projection)
        library.set_colour_by(shown.colour_by)
        library.set_grey(shown.grey)
        self._selection.restore(contents.selection)
        if contents.training is not None:
            complained = {str(path) for path in contents.songs or ()} - {song.path for song in library.songs}
            self._training_songs.restore(tuple(song for song in contents.training if song.path not in complained))
        if contents.player is not None:
            self._set_player(contents.player)
        drawing = _NOTHING_DRAWN if contents.drawing is None else contents.drawing
        heard = contents.heard
        if not with_its_model:
            called = f"“{contents.model.name}”" if contents.model is not None and contents.model.name else "model"
            self._messages.say(
                f"The session's {called} was not found: its songs are shown by another model, without its paths.",
                "warning",
            )
            drawing, heard = _NOTHING_DRAWN, None
        self._draw(drawing)
        self._playback.clear()
        self._hear(atlas, heard)
        if contents.view is not None:
            self.view_wanted.emit(contents.view)
        origin = contents.origin
        if origin is None:
            self._belongs_to(None, None)
        else:
            self._belongs_to(Path(origin.file), None if origin.changed else self._state())

    def _set_player(self, player: PlayerState) -> None:
        playback = self._playback
        playback.take_settings(
            PieceSettings(player.threshold, player.temperature, player.seed, player.tempo, player.sound, ())
        )
        playback.set_volume(player.volume)
        playback.set_at_end(player.at_end)

    def _draw(self, drawing: Mapping[str, Any]) -> None:
        try:
            self._path.restore(drawing)
        except VraeError as error:
            self._path.restore(_NOTHING_DRAWN)
            self._messages.say(f"The session's paths and favourites are left out: {error}.", "warning")

    def _hear(self, atlas: Atlas, heard: HeardState | None) -> None:
        """Decode what was heard last, so that Space plays it; whatever is played meanwhile wins."""
        if heard is None:
            return
        if heard.points.shape[1] != atlas.model.config.latent:
            self._messages.say("The session's current point belongs to another model, and is left out.", "warning")
            return
        try:
            job = _decoding(atlas, heard)
        except VraeError as error:
            self._messages.say(f"What was heard last is left out: {error}.", "warning")
            return
        self._to_be_heard, gesture = heard, self._playback.gesture

        def decoded(piece: Decoded) -> None:
            self._to_be_heard = None
            if self._playback.gesture is gesture:
                self._playback.show_piece(piece, atlas, heard.version)

        self._jobs.start("Decoding what was heard last", job, decoded)


def _kept_colours(colour_by: str) -> str:
    """What a session says of the colours: a table somebody opened is not part of it."""
    return colour_by if colour_by in COLOURS else "song"


def _heard_state(playback: Playback) -> HeardState | None:
    heard = playback.heard
    if heard is None or playback.atlas is None:
        return None
    if heard.windows is not None:
        how = heard_song.song_position(playback.atlas, int(heard.windows[0]))
        return HeardState("song", heard.zs[:1], how, playback.version)
    if len(heard.zs) > 1 and heard.points is None:
        return None
    if heard.points is not None:
        return HeardState("path", heard.points, heard.how, playback.version)
    kind: Kind = "point" if heard.own_steps == playback.atlas.model.config.window else "medley"
    return HeardState(kind, heard.zs[:1], {"steps": heard.own_steps}, playback.version)


def _decoding(atlas: Atlas, heard: HeardState) -> Generator[Progress, None, Decoded]:
    """Raises: VraeError, at once, for a path that makes no sense or a song that is not there."""
    if heard.kind == "song":
        return along_song(atlas, heard_song.window_of(atlas, heard.how))
    if heard.kind != "path":
        return from_point(atlas, heard.points, heard.how["steps"])
    path = LatentPath.from_plain({**heard.how, "points": heard.points.tolist()}, atlas.model.config.latent)
    return along_path(atlas.model, Drawing(atlas.map).with_path(path), heard.how)
