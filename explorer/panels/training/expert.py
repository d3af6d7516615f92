"""Every setting of a training: its value, whether it is the preset's, and what it does; checked as it is typed."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from explorer.qt.controls import Button, DropDown, Scrolled
from explorer.qt.jobs import Jobs
from explorer.qt.labels import Label, breakable, restyle
from vrae_core.errors import VraeError
from vrae_core.model.recipes import Recipe
from vrae_core.progress import Progress
from vrae_core.training.settings import (
    SECTIONS,
    Plan,
    Setting,
    parse,
    problems_of,
    read_recipe,
    text_of,
    value_of,
    with_value,
    write_recipe,
)

KINDS = "Recipe (*.json)"


class ExpertDialog(QDialog):
    """``plan`` is what is set; it is only to be used when the dialog was accepted."""

    def __init__(self, parent: QWidget, jobs: Jobs, plan: Plan, preset: Plan) -> None:
        super().__init__(parent)
        self.plan, self._preset = plan, preset
        self._jobs, self._closed = jobs, False
        self.rows: dict[str, SettingRow] = {}
        self.setWindowTitle("Every setting of the training")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(720, min(760, parent.height() - 40))
        self.problem = Label("", "bad")
        self.problem.setWordWrap(True)
        self.use = Button("Use these settings", "Train with these settings", look="main")
        self.reset = Button("Reset all", "Reset every setting to the preset")
        self.load = Button("Load…", "Read a recipe from a file")
        self.save = Button("Save…", "Save the recipe to a file, to reuse or share it")
        self._lay_out()
        self.finished.connect(self._close)
        self.use.clicked.connect(self.accept)
        self.reset.clicked.connect(lambda: self.show_plan(self._preset))
        self.load.clicked.connect(self._ask_for_recipe)
        self.save.clicked.connect(self._ask_where_to_save)
        self.show_plan(plan)

    def _lay_out(self) -> None:
        body = QWidget()
        grid = QGridLayout(body)
        grid.setContentsMargins(0, 0, 14, 0)
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(2)
        grid.setColumnMinimumWidth(0, 200)
        grid.setColumnStretch(1, 1)
        for section, settings in SECTIONS.items():
            grid.addWidget(Label(section, "caps"), grid.rowCount(), 0, 1, 3)
            grid.setRowMinimumHeight(grid.rowCount(), 4)
            for path, setting in settings.items():
                row = SettingRow(setting)
                row.add_to(grid)
                row.edited.connect(self._check)
                row.reset.clicked.connect(lambda _=False, path=path: self._reset(path))
                self.rows[path] = row
            grid.setRowMinimumHeight(grid.rowCount(), 12)
        area = Scrolled(body, "Settings")
        cancel = Button("Cancel", "Discard the changes")
        cancel.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        for part in (self.load, self.save, self.reset):
            foot.addWidget(part)
        foot.addStretch(1)
        foot.addWidget(cancel)
        foot.addWidget(self.use)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(26, 22, 26, 18)
        layout.setSpacing(12)
        layout.addWidget(area, 1)
        layout.addWidget(self.problem)
        layout.addLayout(foot)

    def show_plan(self, plan: Plan) -> None:
        """Set every row to what a plan has."""
        self.plan = plan
        for path, row in self.rows.items():
            row.show_value(value_of(plan, path))
        self._check()

    def load_recipe(self, file: Path) -> None:
        """Take a recipe from a file; how long, the seed and the threads stay."""
        self._jobs.start(f"Reading {file.name}", _read(file), self._take, key="loading a recipe")

    def save_recipe(self, file: Path) -> None:
        """Write the recipe to a file."""
        self._jobs.save(file, f"Writing {file.name}", _write(file, self.plan.recipe), self._take)

    def _take(self, came: Recipe | str) -> None:
        """A recipe that was read, or what went wrong; "": nothing did."""
        if self._closed:
            return
        if isinstance(came, Recipe):
            self.show_plan(replace(self.plan, recipe=came))
        else:
            self._complain(came)

    def _close(self) -> None:
        self._closed = True

    def _reset(self, path: str) -> None:
        self.rows[path].show_value(value_of(self._preset, path))
        self._check()

    def _check(self) -> None:
        """Read all rows, and say what is wrong."""
        wrong: dict[str, str] = {}
        plan = self.plan
        for path, row in self.rows.items():
            try:
                plan = with_value(plan, path, row.value())
            except ValueError as reason:
                wrong[path] = str(reason)
        self.plan = plan
        wrong |= {path: reason for path, reason in problems_of(plan).items() if path not in wrong}
        for path, row in self.rows.items():
            row.mark(row.is_not(value_of(self._preset, path)), wrong.get(path, ""))
        sentence = "; ".join(f"{self.rows[path].setting.title} {reason}" for path, reason in list(wrong.items())[:3])
        self._complain(f"{sentence}." if wrong else "")
        self.use.setEnabled(not wrong)
        self.save.setEnabled(not wrong)
        self.use.setToolTip(sentence or "Train with these settings")

    def _complain(self, sentence: str) -> None:
        self.problem.setText(breakable(sentence))
        self.problem.setVisible(bool(sentence))

    def _ask_for_recipe(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Load a recipe", "", f"{KINDS};;All files (*)")
        if name:
            self.load_recipe(Path(name))

    def _ask_where_to_save(self) -> None:
        dialog = QFileDialog(self, "Save the recipe", "", KINDS)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("json")  # so that it asks about the file that will be written
        dialog.selectFile("recipe.json")
        if dialog.exec():
            self.save_recipe(Path(dialog.selectedFiles()[0]))


class SettingRow(QObject):
    """A setting's name, its control, a button that resets it if it was changed, and a line on what it does."""

    edited = Signal()

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self.setting = setting
        self.control = self._make_control()
        self.control.setAccessibleName(setting.title)
        self.control.setToolTip(_bounds(setting))
        self.control.setMaximumWidth(220)
        self.reset = Button(f"Reset {setting.title}", "Reset to the preset", look="plain")
        self.reset.setText("Reset")
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        self._title, self._words = Label(setting.title), Label(setting.words, "small")
        self._title.setBuddy(self.control)
        self._words.setWordWrap(True)

    def _make_control(self) -> QLineEdit | QCheckBox | DropDown:
        if self.setting.kind == "yes or no":
            box = QCheckBox("")
            box.toggled.connect(self.edited)
            return box
        if self.setting.kind == "choice":
            choice = DropDown()
            for each in self.setting.choices:
                choice.addItem(self.setting.choice_in_words(each), each)
            choice.activated.connect(self.edited)
            return choice
        line = QLineEdit()
        line.setPlaceholderText(self.setting.none)
        line.textEdited.connect(self.edited)
        return line

    def add_to(self, grid: QGridLayout) -> None:
        """Take the next two lines of a grid."""
        line = grid.rowCount()
        grid.addWidget(self._title, line, 0)
        grid.addWidget(self.control, line, 1)
        grid.addWidget(self.reset, line, 2)
        grid.addWidget(self._words, line + 1, 0, 1, 3)
        grid.setRowMinimumHeight(line + 2, 8)

    def value(self) -> Any:
        """What is set.  Raises: ValueError with the reason if it cannot be used."""
        if isinstance(self.control, QCheckBox):
            return self.control.isChecked()
        if isinstance(self.control, DropDown):
            return self.control.currentData()
        return parse(self.setting, self.control.text())

    def is_not(self, value: Any) -> bool:
        """Whether something else is set, or something that cannot be used."""
        try:
            return bool(self.value() != value)
        except ValueError:
            return True

    def show_value(self, value: Any) -> None:
        """Set it."""
        self.control.blockSignals(True)
        if isinstance(self.control, QCheckBox):
            self.control.setChecked(bool(value))
        elif isinstance(self.control, DropDown):
            self.control.setCurrentIndex(self.control.findData(value))
        else:
            self.control.setText(text_of(value))
        self.control.blockSignals(False)

    def mark(self, changed: bool, wrong: str) -> None:
        """Show whether it is not the preset's, and what is wrong with it."""
        self._title.setText(f"{self.setting.title}  •" if changed else self.setting.title)
        self.reset.setVisible(changed)
        self._words.setText(f"{self.setting.title} {wrong}." if wrong else self.setting.words)
        self._words.setProperty("look", "bad" if wrong else "small")
        restyle(self._words)
        if isinstance(self.control, QLineEdit):
            self.control.setProperty("wrong", bool(wrong))
            restyle(self.control)


def _read(file: Path) -> Generator[Progress, None, Recipe | str]:
    """A sentence instead of an error: it is shown on the page, which hides the window."""
    yield Progress(0, 0)
    try:
        return read_recipe(file)
    except VraeError as error:
        return str(error)


def _write(file: Path, recipe: Recipe) -> Generator[Progress, None, str]:
    yield Progress(0, 0)
    try:
        write_recipe(file, recipe)
    except VraeError as error:
        return str(error)
    return ""


def _bounds(setting: Setting) -> str:
    if setting.kind in ("choice", "yes or no"):
        return setting.words
    empty = f"; empty: {setting.none}" if setting.none else ""
    return f"From {setting.low:,g} to {setting.high:,.10g}{empty}. {setting.words}"
