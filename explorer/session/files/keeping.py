"""Keeping the session: saving it, opening it, and writing it down by itself so that no crash takes it."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Generator
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from explorer.preferences import state_folder
from explorer.qt.jobs import Jobs
from explorer.qt.messages import Messages
from explorer.session.files import earlier
from explorer.session.files.contents import Contents, Origin
from explorer.session.files.earlier import AUTOSAVE, FoundAtStart, Place
from explorer.session.files.jobs import FoundSession, find_or_complaint, or_complaint, write
from explorer.session.files.state import Compared, SessionState
from explorer.session.path.path import DrawnPath
from explorer.session.songs.atlas import Atlas
from explorer.session.songs.library import Library
from explorer.session.songs.sources import place_of
from vrae_core.errors import FileError
from vrae_core.progress import Progress

SECONDS_TO_AUTOSAVE = 3.0  # after the first change since the last time

log = logging.getLogger(__name__)


class Keeping(QObject):
    """Files are read and written, and weights hashed, by jobs; the window's thread only gathers what to write."""

    changed = Signal()  # the session's file, or whether it has unsaved changes
    used = Signal(Path)  # a session file was opened or saved

    def __init__(self, messages: Messages, jobs: Jobs, library: Library, path: DrawnPath, state: SessionState) -> None:
        super().__init__()
        self._messages, self._jobs, self._library, self._path = messages, jobs, library, path
        self.state = state
        self.root = state_folder()
        self._place: Place | None = None  # once it keeps itself
        self.earlier: list[Path] = []  # sessions that another took the place of, the newest first
        self.file: Path | None = None  # that the session was opened from or saved to
        self.modified = False  # whether it has changes that are not in that file
        self._saved: Compared | None = None  # as it is in the file
        self._keeps_itself = self._complained = False
        self._archives_last = False  # whether the last session is to be kept before this one is written over it
        self._autosaves, self._one_autosave = 0, threading.Lock()
        self._timer = QTimer(self, singleShot=True, interval=int(SECONDS_TO_AUTOSAVE * 1000))
        self._timer.timeout.connect(self.autosave)
        state.changed.connect(self.touch)

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

    def _is_saved(self) -> bool:
        return self._saved is not None and self.state.compared().is_like(self._saved)

    @property
    def folder(self) -> Path:
        """Where the session is written down by itself."""
        return self.root if self._place is None else self._place.folder

    # --- saving

    def save(self, file: Path) -> None:
        """Write the session to a file, which is the session's file from then on."""
        contents = self.state.contents()
        if contents is None:
            self._messages.say("Nothing to save yet: the map is still being made.", "warning")
            return
        saved = self.state.compared()

        def done(_written: str) -> None:
            self._belongs_to(file, saved)
            self.used.emit(file)
            self._messages.say_saved(file)

        self._jobs.save(file, f"Saving {file.name}", self._writing(file, contents), done)

    def autosave(self) -> None:
        """Write the session down where it is found at the next start."""
        contents = self._contents()
        if contents is None or not self._keeps_itself:
            return
        if self._jobs.is_running(AUTOSAVE):  # never two at once
            self._timer.start()
            return

        def done(complaint: str) -> None:
            sentence = f"This session cannot be saved for the next start: {complaint}."
            if complaint and not self._keeps_itself:  # nobody sees the window any more
                log.warning("%s", sentence)
            elif complaint and not self._complained:
                self._messages.say(sentence, "warning")
            self._complained = bool(complaint)

        job = self._newest_only(or_complaint(self._autosaving(contents)))
        self._jobs.start("Saving the session", job, done, key=AUTOSAVE)

    def _autosaving(self, contents: Contents) -> Generator[Progress, None, str]:
        """Raises: FileError."""
        file = self.folder / AUTOSAVE
        if self._archives_last:
            if archived := earlier.archive(file, self.root):
                self.earlier = earlier.earlier_sessions(self.root)
                self._tell_archived(archived)
            elif file.exists():
                raise FileError(file, "cannot be put among the earlier sessions, and is not written over")
            self._archives_last = False
        return (yield from self._writing(file, contents))

    def _newest_only(self, job: Generator[Progress, None, str]) -> Generator[Progress, None, str]:
        """An autosave after those that were begun before it have ended; nothing if a newer one has begun meanwhile.

        Cancelled, one still finishes the file that it is writing.
        """
        self._autosaves += 1
        mine = self._autosaves

        def alone() -> Generator[Progress, None, str]:
            with self._one_autosave:
                return (yield from job) if mine == self._autosaves else ""

        return alone()

    def close(self) -> None:
        """Write the session down for the last time."""
        self._timer.stop()
        self._jobs.cancel(AUTOSAVE)
        self.autosave()
        self._keeps_itself = False

    def _contents(self) -> Contents | None:
        """With the file that the session belongs to: for a copy of it that is kept by itself."""
        contents, file = self.state.contents(), self.file
        origin = None if file is None else Origin(str(file), self.modified)
        return None if contents is None else replace(contents, origin=origin)

    def _writing(self, file: Path, contents: Contents) -> Generator[Progress, None, str]:
        assert self._library.model is not None
        return write(file, contents, self._library.model, self._path.drawing, self.folder)

    def _belongs_to(self, file: Path | None, saved: Compared | None) -> None:
        self.file, self._saved = file, saved
        self.modified = file is not None and not self._is_saved()
        self.changed.emit()
        self.touch()

    # --- opening

    def begin(self, otherwise: Callable[[], None], reopens: bool = True, patience: float = 0.0) -> None:
        """Write the session down from now on; first open the last one, or do ``otherwise`` if there is none.

        Unless it ``reopens``, the last one is put among the earlier ones.  patience: seconds that another window has
        to close; then, or if it does not, this one keeps its session beside that one's.
        """
        job = earlier.begin(self.root, patience, reopens, self._known_models())
        self._jobs.start("Opening the last session", job, lambda begun: self._begun(begun, otherwise))

    def _begun(self, begun: FoundAtStart, otherwise: Callable[[], None]) -> None:
        self._place, self.earlier, found = begun.place, begun.earlier, begun.found
        self._keeps_itself = True
        if begun.place.folder != self.root:
            self._messages.say(
                "Another VRAE Explorer has the last session open: this window keeps a session of its own.", "warning"
            )
        if begun.archived:
            self._tell_archived(begun.archived)
        if found.complaint:
            self._messages.say(found.complaint, "warning")
        if found.contents is None:
            otherwise()
        else:
            self._show(found, partial(self._reopened, found, otherwise))

    def _reopened(self, found: FoundSession, otherwise: Callable[[], None], there_is_a_map: bool) -> None:
        assert found.contents is not None
        shown = {place_of(song) for song in self._library.songs}
        songs_are_there = there_is_a_map and shown.issuperset(map(place_of, found.contents.songs or ()))
        whole = songs_are_there and found.model_path is not None and not found.contents.complaints
        self._archives_last = not whole and not found.complaint  # which says that it is put aside already
        if not there_is_a_map:
            otherwise()

    def _tell_archived(self, archived: list[Path]) -> None:
        others = f", and {len(archived) - 1} more" if len(archived) > 1 else ""
        self._messages.say(f"The last session is kept: File ▸ Earlier sessions ▸ {archived[-1].stem}{others}.")

    def open(self, file: Path, otherwise: Callable[[], None] = lambda: None) -> None:
        """Open a session in place of this one, which is put among the earlier ones; or do ``otherwise``."""
        before = self._contents()
        writing = None if before is None else self._writing_earlier(before, file)
        job = find_or_complaint(file, self._known_models(), writing)
        self._jobs.start(f"Opening {file.name}", job, lambda found: self._found(file, found, otherwise), key="restore")

    def _writing_earlier(self, contents: Contents, opened: Path) -> Generator[Progress, None, str]:
        """Raises: FileError."""
        file = earlier.earlier_file(self.root, time.time())
        complaint = yield from self._writing(file, contents)
        self.earlier = earlier.earlier_sessions(self.root, opened)
        return complaint

    def _found(self, file: Path, found: FoundSession, otherwise: Callable[[], None]) -> None:
        is_earlier = earlier.is_earlier(file, self.root)

        def opened(there_is_a_map: bool) -> None:
            if there_is_a_map and not is_earlier:
                self.used.emit(file)
            elif not there_is_a_map:
                self._messages.say(f"None of the songs of {file.name} can be opened, so nothing is changed.", "warning")
                otherwise()

        if found.contents is None:
            self._messages.say(f"{found.complaint}.", "error")
            otherwise()
        elif is_earlier:  # it belongs to the file that it belonged to then
            self._show(found, opened)
        else:  # opened by hand, it belongs to its file
            contents = replace(found.contents, origin=Origin(os.path.abspath(file), False))
            self._show(found._replace(contents=contents), opened)

    def _known_models(self) -> list[Path]:
        return [*self._library.models.values(), *self._library.of_runs]

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
                self.state.set(contents, found.model_path is not None and library.model_path == found.model_path)
                self._belong_as(contents.origin)
            done(there_is_a_map)

        drawn = None
        if contents.map is not None:
            drawn, library.perplexity = contents.map.projection, contents.map.perplexity
        model, called = contents.model, ""
        if model is not None and model_path is not None and model.path == str(model_path):
            called = model.name  # of a file of ours, or of a run's, the name says less
        library.reopen(model_path, contents.songs or (), drawn, opened, called)

    def _belong_as(self, origin: Origin | None) -> None:
        if origin is None:
            self._belongs_to(None, None)
        else:
            self._belongs_to(Path(origin.file), None if origin.changed else self.state.compared())
