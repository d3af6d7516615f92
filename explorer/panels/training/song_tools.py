"""What can be done to the songs to train on: the buttons above their table, its menu, and the parts of one song."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtCore import QPoint, SignalInstance
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from explorer.panels.playing.parts_dialog import PartsDialog
from explorer.panels.training.songs import SongTable
from explorer.qt.controls import Button, MenuButton
from explorer.session.playing.preview import SongPreview
from explorer.session.training.songs import TrainingSongs

_GRIDS = (
    ("1/8", "To eighths"),
    ("1/16", "To sixteenths"),
    ("1/32", "To thirty-seconds"),
    ("1/8T", "To eighth triplets, and swing"),
    ("1/16T", "To sixteenth triplets"),
    ("", "As they were played"),
)
_STRENGTHS = ((100, "100 %"), (75, "75 %"), (50, "50 %"), (25, "25 %"))


class SongTools(QWidget):
    """The row of buttons; the table's menu offers the same and what is of single songs."""

    def __init__(
        self,
        songs_wanted: SignalInstance,
        folder_wanted: SignalInstance,
        songs: TrainingSongs,
        table: SongTable,
        preview: SongPreview,
    ) -> None:
        super().__init__()
        self._songs, self._table, self._preview = songs, table, preview
        self.transposing = self._transposing(QMenu(self))
        self.quantising = self._quantising(QMenu(self))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        add = Button("Add songs…", "Choose MIDI files to train on; they need not be on the map")
        add.clicked.connect(songs_wanted)
        folder = Button("Add a folder…", "Add all MIDI files of a folder and its subfolders")
        folder.clicked.connect(folder_wanted)
        row.addWidget(add)
        row.addWidget(folder)
        row.addStretch(1)
        ticking: tuple[tuple[str, str, Callable[[], None]], ...] = (
            ("All", "Tick every song", lambda: songs.include(self._all(), True)),
            ("None", "Tick no song", lambda: songs.include(self._all(), False)),
            ("Invert", "Tick the songs that are not ticked, and no others", lambda: songs.toggle(self._all())),
        )
        for name, tip, tick in ticking:
            button = Button(name, tip, look="plain")
            button.clicked.connect(tick)
            row.addWidget(button)
        menus = (
            ("Transpose", "Move songs up or down, or to a key without accidentals", self.transposing),
            ("Quantise", "Train on songs as if played exactly on time; Explore shows them unchanged", self.quantising),
        )
        for name, tip, menu in menus:
            opener = MenuButton(name, tip, look="plain")
            opener.setMenu(menu)
            row.addWidget(opener)
        table.menu_wanted.connect(self._show_menu)

    def _all(self) -> range:
        return range(len(self._songs.entries))

    def _quantising(self, menu: QMenu) -> QMenu:
        songs = self._songs
        for words, rows in (("Selected songs", self._table.chosen), ("All songs", self._all)):
            grids = menu.addMenu(words)
            for grid, name in _GRIDS:
                grids.addAction(name, partial(self._quantise, rows, grid))
        menu.addSeparator()
        menu.addAction("Estimate the beats of songs that have none", lambda: songs.estimate_beats(self._all(), True))
        menu.addAction("Leave out songs that have none", lambda: songs.estimate_beats(self._all(), False))
        menu.addSeparator()
        strengths = menu.addMenu("How far to move onsets")
        for strength, name in _STRENGTHS:
            action = strengths.addAction(name, partial(songs.quantise_by, strength))
            action.setCheckable(True)
            action.setData(strength)
        strengths.aboutToShow.connect(lambda: _tick(strengths, songs.strength))
        return menu

    def _quantise(self, rows: Callable[[], Iterable[int]], grid: str) -> None:
        self._songs.quantise(rows(), grid)

    def _transposing(self, menu: QMenu) -> QMenu:
        songs, table = self._songs, self._table
        menu.addAction("Selected songs a semitone up\t+", lambda: songs.transpose(table.chosen(), 1))
        menu.addAction("Selected songs a semitone down\t−", lambda: songs.transpose(table.chosen(), -1))
        menu.addAction("Selected songs as they were", lambda: songs.transpose_to(table.chosen(), 0))
        menu.addSeparator()
        menu.addAction("All songs to C major or A minor", lambda: songs.bring_home(self._all()))
        menu.addAction("All songs as they were", lambda: songs.transpose_to(self._all(), 0))
        return menu

    def _show_menu(self, place: QPoint) -> None:
        songs, table = self._songs, self._table
        menu = QMenu(self)
        menu.addAction("Play or stop\tEnter", table.play)
        menu.addAction("Tick or untick\tSpace", lambda: songs.toggle(table.chosen()))
        parts = menu.addAction("Parts…", self.show_parts)
        parts.setEnabled(len(table.chosen()) == 1 and bool(songs.entries[table.chosen()[0]].song.tracks))
        menu.addAction("Remove from the list\tDel", lambda: songs.remove(table.chosen()))
        menu.addSeparator()
        self._transposing(menu)
        menu.addSeparator()
        self._quantising(menu.addMenu("Quantise"))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)

    def show_parts(self) -> None:
        """Show which part each track of the selected song plays, to be corrected."""
        chosen = self._table.chosen()
        if len(chosen) == 1:
            entry = self._songs.entries[chosen[0]]
            use = "Train on the song with these parts"
            page = PartsDialog(self.window(), entry.song, entry.to_train.parts, self._preview, use)
            page.accepted.connect(lambda: self._songs.choose_parts(entry.song, page.parts))
            page.open()


def _tick(menu: QMenu, value: int) -> None:
    """Let a menu show which of its values is in force."""
    for action in menu.actions():
        action.setChecked(action.data() == value)
