"""Uses the real window as chance has it: clicks, drags, keys, commands, tabs, models, trainings, sessions, exports.

Usage: soak.py [--actions N] [--lives N] [--minutes M] [--seed S] [--curve]

A life opens the window, does its share of the actions and closes it; the next finds what that one left.  Ends with 0 if
nothing went wrong: no exception, nothing that the window calls its own fault, no warning of Qt, no thread, descriptor
or process left over, and memory that levels.
"""

from __future__ import annotations

import argparse
import faulthandler
import gc
import json
import logging
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
from PySide6.QtCore import QMimeData, QObject, QPoint, QPointF, Qt, QTimer, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDropEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QFileDialog,
    QLineEdit,
    QMenu,
    QTabBar,
    QWidget,
)

import explorer.__main__ as application
from explorer.main_window import MainWindow
from explorer.session.songs.sources import SongSource
from vrae_core.bundled import bundled_models, bundled_songs
from vrae_core.model.file import weight_shapes
from vrae_core.model.recipes import ModelConfig
from vrae_core.model.trained import TrainedModel

PAUSE_MS = 15  # between two actions: what was begun goes on meanwhile
LONGEST_SILENCE = 120.0  # seconds without an action: something hangs, and says where
PATIENCE_AT_END = 60.0  # for a training to end in good order
PATIENCE = 4.0  # seconds for what runs to end, when it is waited for
WARM = 0.4  # of a life's actions, before its memory counts
MOST_MB_MORE = 150  # at a life's end, beside when it was warm: its songs and its training are among them
MOST_THREADS_MORE, MOST_DESCRIPTORS_MORE = 8, 12  # and so of these: some work may be under way
# Qt's own words go to the standard error: a handler of ours would be called where Qt holds the loader's lock, and could
# wait for ever for another thread's.
QT_PATTERN = "Qt %{type}: %{message}"
QT_COMPLAINS = re.compile(r"^Qt (warning|critical|fatal): (.*)$", re.MULTILINE)
NOT_OURS = re.compile("This plugin does not support|PulseAudioService|pipewire")  # no screen, no sound
LEFT_OUT = ("quit",)  # a life ends where it is told to
BUTTONS = (Qt.MouseButton.LeftButton,) * 8 + (Qt.MouseButton.RightButton,)
NONE = Qt.KeyboardModifier.NoModifier
SHIFT, CTRL, ALT = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)
MODIFIERS = (NONE,) * 5 + (SHIFT, CTRL, ALT)
KEYS = "abcdhlmnrswx 0123+-?"
SPECIAL_KEYS = [getattr(Qt.Key, f"Key_{name}") for name in ("Escape", "Tab", "Left", "Up", "Return", "Delete", "Home")]
WIDGETS = (QAbstractButton, QAbstractItemView, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit, QTabBar)


