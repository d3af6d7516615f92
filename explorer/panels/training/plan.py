"""How to train: presets in plain words, the length, the name, and the way to every setting."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from explorer.panels.training.expert import ExpertDialog
from explorer.qt.controls import Button, DropDown, NumberBox, choose_among
from explorer.qt.jobs import Jobs
from explorer.qt.labels import Label, counted
from explorer.session.training.songs import USUAL_PRESET, TrainingSongs
from vrae_core.model.recipes import RECIPES
from vrae_core.runs.learning import fits_base
from vrae_core.training.settings import PRESETS, SETTINGS, Plan, value_of

MOST_MINUTES, MOST_EPOCHS = 7 * 24 * 60, 10_000_000
MINUTES, EPOCHS = "minutes", "epochs"


class PlanBox(QWidget):
    """Sets the plan of the session's training songs."""

    named = Signal()  # the run's usual name may be another now

    def __init__(self, songs: TrainingSongs, jobs: Jobs) -> None:
        super().__init__()
        self._songs, self._jobs = songs, jobs
        self._preset = USUAL_PRESET
        self._given: Plan = songs.plan  # as the preset has it
        self.presets: dict[str, Button] = {}
        self._words = _wrapped("muted")
        self.minutes = NumberBox(1, MOST_MINUTES, 20, "Minutes to train")
        self.minutes.setToolTip("You can stop it earlier and keep the model")
        self.epochs = NumberBox(1, MOST_EPOCHS, 500, "Epochs to train")
        self.epochs.setToolTip("Times through all windows. You can stop it earlier and keep the model")
        self.unit = DropDown()
        self.unit.setAccessibleName("Unit of the length")
        self.unit.setToolTip("Train for a number of minutes, or a number of epochs")
        for unit in (MINUTES, EPOCHS):
            self.unit.addItem(unit, unit)
        self.beginning = DropDown()
        self.beginning.setAccessibleName("What the training begins from")
        self.beginning.setToolTip(
            "The base knows music already: it learns songs in minutes that take an hour from nothing"
        )
        for words in ("the base model", "nothing"):
            self.beginning.addItem(words)
        self._begin_words = Label("Begin from")
        self.name = QLineEdit()
        self.name.setAccessibleName("Name of the run")
        self.name.setToolTip("Name in the list of runs; if empty, the name in grey is used")
        self.name.setMaxLength(120)
        self.expert = Button("Expert…", "All settings of the model and its training, explained")
        self._changed = Label("", "small")
        self._lay_out()
        self.minutes.valueChanged.connect(self._set_length)
        self.epochs.valueChanged.connect(self._set_length)
        self.unit.activated.connect(self._set_length)
        self.beginning.activated.connect(self.named)
        self.expert.clicked.connect(self.show_expert)
        songs.changed.connect(self._show)
        self.choose(self._preset)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(Label("How to train", "caps"))
        choices, group = QVBoxLayout(), QButtonGroup(self)
        choices.setSpacing(1)
        for key, preset in PRESETS.items():
            button = Button(preset.name, preset.words, look="choice")
            button.setCheckable(True)
            button.setMinimumHeight(28)
            button.clicked.connect(lambda _on, key=key: self.choose(key))
            group.addButton(button)
            choices.addWidget(button)
            self.presets[key] = button
        layout.addLayout(choices)
        layout.addWidget(self._words)
        layout.addSpacing(4)
        length = QHBoxLayout()
        length.setSpacing(8)
        length.addWidget(Label("Train for"))
        length.addWidget(self.minutes, 1)
        length.addWidget(self.epochs, 1)
        length.addWidget(self.unit)
        layout.addLayout(length)
        beginning = QHBoxLayout()
        beginning.setSpacing(8)
        beginning.addWidget(self._begin_words)
        beginning.addWidget(self.beginning, 1)
        layout.addLayout(beginning)
        layout.addWidget(self.name)
        foot = QHBoxLayout()
        foot.addWidget(self.expert)
        foot.addSpacing(6)
        foot.addWidget(self._changed, 1)
        layout.addLayout(foot)

    @property
    def preset_name(self) -> str:
        """What the chosen preset is called, in short."""
        return PRESETS[self._preset].short

    @property
    def recipe_name(self) -> str:
        """The name of the recipe, if it is one of those that have one; else that of the preset it was changed from."""
        recipe = self._songs.plan.recipe
        known = (name for name, each in RECIPES.items() if each == recipe)
        return next(known, f"{PRESETS[self._preset].recipe_name}, changed")

    @property
    def from_base(self) -> bool:
        """Whether the training begins from the base; only a model of its shape can."""
        return fits_base(self._songs.plan.recipe.model) and self.beginning.currentIndex() == 0

    def choose(self, preset: str) -> None:
        """Take a preset as it is; seed and threads stay."""
        self._preset = preset
        plan = self._songs.plan
        self._given = replace(PRESETS[preset].plan, seed=plan.seed, threads=plan.threads)
        choose_among(self.presets, preset)
        self.use(self._given)

    def use(self, plan: Plan) -> None:
        """Train by this plan."""
        self._songs.set_plan(plan)
        self.named.emit()

    def show_expert(self) -> None:
        """Show every setting."""
        page = ExpertDialog(self.window(), self._jobs, self._songs.plan, self._given)
        page.accepted.connect(lambda: self.use(page.plan))
        page.open()

    def _set_length(self) -> None:
        plan = self._songs.plan
        if self.unit.currentData() == MINUTES:
            self.use(replace(plan, minutes=float(self.minutes.value())))
        else:
            training = replace(plan.recipe.training, epochs=self.epochs.value())
            self.use(replace(plan, minutes=None, recipe=replace(plan.recipe, training=training)))

    def _show(self) -> None:
        plan = self._songs.plan
        self._words.setText(PRESETS[self._preset].words)
        by_clock = plan.minutes is not None
        for box, value in ((self.minutes, plan.minutes), (self.epochs, plan.recipe.training.epochs)):
            box.blockSignals(True)
            if value is not None:
                box.setValue(int(value))
            box.blockSignals(False)
        for part in (self._begin_words, self.beginning):
            part.setVisible(fits_base(plan.recipe.model))
        self.minutes.setVisible(by_clock)
        self.epochs.setVisible(not by_clock)
        self.unit.setCurrentIndex(self.unit.findData(MINUTES if by_clock else EPOCHS))
        different = sum(value_of(plan, path) != value_of(self._given, path) for path in SETTINGS)
        self._changed.setText(f"{counted(different, 'setting')} changed" if different else "")


def _wrapped(look: str) -> Label:
    label = Label("", look)
    label.setWordWrap(True)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    return label
