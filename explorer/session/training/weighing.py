"""How often a training meets what is selected on the map."""

from __future__ import annotations

from collections.abc import Callable

from explorer.qt.messages import Messages
from explorer.session.training.sample import same_music
from explorer.session.training.training import Training
from vrae_core.corpus.windows import Corpus


class Weighing:
    """``selected`` gives the windows of the map that are meant, or None; the map's room is none of this one's."""

    def __init__(self, messages: Messages, training: Training, selected: Callable[[], Corpus | None]) -> None:
        self._messages, self._training, self._selected = messages, training, selected

    def exclude_selected(self) -> None:
        """Let the training learn no more from what is selected on the map."""
        self._weigh(0.0, "come no more")

    def favour_selected(self) -> None:
        """Let the training learn twice as often from what is selected on the map."""
        self._weigh(2.0, "come twice as often")

    def _weigh(self, factor: float, words: str) -> None:
        selected, training = self._selected(), self._training
        if selected is None:
            self._messages.say("Select windows on the map first.")
        elif training.corpus is None or not training.steerable:
            self._messages.say("No training goes on that could be told.")
        else:
            windows = same_music(selected, training.corpus)
            if training.weigh(windows, factor):
                self._messages.say(f"{len(windows)} of the training's {len(training.corpus)} windows now {words}.")
