"""Asking where to save what is heard, drawn, selected, seen or learnt."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QInputDialog

from explorer.dialogs.asking import MODEL_SUFFIX, Asking
from explorer.qt.messages import Messages
from explorer.session.files.exports import Exports
from explorer.session.files.pictures import Pictures
from explorer.session.map.selection import Selection
from explorer.session.path.path import DrawnPath
from explorer.session.playing.playback import Playback
from explorer.session.songs.library import Library
from explorer.session.training.runs import Runs
from explorer.session.training.training import Training
from vrae_core.piano_roll import IntArray

PIECE_KINDS = "MIDI (*.mid *.midi);;WAV (*.wav);;FLAC (*.flac);;Ogg Vorbis (*.ogg)"
PICTURE_KINDS = "PNG image (*.png);;SVG drawing (*.svg)"
WINDOW_KINDS = {  # in words: the extension, and whether it is the songs' own notes that are saved
    f"{name}, {words}": (suffix, originals)
    for words, originals in (("as the model plays them", False), ("as in their songs", True))
    for name, suffix in (("MIDI", ".mid"), ("WAV", ".wav"), ("FLAC", ".flac"), ("Ogg Vorbis", ".ogg"))
}
LONGEST_MEDLEY = 3600  # seconds
MOST_FILES = 10_000  # that are written at once


class ExportDialogs:
    """Each verb asks, and has it saved; a dialog that is closed does nothing."""

    def __init__(
        self,
        asking: Asking,
        library: Library,
        playback: Playback,
        path: DrawnPath,
        selection: Selection,
        training: Training,
        exports: Exports,
        pictures: Pictures,
        messages: Messages,
        runs: Runs,
    ) -> None:
        self._asking, self._messages, self._runs = asking, messages, runs
        self._library, self._playback, self._path, self._selection = library, playback, path, selection
        self._training, self._exports, self._pictures = training, exports, pictures

    def export_heard(self) -> None:
        """Ask where to save what is heard."""
        if self._something_heard():
            exports = self._exports
            self._asking.save("Export phrase", f"{exports.heard_name()}.mid", PIECE_KINDS, exports.save_heard)

    def export_path(self) -> None:
        """Ask where to save the piece along the path."""
        if self._path_is_drawn():
            name = f"Path of {len(self._path.points)} points.mid"
            self._asking.save("Export path", name, PIECE_KINDS, self._exports.save_path)

    def export_medley(self) -> None:
        """Ask how long a medley from the point heard shall be, and where to save it."""
        if not self._something_heard():
            return
        seconds, chosen = QInputDialog.getInt(
            self._asking.window, "Export medley", "Let the model play on for this many seconds:", 60, 1, LONGEST_MEDLEY
        )
        if chosen:
            exports = self._exports
            name = f"{exports.heard_name()}, {seconds} s.mid"
            self._asking.save(
                "Export medley", name, PIECE_KINDS, lambda file: exports.save_medley(file, float(seconds))
            )

    def export_windows(self) -> None:
        """Ask how and where to save the selected windows, one file each."""
        windows = self._selected()
        if len(windows) > MOST_FILES:
            self._messages.say(
                f"{len(windows)} windows are selected: select at most {MOST_FILES}, or save them as one piece."
            )
        if not 0 < len(windows) <= MOST_FILES:
            return
        question = QInputDialog(self._asking.window)
        question.setWindowTitle("Export selected windows")
        question.setLabelText(f"Save {len(windows)} windows as separate files")
        question.setOption(QInputDialog.InputDialogOption.UseListViewForComboBoxItems)
        question.setComboBoxItems(list(WINDOW_KINDS))
        question.setTextValue(next(iter(WINDOW_KINDS)))
        if not question.exec():
            return
        suffix, originals = WINDOW_KINDS[question.textValue()]
        folder = self._asking.folder("Choose a folder")
        if folder is not None:
            self._asking.preferences.last_folder = str(folder)
            there = [file for file in self._exports.window_files(windows, suffix) if (folder / file).exists()]
            if not there or self._asking.may_replace(there):
                self._exports.save_windows(folder, windows, suffix, originals)

    def export_selection(self) -> None:
        """Ask where to save the selected windows as one piece."""
        windows, exports = self._selected(), self._exports
        if len(windows):
            name = f"{len(windows)} windows.mid"
            self._asking.save("Export selection", name, PIECE_KINDS, lambda file: exports.save_selection(file, windows))

    def export_table(self) -> None:
        """Ask where to save the places of the selected windows in latent space."""
        windows, exports = self._selected(), self._exports
        if len(windows):
            name = f"{len(windows)} windows.csv"
            self._asking.save("Export selection", name, "Table (*.csv)", lambda file: exports.save_table(file, windows))

    def export_map(self) -> None:
        """Ask where to save the map as a picture."""
        if self._there_is_a_map():
            self._asking.save("Export map", "map.png", PICTURE_KINDS, self._pictures.save_map)

    def export_page(self) -> None:
        """Ask where to save the map as a web page."""
        if self._there_is_a_map():
            self._asking.save("Export map as web page", "map.html", "Web page (*.html)", self._pictures.save_page)

    def export_strip(self) -> None:
        """Ask where to save the rolls along the path as a picture."""
        if self._path_is_drawn():
            self._asking.save("Export path as image", "path.png", PICTURE_KINDS, self._pictures.save_strip)

    def export_curve(self) -> None:
        """Ask where to save the training's curves as a picture."""
        if self._training.rows:
            self._asking.save("Export curve", "training.png", PICTURE_KINDS, self._pictures.save_curve)
        else:
            self._messages.say("There is no curve to save yet: train a model first.")

    def save_model(self, suggested: Path) -> None:
        """Ask where to save the trained model."""
        self._asking.save("Save model", suggested.name, f"Model (*{MODEL_SUFFIX})", self._runs.save_trained_model)

    def _something_heard(self) -> bool:
        if self._playback.heard is None:
            self._messages.say("Nothing to save yet: click on the map to hear something.")
        return self._playback.heard is not None

    def _selected(self) -> IntArray:
        windows = self._selection.indices
        if not len(windows):
            self._messages.say("No windows are selected: take the select tool and drag a box around some.")
        return windows

    def _there_is_a_map(self) -> bool:
        if self._library.atlas is None:
            self._messages.say("There is no map to save yet.")
        return self._library.atlas is not None

    def _path_is_drawn(self) -> bool:
        drawn = len(self._path.points) > 1
        if not drawn:
            self._messages.say("A path needs two points: take the path tool and click twice on the map.")
        return drawn
