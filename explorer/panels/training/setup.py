"""The set-up side of the training tab: which songs, by which plan, for how long, and what to expect of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import Qt, QTimer, Signal, SignalInstance
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from explorer.panels.training.plan import PlanBox
from explorer.panels.training.song_tools import SongTools
from explorer.panels.training.songs import SongTable
from explorer.qt.controls import Button, Scrolled
from explorer.qt.jobs import Jobs
from explorer.qt.labels import Label
from explorer.session.playing.preview import SongPreview
from explorer.session.training.pace import TrainingPace
from explorer.session.training.songs import TrainingSongs
from vrae_core.clock import duration
from vrae_core.columns import counted_by_part, parts_of, pitches_of
from vrae_core.midi.song import Song
from vrae_core.piano_roll import pitch_name
from vrae_core.runs.learning import is_enough
from vrae_core.runs.settings import RunSettings
from vrae_core.training.forecast import Forecast, Speed, forecast

IDLE_MILLISECONDS = 700  # without a change, before updates are timed
PLAN_WIDTH = 326


class TrainingSetup(QWidget):
    """The songs on the left, the plan on the right."""

    folder_wanted = Signal()

    def __init__(
        self,
        songs_wanted: SignalInstance,
        training_songs: TrainingSongs,
        training_pace: TrainingPace,
        preview: SongPreview,
        jobs: Jobs,
    ) -> None:
        super().__init__()
        self._songs, self._pace, self._preview = training_songs, training_pace, preview
        self._running = False
        self.table = SongTable(training_songs, preview)
        self.plan = PlanBox(training_songs, jobs)
        self.minutes = self.plan.minutes
        self.start = Button("Start", "Train a model on the ticked songs (Ctrl+T)", look="main")
        self.queue = Button("Queue this run", "Train it after the runs in the queue (Ctrl+Shift+T)")
        self.reason = Label("", "warning")
        self.estimate, self._expected = Label("", "small"), Label("", "")
        self._summary, self._cut = Label("", "muted"), Label("", "small")
        for label in (self.reason, self.estimate, self._expected, self._cut):
            label.setWordWrap(True)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._idle = QTimer(self, singleShot=True, interval=IDLE_MILLISECONDS)
        self._idle.timeout.connect(self._measure)
        self.tools = SongTools(songs_wanted, self.folder_wanted, training_songs, self.table, preview)
        self._lay_out()
        self.plan.named.connect(self._show)
        for signal in (self._songs.listed, self._songs.changed, self._songs.counted):
            signal.connect(self._show)
        training_pace.changed.connect(self._show_estimate)
        self._show()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(Label("Songs to train on", "caps"))
        head.addStretch(1)
        head.addWidget(self._summary)
        left = QVBoxLayout()
        left.setContentsMargins(18, 16, 12, 14)
        left.setSpacing(8)
        left.addLayout(head)
        left.addWidget(self.tools)
        left.addWidget(self.table, 1)
        left.addWidget(self._cut)
        scrolled, words = QWidget(), QVBoxLayout()
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(8)
        words.addWidget(self.plan)
        words.addStretch(1)
        for part in (self._expected, self.estimate, self.reason):
            words.addWidget(part)
        scrolled.setLayout(words)
        area = Scrolled(scrolled)  # in a low window the words need more room than there is
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        right = QVBoxLayout()
        right.setContentsMargins(12, 16, 18, 14)
        right.setSpacing(8)
        right.addWidget(area, 1)
        right.addWidget(self.start)
        right.addWidget(self.queue)
        column = QWidget()
        column.setLayout(right)
        column.setFixedWidth(PLAN_WIDTH)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(left, 1)
        layout.addWidget(column)

    # --- what is to be trained

    def chosen_songs(self) -> list[Song]:
        """The songs to train on as they were read; ``settings`` says how each is quantised and transposed."""
        return [entry.song for entry in self._songs.chosen]

    def settings(self) -> RunSettings:
        """What is to be trained."""
        plan, songs = self._songs.plan, self._songs
        return RunSettings(
            name=self.plan.name.text().strip() or self._usual_name(),
            recipe_name=self.plan.recipe_name,
            recipe=plan.recipe,
            songs=songs.songs_to_train(),
            seed=plan.seed,
            minutes=plan.minutes,
            held_out=plan.held_out,
        )

    @property
    def problem(self) -> str:
        """Why nothing can be trained as it is set up; "" if it can."""
        return self._songs.problem

    @property
    def threads(self) -> int:
        """How many of the processor's cores the training is to have."""
        return self._songs.plan.threads

    def _usual_name(self) -> str:
        songs = self.chosen_songs()
        what = songs[0].name if len(songs) == 1 else f"{len(songs)} songs"
        today = date.today()
        return f"{what}, {self.plan.preset_name}, {today.day} {today:%B}"

    def show_running(self, running: bool) -> None:
        """Let the controls offer what can be done; updates are timed only while nothing is trained."""
        self._running = running
        if running:
            self._pace.stop()
            self._preview.stop()
        self._show()

    # --- showing

    def _show(self) -> None:
        songs = self._songs
        chosen = songs.chosen
        length = duration(sum(entry.read.seconds for entry in chosen if entry.read))
        self._summary.setText(f"{len(chosen):,} of {len(songs.entries):,} ticked · {length}" if songs.entries else "")
        self._cut.setText(self._what_is_cut())
        reason = songs.problem or songs.caution
        self.reason.setText(reason)
        self.reason.setVisible(bool(reason))
        self.start.setEnabled(not self._running and not songs.problem)
        self.queue.setEnabled(self._running and not songs.problem)
        why_not = "Training is already running" if self._running else songs.problem
        self.start.setToolTip(why_not or "Train a model on the ticked songs (Ctrl+T)")
        self._show_name()
        self._show_estimate()
        self._idle.start()

    def _show_name(self) -> None:
        self.plan.name.setPlaceholderText(self._usual_name() if self._songs.chosen else "Name")

    def _what_is_cut(self) -> str:
        counts, least = self._songs.last_counts, self._songs.plan.recipe.min_pitch_share
        if counts is None or not counts.figures.pitches:
            return ""
        pitches = counts.figures.pitches
        words = _used(pitches)
        if not counts.lost:
            return f"{words} Nothing is cut away."
        return f"{words} Pitches with less than {least:.2%} of all notes are cut away: {counts.lost:.2%} of the music."

    def _show_estimate(self) -> None:
        counts, plan, pace = self._songs.counts, self._songs.plan, self._pace
        if counts is None and self._songs.chosen:
            return  # in a moment: until then what was said stays
        words, expected = "", ""
        if counts is not None and counts.windows:
            model = plan.recipe.model
            held_out = f", {counts.windows - self._learnt:,} of them held out" if plan.held_out else ""
            words = f"{counts.windows:,} windows of {model.grid.in_words(model.window)}{held_out}.\n"
            speed = pace.of(plan, len(counts.figures.pitches), self._learnt)
            if isinstance(speed, Speed):
                ahead = forecast(plan, counts.windows, speed.seconds_per_update)
                words, expected = words + _in_words(ahead, speed), ahead.expected
                if self.plan.from_base and is_enough(ahead.updates, ahead.epochs):
                    expected = "Expect most of the notes right: the base knows music already."
            elif speed is not None:
                words += f"{speed[:1].upper()}{speed[1:]}."
            else:
                words += "Timing a few updates…" if pace.measuring else "The time per epoch is measured when idle."
        self.estimate.setText(words)
        self._expected.setText(expected)
        self._expected.setVisible(bool(expected))

    @property
    def _learnt(self) -> int:
        """Windows that are not held out."""
        counts = self._songs.counts
        assert counts is not None
        return forecast(self._songs.plan, counts.windows, 1.0).learnt

    # --- timing a few updates

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._idle.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._idle.stop()
        self._pace.stop()
        self._preview.stop()

    def _measure(self) -> None:
        counts = self._songs.counts
        if self.isVisible() and not self._running and counts is not None and counts.windows:
            self._pace.measure(self._songs.plan, len(counts.figures.pitches), self._learnt)


def _used(columns: Sequence[int]) -> str:
    """Which columns a model will have."""
    if parts_of(columns).any():
        return f"Used are {counted_by_part(columns)}."
    pitches = pitches_of(columns)
    return f"{len(columns)} pitches are used, {pitch_name(pitches[0])} to {pitch_name(pitches[-1])}."


def _in_words(ahead: Forecast, speed: Speed) -> str:
    return (
        f"{_seconds(ahead.seconds_per_epoch)} an epoch here, timed over {speed.updates} updates: about "
        f"{_rough(ahead.epochs)} epochs, {_rough(ahead.updates)} updates, in {_minutes(ahead.minutes)}."
    )


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:,.0f} s"


def _minutes(minutes: float) -> str:
    return f"{minutes:,.0f} min" if minutes < 120 else f"{minutes / 60:,.0f} h"


def _rough(figure: float) -> str:
    """Two digits of a figure: more would say that it is known."""
    return f"{float(f'{figure:.2g}'):,.0f}" if figure >= 10 else f"{figure:.1f}"
