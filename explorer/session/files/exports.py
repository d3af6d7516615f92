"""Saving what is heard, the path, medleys and windows as files; whatever takes time is a job."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.qt.jobs import Jobs
from explorer.qt.messages import Messages
from explorer.session.path.path import DrawnPath
from explorer.session.path.pieces import along_path
from explorer.session.playing.decoded import PAPER_TIME, Decoded, PieceSettings
from explorer.session.playing.playback import Playback
from explorer.session.playing.pressing import name_of
from explorer.session.playing.versions import Version
from explorer.session.songs.atlas import Atlas
from explorer.session.songs.library import Library
from vrae_core.audio.file import is_sound_file, writing_sound
from vrae_core.audio.synthesizer import SAMPLE_RATE, render_notes
from vrae_core.corpus.sampling import NO_PROGRAMS, Programs
from vrae_core.errors import VraeError
from vrae_core.latent.table import writing_table
from vrae_core.midi.excerpt import excerpt
from vrae_core.midi.export import Track, midi_bytes, song_bytes, song_tracks
from vrae_core.midi.song import Song
from vrae_core.model.trained import TrainedModel
from vrae_core.music.piece_recipe import LONGEST_PIECE, Kind, PieceRecipe, recipe_text
from vrae_core.music.piece_time import PieceTime
from vrae_core.music.pieces import medleying
from vrae_core.music.score import Score
from vrae_core.names import unique_names
from vrae_core.piano_roll import FloatArray
from vrae_core.progress import Progress
from vrae_core.safe_files import file_stem, write_atomically

DECODED_AT_ONCE = 64  # windows between two looks at whether to go on
Saving = Generator[Progress, None, Path]


@dataclass(frozen=True, eq=False)
class ExportedPiece:
    """What is to be saved: which points of which model are decoded, how, and how that becomes notes."""

    model: TrainedModel
    model_name: str
    settings: PieceSettings
    kind: Kind
    points: FloatArray  # (k, J); none if it was not decoded at all
    parameters: Mapping[str, Any]
    original: Song | None = None  # the part of a song that it is, if it is one
    time: PieceTime = PAPER_TIME  # of its own steps, whatever tempo is set
    programs: Programs = NO_PROGRAMS

    def time_of(self, score: Score) -> PieceTime:
        """When the steps of its notes are, at the tempo that is set."""
        return self.time.at(self.settings.tempo).lasting(len(score.roll))

    def tracks(self, score: Score) -> list[Track]:
        """Its notes as the tracks of a file; a song's own are as its file has them."""
        if self.original is not None:
            return song_tracks(self.original)
        return score.tracks(self.settings.sound_of(self.programs), self.time_of(score).seconds)

    def midi(self, score: Score) -> bytes:
        """A MIDI file of the notes, which says what they were made from; a song's own are as its file has them."""
        settings = self.settings
        if self.original is not None:
            return song_bytes(self.original, seconds=float(self.time.lasting(len(score.roll)).seconds[-1]))
        time, tracks = self.time_of(score), self.tracks(score)
        tempo = time.tempo_map if self.model.config.steps_per_beat or settings.tempo is None else settings.tempo
        seconds = float(time.seconds[-1])
        if not len(self.points):
            return midi_bytes(tracks, tempo, meters=time.meters, seconds=seconds)
        recipe = PieceRecipe(
            self.model.digest,
            self.model_name,
            self.kind,
            self.points,
            self.parameters,
            settings.threshold,
            settings.temperature,
            settings.seed,
            settings.tempo,
            settings.sound,
        )
        return midi_bytes(tracks, tempo, recipe_text(recipe), meters=time.meters, seconds=seconds)


