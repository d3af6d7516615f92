"""The application from its start to its end: the window is painted first, everything else opens behind it."""

from __future__ import annotations

import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QSocketNotifier, Qt, QTimer
from PySide6.QtWidgets import QApplication

from explorer import placing
from explorer.application import memory
from explorer.application.faults import Faults, log_folder
from explorer.application.opening import make_pages, open_everything
from explorer.application.screen import needing_a_screen
from explorer.application.single_instance import SingleInstance
from explorer.audio.output import AudioOutput
from explorer.audio.player import Player
from explorer.main_window import MainWindow
from explorer.preferences import load_preferences, state_folder
from explorer.qt.background import cancel_all, wait_for_all
from explorer.qt.theme import apply_theme
from explorer.session.playing.instrument import Instrument
from explorer.session.session import Session
from vrae_core.processes import ending_signals

SECONDS_TO_END = 4.8  # from the moment that the window is closed, whatever hangs
SECONDS_FOR_THREADS = 0.3  # once the window has gone, which has waited for them already

log = logging.getLogger(__name__)


def run(program: str, given: Sequence[Path], ready: Callable[[MainWindow], None] | None = None) -> int:
    """Open the window, with these files or without any, until it closes; returns the exit status.

    ready: called with the window once it runs, for scripts that use it as a person would.
    """
    memory.keep_little()
    sys.setswitchinterval(0.0005)  # hand the interpreter over often: sound and window stay smooth beside a training
    with needing_a_screen():
        app = QApplication([program])
    app.setApplicationName("VRAE Explorer")
    app.setDesktopFileName("vrae-explorer")
    faults = Faults(log_folder())
    faults.begin()
    try:
        code = _run(app, faults, given, ready)
    except BaseException as error:
        faults.write_report(error)
        raise
    faults.end()
    return code


def _run(app: QApplication, faults: Faults, given: Sequence[Path], ready: Callable[[MainWindow], None] | None) -> int:
    instance = SingleInstance(state_folder())
    if instance.handed_over(given):
        print("The window that is open already shows them." if given else "VRAE Explorer is open already.")
        return 0
    preferences = load_preferences()
    apply_theme(app, preferences.theme)
    player = Player()
    player.volume, player.tempo = preferences.volume, preferences.tempo
    session, audio = Session(player), AudioOutput(player, preferences.sound_mode)
    session.library.awaits_start = True
    instrument = Instrument(player, audio)
    session.midi.use_tee(instrument.tee)
    session.playback.set_sound(preferences.sound)
    if preferences.runs_folder:
        session.trainer.runs_folder = Path(preferences.runs_folder)
    window = MainWindow(session, preferences, audio)
    placing.place(window, preferences)
    faults.say_with(lambda sentence: session.messages.say(sentence, "error"))
    _quit_on_signals(window)
    _end_in_time(app, window, instance, faults)
    instance.files_handed.connect(lambda files: _open_for_another(window, files))

    def open_behind() -> None:
        placing.fit_with_its_frame(window)
        gc.freeze()  # what is there stays: it need not be looked through again and again
        memory.CycleCollector(window)
        make_pages(window, open_the_rest)

    def open_the_rest() -> None:
        open_everything(session, audio, instrument, window, given, not instance.another_hangs)
        session.jobs.start("Looking for a crash", faults.look_for_a_crash(), window.offers.offer_report)

    _AfterFirstPaint(window, open_behind)
    window.show()
    if ready is not None:
        QTimer.singleShot(0, lambda: ready(window))
    code = app.exec()
    session.undo_stack.clear()  # or its end would tell actions that are gone that there is nothing to undo
    cancel_all()
    audio.stop()
    if not (audio.wait(SECONDS_FOR_THREADS) and wait_for_all(SECONDS_FOR_THREADS)):
        log.warning("a thread hangs at the end: it is left behind")
        faults.end()
        logging.shutdown()
        os._exit(code)  # an ordinary end would abort
    return code


def _end_in_time(app: QApplication, window: MainWindow, instance: SingleInstance, faults: Faults) -> None:
    """Once the window closes, the process ends, whatever hangs and whatever dialog is open; and is reached no more."""
    window.closing.began.connect(lambda: faults.end_within(SECONDS_TO_END))
    window.closing.began.connect(instance.close)
    window.closing.ended.connect(lambda: app.exit(0))


def _open_for_another(window: MainWindow, files: list[Path]) -> None:
    """Another start had these files: open them, and come to the front."""
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.raise_()
    window.activateWindow()
    QApplication.alert(window)
    if files:
        window.files.open(files)


class _AfterFirstPaint(QObject):
    """Does something once a window has been drawn; a timer alone may come before that."""

    def __init__(self, window: MainWindow, act: Callable[[], None]) -> None:
        super().__init__(window)
        self._act = act
        window.installEventFilter(self)

    def eventFilter(self, window: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            window.removeEventFilter(self)
            QTimer.singleShot(0, self._act)
        return False


def _quit_on_signals(window: MainWindow) -> None:
    """What asks the process to end closes the window; Python would otherwise see it at the next event only."""
    ends = socket.socketpair()
    for end in ends:
        end.setblocking(False)
    signal.set_wakeup_fd(ends[1].fileno())
    for number in ending_signals():
        signal.signal(number, lambda *_: window.close_unasked())
    notifier = QSocketNotifier(ends[0].fileno(), QSocketNotifier.Type.Read, window)
    notifier.activated.connect(lambda: ends[0].recv(64))  # which keeps both open as long as the window lives
