"""Start the window: paint first, then open the bundled model and songs and the sound in the background."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

# One window is too little work to share among threads: beside a training, two of them made a click wait 1 s, one 25 ms.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from PySide6.QtCore import QEvent, QObject, QSocketNotifier, QTimer
from PySide6.QtWidgets import QApplication

from explorer.audio.output import AudioOutput
from explorer.audio.player import Player
from explorer.dialogs.files import model_and_songs, session_among
from explorer.main_window import MainWindow
from explorer.preferences import load_preferences
from explorer.qt.background import cancel_all, wait_for_all
from explorer.qt.theme import apply_theme
from explorer.session.playing.instrument import Instrument
from explorer.session.session import Session
from vrae_core.bundled import bundled_models, bundled_songs

SECONDS_TO_END = 5.0


def main(argv: list[str] | None = None, ready: Callable[[MainWindow], None] | None = None) -> int:
    """Run the application; ``argv`` may name a model file, and MIDI files, to open instead of the bundled ones.

    ready: called with the window once it runs, for scripts that use it as a person would.
    """
    arguments = sys.argv if argv is None else argv
    logging.basicConfig(level=logging.WARNING)
    sys.setswitchinterval(0.0005)  # hand the interpreter over often: sound and window stay smooth beside a training
    app = QApplication(arguments[:1])
    app.setApplicationName("VRAE Explorer")
    app.setDesktopFileName("vrae-explorer")
    preferences = load_preferences()
    apply_theme(app, preferences.theme)
    player = Player()
    player.volume, player.tempo = preferences.volume, preferences.tempo
    session, audio = Session(player), AudioOutput(player, preferences.sound_mode)
    instrument = Instrument(player, audio)
    session.midi.use_tee(instrument.tee)
    session.playback.set_sound(preferences.sound)
    if preferences.runs_folder:
        session.training.runs_folder = Path(preferences.runs_folder)
    window = MainWindow(session, preferences, audio)
    _tell_faults(session)
    _quit_on_signals(window)
    given = [Path(argument) for argument in arguments[1:]]
    _AfterFirstPaint(window, lambda: _open_everything(session, audio, instrument, window, given))
    window.show()
    if ready is not None:
        QTimer.singleShot(0, lambda: ready(window))
    code = app.exec()
    sys.excepthook = sys.__excepthook__
    cancel_all()
    audio.stop()
    audio.wait(SECONDS_TO_END)
    wait_for_all(SECONDS_TO_END)
    return code


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


def _open_everything(
    session: Session, audio: AudioOutput, instrument: Instrument, window: MainWindow, given: list[Path]
) -> None:
    """After the first paint: load the sound, the models and the songs."""
    models = bundled_models()
    session.library.offer_models(models.values())
    model, songs = model_and_songs(given)
    usual = models.get("2d", next(iter(models.values()), None))

    def open_usual() -> None:
        session.library.open(model or usual, songs or bundled_songs())

    given_session = session_among(given)
    reopens = not given and window.preferences.reopens_session
    session.keeping.begin(open_usual if reopens else None)
    if given_session is not None:
        session.keeping.open(given_session, open_usual)
    elif not reopens:
        open_usual()
    audio.start()
    session.runs.look_for_unfinished()

    session.midi.restore(window.preferences)
    instrument.open()


def _tell_faults(session: Session) -> None:
    """An exception that nobody caught is a fault of ours: log it, say so, and go on."""

    def tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        traceback.print_exception(kind, error, trace)
        session.messages.say(f"A fault in VRAE Explorer: {kind.__name__}: {error}", "error")

    sys.excepthook = tell


def _quit_on_signals(window: MainWindow) -> None:
    """SIGINT and SIGTERM close the window; Python would otherwise see them at the next event only."""
    ends = socket.socketpair()
    for end in ends:
        end.setblocking(False)
    signal.set_wakeup_fd(ends[1].fileno())
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: window.close())
    notifier = QSocketNotifier(ends[0].fileno(), QSocketNotifier.Type.Read, window)
    notifier.activated.connect(lambda: ends[0].recv(64))  # which keeps both open as long as the window lives


if __name__ == "__main__":
    sys.exit(main())
