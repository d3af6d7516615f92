"""The living map as it is seen: dots that glide, the history of snapshots, and what one does with a snapshot."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from explorer.panels.map.hover_card import HoverCard
from explorer.panels.map.view.gliding import Glide
from explorer.panels.map.view.outlines import Box, Lasso
from explorer.panels.map.view.view import MapView
from explorer.qt.controls import Button
from explorer.qt.labels import ElidedLabel, Label, counted
from explorer.qt.messages import Messages
from explorer.qt.sliders import ThinSlider
from explorer.session.songs.library import Library
from explorer.session.training.living_map import LivingMap, SnapshotMap
from explorer.session.training.run_models import RunModels
from explorer.session.training.training import Training
from vrae_core.clock import duration
from vrae_core.corpus.bars import begins
from vrae_core.errors import VraeError
from vrae_core.latent.polygon import inside
from vrae_core.model.trained import TrainedModel
from vrae_core.piano_roll import BoolArray, FloatArray, notes_from_roll

LASSO_TIP = "Draw a line around windows to change their weights (Shift-drag: a box)"
NOTHING_YET = "Every dot here will be a window of your songs. Watch the songs separate as the model learns."
NO_SONGS = "The songs of this run were not found, so there is no map to draw."


class LivingMapBox(QWidget):
    """Click a dot to make it a probe; drag to pan.

    Windows are weighed by a box around them, dragged with Shift, or by a line, with the lasso's button down.
    """

    save_wanted = Signal()

    def __init__(
        self,
        living: LivingMap,
        training: Training,
        library: Library,
        messages: Messages,
        run_models: RunModels,
    ) -> None:
        super().__init__()
        self._living, self._training = living, training
        self._library, self._messages = library, messages
        self.selected: BoolArray | None = None  # (n,) of the sample
        self._pinned: tuple[TrainedModel, str] | None = None
        self._pressed: FloatArray | None = None
        self.view = MapView()
        self._outline: Box | Lasso | None = None  # that is being drawn
        self.lasso = Button("", LASSO_TIP, "lasso", look="plain")
        self.lasso.setAccessibleName("Lasso")
        self.lasso.setCheckable(True)
        self.view.setAccessibleName("Living map: the windows as the snapshot places them")
        self.card = HoverCard(self.view)
        self._glide = Glide(self.view)
        self._glide.moved.connect(self._show_probes)
        self.play = Button("", "Play or pause the history of snapshots", "play", look="plain")
        self.slider = ThinSlider(0)
        self.slider.setAccessibleName("Snapshot")
        self.slider.setToolTip("Which snapshot is shown; the right end is always the newest")
        self.live = Button("Live", "Follow the newest snapshot", look="plain")
        self.live.setCheckable(True)
        self.which = ElidedLabel("", "small")
        self.leave_out = Button("Exclude", "Stop learning from the selected windows")
        self.twice = Button("Twice as often", "Learn from the selected windows twice as often as now")
        self.reset = Button("Reset", "Learn from all windows equally again")
        self.pin = Button("Pin in Explore", "Play this snapshot in Explore; training continues")
        self.use = Button(
            "Use this model", "Open the current model and its songs in Explore; training continues", look="main"
        )
        self.save = Button("Save model…", "Save the current model to a file")
        self._weighing, self._map_or_words = QWidget(), QStackedWidget()
        self._words = Label(NOTHING_YET, "muted")
        self._lay_out()
        self._listen()
        self.use.clicked.connect(run_models.use_trained)
        self._show_sample()
        self.show_state()

    def _lay_out(self) -> None:
        self._words.setWordWrap(True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._words.setMargin(24)
        self._map_or_words.addWidget(self._words)
        self._map_or_words.addWidget(self.view)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(Label("Living map", "caps"))
        layout.addWidget(self._map_or_words, 1)
        layout.addWidget(self._weighing)
        _row(self._weighing, self.leave_out, self.twice, self.reset)
        history, buttons = QWidget(), QWidget()
        layout.addWidget(history)
        _row(history, self.lasso, self.play, self.slider, self.live)
        layout.addWidget(self.which)
        layout.addWidget(buttons)
        _row(buttons, self.use, self.pin, self.save)

    def _listen(self) -> None:
        living, view = self._living, self.view
        self.slider.double_clicked.connect(lambda: self.slider.setValue(self.slider.maximum()))
        living.sampled.connect(self._show_sample)
        living.framed.connect(self._show_frame)
        living.changed.connect(self.show_state)
        living.probed.connect(self.show_state)
        living.probed.connect(self._show_probes)
        self._library.atlas_changed.connect(self._show_atlas)
        self.slider.valueChanged.connect(self._slide)
        self.play.clicked.connect(living.toggle_play)
        self.live.clicked.connect(living.go_live)
        self.leave_out.clicked.connect(lambda: self._weigh(0.0))
        self.twice.clicked.connect(lambda: self._weigh(2.0))
        self.lasso.toggled.connect(self._take_lasso)
        self.reset.clicked.connect(self._weigh_alike)
        self.pin.clicked.connect(self.pin_snapshot)
        self.save.clicked.connect(self.save_wanted)
        view.left_pressed.connect(self._press)
        view.left_moved.connect(self._move)
        view.left_released.connect(self._release)
        view.double_clicked.connect(lambda _point: view.reset_view())
        view.hovered.connect(self._hover)

    # --- snapshots

    def pin_snapshot(self) -> None:
        """Play the snapshot that is shown in Explore, whatever the training does."""
        shot = self._living.shot
        if shot is None:
            self._messages.say("There is no snapshot yet: start a training and wait for its first.")
            return
        name = f"{self._run_name()}, update {shot.frame.snapshot.updates:,}"
        self._pinned = (shot.model, name)
        self._library.use_model(shot.model, name)

    def _run_name(self) -> str:
        return self._training.run.path.name if self._training.run is not None else "training"

    def _slide(self, place: int) -> None:
        if place != self._living.place:
            self._living.show(place)

    def show_state(self, _shot: object = None) -> None:
        """Show where in the history this is, and offer what can be done."""
        living, training = self._living, self._training
        count = len(living.snapshots)
        self.slider.blockSignals(True)
        self.slider.setRange(0, max(0, count - 1))
        self.slider.setValue(max(0, living.place))
        self.slider.blockSignals(False)
        self.slider.setEnabled(count > 1)
        self.play.setEnabled(count > 1)
        self.play.show_icon("pause" if living.playing else "play")
        self.live.setEnabled(count > 0)
        self.live.setChecked(living.live and count > 0)
        self.which.setText(self._in_words())
        self.pin.setEnabled(living.shot is not None)
        self.use.setEnabled(training.model is not None)
        self.save.setEnabled(training.model is not None)
        steered = training.steerable
        self.lasso.setEnabled(steered)
        self.lasso.setChecked(self.lasso.isChecked() and steered)  # else a press would only say why not
        self.lasso.setToolTip(training.why_not_steered or LASSO_TIP)
        self._weighing.setVisible(self.selected is not None or living.weights is not None)
        for button in (self.leave_out, self.twice):
            button.setEnabled(self.selected is not None and steered)
        self.reset.setEnabled(self.selected is not None or (living.weights is not None and steered))
        self._words.setText(NO_SONGS if count and living.sample is None else NOTHING_YET)
        self._show_lit()

    def _in_words(self) -> str:
        living = self._living
        if living.snapshot is None:
            return "No snapshot yet"
        rows = self._training.rows
        place = bisect_left(rows, living.snapshot.updates, key=lambda row: row.updates)
        seconds = rows[place].seconds if place < len(rows) else None
        parts = [f"Snapshot {living.place + 1} of {len(living.snapshots)}", f"update {living.snapshot.updates:,}"]
        parts += [duration(seconds)] if seconds is not None else []
        if self._pinned is not None and self._library.model is self._pinned[0]:
            parts.append(f"Explore plays {self._pinned[1].rsplit(', ')[-1]}")
        return "  ·  ".join(parts)

    # --- dots

    def _show_sample(self) -> None:
        self.selected = None
        self.card.hide()
        self._map_or_words.setCurrentIndex(0)

    def _show_frame(self, frame: SnapshotMap) -> None:
        sample = self._living.sample
        assert sample is not None
        self.card.hide()
        if self._map_or_words.currentIndex() == 0:
            self._map_or_words.setCurrentIndex(1)
            self._glide.show_dots(
                frame.points, sample.corpus.song_of, self._library.song_colours.of(sample.corpus.names)
            )
            self._show_lit()
        else:
            self._glide.glide_to(frame.points)

    def _show_atlas(self) -> None:
        """A song has its colour of the map, here too."""
        sample = self._living.sample
        if sample is not None and self._map_or_words.currentIndex() == 1:
            self._glide.recolour(self._library.song_colours.of(sample.corpus.names))
        self.show_state()

    def _show_probes(self) -> None:
        """Number the probes where their dots are now."""
        nothing = self.view.points[:0]
        self.view.marks.set_path(self.view.points[list(self._living.probes)], nothing)

    def _show_lit(self) -> None:
        """The selected windows keep their colour, or those that are not left out."""
        sample, weights = self._living.sample, self._living.weights
        if sample is None or len(self.view.points) != len(sample.places):
            return
        lit = np.ones(len(sample.places), bool) if weights is None else weights[sample.places] > 0
        lit = lit if self.selected is None else self.selected
        if not np.array_equal(lit, self.view.dots.lit):
            self.view.dots.set_lit(lit)

    def _hover(self, place: int) -> None:
        sample = self._living.sample
        if place < 0 or sample is None or place >= len(sample.places):
            self.card.hide()
            return
        corpus = sample.corpus
        roll = corpus.windows([place])[0]
        weights = self._living.weights
        often = 1.0 if weights is None else float(weights[sample.places[place]])
        figures = counted(len(notes_from_roll(roll, corpus.pitches)), "note")
        figures += "" if often == 1 else "  ·  excluded" if often == 0 else f"  ·  {often:g} × as often"
        title = f"{corpus.names[corpus.song_of[place]]} · {begins(corpus, place)}"
        colour = self._library.song_colours.of(corpus.names)[corpus.song_of[place]]
        at = self.view.to_pixels(self.view.points[place])
        self.card.show_window(title, figures, roll, colour, at, corpus.pitches)

    # --- the mouse

    def _press(self, point: FloatArray, modifiers: Qt.KeyboardModifier) -> None:
        self.card.hide()
        self._pressed = point
        boxing = modifiers & Qt.KeyboardModifier.ShiftModifier
        self._outline = Box(self.view) if boxing else Lasso(self.view) if self.lasso.isChecked() else None
        if self._outline is not None and not self._training.steerable:
            self._outline = None
            self._messages.say(self._training.why_not_steered)
            return
        if self._outline is not None:
            self._outline.begin(point)
        else:
            self._probe(point)

    def _move(self, point: FloatArray) -> None:
        if self._outline is not None:
            self._outline.draw_to(point)
        elif self._pressed is not None:
            self.view.pan_by(self._pressed - point)

    def _release(self, point: FloatArray) -> None:
        outline, self._outline, self._pressed = self._outline, None, None
        if outline is None:
            return
        drawn, points = outline.end(point), self.view.points
        chosen: BoolArray | None = None
        if isinstance(drawn, tuple):
            chosen = np.all((points >= drawn[0]) & (points <= drawn[1]), axis=1)
        elif drawn is not None:
            chosen = inside(points, drawn)
        elif isinstance(outline, Lasso):
            self._probe(point)
        self.selected = chosen if chosen is not None and chosen.any() else None
        self.show_state()

    def _probe(self, point: FloatArray) -> None:
        place = self.view.dot_at(point)
        if place >= 0:
            self._living.put_probe(place)

    def _take_lasso(self, on: bool) -> None:
        self.view.viewport().setCursor(Qt.CursorShape.CrossCursor if on else Qt.CursorShape.ArrowCursor)

    # --- how often windows come

    def _weigh(self, factor: float) -> None:
        if self.selected is None:
            return
        try:
            chosen, self.selected = self.selected, None
            self._living.weigh(chosen, factor)
        except VraeError as error:
            self._messages.say(f"That is not possible: {error}.", "warning")
            self.show_state()

    def _weigh_alike(self) -> None:
        self.selected = None
        self._living.weigh_alike()
        self.show_state()


def _row(box: QWidget, *parts: QWidget) -> None:
    layout = QHBoxLayout(box)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(8)
    for part in parts:
        layout.addWidget(part, 1 if isinstance(part, ThinSlider) else 0)
