"""Searching the map: what is looked for, the windows that were found, and a phrase that is played in by MIDI."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from explorer.audio.phrase import Phrase
from explorer.qt.jobs import Jobs
from explorer.qt.labels import counted
from explorer.qt.messages import Messages
from explorer.session.map.phrase_grid import PhraseGrid
from explorer.session.map.selection import Selection
from explorer.session.playing.midi import Midi
from explorer.session.playing.playback import Playback
from explorer.session.songs.atlas import Atlas
from explorer.session.songs.library import Library
from vrae_core.errors import VraeError
from vrae_core.midi.song import read_song
from vrae_core.piano_roll import LOWEST_PITCH, PIANO_PITCHES, FloatArray, IntArray, roll_of_spans
from vrae_core.progress import Progress
from vrae_core.tasks.query import PhraseNote, PhraseRecording, Query, passage, phrase, window_of
from vrae_core.tasks.search import TOP, Hit, find, find_pieces, named, nearest_in_z

HOLDS_IT = 2 / 3  # of a phrase's notes: a window with fewer of them is not like it
SOUNDS_LIKE = 0.5  # F1 of the notes struck, in the same way
NEAREST_SHOWN = 5  # windows that are shown where none is like what is sought
SEARCHING = "search"  # the job's key
Space = Literal["sound", "z"]


class SearchResult(NamedTuple):
    """What a search came to: a sentence on it, and windows, the best first."""

    sentence: str
    hits: tuple[Hit, ...] = ()
    alike: int = 0  # how many of them, from the first, are like what was sought
    windows: IntArray = np.zeros(0, np.int64)  # all that would be selected
    by: Literal["name", "phrase", "passage", "z"] = "phrase"
    of_file: bool = False


class Search(QObject):
    """Each search is a job, and the newest wins; ``found`` stays until another has come to its end."""

    changed = Signal()
    played = Signal(list)  # the notes of a phrase as far as it has been played in

    def __init__(
        self,
        messages: Messages,
        jobs: Jobs,
        library: Library,
        playback: Playback,
        selection: Selection,
        midi: Midi,
    ) -> None:
        super().__init__()
        self._messages, self._jobs, self._library, self._playback = messages, jobs, library, playback
        self._selection, self._midi = selection, midi
        self.grid = PhraseGrid()  # that a phrase's steps are counted on
        self.transposed = False
        self.space: Space = "sound"  # in which files are compared
        self.what = ""  # was sought, in words
        self.found: SearchResult | None = None
        self._atlas: Atlas | None = None  # that was searched
        self._again: Callable[[], None] | None = None  # the search that is on, where other songs may change it
        self._file: Path | None = None  # that is looked for
        self._recording: PhraseRecording | None = None
        self._over = QTimer(self, singleShot=True)
        self._over.timeout.connect(self.stop_listening)

    # --- what is looked for

    def by_name(self, text: str) -> None:
        """Find the songs of a name."""
        if not text.strip():
            self.clear()
        elif self._library.atlas is not None:
            self._start(f"Songs called “{text.strip()}”", _by_name(self._library.atlas, text), self._library.atlas)
            self._again = lambda: self.by_name(text)

    def by_phrase(self, notes: list[PhraseNote]) -> None:
        """Find the windows that hold a phrase, its steps being those of ``grid``."""
        if not notes:
            self.clear()
        elif self._library.atlas is not None:
            what = f"A phrase of {len(notes)} notes" if len(notes) > 1 else "A note"
            job = _by_notes(self._library.atlas, lambda: phrase(notes), self.transposed)
            self._start(f"{what}, in any key" if self.transposed else what, job, self._library.atlas)
            grid = self.grid
            self._again = lambda: self.by_phrase(self.grid.moved(notes, grid))

    def like_heard(self, space: Space) -> None:
        """Find what is nearest to what is heard."""
        atlas, heard, score = self._library.atlas, self._playback.heard, self._playback.score
        if atlas is None or heard is None or score is None:
            self._messages.say("Nothing has been played yet to compare with: click on the map.")
            return
        if heard.window is not None:
            self.like_window(heard.window, space)
            return
        step = int(self._playback.player.position)
        if space == "z":
            job = _in_z(atlas, heard.z_at(step), None)
        else:
            first = min(step, max(0, len(score.roll) - atlas.corpus.window)) if heard.arrivals or heard.ran_on else 0
            roll, before = score.roll[first : first + atlas.corpus.window], score.roll[first - 1] if first else None
            job = _by_notes(atlas, lambda: passage(roll, score.pitches, before), self.transposed)
        self._start(f"Like {atlas.place_name(heard.place_at(step)).lower()}", job, atlas)

    def like_window(self, window: int, space: Space) -> None:
        """Find what is nearest to a window."""
        atlas = self._library.atlas
        if atlas is not None and window < len(atlas.corpus):
            if space == "z":
                job = _in_z(atlas, atlas.posterior.mu[window], int(atlas.corpus.offsets[window]))
            else:
                job = _by_notes(atlas, lambda: window_of(atlas.corpus, window), self.transposed)
            self._start(f"Like {atlas.title(window)}, in {space}", job, atlas)

    def like_file(self, file: Path) -> None:
        """Find windows like any of a MIDI file's."""
        if self._library.atlas is not None:
            job = _like_file(self._library.atlas, file, self.space, self.transposed)
            self._start(f"Like {file.name}, in {self.space}", job, self._library.atlas)
            self._again, self._file = lambda: self.like_file(file), file

    def set_space(self, space: Space) -> None:
        """What alike means; a file that is looked for is looked for anew."""
        self.space = space
        if self._file is not None:
            self.like_file(self._file)

    def set_transposed(self, transposed: bool) -> None:
        """Whether notes are found in any key; what is on is looked for anew."""
        self.transposed = transposed
        if self._again is not None:
            self._again()

    def clear(self) -> None:
        """Look for nothing."""
        self._jobs.cancel(SEARCHING)
        self.what, self.found, self._again, self._file = "", None, None, None
        self.changed.emit()

    def _start(self, what: str, job: Generator[Progress, None, SearchResult], atlas: Atlas) -> None:
        self._again = self._file = None

        def show(found: SearchResult) -> None:
            if self._library.atlas is not None and self._library.atlas.corpus is atlas.corpus:
                self.what, self.found, self._atlas = what, found, atlas
                self.changed.emit()

        self._jobs.start(f"Searching: {what}", _or_sentence(job), show, key=SEARCHING)

    def show_atlas(self, atlas: Atlas) -> None:
        """Windows have other numbers on another map; on the same one drawn anew they keep them."""
        if atlas.corpus.grid != self.grid.grid:
            self.stop_listening()  # what is played goes by other steps from now on
        self.grid = PhraseGrid.of(atlas)
        if self._atlas is not None and atlas.corpus is self._atlas.corpus:
            return
        if self._again is not None:
            again, self.found = self._again, None
            again()
            self.changed.emit()
            self._messages.say("The map has changed, so Find searches it again.")
        elif self.found is not None:
            self._messages.say("The map has changed: what Find had found is gone.")
            self.clear()

    # --- what is done with what was found

    def select_found(self) -> None:
        """Select the windows that were found; the others turn grey."""
        if self.found is not None and len(self.found.windows) and self._library.atlas is not None:
            mask = np.zeros(len(self._library.atlas.corpus), bool)
            mask[self.found.windows] = True
            self._selection.set(mask)

    def hear_phrase(self, notes: list[PhraseNote]) -> None:
        """Hear a phrase once."""
        if notes:
            spans = [(n.step, n.step + n.length, n.pitch - LOWEST_PITCH) for n in sorted(notes)]
            roll = roll_of_spans(spans, len(PIANO_PITCHES))
            self._playback.play_notes(
                Phrase(roll, PIANO_PITCHES, steps_per_beat=self.grid.per_beat, tempos=self.grid.tempo)
            )

    # --- a MIDI keyboard

    @property
    def listening(self) -> bool:
        """Whether what is played on the MIDI keyboard becomes the phrase."""
        return self._recording is not None

    def listen(self, on: bool) -> None:
        """Take the phrase from the MIDI keyboard, from its next note on."""
        if not on:
            self.stop_listening()
        elif self._midi.wiring.input_port is None:
            self._messages.say("No MIDI keyboard is chosen: choose one with MIDI ports… in the Play menu.")
            self.changed.emit()
        else:
            per_second = self.grid.per_second(self._playback.player.tempo)
            self._recording = PhraseRecording(self.grid.steps_for(), per_second)
            self._midi.listener = self._take
            self.changed.emit()

    def stop_listening(self) -> None:
        """What was played so far is the phrase."""
        recording, self._recording, self._midi.listener = self._recording, None, None
        self._over.stop()
        if recording is not None:
            notes = recording.notes_until(time.monotonic())
            if notes:
                self.played.emit(notes)
            self.changed.emit()

    def _take(self, message: bytes) -> bool:
        assert self._recording is not None
        now = time.monotonic()
        taken = self._recording.take(message, now)
        if notes := self._recording.notes_until(now):
            if not self._over.isActive():
                self._over.start(round(self._recording.seconds * 1000))
            self.played.emit(notes)
        return taken


