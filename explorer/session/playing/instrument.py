"""The player's synthesizer: opened in the background, and opened again when it fails."""

from __future__ import annotations

from collections.abc import Callable, Generator

from PySide6.QtCore import QObject, Signal

from explorer.audio.output import AudioOutput
from explorer.audio.player import Player
from explorer.audio.sounding_notes import SoundSource
from explorer.audio.tee import SoundTee
from explorer.qt.background import Worker
from vrae_core.audio.synthesizer import Synthesizer
from vrae_core.errors import SoundError
from vrae_core.progress import Progress

FAILED = "The synthesizer failed: the music plays silently"


class Instrument(QObject):
    """Puts a synthesizer behind the player's tee.  One that fails is replaced once by itself, and then on request.

    ``trouble`` says why there is none, "" if there is one; ``opening`` whether one is on its way.  The output is told.
    """

    _failed = Signal()  # from the audio thread to ours

    def __init__(self, player: Player, output: AudioOutput, make: Callable[[], SoundSource] = Synthesizer) -> None:
        super().__init__()
        self.trouble, self.opening = "", True
        self.tee = SoundTee(player)
        self.tee.on_failure = self._failed.emit
        player.synthesizer = self.tee
        self._player, self._output, self._make = player, output, make
        self._replaces = True  # whether the next failure is mended without being asked
        self._worker: Worker | None = None
        self._failed.connect(self._replace)
        output.tried_again.connect(self.try_again)
        self._tell()

    def open(self) -> None:
        """Make a synthesizer, in a thread."""
        if self._worker is not None:
            return
        self.opening = True
        self._worker = Worker(_making(self._make))
        self._worker.returned.connect(self._use)
        self._worker.failed.connect(self._give_up)
        self._worker.finished.connect(self._end)
        self._worker.start()
        self._tell()

    def try_again(self) -> None:
        """Make another where there is none that plays."""
        if self.trouble:
            self._replaces = True
            self.open()

    def _use(self, made: SoundSource) -> None:
        self.tee.synthesizer = made
        self._player.strike_anew()
        self.trouble, self.opening = "", False

    def _give_up(self, why: str) -> None:
        self.trouble, self.opening = why, False

    def _end(self) -> None:
        if self._worker is not None:
            self._worker.deleteLater()
            self._worker = None
        self._tell()

    def _replace(self) -> None:
        self.trouble = FAILED
        if self._replaces:
            self._replaces = False
            self.open()
        else:
            self._tell()

    def _tell(self) -> None:
        self._output.show_synthesizer(self.opening, self.trouble)


def _making(make: Callable[[], SoundSource]) -> Generator[Progress, None, SoundSource]:
    yield Progress(0, 1)
    try:
        return make()
    except SoundError as error:
        raise SoundError(f"No sound: {error}") from error
