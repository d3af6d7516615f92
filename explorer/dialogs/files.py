"""Asking which files to open, to train on, to look for or to clean up; and where to save the session."""

from __future__ import annotations

from pathlib import Path

from explorer.dialogs.asking import MIDI_KINDS, MODEL_SUFFIX, Asking
from explorer.preferences import Preferences
from explorer.qt.messages import Messages
from explorer.session.compare.comparing import Comparing
from explorer.session.files.keeping import Keeping
from explorer.session.files.restoring import Restoring
from explorer.session.files.session_file import SUFFIX as SESSION_SUFFIX
from explorer.session.map.search import Search
from explorer.session.songs.library import Library
from explorer.session.songs.recognising import Listening
from explorer.session.training.songs import TrainingSongs


def model_and_songs(paths: list[Path]) -> tuple[Path | None, list[Path]]:
    """The last model file among some files, and all that are none: these are taken for songs."""
    models = [path for path in paths if path.suffix.lower() == MODEL_SUFFIX]
    return models[-1] if models else None, [path for path in paths if path not in models]


def session_among(paths: list[Path]) -> Path | None:
    """The last session among some files."""
    return next((path for path in reversed(paths) if path.suffix.lower() == SESSION_SUFFIX), None)


class FileDialogs:
    """Each verb asks for a file and hands it on; a dialog that is closed does nothing."""

    def __init__(
        self,
        asking: Asking,
        preferences: Preferences,
        library: Library,
        keeping: Keeping,
        restoring: Restoring,
        comparing: Comparing,
        training_songs: TrainingSongs,
        search: Search,
        messages: Messages,
        listening: Listening,
    ) -> None:
        self._asking, self._preferences, self._messages = asking, preferences, messages
        self._library, self._keeping, self._restoring, self._comparing = library, keeping, restoring, comparing
        self._training_songs, self._search, self._listening = training_songs, search, listening

    def open_songs(self) -> None:
        """Ask for MIDI files and put them on the map."""
        self.open(self._asking.midi_files("Open songs"))

    def open_model(self) -> None:
        """Ask for a model file and open it."""
        model = self._one_model("Open model")
        if model is not None:
            self.open([model])

    def open_other_model(self) -> None:
        """Ask for a model file and compare it with the model in Explore."""
        model = self._one_model("Compare with model")
        if model is not None:
            self._comparing.open(model)

    def _one_model(self, title: str) -> Path | None:
        return self._asking.file(title, f"Models (*{MODEL_SUFFIX});;All files (*)")

    def open(self, paths: list[Path]) -> None:
        """Open a session, or models and songs."""
        session = session_among(paths)
        if session is not None:
            self._asking.remember(session)
            self._keeping.open(session)
            if len(paths) > 1:
                self._messages.say(f"{session.name} is a session: open it without other files.")
        elif paths:
            self.remember(paths)
            self._library.open(*model_and_songs(paths))

    def remember(self, paths: list[Path]) -> None:
        """Put models and songs among the recent ones, and ask for the next files where they are."""
        self._asking.remember(paths[0])
        model, songs = model_and_songs(paths)
        if model is not None:
            self._preferences.remember_model(model)
        for song in songs:
            self._preferences.remember_song(song)

    def open_session(self) -> None:
        """Ask for a session and open it in place of this one."""
        file = self._asking.file("Open session", f"Sessions (*{SESSION_SUFFIX});;All files (*)")
        if file is not None:
            self._keeping.open(file)

    def save_session(self) -> None:
        """Save the session in its file; ask for one if it has none."""
        if self._keeping.file is None:
            self.save_session_as()
        else:
            self._keeping.save(self._keeping.file)

    def save_session_as(self) -> None:
        """Ask where to save the session."""
        file = self._keeping.file
        name = f"My session{SESSION_SUFFIX}" if file is None else file.name
        self._asking.save("Save session", name, f"Session (*{SESSION_SUFFIX})", self._keeping.save)

    def open_dropped(self, paths: list[Path]) -> None:
        """Open what was dropped; a MIDI file that comes alone may be a piece, to be restored."""
        model, others = model_and_songs(paths)
        if len(others) == 1 and session_among(paths) is None:
            self._asking.remember(others[0])
            self._restoring.open(others[0], model)
        else:
            self.open(paths)

    def add_training_songs(self) -> None:
        """Ask for MIDI files to train on; they are not put on the map."""
        self._train_on(self._asking.midi_files("Add songs to train on"))

    def add_training_folder(self) -> None:
        """Ask for a folder, and train on the MIDI files in it."""
        folder = self._asking.folder("Add a folder to train on")
        self._train_on([] if folder is None else [folder])

    def drop_on_training(self, paths: list[Path]) -> None:
        """Train on what was dropped on the training tab; a session or a model is opened as anywhere."""
        if session_among(paths) is not None or model_and_songs(paths)[0] is not None:
            self.open_dropped(paths)
        else:
            self._train_on(paths)

    def _train_on(self, paths: list[Path]) -> None:
        if paths:
            self._asking.remember(paths[0])
            self._training_songs.add(paths)

    def recognise(self) -> None:
        """Ask for an excerpt, and say which song on the map it is most like."""
        excerpt = self._asking.file("Recognise a file", MIDI_KINDS)
        if excerpt is not None:
            self._listening.recognise(excerpt)

    def find_like(self) -> None:
        """Ask for a MIDI file, and find windows like any of it."""
        file = self._asking.file("Find windows like a file", MIDI_KINDS)
        if file is not None:
            self._search.like_file(file)

    def clean_up(self) -> None:
        """Ask for a song and where to write it cleaned up."""
        song = self._asking.file("Clean up a file", MIDI_KINDS)
        if song is not None:
            name = f"{song.stem} (clean).mid"
            self._asking.save(
                "Save the clean file", name, "MIDI (*.mid)", lambda to: self._listening.clean_up(song, to)
            )