# --- the jobs


def _by_name(atlas: Atlas, text: str) -> Generator[Progress, None, SearchResult]:
    yield Progress(0, 1, "Looking at names")
    windows = named(atlas.corpus, text)
    songs, first = np.unique(atlas.corpus.song_of[windows], return_index=True)
    if not len(songs):
        return SearchResult(f"No song is called “{text.strip()}”.")
    hits = [Hit(window, 1.0, 0, 0, atlas.corpus.start_seconds(window)) for window in windows[first][:TOP].tolist()]
    sentence = f"{counted(len(windows), 'window')} of {counted(len(songs), 'song')}"
    more = f", of which the first {TOP} are listed" if len(songs) > TOP else ""
    return SearchResult(f"{sentence}{more}.", tuple(hits), len(hits), windows, "name")


def _by_notes(atlas: Atlas, query: Callable[[], Query], transposed: bool) -> Generator[Progress, None, SearchResult]:
    yield Progress(0, 1, "Comparing notes")
    looked_for = query()
    hits = yield from find(atlas.corpus, looked_for, transposed)
    return _found(hits, looked_for.whole)


def _in_z(atlas: Atlas, z: FloatArray, row: int | None) -> Generator[Progress, None, SearchResult]:
    yield Progress(0, 1, "Looking near z")
    hits = nearest_in_z(atlas.map, atlas.corpus, z, row=row)
    return _found_in_z(atlas, hits)