class Exports:
    """Each verb writes its files, each of them whole or not at all, and then says so."""

    def __init__(self, messages: Messages, jobs: Jobs, library: Library, playback: Playback, path: DrawnPath) -> None:
        self._messages, self._jobs, self._library = messages, jobs, library
        self._playback, self._path = playback, path
        self._temporary: Path | None = None  # where the files are that were dragged out of the window

    # --- what is heard

    def save_heard(self, file: Path) -> None:
        """Save what is heard, as notes or, if the file's name says so, as sound."""
        piece, score = self._heard(), self._playback.score
        if piece is not None and score is not None:
            self._start(file, _save_score(file, score, piece))

    def heard_name(self) -> str:
        """What is heard as the name of a file, without its extension."""
        heard, atlas = self._playback.heard, self._playback.atlas
        if heard is None or atlas is None:
            return "Nothing"
        if heard.points is not None:
            return f"Path of {len(heard.points)} points"
        if heard.window is not None:
            return atlas.file_name(heard.window)
        return file_stem(name_of(heard, atlas))

    def make_file_to_hand_over(self, done: Callable[[tuple[Path, bytes]], None]) -> None:
        """Write what is heard to a MIDI file that stays until the program ends, for other programs to take."""
        piece, score = self._heard(), self._playback.score
        if piece is None or score is None:
            return
        if self._temporary is None:
            self._temporary = Path(tempfile.mkdtemp(prefix="vrae-explorer-"))
            weakref.finalize(self, shutil.rmtree, self._temporary, ignore_errors=True)
        job = _hand_over(self._temporary, f"{self.heard_name()}.mid", score, piece)
        self._jobs.start("Making a MIDI file", job, done, key="hand over")

    def _heard(self) -> ExportedPiece | None:
        heard = self._playback.heard
        if heard is None:
            return None
        if self._playback.version is Version.ORIGINAL and heard.window is not None:
            return self._original(heard.window, heard.own_steps)
        if self._playback.through is not None:  # the notes are another model's: the file cannot say how to make them
            piece = self._piece("point", heard.zs[:0], {})
        elif len(heard.zs) > 1:
            piece = self._piece("path", heard.zs[:0] if heard.points is None else heard.points, heard.parameters)
        else:
            steps = len(heard.probabilities)
            piece = self._piece("point" if steps == self._window else "medley", heard.zs[:1], {"steps": steps})
        return _as_heard(piece, heard)

    @property
    def _window(self) -> int:
        return self._playback.atlas.model.config.window if self._playback.atlas is not None else 0

    def _piece(self, kind: Kind, points: FloatArray, parameters: Mapping[str, Any]) -> ExportedPiece:
        atlas = self._playback.atlas
        assert atlas is not None
        return ExportedPiece(
            atlas.model, self._library.model_name, self._playback.piece_settings(), kind, points, parameters
        )

    def _original(self, window: int, steps: int) -> ExportedPiece:
        """What a song has from the beginning of a window on."""
        atlas = self._playback.atlas
        assert atlas is not None
        piece = self._piece("point", atlas.posterior.mu[:0], {})
        piece = replace(piece, time=atlas.song_time(window, steps))
        return replace(piece, original=_original(atlas, atlas.songs_of(self._library.songs), window, steps))

    # --- what is longer

    def save_path(self, file: Path) -> None:
        """Save the piece along the path."""
        atlas = self._playback.atlas
        if atlas is not None and len(self._path.points) > 1:
            drawing, parameters = self._path.drawing, self._path.parameters()
            piece = self._piece("path", drawing.path.points, parameters)
            self._start(file, saving_decoded(file, along_path(atlas, drawing, parameters), piece))

    def save_medley(self, file: Path, seconds: float) -> None:
        """Save what the decoder plays when it runs on, from the point that is heard, for as long as asked."""
        heard, playback = self._playback.heard, self._playback
        if heard is not None:
            z = heard.zs[min(int(playback.player.position), len(heard.zs) - 1)]
            time = heard.time.at(playback.piece_settings().tempo)
            steps = max(1, round(seconds / time.step_seconds))
            piece = _as_heard(self._piece("medley", z[None], {"steps": steps}), heard)
            self._start(file, saving_probabilities(file, medleying(piece.model, z, steps), piece))

    # --- windows

    def window_files(self, windows: npt.NDArray[np.int64], suffix: str) -> list[str]:
        """The name of each window's file, no two of them the same, on systems either that tell cases apart or don't."""
        atlas = self._playback.atlas
        assert atlas is not None
        return [f"{name}{suffix}" for name in unique_names([atlas.file_name(i) for i in windows.tolist()])]

    def save_windows(self, folder: Path, windows: npt.NDArray[np.int64], suffix: str, originals: bool) -> None:
        """Save windows as one file each: as the model plays them, or as their songs have them."""
        atlas = self._playback.atlas
        if atlas is None:
            return
        piece = self._piece("point", atlas.posterior.mu[:0], {"steps": self._window})
        files = [folder / name for name in self.window_files(windows, suffix)]
        songs = atlas.songs_of(self._library.songs) if originals else []
        job = _save_windows(atlas, files, windows, piece, songs)
        self._jobs.save(
            folder,
            f"Saving {len(files)} windows",
            job,
            lambda count: self._messages.say(f"Saved {count} windows in {folder}."),
        )

    def save_selection(self, file: Path, windows: npt.NDArray[np.int64]) -> None:
        """Save windows as the model plays them, one after another, as one piece."""
        atlas = self._playback.atlas
        if atlas is not None:
            piece = self._piece("point", atlas.posterior.mu[:0], {})
            self._start(
                file, saving_probabilities(file, _one_after_another(atlas, windows), _timed(piece, atlas, windows))
            )

    def save_table(self, file: Path, windows: npt.NDArray[np.int64]) -> None:
        """Save where windows lie in latent space, as CSV."""
        atlas = self._playback.atlas
        if atlas is not None:
            self._start(file, _save_table(file, atlas, windows))

    def _start(self, file: Path, job: Saving) -> None:
        self._jobs.save(file, f"Saving {file.name}", job, self._messages.say_saved)


