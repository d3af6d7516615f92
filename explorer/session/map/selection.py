"""Which windows are selected (others turn grey), with undo and redo of every change."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand

from explorer.qt.jobs import Jobs
from explorer.qt.labels import counted
from explorer.session.map.stretches import Stretches
from explorer.session.path.undo_stacks import UndoStacks
from explorer.session.playing.playback import Playback
from explorer.session.songs.atlas import Atlas
from explorer.session.songs.library import Library
from vrae_core.corpus.windows import Corpus
from vrae_core.latent.polygon import inside
from vrae_core.piano_roll import BoolArray, FloatArray, IntArray
from vrae_core.progress import Progress


class Selection(QObject):
    """Some of the N windows of the map, or nothing: an empty selection is none.  An array, once set, never changes.

    Each change is one undo step; what songs that come and go do to it is none.
    """

    changed = Signal()

    def __init__(self, jobs: Jobs, library: Library, playback: Playback, undo_stack: UndoStacks) -> None:
        super().__init__()
        self._undo_stack = undo_stack
        self._jobs, self._library, self._playback = jobs, library, playback
        self._corpus: Corpus | None = None  # whose windows they are
        self.windows: BoolArray | None = None  # (N,), or None for no selection

    @property
    def indices(self) -> IntArray:
        """The windows that are selected, in the order of their numbers: (n,)."""
        return np.flatnonzero(self.windows) if self.windows is not None else np.zeros(0, np.int64)

    @property
    def song(self) -> int | None:
        """The song whose windows are selected, all of them and no others."""
        if self._corpus is None or self.windows is None:
            return None
        song = int(self._corpus.song_of[self.windows.argmax()])
        return song if np.array_equal(self.windows, self._corpus.song_of == song) else None

    def chosen(self) -> Corpus | None:
        """The windows that are selected, as a corpus of their own; None for no selection."""
        return None if self._corpus is None or self.windows is None else self._corpus.take(self.indices)

    def set(self, windows: BoolArray | None) -> None:
        """Select windows, (N,), and no others; None, or none of them, is no selection."""
        windows = windows if windows is not None and windows.any() else None
        before, runs = self.windows, self.runs()
        if windows is before or (windows is not None and before is not None and np.array_equal(windows, before)):
            return
        self._show(windows)
        self._undo_stack.push(_SelectionChange(self, _words(before, windows), runs, self.runs()))

    def _show(self, windows: BoolArray | None) -> None:
        self.windows = windows if windows is not None and windows.any() else None
        self.changed.emit()

    def clear(self) -> None:
        """Select nothing."""
        self._jobs.cancel("lasso")
        self.set(None)

    def add(self, windows: BoolArray) -> None:
        """Select windows, (N,), as well."""
        self.set(windows if self.windows is None else self.windows | windows)

    def remove(self, windows: BoolArray) -> None:
        """Select windows, (N,), no longer."""
        if self.windows is not None:
            self.set(self.windows & ~windows)

    def toggle(self, window: int) -> None:
        """Select a window as well, or no longer."""
        windows = self._mask()
        windows[window] = not windows[window]
        self.set(windows)

    # --- commands; greyed songs are left alone

    def select_all(self) -> None:
        """Select all windows that are not greyed."""
        self.set(self._library.lit.windows())

    def invert(self) -> None:
        """Select what is not selected."""
        self.set(~self._mask() & self._library.lit.windows())

    def toggle_heard(self) -> None:
        """Select the window that is heard, or the one nearest to the point heard; or no longer."""
        window = self._heard()
        if window is not None:
            self.toggle(window)

    def add_song_heard(self) -> None:
        """Select all windows of the song that is heard as well."""
        window, atlas = self._heard(), self._library.atlas
        if window is not None and atlas is not None:
            self.add(atlas.corpus.song_of == atlas.corpus.song_of[window])

    def grow(self) -> None:
        """Select the windows before and after each selected one in its song as well."""
        atlas = self._library.atlas
        if self.windows is None or atlas is None:
            return
        follows = np.diff(atlas.corpus.song_of) == 0
        grown = self.windows.copy()
        grown[1:] |= self.windows[:-1] & follows
        grown[:-1] |= self.windows[1:] & follows
        self.set(grown)

    def _mask(self) -> BoolArray:
        if self.windows is not None:
            return self.windows.copy()
        return np.zeros(0 if self._library.atlas is None else len(self._library.atlas.corpus), bool)

    def _heard(self) -> int | None:
        atlas, heard = self._library.atlas, self._playback.heard
        if atlas is None or heard is None:
            return None
        if heard.window is not None:
            return heard.window
        return int(atlas.map.nearest(heard.place_at(self._playback.player.position), 1)[0][0])

    # --- from the map

    def take(self, windows: BoolArray, mode: str) -> None:
        """Select windows, (N,), but for greyed songs: "only" these, or "add" or "remove" them."""
        lit = windows & self._library.lit.windows()
        {"only": self.set, "add": self.add, "remove": self.remove}[mode](lit)

    def lasso(self, points: FloatArray, corners: FloatArray, mode: str) -> None:
        """Take the windows, which lie at points, (N, 2), inside a line, (k, 2); a million take a thread."""

        corpus = self._corpus

        def found(windows: BoolArray) -> None:
            if self._corpus is corpus:
                self.take(windows, mode)

        self._jobs.start("Selecting", _inside(points, corners), found, key="lasso")

    # --- as songs come and go

    def runs(self) -> Stretches | None:
        """What is selected, as stretches of songs."""
        corpus, windows = self._corpus, self.windows
        if corpus is None or windows is None:
            return None
        return Stretches.of(windows, corpus)

    def restore(self, runs: Stretches | None) -> None:
        """Select those windows of stretches that there are; no step of undo."""
        self._jobs.cancel("lasso")
        corpus = self._corpus
        self._show(None if runs is None or corpus is None else runs.windows_in(corpus))

    def show_atlas(self, atlas: Atlas) -> None:
        """The windows may have other numbers now: those stay selected whose song and beginning there still are."""
        before, runs = self._corpus, self.runs()
        self._corpus = atlas.corpus
        if before is None or runs is None or before is atlas.corpus:
            return
        if atlas.corpus.has_windows_of(before):
            self.changed.emit()  # songs are called something else
        else:
            self.restore(runs)


class _SelectionChange(QUndoCommand):
    """What was selected before and after, as stretches of songs: it can be undone when some of them have gone."""

    def __init__(self, selection: Selection, text: str, before: Stretches | None, after: Stretches | None) -> None:
        super().__init__(text)
        self._selection, self._before, self._after = selection, before, after
        self._is_done = True  # as it is put on the stack, which does it at once

    def undo(self) -> None:
        self._selection.restore(self._before)

    def redo(self) -> None:
        if not self._is_done:
            self._selection.restore(self._after)
        self._is_done = False


def _words(before: BoolArray | None, after: BoolArray | None) -> str:
    """What a change of the selection does, after "Undo" or "Redo"."""
    if after is None:
        return "clear the selection"
    count = int(after.sum())
    added = count if before is None else int((after & ~before).sum())
    if before is not None and not added:
        return f"deselect {counted(int(before.sum()) - count, 'window')}"
    goes_on = before is not None and not (before & ~after).any()
    return f"select {counted(added, 'more window')}" if goes_on else f"select {counted(count, 'window')}"


def _inside(points: FloatArray, corners: FloatArray) -> Generator[Progress, None, BoolArray]:
    yield Progress(0, 1, "Looking inside the line")
    return inside(points, corners)
