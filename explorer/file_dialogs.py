"""Asking the user for files, and remembering the folder."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from explorer.preferences import Preferences
from explorer.session import Session

MIDI_SUFFIXES = (".mid", ".midi", ".rmi", ".kar")
MIDI_KINDS = f"MIDI files ({' '.join('*' + suffix for suffix in MIDI_SUFFIXES)});;All files (*)"
MODEL_SUFFIX = ".safetensors"


def model_and_songs(paths: list[Path]) -> tuple[Path | None, list[Path]]:
    """The last model file among some files, and all that are none: these are taken for songs."""
    models = [path for path in paths if path.suffix.lower() == MODEL_SUFFIX]
    return models[-1] if models else None, [path for path in paths if path not in models]


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
        kinds = f"Models (*{MODEL_SUFFIX});;All files (*)"
        name, _ = QFileDialog.getOpenFileName(self._window, "Open model", self._preferences.last_folder, kinds)
        if name:
            self._remember(Path(name))
            self._preferences.remember_model(name)
            self._session.library.open(model_path=Path(name))

    def open(self, paths: list[Path]) -> None:
        """Open what was chosen or dropped."""
        if paths:
            self._remember(paths[0])
            self._session.library.open(*model_and_songs(paths))

    def recognise(self) -> None:
        """Ask for an excerpt, and say which song on the map it is most like."""
        excerpt = self._one_midi_file("Recognise a file")
        if excerpt is not None:
            self._session.recognise(excerpt)

    def clean_up(self) -> None:
        """Ask for a song and where to write it cleaned up."""
        song = self._one_midi_file("Clean up a file")
        if song is not None:
            name = f"{song.stem} (clean).mid"
            self._save("Save the clean file", name, "MIDI (*.mid)", lambda to: self._session.clean_up(song, to))

    def _one_midi_file(self, title: str) -> Path | None:
        name, _ = QFileDialog.getOpenFileName(self._window, title, self._preferences.last_folder, MIDI_KINDS)
        if name:
            self._remember(Path(name))
        return Path(name) if name else None

    def export_midi(self) -> None:
        """Ask where to save what is heard as MIDI."""
        if self._something_heard():
            self._save("Export MIDI", self._heard_name(".mid"), "MIDI (*.mid)", self._session.exports.save_heard)

    def export_wav(self) -> None:
        """Ask where to save what is heard as sound."""
        if self._something_heard():
            self._save("Export WAV", self._heard_name(".wav"), "WAV (*.wav)", self._session.exports.save_heard)

    def export_path_midi(self) -> None:
        """Ask where to save the piece along the path as MIDI."""
        if self._path_is_drawn():
            self._save("Export path", "path.mid", "MIDI (*.mid)", self._session.exports.save_path)

    def export_path_wav(self) -> None:
        """Ask where to save the piece along the path as sound."""
        if self._path_is_drawn():
            self._save("Export path", "path.wav", "WAV (*.wav)", self._session.exports.save_path)

    def export_map(self) -> None:
        """Ask where to save the map as a picture."""
        library = self._session.library
        if library.atlas is None:
            self._session.say("There is no map to save yet.")
            return
        title = f"{len(library.atlas.corpus.names)} songs, {library.model_name}"
        kinds = "PNG picture (*.png);;SVG drawing (*.svg)"
        self._save("Export map", "map.png", kinds, lambda file: self._session.exports.save_map(file, title))

    def save_model(self, suggested: Path) -> None:
        """Ask where to save the trained model."""
        self._save("Save model", suggested.name, f"Model (*{MODEL_SUFFIX})", self._session.save_trained_model)

    def _save(self, title: str, name: str, kinds: str, save: object) -> None:
        start = str(Path(self._preferences.last_folder) / name)
        chosen, kind = QFileDialog.getSaveFileName(self._window, title, start, kinds)
        if chosen:
            file = Path(chosen)
            if not file.suffix:
                file = file.with_suffix(kind[kind.rindex("*") + 1 : -1])
            self._remember(file)
            save(file)  # type: ignore[operator]

    def _something_heard(self) -> bool:
        if self._session.playback.heard is None:
            self._session.say("There is nothing to save yet: click on the map to hear something.")
        return self._session.playback.heard is not None

    def _path_is_drawn(self) -> bool:
        drawn = len(self._session.path.points) > 1
        if not drawn:
            self._session.say("A path needs two points: take the path tool and click twice on the map.")
        return drawn

    def _heard_name(self, suffix: str) -> str:
        heard, atlas = self._session.playback.heard, self._session.library.atlas
        if heard is None or atlas is None or heard.window is None:
            return f"vrae{suffix}"
        words = atlas.title(heard.window).replace("·", "at").replace(":", ".")
        return "".join(c if c.isalnum() or c in " .-_" else "_" for c in words) + suffix

    def _remember(self, file: Path) -> None:
        self._preferences.last_folder = str(file.parent)