def _save_score(file: Path, score: Score, piece: ExportedPiece) -> Saving:
    if is_sound_file(file):
        sound = yield from render_notes(piece.tracks(score))
        yield from writing_sound(file, sound, SAMPLE_RATE)
    else:
        yield Progress(0, 2, "Writing notes")
        data = piece.midi(score)
        yield Progress(1, 2, "Writing notes")  # cancelled meanwhile, it leaves no file
        write_atomically(file, data)
    return file


def saving_decoded(file: Path, decoding: Generator[Progress, None, Decoded], piece: ExportedPiece) -> Saving:
    """Decode a piece and write it, as MIDI or as sound, at the tempo and with the instruments that it then has."""
    heard = yield from decoding
    return (yield from _save_score(file, piece.settings.score(heard.probabilities), _as_heard(piece, heard)))


def saving_probabilities(file: Path, decoding: Generator[Progress, None, FloatArray], piece: ExportedPiece) -> Saving:
    """Decode a piece whose tempo and instruments are known and write it, as MIDI or as sound."""
    probabilities = yield from decoding
    return (yield from _save_score(file, piece.settings.score(probabilities), piece))


def _as_heard(piece: ExportedPiece, heard: Decoded) -> ExportedPiece:
    return replace(piece, time=heard.time, programs=heard.programs)


def _timed(piece: ExportedPiece, atlas: Atlas, windows: npt.NDArray[np.int64]) -> ExportedPiece:
    """A piece of windows, each at its own tempo, one after another."""
    played = [atlas.played_at(atlas.posterior.mu[window], window) for window in windows.tolist()]
    times = [time.lasting(atlas.corpus.window) for time, _programs in played]
    time = replace(times[0], tempos=np.concatenate([each.tempos for each in times]))
    return replace(piece, time=time, programs=played[0][1])


def _original(atlas: Atlas, songs: Sequence[Song], window: int, steps: int) -> Song:
    """The part of one of the map's songs that begins with a window."""
    song, first = int(atlas.corpus.song_of[window]), int(atlas.corpus.start_of[window])
    begins, ends = atlas.corpus.time_of(song).seconds_at([first, first + steps]).tolist()
    return excerpt(songs[song], begins, ends)


def _save_windows(
    atlas: Atlas, files: Sequence[Path], windows: npt.NDArray[np.int64], piece: ExportedPiece, songs: Sequence[Song]
) -> Generator[Progress, None, int]:
    """songs: those of the map, if windows are to be saved as these have them."""
    for done, (file, window) in enumerate(zip(files, windows.tolist(), strict=True)):
        if songs:
            time = atlas.song_time(window, atlas.corpus.window)
            one = replace(piece, original=_original(atlas, songs, window, atlas.corpus.window), time=time)
            score = piece.settings.score_of_song(atlas.roll(window))
        else:
            one = _timed(replace(piece, points=atlas.posterior.mu[[window]]), atlas, np.array([window]))
            score = piece.settings.score(atlas.model.decode(one.points)[0])
        for _part in _save_score(file, score, one):
            yield Progress(done, len(files), file.stem)
    return len(files)


def _one_after_another(atlas: Atlas, windows: npt.NDArray[np.int64]) -> Generator[Progress, None, FloatArray]:
    """Raises: VraeError if that would last longer than a piece may."""
    most = LONGEST_PIECE // atlas.model.config.window
    if len(windows) > most:
        raise VraeError(f"{len(windows)} windows are too long for one piece; select {most} of them at most")
    parts = []
    for first in range(0, len(windows), DECODED_AT_ONCE):
        yield Progress(first, len(windows), "Decoding")
        parts.append(atlas.model.decode(atlas.posterior.mu[windows[first : first + DECODED_AT_ONCE]]))
    return np.concatenate([window for part in parts for window in part])


def _save_table(file: Path, atlas: Atlas, windows: npt.NDArray[np.int64]) -> Saving:
    yield from writing_table(file, atlas.corpus, atlas.posterior, atlas.model.config.hop, windows)
    return file


def _hand_over(
    folder: Path, name: str, score: Score, piece: ExportedPiece
) -> Generator[Progress, None, tuple[Path, bytes]]:
    """The file has a folder of its own: one of the same name may be in use where it was taken to."""
    yield Progress(0, 1)
    data = piece.midi(score)
    file = Path(tempfile.mkdtemp(dir=folder)) / name
    write_atomically(file, data)
    return file, data
