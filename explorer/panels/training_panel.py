"""The training tab: setting a training up, watching and steering it, and the runs that there are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from explorer.atlas import clock
from explorer.panels.runs_panel import RunsPanel
from explorer.panels.steering_bar import SteeringBar
from explorer.panels.training_watch import TrainingWatch
from explorer.session import Session
from explorer.widgets.controls import Button, DropDown, NumberBox
from explorer.widgets.labels import Label, as_tooltip
from explorer.widgets.rows import Row, RowList
from explorer.widgets.segments import Segments
from vrae_core.recipes import RECIPES
from vrae_core.run_folder import RunSettings, SongEntry
from vrae_core.safe_files import file_stem

if TYPE_CHECKING:
    from vrae_core.midi_file import Song

PARTS = (
    ("setup", "Set up", "Choose songs, and how to learn them"),
    ("watch", "Watch", "The run that is shown: its curves, its map, and what steers it"),
    ("runs", "Runs", "All that were trained, and those that wait"),
)
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
        self.steering, self.runs = SteeringBar(session.training), RunsPanel(session)
        self.parts, self.pages = Segments("Part of the page", PARTS), QStackedWidget()
        self._lay_out()
        self.show_part("setup")
        self.parts.chosen.connect(self.show_part)
        self.runs.show_wanted.connect(lambda: self.show_part("watch"))
        self.setup.start.clicked.connect(self.start)
        self.setup.queue.clicked.connect(self.queue)
        self.watch.save_wanted.connect(self.save_wanted)
        self._training.changed.connect(self._show_state)
        self._show_state()

    def _lay_out(self) -> None:
        watch, head = QWidget(), QHBoxLayout()
        column = QVBoxLayout(watch)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.watch, 1)
        column.addWidget(self.steering)
        head.setContentsMargins(16, 10, 0, 0)
        head.addWidget(self.parts)
        head.addStretch(1)
        for part in (self.setup, watch, self.runs):
            self.pages.addWidget(part)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.pages, 1)

    def show_part(self, part: str) -> None:
        """Show "setup", "watch" or "runs"."""
        self.pages.setCurrentIndex([key for key, *_ in PARTS].index(part))
        self.parts.show_chosen(part)

    def start(self) -> None:
        """Train on the ticked songs by the chosen recipe."""
        songs = self.setup.ticked_songs()
        if not songs:
            self._session.say("Tick at least one song to train on.", "warning")
        elif not self._training.running:
            self._training.start(self._settings(songs), songs)
            self.show_part("watch")

    def queue(self) -> None:
        """Train on the ticked songs by the chosen recipe when the runs before have ended."""
        songs = self.setup.ticked_songs()
        if not songs:
            self._session.say("Tick at least one song to train on.", "warning")
        else:
            self._training.queue(self._settings(songs), songs)

    def _settings(self, songs: list[Song]) -> RunSettings:
        name = self.setup.recipe.currentData()
        entries = tuple(SongEntry(song.name, song.path) for song in songs)
        minutes = float(self.setup.minutes.value())
        return RunSettings(name, name, RECIPES[name], entries, minutes=minutes)

    def suggested_name(self) -> Path:
        """What to call the model's file."""
        return Path(f"{file_stem(self._training.name or 'model')}.safetensors")

    def _show_state(self) -> None:
        self.setup.show_running(self._training.running)


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
        self.queue = Button("Queue this run", "Train it once the runs before it have ended (Ctrl+Shift+T)")
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
        for part in (self.start, self.queue):
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

    def show_running(self, running: bool) -> None:
        """Let the buttons offer what can be done."""
        self.start.setEnabled(not running)
        self.queue.setEnabled(running)

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
