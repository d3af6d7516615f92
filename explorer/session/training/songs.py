"""The songs to train on: which, how quantised and transposed, and what they give by the plan that is chosen."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from explorer.qt.background import NewestWins
from explorer.qt.jobs import Jobs
from explorer.qt.messages import Messages
from explorer.session.songs import files as song_files
from explorer.session.songs.files import ReadSongs
from explorer.session.songs.library import Library
from explorer.session.training.listed_songs import CountRequest, CountResult, Counts, ListedSong, count, identity_of
from vrae_core.columns import Part
from vrae_core.corpus.attributes import semitones_home
from vrae_core.midi.quantising import AS_PLAYED, Quantising
from vrae_core.midi.song import Song
from vrae_core.runs.songs import SongToTrain
from vrae_core.training.forecast import held_out_of
from vrae_core.training.settings import PRESETS, Plan

MOST_LISTED = 40_000
WORTH_A_WARNING = 0.05  # share of a song that is cut away
USUAL_PRESET = "sketch"


class TrainingSongs(QObject):
    """Its own list: at first the songs of the map, then what is added to it or taken from it."""

    listed = Signal()  # other songs, or in another order
    changed = Signal()  # ticks, transpositions, grids or the plan; what they give is not known yet
    counted = Signal()  # now it is

    def __init__(self, messages: Messages, jobs: Jobs, library: Library) -> None:
        super().__init__()
        self._messages, self._jobs, self._library = messages, jobs, library
        self.entries: tuple[ListedSong, ...] = ()
        self.plan: Plan = replace(PRESETS[USUAL_PRESET].plan, threads=max(1, (os.cpu_count() or 1) // 2))
        self.counts: Counts | None = None  # None: being counted
        self.last_counts: Counts | None = None  # of the same rows, to show meanwhile
        self.strength = AS_PLAYED.strength  # percent of the way to the grid, of all songs that have one
        self._reads = 0
        self._awaited: tuple[SongToTrain, ...] | None = None  # a list that is being read
        self._counter = NewestWins(count)
        self._counter.answered.connect(self._counted)
        self._counter.failed.connect(lambda _request, sentence: messages.say(sentence, "error"))
        library.songs_changed.connect(self._follow_map)

    # --- the list

    def add(self, paths: Sequence[Path]) -> None:
        """Read files and folders and put their songs on the list."""
        self._reads += 1  # a key of its own: a second folder does not stop the reading of the first
        known = frozenset(entry.song.path for entry in self.entries if entry.song.path)
        job = song_files.read(paths, known)
        self._jobs.start("Reading songs to train on", job, self._read, key=f"songs to train on {self._reads}")

    def remove(self, rows: Iterable[int]) -> None:
        """Take songs from the list."""
        gone = set(rows)
        self._list(entry for row, entry in enumerate(self.entries) if row not in gone)

    def _read(self, read: ReadSongs) -> None:
        self._messages.complain(read.complaints)
        if read.songs:
            self._list((*self.entries, *(ListedSong.of(song, read=facts) for song, facts in read.songs)))

    def listing(self) -> tuple[SongToTrain, ...]:
        """The list, for a session file; songs that are in no file are left out."""
        if self._awaited is not None:
            return self._awaited
        return tuple(entry.to_train for entry in self.entries if entry.song.path)

    def restore(self, listed: tuple[SongToTrain, ...]) -> None:
        """List what ``listing`` gave; songs that are not on the map are read first."""
        on_map = {song.path: ListedSong.of(song, on_map=True) for song in self._library.songs if song.path}
        on_map |= {entry.song.path: entry for entry in self.entries if entry.on_map and entry.song.path}
        files = [Path(each.path) for each in listed if each.path not in on_map]
        self._awaited = listed

        def read(found: ReadSongs) -> None:
            self._awaited = None
            there = {song.path: ListedSong.of(song, read=facts) for song, facts in found.songs}
            there |= on_map
            once = {each.path: each for each in listed if each.path in there}
            again = [replace(there[p], to_train=replace(e, name=there[p].song.name)) for p, e in once.items()]
            self.strength = next((e.quantising.strength for e in once.values() if e.quantising.grid), self.strength)
            joined = [entry for entry in self.entries if entry.on_map and entry.song.path not in on_map]
            self._list((*again, *joined))  # those that came to the map meanwhile too
            self._messages.complain(found.complaints)

        job = song_files.read_files(files, frozenset())
        self._jobs.start("Reading the list to train on", job, read, key="songs to train on")

    def _follow_map(self) -> None:
        songs = self._library.songs
        there = {id(song) for song in songs}
        by_notes = {identity_of(song): song for song in songs}
        entries = [entry if id(entry.song) in there else entry.followed(by_notes) for entry in self.entries]
        kept = [entry for entry in entries if not entry.on_map or id(entry.song) in there]
        listed = {id(entry.song) for entry in kept}
        paths = {entry.song.path for entry in kept if entry.song.path}
        new = [song for song in songs if id(song) not in listed and song.path not in paths]
        self._list((*kept, *(ListedSong.of(song, on_map=True) for song in new)))

    def _list(self, entries: Iterable[ListedSong]) -> None:
        self.entries, self.last_counts = tuple(entries), None
        self.listed.emit()
        self._recount()

    # --- what is done to them

    def include(self, rows: Iterable[int], included: bool) -> None:
        """Train on these songs, or not."""
        self._change(rows, lambda entry: replace(entry.to_train, included=included))

    def toggle(self, rows: Iterable[int]) -> None:
        """Leave out those of these songs that are ticked, and take in the others."""
        self._change(rows, lambda entry: replace(entry.to_train, included=not entry.to_train.included))

    def transpose(self, rows: Iterable[int], by: int) -> None:
        """Move songs so many semitones up."""
        self._change(rows, lambda entry: entry.moved(by))

    def transpose_to(self, rows: Iterable[int], semitones: int) -> None:
        """Let songs lie so many semitones above how they were read."""
        self._change(rows, lambda entry: entry.moved(semitones - entry.to_train.semitones))

    def bring_home(self, rows: Iterable[int]) -> None:
        """Transpose songs the shortest way to C major or A minor, by the key that their notes fit best."""
        self._change(rows, lambda entry: entry.moved(semitones_home(entry.facts.key) if entry.facts else 0))

    def quantise(self, rows: Iterable[int], grid: str) -> None:
        """Move the onsets of songs to a grid of their beats; "" leaves them as they were played."""
        quantising = Quantising(grid, self.strength) if grid else AS_PLAYED
        self._change(rows, lambda entry: replace(entry.to_train, quantising=quantising))

    def quantise_by(self, strength: int) -> None:
        """Move onsets so many percent of the way to their song's grid."""
        self.strength = strength
        rows = [row for row, entry in enumerate(self.entries) if entry.to_train.quantising.grid]
        self._change(rows, lambda entry: entry.quantised_by(strength))

    def estimate_beats(self, rows: Iterable[int], estimate: bool) -> None:
        """Find the beats of songs whose files have none that their notes keep to, or leave such songs out."""
        self._change(rows, lambda entry: replace(entry.to_train, estimate_beats=estimate))

    def choose_parts(self, song: Song, parts: tuple[Part | None, ...]) -> None:
        """Let a song's tracks play these parts; (): those that are found."""
        rows = [row for row, entry in enumerate(self.entries) if entry.song is song]
        self._change(rows, lambda entry: replace(entry.to_train, parts=parts))

    def set_plan(self, plan: Plan) -> None:
        """Count by another plan."""
        recount = plan.recipe != self.plan.recipe
        self.plan = plan
        if recount:
            self._recount()
        else:
            self.changed.emit()

    def _change(self, rows: Iterable[int], change: Callable[[ListedSong], SongToTrain]) -> None:
        entries = list(self.entries)
        for row in rows:
            entries[row] = replace(entries[row], to_train=change(entries[row]))
        self.entries = tuple(entries)
        self._recount()

    # --- what comes of it

    @property
    def chosen(self) -> list[ListedSong]:
        """The ticked ones."""
        return [entry for entry in self.entries if entry.to_train.included]

    def songs_to_train(self) -> tuple[SongToTrain, ...]:
        """The ticked songs, for a run's settings."""
        return tuple(entry.to_train for entry in self.chosen)

    @property
    def problem(self) -> str:
        """Why no training can start with these songs, in one sentence; "" if one can, as far as is known."""
        if not self.entries:
            return "There are no songs yet: drop MIDI files or a folder here."
        if not self.chosen:
            return "Tick at least one song to train on."
        if self.counts is not None and not self.counts.windows:
            return "The ticked songs contain only silence on the 88 keys of the piano."
        share = self.plan.held_out
        if self.counts is not None and share and not held_out_of(self.counts.windows, share):
            return f"{self.counts.windows} windows are too few to hold {share:.0%} out: set Held out to 0 in Expert…"
        return ""

    @property
    def caution(self) -> str:
        """What one should know before starting; "" if there is nothing."""
        batch = self.plan.recipe.training.batch
        if self.counts is None or not self.counts.windows:
            return ""
        learnt = self.counts.windows - held_out_of(self.counts.windows, self.plan.held_out)
        if learnt < batch:
            return f"Fewer windows to learn ({learnt}) than a batch of {batch}: every update uses them all."
        return ""

    def warnings(self, row: int) -> tuple[str, ...]:
        """What one should know of a song, the gravest first."""
        entry, counts = self.entries[row], self.last_counts
        found = []
        if counts is not None and row in counts.place and entry.to_train.included:
            lost = float(counts.figures.lost[counts.place[row]])
            if row in counts.same_as:
                found.append(f"the same music as {counts.same_as[row]}")
            if not counts.figures.windows[counts.place[row]] and not (entry.facts and entry.facts.why_not):
                found.append("none of its pitches is kept")
            elif counts.figures.windows[counts.place[row]] and lost >= WORTH_A_WARNING:
                found.append(f"{lost:.0%} is cut away")
        facts, model = entry.facts, self.plan.recipe.model
        if facts is not None and entry.looked_at(model.grid):
            if facts.why_not:
                found.append(facts.why_not.removeprefix(f"{entry.song.name} "))
            elif facts.steps < model.window:
                found.append("shorter than a window: the rest is silence")
            if facts.doubt:
                found.append(facts.doubt)
        return (*found, *entry.song.warnings)

    def _recount(self) -> None:
        self.counts = None
        self.changed.emit()
        self._counter.ask(CountRequest(self.entries, self.plan.recipe))

    def _counted(self, request: CountRequest, answer: CountResult) -> None:
        current = request == CountRequest(self.entries, self.plan.recipe)
        grid = request.recipe.model.grid
        new = zip(request.entries, answer.read, strict=True)
        looked_at = {(id(e.song), e.how): facts for e, facts in new if not e.looked_at(grid)}
        if looked_at:
            self.entries = tuple(
                e if e.looked_at(grid) else replace(e, read=looked_at.get((id(e.song), e.how), e.read))
                for e in self.entries
            )
        if current:
            self.counts = self.last_counts = answer.counts
            self.counted.emit()
        elif looked_at:
            self._counter.ask(CountRequest(self.entries, self.plan.recipe))