def _like_file(atlas: Atlas, file: Path, space: Space, transposed: bool) -> Generator[Progress, None, SearchResult]:
    yield Progress(0, 1, f"Reading {file.name}")
    song = read_song(file)
    latent_map = atlas.map if space == "z" else None
    hits = yield from find_pieces(atlas.corpus, latent_map, atlas.model, song, transposed)
    found = _found_in_z(atlas, hits) if space == "z" else _found(hits, whole=True)
    return found._replace(of_file=True)


def _found(hits: list[Hit], whole: bool) -> SearchResult:
    """Hits by their notes; where none is like what was sought, the nearest, and how near they are."""
    alike = sum(hit.score >= (SOUNDS_LIKE if whole else HOLDS_IT) - 1e-6 for hit in hits)
    by: Literal["phrase", "passage"] = "passage" if whole else "phrase"
    if alike:
        windows = np.array([hit.window for hit in hits[:alike]])
        sentence = f"The best {TOP} windows." if alike == TOP else f"{counted(alike, 'window')}, the best first."
        return SearchResult(sentence, tuple(hits[:alike]), alike, windows, by)
    if not hits:
        return SearchResult("Nothing like it: no window shares a note with it.")
    near = f"the nearest shares {hits[0].shared} of {counted(hits[0].of, 'note')}"
    return SearchResult(f"Nothing like it: {near}.", tuple(hits[:NEAREST_SHOWN]), by=by)


def _found_in_z(atlas: Atlas, hits: list[Hit]) -> SearchResult:
    if not hits:
        return SearchResult("There is no other window.")
    usual = f"The {len(hits)} nearest; neighbours usually lie {atlas.map.spacing_in_z:.2f} apart."
    return SearchResult(usual, tuple(hits), len(hits), np.array([hit.window for hit in hits]), "z")


def _or_sentence(job: Generator[Progress, None, SearchResult]) -> Generator[Progress, None, SearchResult]:
    """What cannot be looked for is said where the results would be."""
    try:
        return (yield from job)
    except VraeError as error:
        sentence = str(error)
        return SearchResult(f"{sentence[:1].upper()}{sentence[1:].rstrip('.')}.")
