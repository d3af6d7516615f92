"""Telling the user something in one sentence, from whatever part and whatever thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from PySide6.QtCore import QObject, Signal

Kind = Literal["note", "warning", "error"]


class Undoable(Protocol):
    """A change that can be taken back as long as it is there."""

    @property
    def there(self) -> bool: ...
    def take_back(self) -> None: ...


class Offered(NamedTuple):
    """A sentence, and a button beside it."""

    sentence: str
    words: str  # on the button
    act: Callable[[], object]
    refuse: Callable[[], object] | None = None  # what to do if somebody closes it, rather than that it leaves by itself
    stands: Callable[[], bool] | None = None  # whether it is still to be asked: what is said meanwhile only puts it off
    holds: Callable[[], bool] | None = None  # whether what it says still is so: once it is not, it goes


class Messages(QObject):
    """Sentences for the user; ``said`` is emitted in the thread that made this object, the GUI's."""

    said = Signal(str, str)  # a sentence, and its kind
    offered = Signal(object)  # an Offered

    _handed = Signal(str, str)  # from whatever thread

    def __init__(self) -> None:
        super().__init__()
        self._handed.connect(self.said)  # queued where the threads are not the same

    def say(self, sentence: str, kind: Kind = "note") -> None:
        """Tell the user something."""
        self._handed.emit(sentence, kind)

    def offer(
        self,
        sentence: str,
        words: str,
        act: Callable[[], object],
        refuse: Callable[[], object] | None = None,
        stands: Callable[[], bool] | None = None,
    ) -> None:
        """Tell the user something, and what can be done about it; see Offered.  From the GUI's thread."""
        self.offered.emit(Offered(sentence, words, act, refuse, stands))

    def offer_back(self, sentence: str, words: str, change: Undoable) -> None:
        """Tell what was changed, with a button that takes it back, until it is undone.  From the GUI's thread."""
        self.offered.emit(Offered(sentence, words, change.take_back, holds=lambda: change.there))

    def say_saved(self, file: Path) -> None:
        """Tell that a file is written, and where."""
        self.say(f"Saved {file.name} in {file.parent}.")

    def complain(self, complaints: Iterable[str]) -> None:
        """Warn of each thing that could not be used; the full stop may be missing."""
        for complaint in complaints:
            self.say(complaint if complaint.endswith(".") else f"{complaint}.", "warning")
