"""What comes once the window has been painted: the pages not seen yet, then sound, models, songs or the session."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QTimer

from explorer.audio.output import AudioOutput
from explorer.dialogs.files import model_and_songs, session_among
from explorer.main_window import MainWindow
from explorer.session.playing.instrument import Instrument
from explorer.session.session import Session
from vrae_core.bundled import BARS, BASE, bundled_models, bundled_songs

PATIENCE = 6.0  # seconds: a window that has closed may still be writing its session


def make_pages(window: MainWindow, then: Callable[[], object]) -> None:
    """After the first paint: load what the other pages need and make them, one a turn, and go on.

    A page that is asked for meanwhile is there at once all the same.  Not in another thread: PyQtGraph asks for every
    class of Qt as it is loaded, and PySide, which makes classes when they are first asked for, crashed now and then.
    """

    def go_on(number: int = 1) -> None:
        if window.closing.has_begun:
            return
        if number < window.tabs.count():
            window.pages.page(number)
            QTimer.singleShot(0, lambda: go_on(number + 1))
        else:
            then()

    QTimer.singleShot(0, go_on)


def open_everything(
    session: Session,
    audio: AudioOutput,
    instrument: Instrument,
    window: MainWindow,
    given: Sequence[Path],
    alone: bool = True,
) -> None:
    """After the first paint: load the sound, and the files of the command line or what there is without any.

    alone: whether no other window is open; one that has just been closed may still be writing.
    """
    models = bundled_models()
    session.library.offer_models(models.values())
    model, songs = model_and_songs(list(given))
    usual = models.get(BASE if songs else BARS, next(iter(models.values()), None))

    def open_usual() -> None:
        session.library.open(model or usual, songs or bundled_songs())

    given_session = session_among(list(given))
    reopens = not given and window.preferences.reopens_session
    patience = PATIENCE if alone else 0.0
    if given_session is not None:
        session.keeping.begin(lambda: session.keeping.open(given_session, open_usual), False, patience)
    else:
        if given:
            window.files.remember(list(given))
        session.keeping.begin(open_usual, reopens, patience)
    audio.start()
    session.runs.refresh()  # whose models can be chosen
    session.runs.look_for_unfinished()
    session.midi.restore(window.preferences)
    instrument.open()
