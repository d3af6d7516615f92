"""What is selected on the map: its windows, its songs, and what sets it apart from the rest."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QHideEvent, QPalette, QShowEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QListView, QMenu, QStackedWidget, QVBoxLayout, QWidget

from explorer.qt.controls import Button, MenuButton, Segments
from explorer.qt.labels import Label, as_tooltip
from explorer.qt.rows import LazyRows, Row, RowList
from explorer.session.map.selection import Selection
from explorer.session.map.selection_figures import SelectionFigures
from explorer.session.playing.playback import Playback
from explorer.session.songs.atlas import Atlas
from explorer.session.songs.library import Library
from vrae_core.corpus.bars import begins, usually_lasts
from vrae_core.latent.window_figures import AttributeDifference, Statistics, size_word, song_shares
from vrae_core.piano_roll import IntArray

MOST_DIFFERENCES = 8  # of pitch classes, and of dimensions of z
HOW_TO_SELECT = (
    "Nothing is selected.\n\nShift-drag a box around dots, or take the select tool (3) or the lasso (4). "
    "Shift adds, Ctrl removes, Esc clears. By keyboard: X for the window heard, Ctrl+A for all on the map."
)
VIEWS = (
    ("windows", "Windows", "The windows that are selected: click one to hear it"),
    ("songs", "Songs", "How many windows of each song are selected"),
    ("rest", "Against the rest", "How the selection differs from the other windows"),
)
MUSIC = {  # in words, for more, less and about as much, and the unit (a mean pitch is a MIDI number)
    "density": ("Denser", "Sparser", "As dense", " notes/s"),
    "register": ("Higher", "Lower", "As high", ""),
    "polyphony": ("Fuller", "Thinner", "As full", " at once"),
}


class SelectionPanel(QWidget):
    """Right of the map.  Only what is in view is worked out: the windows, the songs, or the statistics."""

    def __init__(
        self, library: Library, playback: Playback, selection: Selection, selection_figures: SelectionFigures
    ) -> None:
        super().__init__()
        self._library, self._selection, self._figures = library, selection, selection_figures
        self._windows: IntArray = selection.indices
        self.count = Label("", "title")
        self.about = Label("", "small")
        self.empty = Label(HOW_TO_SELECT, "muted")
        self.empty.setWordWrap(True)
        self.views = Segments("What to see of the selection", VIEWS)
        self.windows, self.songs = RowList("Selected windows"), RowList("Songs of the selection")
        self.rest = RowList("The selection against the rest")
        for each in (self.windows, self.songs, self.rest):
            each.setLayoutMode(QListView.LayoutMode.Batched)  # or a million rows would be laid out in one go
            each.setBatchSize(2000)
        self.export = MenuButton("Export", "Save the selection as a table, as notes or as sound")
        self.clear = Button("Clear", "Select nothing (Ctrl+D)")
        self._stack = QStackedWidget()
        self._lay_out()
        self.views.chosen.connect(self._choose)
        self.windows.picked.connect(lambda row: playback.play_window(int(self._windows[row])))
        self.songs.picked.connect(self._keep_song)
        self.clear.clicked.connect(selection.clear)
        selection.changed.connect(self._show)
        library.atlas_changed.connect(self._show)
        selection_figures.changed.connect(self._show_rest)
        self.views.show_chosen("windows")
        self._show()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(6)
        layout.addWidget(Label("Selection", "caps"))
        layout.addWidget(self.empty)
        self._filled = QWidget()
        layout.addWidget(self._filled, 1)
        layout.addStretch(0)
        inner = QVBoxLayout(self._filled)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(6)
        inner.addWidget(self.count)
        inner.addWidget(self.views)
        inner.addWidget(self.about)
        inner.addWidget(self._stack, 1)
        for each in (self.windows, self.songs, self.rest):
            self._stack.addWidget(each)
        self.about.setWordWrap(True)
        below = QHBoxLayout()
        below.addWidget(self.export)
        below.addWidget(self.clear)
        below.addStretch(1)
        inner.addLayout(below)

    def set_export_menu(self, menu: QMenu) -> None:
        """What the Export button offers."""
        self.export.setMenu(menu)

    # --- what the session says

    def _choose(self, key: str) -> None:
        self._stack.setCurrentIndex([each for each, _word, _tip in VIEWS].index(key))
        self._show()

    def _show(self) -> None:
        atlas, selection = self._library.atlas, self._selection
        there_is_one = atlas is not None and selection.windows is not None
        self.empty.setVisible(not there_is_one)
        self._filled.setVisible(there_is_one)
        self._figures.want(self.isVisible() and self._stack.currentWidget() is self.rest)
        self._windows = selection.indices if there_is_one else np.zeros(0, np.int64)
        if not self.isVisible():
            return
        if atlas is None or selection.windows is None:
            for each in (self.windows, self.songs, self.rest):
                each.rows.show_rows([])
            return
        chosen, of = len(self._windows), len(atlas.corpus)
        self.count.setText(f"{chosen:,} of {of:,} windows")
        if self._stack.currentWidget() is self.windows:
            self._show_windows(atlas)
        elif self._stack.currentWidget() is self.songs:
            self._show_songs(atlas)
        else:
            self._show_rest()

    def _show_windows(self, atlas: Atlas) -> None:
        windows, corpus = self._windows, atlas.corpus

        def row(number: int) -> Row:
            window = int(windows[number])
            name, start = atlas.song_name(window), begins(corpus, window)
            return Row(number, atlas.colour_of(window), name, right=start, tip=as_tooltip(f"Hear {name} at {start}"))

        self.about.setText(f"Each lasts {usually_lasts(corpus)}. Click one to hear it.")
        self.windows.rows.show_rows(LazyRows(len(windows), row))

    def _show_songs(self, atlas: Atlas) -> None:
        selected = self._selection.windows
        assert selected is not None
        shares = song_shares(atlas.corpus.song_of, len(atlas.corpus.names), selected)

        def row(number: int) -> Row:
            song, windows, share, lift = shares[number]
            name, colour = atlas.corpus.names[song], atlas.colours[song]
            tip = as_tooltip(
                f"{name}: {windows:,} of its {atlas.counts[song]:,} windows, {share:.0%} of the selection, "
                f"{lift:.1f} times its share of all windows. Click to keep only these."
            )
            return Row(song, colour, name, f"{windows:,}", f"×{lift:.1f}", tip=tip, share=share)

        self.about.setText("Windows, and the song's share here divided by its share of the whole map.")
        self.songs.rows.show_rows(LazyRows(len(shares), row))

    def _keep_song(self, song: int) -> None:
        atlas, selected = self._library.atlas, self._selection.windows
        if atlas is not None and selected is not None:
            self._selection.set(selected & (atlas.corpus.song_of == song))

    def _show_rest(self) -> None:
        statistics, selected = self._figures.statistics, self._selection.windows
        if selected is None or self._stack.currentWidget() is not self.rest or not self.isVisible():
            return
        if statistics is None:
            self.rest.rows.show_rows([])
            self.about.setText(
                "Everything is selected: nothing is left to compare with." if selected.all() else "Comparing…"
            )
            return
        ours, others = len(self._windows), len(selected) - len(self._windows)
        self.about.setText(
            f"Means of {ours:,} against {others:,} windows. On the right: the size of the difference; "
            "small ones are grey."
        )
        self.rest.rows.show_rows(difference_rows(statistics))

    # --- events

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._figures.want(False)


def difference_rows(statistics: Statistics) -> list[Row]:
    """What sets a selection apart, as rows: the music's, then the most unlike pitch classes and dimensions of z."""
    rows = [_music_row(each) for each in statistics.music]
    for each in statistics.pitch_classes[:MOST_DIFFERENCES]:
        if each.matters:
            word = f"{'More' if each.effect > 0 else 'Less'} {each.name}"
            rows.append(_row(each, word, f"{each.selected:.0%} against {each.rest:.0%}"))
    for each in statistics.latent[:MOST_DIFFERENCES]:
        rows.append(_row(each, each.name, _minus(f"{each.selected:+.2f} against {each.rest:+.2f}")))
    return rows


def _music_row(each: AttributeDifference) -> Row:
    more, less, same, unit = MUSIC[each.name]
    word = (more if each.effect > 0 else less) if each.matters else same
    return _row(each, word, f"{each.selected:.1f} against {each.rest:.1f}{unit}")


def _row(each: AttributeDifference, word: str, figures: str) -> Row:
    accent = QApplication.palette().color(QPalette.ColorRole.Accent).name()
    if np.isnan(each.effect):
        return Row(0, accent, word, "", "–", on=False, tip="There is nothing to compare here")
    size = f"a {size_word(each.effect)} difference" if each.matters else "hardly any difference"
    tip = f"{word}: {figures}, means of {each.selected_windows:,} and {each.rest_windows:,} windows. "
    tip += f"Cohen's d {each.effect:+.2f}: {size}."
    return Row(0, accent, word, figures, _minus(f"{each.effect:+.1f}"), each.matters, as_tooltip(_minus(tip)))


def _minus(figures: str) -> str:
    return figures.replace("-", "−")
