"""The set-up side of the training tab: which songs, which recipe, how long."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.atlas import clock
from explorer.session import Session
from explorer.widgets.controls import Button, DropDown, NumberBox
from explorer.widgets.labels import Label, as_tooltip
from explorer.widgets.rows import Row, RowList
from vrae_core.midi_file import Song
from vrae_core.recipes import RECIPES
from vrae_core.run_folder import RunSettings, SongEntry

USUAL_MINUTES = 20
USUAL_RECIPE = "fast-2d"


class TrainingSetup(QWidget):
    """What to train on, how and how long."""

    def __init__(self, session: Session, songs_wanted: Signal) -> None:
        super().__init__()
        self._library = session.library
        self.songs = RowList("Songs to train on")
        self._left_out: set[int] = set()  # places in the library's songs
        add = Button("Add songs…", "Open MIDI files")
        add.clicked.connect(songs_wanted)
        self.recipe = DropDown()
        self.recipe.setAccessibleName("Recipe")
        self.recipe.setToolTip("What kind of model, and how it is trained")
        for name in RECIPES:
            self.recipe.addItem(name, name)
        self.recipe.setCurrentIndex(max(0, self.recipe.findData(USUAL_RECIPE)))
        self._summary = Label("", "small")
        self._summary.setWordWrap(True)
        self.minutes = NumberBox(1, 24 * 60, USUAL_MINUTES, "Minutes to train")
        self.minutes.setSuffix(" min")
        self.minutes.setToolTip("It can be stopped before, and keeps what it has learnt")
        self.start = Button("Start", "Train a model on the ticked songs (Ctrl+T)", look="main")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 16, 12, 14)
        layout.setSpacing(7)
        layout.addWidget(Label("Songs to learn", "caps"))
        layout.addWidget(self.songs, 1)
        layout.addWidget(add)
        layout.addSpacing(8)
        for part in (Label("Recipe", "caps"), self.recipe, self._summary, Label("Time", "caps"), self.minutes):
            layout.addWidget(part)
        layout.addSpacing(8)
        layout.addWidget(self.start)
        self.songs.picked.connect(self._tick)
        self.songs.double_picked.connect(self._tick)
        self.recipe.currentIndexChanged.connect(self._show_summary)
        self._library.songs_changed.connect(self._show_songs)
        self._show_summary()
        self._show_songs()

    def chosen_songs(self) -> list[Song]:
        """The songs to train on."""
        return [song for place, song in enumerate(self._library.songs) if place not in self._left_out]

    def settings(self) -> RunSettings:
        """What is to be trained."""
        name = self.recipe.currentData()
        songs = tuple(SongEntry(song.name, song.path) for song in self.chosen_songs())
        return RunSettings(name, name, RECIPES[name], songs, minutes=self.minutes.value())

    def show_running(self, running: bool, paused: bool) -> None:
        """Let the buttons offer what can be done."""
        self.start.setEnabled(not running)
        for part in (self.recipe, self.minutes, self.songs):
            part.setEnabled(not running)

    def _show_summary(self) -> None:
        summary = RECIPES[self.recipe.currentData()].summary
        self._summary.setText(f"{summary[:1].upper()}{summary[1:]}.")

    def _tick(self, place: int) -> None:
        self._left_out ^= {place}
        self._show_songs()

    def _show_songs(self) -> None:
        rows = []
        for place, song in enumerate(self._library.songs):
            ticked = place not in self._left_out
            length = clock(song.seconds).split(".")[0]
            tip = as_tooltip(f"{song.name}: {len(song.notes)} notes. Click to leave it out or take it in.")
            rows.append(Row(place, "", song.name, right=length, on=ticked, tip=tip, ticked=ticked))
        self.songs.rows.show_rows(rows)