class Faults(logging.Handler):
    """Whatever says that something is wrong, from wherever; made once the window logs what nobody caught."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: dict[str, int] = {}  # how often each
        logging.getLogger().addHandler(self)
        sys.unraisablehook = lambda args: self.note(f"unraisable: {args.exc_value!r} {args.object!r}")

    def note(self, sentence: str) -> None:
        """The first of its kind with where it came from."""
        if sentence not in self.found:
            print(sentence, *traceback.format_stack(limit=8), sep="\n", file=sys.stderr, flush=True)
        self.found[sentence] = self.found.get(sentence, 0) + 1

    def emit(self, record: logging.LogRecord) -> None:
        self.note(self.format(record))

    def hear(self, sentence: str, _kind: str) -> None:
        """A sentence of the window."""
        if "fault in VRAE Explorer" in sentence:
            self.note(sentence)


class NoOtherProgram(QObject):
    """Takes what would open a folder in another program."""

    @Slot(QUrl)
    def take(self, _url: QUrl) -> None:
        pass


class Hand:
    """Does one thing after another, which chance chooses; what is modal is answered first."""

    def __init__(self, window: MainWindow, folder: Path, chance: random.Random) -> None:
        self.window, self.session, self.folder, self.chance = window, window.session, folder, chance
        self.view = window.map_panel.view
        self.names = [name for name in window.actions_by_id if name not in LEFT_OUT]
        self.models = [*bundled_models().values(), *sorted(folder.glob("*.safetensors"))]
        self.songs = list(bundled_songs())
        self.last = ""  # what was done
        self.answers = 0  # to what is modal, in a row
        self._acts: list[tuple[int, Callable[[], object]]] = [
            (12, self.press), (6, self.drag), (4, self.wheel), (3, self.hover), (16, self.command), (10, self.shortcut),
            (8, self.key), (10, self.widget), (6, self.tab), (4, self.model), (3, self.other_songs), (2, self.drop),
            (2, self.train), (2, self.stop_training), (3, self.save_session), (2, self.open_session), (3, self.resize),
            (8, self.wait),
        ]  # fmt: skip

    def act(self) -> None:
        """One action."""
        modal, popup = QApplication.activeModalWidget(), QApplication.activePopupWidget()
        if modal is None and popup is None:
            self.answers = 0
            acts, weights = [act for _, act in self._acts], [weight for weight, _ in self._acts]
            act = self.chance.choices(acts, weights)[0]
            self.last = act.__name__
            act()
            return
        self.answers += 1
        if popup is not None:
            self.answer_popup(popup)
        elif modal is not None:
            self.answer(modal)

    # --- the map

    def at(self, widget: QWidget) -> QPoint:
        return QPoint(self.chance.randrange(max(widget.width(), 1)), self.chance.randrange(max(widget.height(), 1)))

    def press(self) -> None:
        points = self.view.points
        at = self.at(self.view.viewport())
        if len(points) and self.chance.random() < 0.7:
            at = self.view.to_pixels(points[self.chance.randrange(len(points))]).toPoint()
        QTest.mouseClick(self.view.viewport(), self.chance.choice(BUTTONS), self.chance.choice(MODIFIERS), at)

    def drag(self) -> None:
        target, modifiers = self.view.viewport(), self.chance.choice(MODIFIERS)
        button = self.chance.choice((Qt.MouseButton.LeftButton, Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton))
        start, end = self.at(target), self.at(target)
        QTest.mousePress(target, button, modifiers, start)
        for step in range(1, 9):
            QTest.mouseMove(target, start + step / 8 * (end - start))
        QTest.mouseRelease(target, button, modifiers, end)

    def wheel(self) -> None:
        at, turned = QPointF(self.at(self.view.viewport())), QPoint(0, self.chance.choice((-240, -120, 120, 240)))
        event = QWheelEvent(
            at, self.view.viewport().mapToGlobal(at), QPoint(), turned, Qt.MouseButton.NoButton,
            self.chance.choice(MODIFIERS), Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(self.view.viewport(), event)

    def hover(self) -> None:
        for _ in range(5):
            QTest.mouseMove(self.view.viewport(), self.at(self.view.viewport()))

    # --- commands, keys, controls, tabs

    def command(self) -> None:
        action = self.window.actions_by_id[self.chance.choice(self.names)]
        if action.isEnabled():
            action.trigger()

    def shortcut(self) -> None:
        shortcut = self.window.actions_by_id[self.chance.choice(self.names)].shortcut()
        if not shortcut.isEmpty():
            QTest.keySequence(QApplication.focusWidget() or self.window, shortcut)

    def key(self) -> None:
        target = QApplication.focusWidget() or self.window
        if self.chance.random() < 0.5:
            QTest.keyClick(target, self.chance.choice(SPECIAL_KEYS), self.chance.choice(MODIFIERS))
        else:
            QTest.keyClicks(target, self.chance.choice(KEYS))

    def widget(self) -> None:
        self.click_one_of(self.controls(self.window))

    def controls(self, within: QWidget) -> list[QWidget]:
        return [w for w in within.findChildren(QWidget) if isinstance(w, WIDGETS) and w.isVisible() and w.isEnabled()]

    def click_one_of(self, controls: list[QWidget]) -> None:
        if controls:
            widget = self.chance.choice(controls)
            target = widget.viewport() if isinstance(widget, QAbstractItemView) else widget
            QTest.mouseClick(target, self.chance.choice(BUTTONS), NONE, self.at(target))

    def tab(self) -> None:
        self.window.tabs.setCurrentIndex(self.chance.randrange(3))

    def resize(self) -> None:
        self.window.resize(self.chance.randrange(1180, 1700), self.chance.randrange(640, 1000))

    def wait(self) -> None:
        """For what runs to end."""
        deadline = time.monotonic() + PATIENCE
        while self.session.jobs.running and time.monotonic() < deadline and QApplication.activeModalWidget() is None:
            QTest.qWait(20)

    # --- files

    def model(self) -> None:
        self.window.files.open([self.chance.choice(self.models)])

    def other_songs(self) -> None:
        """Other songs in place of those that are there."""
        some = [SongSource(str(file)) for file in self.chance.sample(self.songs, self.chance.randint(1, 4))]
        self.session.library.reopen(self.chance.choice(self.models), some, None, lambda _done: None)

    def drop(self) -> None:
        data = QMimeData()
        paths = self.chance.sample([*self.songs, *self.models, *self.folder.glob("*.vrae-session")], 2)
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths[: self.chance.randint(1, 2)]])
        at, copy, left = QPoint(300, 300), Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
        QApplication.sendEvent(self.window, QDragEnterEvent(at, copy, data, left, NONE))
        QApplication.sendEvent(self.window, QDropEvent(QPointF(at), copy, data, left, NONE))

    def save_session(self) -> None:
        self.session.keeping.save(self.folder / f"{self.chance.randrange(3)}.vrae-session")

    def open_session(self) -> None:
        there = sorted(self.folder.glob("*.vrae-session"))
        if there:
            self.window.files.open([self.chance.choice(there)])

    # --- trainings

    def train(self) -> None:
        """A small one."""
        self.window.show_train()
        setup = self.window.train_panel.setup
        self.window.train_panel.show_part("setup")
        setup.minutes.setValue(setup.minutes.minimum())
        QTest.mouseClick(setup.start, Qt.MouseButton.LeftButton)

    def stop_training(self) -> None:
        if self.session.training.steerable:
            self.session.training.stop()

    # --- what asks

    def answer_popup(self, popup: QWidget) -> None:
        """A menu: one of its lines, or none."""
        lines = [line for line in popup.actions() if line.isEnabled() and not line.isSeparator()]
        if isinstance(popup, QMenu) and lines and self.answers < 3 and self.chance.random() < 0.6:
            line = self.chance.choice(lines)
            popup.close()
            if line.menu() is None and line is not self.window.actions_by_id["quit"]:
                line.trigger()
        else:
            popup.close()

    def answer(self, modal: QWidget) -> None:
        """A dialog: a file, one of its controls, or no answer."""
        if isinstance(modal, QFileDialog):
            self.answer_file(modal)
            return
        controls = self.controls(modal)
        if controls and self.answers < 4 and self.chance.random() < 0.7:
            self.click_one_of(controls)
        elif isinstance(modal, QDialog):
            (modal.accept if self.chance.random() < 0.5 else modal.reject)()
        else:
            modal.close()

    def answer_file(self, dialog: QFileDialog) -> None:
        saves = dialog.acceptMode() is QFileDialog.AcceptMode.AcceptSave
        if self.answers > 3 or self.chance.random() < 0.2:
            dialog.reject()
        elif saves:
            suffix = self.chance.choice(dialog.nameFilters()).partition("*")[2].split(")")[0].split(" ")[0]
            dialog.selectFile(str(self.folder / f"saved {self.chance.randrange(4)}{suffix}"))
            dialog.accept()
        elif dialog.fileMode() is QFileDialog.FileMode.Directory:
            dialog.setDirectory(str(self.folder))
            dialog.accept()
        else:
            dialog.selectFile(str(self.chance.choice([*self.songs, *self.models])))
            dialog.accept()


class Life:
    """One window, from its opening to its closing."""

    def __init__(self, window: MainWindow, options: argparse.Namespace, faults: Faults) -> None:
        self.window, self.options, self.faults = window, options, faults
        self.chance = random.Random(options.seed)
        self.hand = Hand(window, options.folder, self.chance)
        self.process = psutil.Process()
        self.done = 0
        self.samples: list[tuple[int, float, int, int]] = []  # actions, MB, threads, descriptors
        self._acting = 0
        window.session.messages.said.connect(faults.hear)
        self._opened = False
        self._since = time.process_time()
        self._ended = False
        self._tick()

    def _tick(self) -> None:
        # A timer of its own each time: one doesn't come again while what it began, say a dialog, goes on.
        if not self._ended:
            QTimer.singleShot(PAUSE_MS, self._tick)
            self._go_on()

    def _go_on(self) -> None:
        session = self.window.session
        if not self._opened:
            if time.process_time() - self._since > 240:  # not of the clock, which goes on while others compute
                self.faults.note("nothing was opened")
                self._end()
            elif session.library.atlas is not None and not session.jobs.running:
                self._opened = True
                self._measure()
            return
        if self.done >= self.options.actions:
            self._end()
            return
        if self._acting and QApplication.activeModalWidget() is None and QApplication.activePopupWidget() is None:
            return  # one of the actions lets time pass
        self.done += 1
        self._acting += 1
        faulthandler.dump_traceback_later(LONGEST_SILENCE, exit=True)
        begun = time.monotonic()
        try:
            self.hand.act()
        finally:
            if self.options.curve and time.monotonic() - begun > 2:
                print(f"{self.hand.last} took {time.monotonic() - begun:.1f} s", flush=True)
            self._acting -= 1
        if self.done % max(self.options.actions // 40, 10) == 0:
            self._measure()

    def _measure(self) -> None:
        gc.collect()
        megabytes = self.process.memory_info().rss / 2**20
        self.samples.append((self.done, megabytes, self.process.num_threads(), self.process.num_fds()))
        if self.options.curve:
            songs = len(self.window.session.library.songs)
            print(self.done, f"{megabytes:.1f} MB", *self.samples[-1][2:], f"{songs} songs", flush=True)

    def _end(self) -> None:
        for widget in (QApplication.activePopupWidget(), QApplication.activeModalWidget()):
            if widget is not None:
                widget.close()
                return
        if self._acting:
            return
        self._measure()
        report = {"found": self.faults.found, "first": self.samples[0], "warm": self.warm, "last": self.samples[-1]}
        print(json.dumps(report), flush=True)
        self._ended = True  # the window sees to it that it ends in time
        (self.window.close_unasked if self.window.session.jobs.writing else self.window.close)()

    @property
    def warm(self) -> tuple[int, float, int, int]:
        return next(sample for sample in self.samples if sample[0] >= WARM * self.done)


def live(options: argparse.Namespace) -> int:
    """One life, in this process; prints what there is to say of it just before the window closes."""
    handler = NoOtherProgram()
    QDesktopServices.setUrlHandler("file", handler, "take")
    lives: list[Life] = []
    return application.main(["vrae-explorer"], lambda window: lives.append(Life(window, options, Faults())))


def write_models(folder: Path) -> None:
    """Two more models, which nobody trained: another of two dimensions, and one that needs a projection."""
    bundled = TrainedModel.load(next(iter(bundled_models().values())))
    for latent in (2, 3):
        config = ModelConfig(window=20, hop=20, latent=latent, hidden=8, encoder_hidden=6, z_every_step=True)
        source = np.random.default_rng(latent)
        shapes = weight_shapes(config, len(bundled.pitches))
        weights = {n: source.normal(0, 0.6, s).astype(np.float32) for n, s in shapes.items()}
        TrainedModel(config, bundled.pitches, weights, 0.5).save(folder / f"chance {latent}.safetensors")


def complaints(report: dict) -> Iterator[str]:
    """What is wrong with a life."""
    yield from (f"{count} x {sentence}" for sentence, count in report["found"].items())
    names, most = ("MB", "threads", "descriptors"), (MOST_MB_MORE, MOST_THREADS_MORE, MOST_DESCRIPTORS_MORE)
    for name, more, warm, last in zip(names, most, report["warm"][1:], report["last"][1:], strict=True):
        if last - warm > more:
            yield f"{name}: {warm:.0f} once warm, {last:.0f} at the end"


def left_over(folder: Path) -> Iterator[str]:
    """Processes of a life that outlive it: its trainings have a while to end in good order."""
    trainings = [process for process in psutil.process_iter() if str(folder) in " ".join(_words(process))]
    _, alive = psutil.wait_procs(trainings, timeout=PATIENCE_AT_END)
    yield from (f"left over: {process}" for process in alive)


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline() if process.pid != os.getpid() else []
    except psutil.Error:
        return []


def run_life(folder: Path, options: argparse.Namespace, seed: int, actions: int) -> list[str]:
    """A life in a process of its own: what is wrong with it."""
    homes = {f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("CONFIG", "CACHE", "DATA", "STATE")}
    tree = {"PYTHONPATH": str(Path(__file__).parents[2]), "QT_MESSAGE_PATTERN": QT_PATTERN}
    words = ["--live", folder, "--seed", seed, "--actions", actions, *["--curve"] * options.curve]
    lines = [""]
    command = [sys.executable, "-X", "faulthandler", __file__, *map(str, words)]
    environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ, **homes, **tree}  # nobody's screen but by request
    with (
        (folder / "said").open("w+") as said,
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=said, text=True) as life,
    ):
        for line in life.stdout or ():
            lines.append(line)
            print(line if not line.startswith("{") else "", end="", flush=True)
        code = life.wait()
        said.seek(0)
        errors = said.read()
    wrong = [f"Qt: {text}" for _, text in QT_COMPLAINS.findall(errors) if not NOT_OURS.search(text)]
    if code or not lines[-1].startswith("{"):
        crashes = [file.read_text(errors="replace") for file in (folder / "state").rglob("crash*")]
        return [*wrong, f"the process ended with {code}", errors, *crashes]
    report = json.loads(lines[-1])
    print(
        f"seed {seed}; actions, MB, threads, descriptors:", *(report[k] for k in ("first", "warm", "last")), flush=True
    )
    wrong += [*complaints(report), *left_over(folder), *(["it said a Traceback"] * ("Traceback" in errors))]
    return [*wrong, errors] if wrong else []


def main(options: argparse.Namespace) -> int:
    """Several lives, each in a process of its own; 0 if nothing went wrong."""
    wrong, done, number = 0, 0, 0
    deadline = time.monotonic() + 60 * options.minutes
    share = -(-options.actions // options.lives)
    with tempfile.TemporaryDirectory(prefix="vrae-soak-") as place:
        write_models(Path(place))
        while done < options.actions if not options.minutes else time.monotonic() < deadline:
            found = run_life(Path(place), options, options.seed + number, share)
            number, done, wrong = number + 1, done + share, wrong + bool(found)
            print(*found, sep="\n", end="\n" if found else "", flush=True)
    print(f"{done} actions in {number} windows, seed {options.seed}: {wrong} of them with faults")
    return int(wrong > 0)


def parsed(words: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--actions", type=int, default=400, help="how many, in all")
    parser.add_argument("--lives", type=int, default=4, help="how many windows they are shared among")
    parser.add_argument("--minutes", type=float, default=0, help="for so long, whatever the number of actions")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--curve", action="store_true", help="say how much memory there is on the way")
    parser.add_argument("--live", dest="folder", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args(words)


if __name__ == "__main__":
    options = parsed(sys.argv[1:])
    sys.exit(live(options) if options.folder else main(options))
