"""The training tab: songs and recipe on the left, the run beside them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.atlas import clock
from explorer.panels.training_watch import TrainingWatch
from explorer.session import Session
from explorer.widgets.controls import Button, DropDown, NumberBox
from explorer.widgets.labels import Label, as_tooltip
from explorer.widgets.rows import Row, RowList
from vrae_core.recipes import RECIPES

if TYPE_CHECKING:
    from vrae_core.midi_file import Song

USUAL_MINUTES = 20
USUAL_RECIPE = "fast-2d"


class TrainingPanel(QWidget):
    """One run at a time; everything else of the window goes on meanwhile."""

    songs_wanted = Signal()
    save_wanted = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session, self._training = session, session.training
        self.setup, self.watch = _Setup(session, self.songs_wanted), TrainingWatch(session)
        self.setup.setFixedWidth(270)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.setup)
        layout.addWidget(self.watch, 1)
        self.setup.start.clicked.connect(self.start)
        self.setup.pause.clicked.connect(self._training.toggle_pause)
        self.setup.stop.clicked.connect(self._training.stop)
        self.watch.save_wanted.connect(self.save_wanted)
        self._training.changed.connect(self._show_state)
        self._show_state()

    def start(self) -> None:
        """Train on the ticked songs by the chosen recipe."""
        songs = self.setup.ticked_songs()
        if not songs:
            self._session.say("Tick at least one song to train on.", "warning")
        elif not self._training.running:
            name = self.setup.recipe.currentData()
            self._training.start(songs, name, RECIPES[name], self.setup.minutes.value())

    def suggested_name(self) -> Path:
        """What to call the model's file."""
        return Path(f"{self._training.recipe_name or 'model'}.safetensors")

    def _show_state(self) -> None:
        self.setup.show_running(self._training.running, self._training.paused)


class _Setup(QWidget):
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
        self.pause, self.stop = Button("Pause", "Hold the training"), Button("Stop", "End it, and keep what is learnt")
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
        row = QHBoxLayout()
        row.setSpacing(8)
        for part in (self.start, self.pause, self.stop):
            row.addWidget(part)
        layout.addLayout(row)
        self.songs.picked.connect(self._tick)
        self.songs.double_picked.connect(self._tick)
        self.recipe.currentIndexChanged.connect(self._show_summary)
        self._library.songs_changed.connect(self._show_songs)
        self._show_summary()
        self._show_songs()

    def ticked_songs(self) -> list[Song]:
        """The songs to train on."""
        return [song for place, song in enumerate(self._library.songs) if place not in self._left_out]

    def show_running(self, running: bool, paused: bool) -> None:
        """Let the buttons offer what can be done."""
        self.start.setEnabled(not running)
        self.pause.setEnabled(running)
        self.pause.setText("Go on" if paused else "Pause")
        self.stop.setEnabled(running)
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
