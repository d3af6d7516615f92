"""Saving what is heard, the path and the map as files; whatever takes time is a job."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from explorer.atlas import Atlas
from explorer.session.jobs import Jobs
from explorer.session.path import DrawnPath
from explorer.session.playback import PieceSettings, Playback
from vrae_core.latent_path import LatentPath, timing
from vrae_core.map_picture import save_map_picture
from vrae_core.midi_export import Track, write_midi
from vrae_core.pieces import morphing
from vrae_core.progress import Progress
from vrae_core.synthesizer import SAMPLE_RATE, render_notes
from vrae_core.trained_model import TrainedModel
from vrae_core.wav_file import write_wav

Saving = Generator[Progress, None, Path]


class Exports(QObject):
    """Each verb writes one file, whole or not at all, and then says so."""

    saved = Signal(Path)

    def __init__(self, jobs: Jobs, playback: Playback, path: DrawnPath) -> None:
        super().__init__()
        self._jobs, self._playback, self._path = jobs, playback, path

    def save_heard(self, file: Path) -> None:
        """Save what is heard as MIDI or, if the name ends in .wav, as sound."""
        if self._playback.roll is not None:
            settings = self._playback.piece_settings()
            self._start(file, _save_tracks(file, settings.tracks(self._playback.roll), settings.tempo))

    def save_path(self, file: Path) -> None:
        """Save the piece along the path as MIDI or sound."""
        atlas = self._playback.atlas
        if atlas is not None and len(self._path.points) > 1:
            self._start(file, _save_piece(file, atlas.model, self._path.drawing.path, self._playback.piece_settings()))

    def save_map(self, file: Path, title: str) -> None:
        """Save the map as a picture, PNG or SVG."""
        if self._playback.atlas is not None:
            self._start(file, _save_map(file, self._playback.atlas, title))

    def _start(self, file: Path, job: Saving) -> None:
        self._jobs.start(f"Saving {file.name}", job, self.saved.emit)


def _save_tracks(file: Path, tracks: Sequence[Track], tempo: float) -> Saving:
    if file.suffix.lower() == ".wav":
        sound = yield from render_notes(tracks)
        write_wav(file, sound, SAMPLE_RATE)
    else:
        yield Progress(0, 1, "Writing notes")
        write_midi(file, tracks, tempo)
    return file


def _save_piece(file: Path, model: TrainedModel, path: LatentPath, settings: PieceSettings) -> Saving:
    along, _ = yield from timing(path, model)
    probabilities = yield from morphing(model, path.at(along))
    return (yield from _save_tracks(file, settings.tracks(settings.roll(probabilities)), settings.tempo))


def _save_map(file: Path, atlas: Atlas, title: str) -> Saving:
    yield Progress(0, 1, "Drawing the map")
    save_map_picture(file, atlas.map.points, atlas.corpus.song_of, atlas.corpus.names, title)
    return file
