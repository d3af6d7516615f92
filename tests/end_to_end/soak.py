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
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
from PySide6.QtCore import QObject, QTimer, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication
from random_hand import Hand

import explorer.__main__ as application
from explorer import closing
from explorer.application import run
from explorer.main_window import MainWindow
from vrae_core.bundled import bundled_models
from vrae_core.model.file import weight_shapes
from vrae_core.model.recipes import ModelConfig
from vrae_core.model.trained import TrainedModel

PAUSE_MS = 15  # between two actions: what was begun goes on meanwhile
LONGEST_SILENCE = 120.0  # seconds without an action: something hangs, and says where
PATIENCE_AT_END = 60.0  # for a training to end in good order
WARM, LATE = 0.4, 0.8  # of a life's actions: from where its memory counts, and to where
MOST_MB_MORE = 250  # at a life's end, beside when it was warm: songs, a training, libraries first needed late
MOST_THREADS_MORE, MOST_DESCRIPTORS_MORE = 8, 12  # and so of these: some work may be under way
# Qt's own words go to the standard error: a handler of ours would be called where Qt holds the loader's lock, and could
# wait for ever for another thread's.
QT_PATTERN = "Qt %{type}: %{message}"
QT_COMPLAINS = re.compile(r"^Qt (warning|critical|fatal): (.*)$", re.MULTILINE)
NOT_OURS = re.compile("This plugin does not support|PulseAudioService|pipewire")  # no screen, no sound


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
        report = {"found": self.faults.found, "first": self.samples[0], "warm": self.warm, "last": self.last}
        print(json.dumps(report), flush=True)
        self._ended = True  # the window sees to it that it ends in time
        (self.window.close_unasked if self.window.session.jobs.writing else self.window.close)()

    @property
    def warm(self) -> tuple[int, float, int, int]:
        return next(sample for sample in self.samples if sample[0] >= WARM * self.done)

    @property
    def last(self) -> tuple[int, ...]:
        """The least of each since near the end: what is left behind stays, what is being done goes."""
        return tuple(int(min(of)) for of in zip(*(s for s in self.samples if s[0] >= LATE * self.done), strict=True))


def live(options: argparse.Namespace) -> int:
    """One life, in this process; prints what there is to say of it just before the window closes."""
    # On a busy machine what is slow must not be taken for what hangs.
    closing.MOST_SECONDS, run.SECONDS_TO_END = PATIENCE_AT_END, 2 * PATIENCE_AT_END
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
