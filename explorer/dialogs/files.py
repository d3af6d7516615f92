"""Asking the user for files, and remembering the folder."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QInputDialog, QMessageBox, QWidget

from explorer.preferences import Preferences
from explorer.session.files.session_file import SUFFIX as SESSION_SUFFIX
from explorer.session.session import Session
from vrae_core.midi.files import MIDI_SUFFIXES
from vrae_core.piano_roll import IntArray

MIDI_KINDS = f"MIDI files ({' '.join('*' + suffix for suffix in MIDI_SUFFIXES)});;All files (*)"
MODEL_SUFFIX = ".safetensors"
PIECE_KINDS = "MIDI (*.mid *.midi);;WAV (*.wav);;FLAC (*.flac);;Ogg Vorbis (*.ogg)"
PICTURE_KINDS = "PNG picture (*.png);;SVG drawing (*.svg)"
WINDOW_KINDS = {  # in words: the extension, and whether it is the songs' own notes that are saved
    f"{name}, {words}": (suffix, originals)
    for words, originals in (("as the model plays them", False), ("as in their songs", True))
    for name, suffix in (("MIDI", ".mid"), ("WAV", ".wav"), ("FLAC", ".flac"), ("Ogg Vorbis", ".ogg"))
}
LONGEST_MEDLEY = 3600  # seconds
MOST_FILES = 10_000  # that are written at once


def model_and_songs(paths: list[Path]) -> tuple[Path | None, list[Path]]:
    """The last model file among some files, and all that are none: these are taken for songs."""
    models = [path for path in paths if path.suffix.lower() == MODEL_SUFFIX]
    return models[-1] if models else None, [path for path in paths if path not in models]


def session_among(paths: list[Path]) -> Path | None:
    """The last session among some files."""
    return next((path for path in reversed(paths) if path.suffix.lower() == SESSION_SUFFIX), None)


class FileDialogs:
    """Each verb asks for a file and hands it to the session; a dialog that is closed does nothing."""

    def __init__(self, window: QWidget, session: Session, preferences: Preferences) -> None:
        self._window, self._session, self._preferences = window, session, preferences

    def open_songs(self) -> None:
        """Ask for MIDI files and put them on the map."""
        names, _ = QFileDialog.getOpenFileNames(self._window, "Open songs", self._preferences.last_folder, MIDI_KINDS)
        self.open([Path(name) for name in names])

    def open_model(self) -> None:
        """Ask for a model file and open it."""
        model = self._one_model("Open model")
        if model is not None:
            self.open([model])

    def open_other_model(self) -> None:
        """Ask for a model file and compare it with the model in Explore."""
        model = self._one_model("Compare with model")
        if model is not None:
            self._remember(model)
            self._session.comparing.open(model)

    def _one_model(self, title: str) -> Path | None:
        kinds = f"Models (*{MODEL_SUFFIX});;All files (*)"
        name, _ = QFileDialog.getOpenFileName(self._window, title, self._preferences.last_folder, kinds)
        return Path(name) if name else None

    def open(self, paths: list[Path]) -> None:
        """Open a session, or models and songs."""
        session = session_among(paths)
        if session is not None:
            self._remember(session)
            self._session.keeping.open(session)
            if len(paths) > 1:
                self._session.messages.say(f"{session.name} is a session: open it without other files.")
        elif paths:
            self._remember(paths[0])
            model, songs = model_and_songs(paths)
            if model is not None:
                self._preferences.remember_model(model)
            for song in songs:
                self._preferences.remember_song(song)
            self._session.library.open(model, songs)

    def open_session(self) -> None:
        """Ask for a session and open it in place of this one."""
        kinds = f"Sessions (*{SESSION_SUFFIX});;All files (*)"
        name, _ = QFileDialog.getOpenFileName(self._window, "Open session", self._preferences.last_folder, kinds)
        if name:
            self._remember(Path(name))
            self._session.keeping.open(Path(name))

    def save_session(self) -> None:
        """Save the session in its file; ask for one if it has none."""
        if self._session.keeping.file is None:
            self.save_session_as()
        else:
            self._session.keeping.save(self._session.keeping.file)

    def save_session_as(self) -> None:
        """Ask where to save the session."""
        file = self._session.keeping.file
        name = f"My session{SESSION_SUFFIX}" if file is None else file.name
        self._save("Save session", name, f"Session (*{SESSION_SUFFIX})", self._session.keeping.save)

    def open_dropped(self, paths: list[Path]) -> None:
        """Open what was dropped; a MIDI file that comes alone may be a piece, to be restored."""
        model, others = model_and_songs(paths)
        if len(others) == 1 and session_among(paths) is None:
            self._remember(others[0])
            self._session.restoring.open(others[0], model)
        else:
            self.open(paths)

    def add_training_songs(self) -> None:
        """Ask for MIDI files to train on; they are not put on the map."""
        start = self._preferences.last_folder
        names, _ = QFileDialog.getOpenFileNames(self._window, "Add songs to train on", start, MIDI_KINDS)
        self._train_on([Path(name) for name in names])

    def add_training_folder(self) -> None:
        """Ask for a folder, and train on the MIDI files in it."""
        start = self._preferences.last_folder
        name = QFileDialog.getExistingDirectory(self._window, "Add a folder to train on", start)
        self._train_on([Path(name)] if name else [])

    def drop_on_training(self, paths: list[Path]) -> None:
        """Train on what was dropped on the training tab; a session or a model is opened as anywhere."""
        if session_among(paths) is not None or model_and_songs(paths)[0] is not None:
            self.open_dropped(paths)
        else:
            self._train_on(paths)

    def _train_on(self, paths: list[Path]) -> None:
        if paths:
            self._remember(paths[0])
            self._session.training_songs.add(paths)

    def recognise(self) -> None:
        """Ask for an excerpt, and say which song on the map it is most like."""
        excerpt = self._one_midi_file("Recognise a file")
        if excerpt is not None:
            self._session.listening.recognise(excerpt)

    def find_like(self) -> None:
        """Ask for a MIDI file, and find windows like any of it."""
        file = self._one_midi_file("Find windows like a file")
        if file is not None:
            self._session.search.like_file(file)

    def clean_up(self) -> None:
        """Ask for a song and where to write it cleaned up."""
        song = self._one_midi_file("Clean up a file")
        if song is not None:
            name = f"{song.stem} (clean).mid"
            program = self._session.playback.sound.voices[0].program
            clean_up = self._session.listening.clean_up
            self._save("Save the clean file", name, "MIDI (*.mid)", lambda to: clean_up(song, to, program))

    def _one_midi_file(self, title: str) -> Path | None:
        name, _ = QFileDialog.getOpenFileName(self._window, title, self._preferences.last_folder, MIDI_KINDS)
        if name:
            self._remember(Path(name))
        return Path(name) if name else None

    def export_heard(self) -> None:
        """Ask where to save what is heard."""
        if self._something_heard():
            exports = self._session.exports
            self._save("Export phrase", f"{exports.heard_name()}.mid", PIECE_KINDS, exports.save_heard)

    def export_path(self) -> None:
        """Ask where to save the piece along the path."""
        if self._path_is_drawn():
            name = f"Path of {len(self._session.path.points)} points.mid"
            self._save("Export path", name, PIECE_KINDS, self._session.exports.save_path)

    def export_medley(self) -> None:
        """Ask how long a medley from the point heard shall be, and where to save it."""
        if not self._something_heard():
            return
        seconds, chosen = QInputDialog.getInt(
            self._window, "Export medley", "Let the model play on for this many seconds:", 60, 1, LONGEST_MEDLEY
        )
        if chosen:
            exports = self._session.exports
            name = f"{exports.heard_name()}, {seconds} s.mid"
            self._save("Export medley", name, PIECE_KINDS, lambda file: exports.save_medley(file, float(seconds)))

    def export_windows(self) -> None:
        """Ask how and where to save the selected windows, one file each."""
        windows = self._selected()
        if len(windows) > MOST_FILES:
            self._session.messages.say(
                f"{len(windows)} windows are selected: select at most {MOST_FILES}, or save them as one piece."
            )
        if not 0 < len(windows) <= MOST_FILES:
            return
        question = QInputDialog(self._window)
        question.setWindowTitle("Export selected windows")
        question.setLabelText(f"Save {len(windows)} windows as separate files")
        question.setOption(QInputDialog.InputDialogOption.UseListViewForComboBoxItems)
        question.setComboBoxItems(list(WINDOW_KINDS))
        question.setTextValue(next(iter(WINDOW_KINDS)))
        if not question.exec():
            return
        suffix, originals = WINDOW_KINDS[question.textValue()]
        name = QFileDialog.getExistingDirectory(self._window, "Choose a folder", self._preferences.last_folder)
        if name:
            folder = Path(name)
            self._preferences.last_folder = name
            there = [file for file in self._session.exports.window_files(windows, suffix) if (folder / file).exists()]
            if not there or self._may_replace(there):
                self._session.exports.save_windows(folder, windows, suffix, originals)

    def export_selection(self) -> None:
        """Ask where to save the selected windows as one piece."""
        windows, exports = self._selected(), self._session.exports
        if len(windows):
            name = f"{len(windows)} windows.mid"
            self._save("Export selection", name, PIECE_KINDS, lambda file: exports.save_selection(file, windows))

    def export_table(self) -> None:
        """Ask where to save the places of the selected windows in latent space."""
        windows, exports = self._selected(), self._session.exports
        if len(windows):
            name = f"{len(windows)} windows.csv"
            self._save("Export selection", name, "Table (*.csv)", lambda file: exports.save_table(file, windows))

    def export_map(self) -> None:
        """Ask where to save the map as a picture."""
        if self._there_is_a_map():
            self._save("Export map", "map.png", PICTURE_KINDS, self._session.pictures.save_map)

    def export_page(self) -> None:
        """Ask where to save the map as a web page."""
        if self._there_is_a_map():
            self._save("Export map as web page", "map.html", "Web page (*.html)", self._session.pictures.save_page)

    def export_strip(self) -> None:
        """Ask where to save the rolls along the path as a picture."""
        if self._path_is_drawn():
            self._save("Export path as picture", "path.png", PICTURE_KINDS, self._session.pictures.save_strip)

    def export_curve(self) -> None:
        """Ask where to save the training's curves as a picture."""
        if self._session.training.rows:
            self._save("Export curve", "training.png", PICTURE_KINDS, self._session.pictures.save_curve)
        else:
            self._session.messages.say("There is no curve to save yet: train a model first.")

    def save_model(self, suggested: Path) -> None:
        """Ask where to save the trained model."""
        self._save("Save model", suggested.name, f"Model (*{MODEL_SUFFIX})", self._session.runs.save_trained_model)

    def _save(self, title: str, name: str, kinds: str, save: Callable[[Path], None]) -> None:
        """Ask for a file; a name without one of the kinds' extensions is given that of the kind that is chosen."""
        start = str(Path(self._preferences.last_folder) / name)
        chosen, kind = QFileDialog.getSaveFileName(self._window, title, start, kinds)
        if not chosen:
            return
        file = Path(chosen)
        if file.suffix.lower() not in _suffixes(kinds):
            file = file.with_name(file.name + _suffixes(kind)[0])
            if file.exists() and not self._may_replace([file.name]):  # the dialog has asked for another name
                return
        self._remember(file)
        save(file)

    def _may_replace(self, names: list[str]) -> bool:
        """Ask about files that are there already."""
        others = f" and {len(names) - 1} more" if len(names) > 1 else ""
        question = QMessageBox(
            QMessageBox.Icon.Question,
            "Replace files",
            f"{names[0]}{others} {'exist' if others else 'exists'} already. Replace?",
            QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.Cancel,
            self._window,
        )
        question.setTextFormat(Qt.TextFormat.PlainText)
        return question.exec() == QMessageBox.StandardButton.Yes

    def _something_heard(self) -> bool:
        if self._session.playback.heard is None:
            self._session.messages.say("Nothing to save yet: click on the map to hear something.")
        return self._session.playback.heard is not None

    def _selected(self) -> IntArray:
        windows = self._session.selection.indices
        if not len(windows):
            self._session.messages.say("No windows are selected: take the select tool and drag a box around some.")
        return windows

    def _there_is_a_map(self) -> bool:
        if self._session.library.atlas is None:
            self._session.messages.say("There is no map to save yet.")
        return self._session.library.atlas is not None

    def _path_is_drawn(self) -> bool:
        drawn = len(self._session.path.points) > 1
        if not drawn:
            self._session.messages.say("A path needs two points: take the path tool and click twice on the map.")
        return drawn

    def _remember(self, file: Path) -> None:
        self._preferences.last_folder = str(file.parent)


def _suffixes(kinds: str) -> list[str]:
    """The extensions in what a file dialog offers, as in "MIDI (*.mid *.midi);;WAV (*.wav)"."""
    return re.findall(r"\*(\.[\w-]+)", kinds)
