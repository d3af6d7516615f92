"""The decoder running on past what is heard: the paper's medley, decoded a part at a time as it is played."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from PySide6.QtCore import QObject, Signal

from explorer.qt.background import NewestWins
from explorer.qt.messages import Messages
from explorer.session.playing.decoded import Decoded
from vrae_core.model.trained import TrainedModel
from vrae_core.piano_roll import FloatArray

PART = 100  # steps decoded at once, at least: some 10 ms of work, for a drag asks anew at its every move
SHARE = 4  # of a piece of N steps N / SHARE are decoded at once: making its notes anew takes longer and longer
AHEAD = 150  # steps that should lie ready: at 300 beats a minute, 3.75 s
LONGEST_BEATS = 750  # five minutes at 150 beats a minute


@dataclass(frozen=True, eq=False)
class _MoreWanted:
    model: TrainedModel
    heard: Decoded
    decoding: Iterator[FloatArray] | None  # the decoder where it has come to, if it has run on already


class RunningOn(QObject):
    """Decodes what follows something heard, well before it is needed."""

    decoded = Signal(object, object)  # a Heard, and the same with more steps

    def __init__(self, messages: Messages) -> None:
        super().__init__()
        self._decoder = NewestWins(_decode)
        self._decoder.answered.connect(self._answered)
        self._decoder.failed.connect(lambda _request, sentence: messages.say(sentence, "error"))
        self._asked: Decoded | None = None  # what is being decoded further, or cannot be
        self._decoding: tuple[Decoded, Iterator[FloatArray]] | None = None

    def look_ahead(self, model: TrainedModel, heard: Decoded, position: float) -> None:
        """Decode more of what is heard if the music, at ``position`` in steps, comes near its end."""
        if len(heard.probabilities) - position > AHEAD or heard is self._asked or is_long(heard):
            return
        self._asked = heard
        decoding = self._decoding[1] if self._decoding is not None and self._decoding[0] is heard else None
        self._decoder.ask(_MoreWanted(model, heard, decoding))

    def _answered(self, request: _MoreWanted, result: tuple[Decoded, Iterator[FloatArray]]) -> None:
        if request.heard is self._asked:
            self._asked = None
        self._decoding = result
        self.decoded.emit(request.heard, result[0])


def is_long(heard: Decoded) -> bool:
    """Whether the decoder has run on for as long as it may."""
    return heard.ran_on >= _longest(heard)


def _longest(heard: Decoded) -> int:
    """Steps that the decoder may run on."""
    return LONGEST_BEATS * heard.time.steps_per_beat


def _decode(request: _MoreWanted) -> tuple[Decoded, Iterator[FloatArray]]:
    """A point's decoder goes on where it is; a path's last point goes on from the row that the path has come to."""
    model, heard, decoding = request.model, request.heard, request.decoding
    if decoding is None:
        decoding = (row[0] for row in model.decoding(heard.zs[-1:]))
        skipped = heard.own_steps % model.config.window if heard.arrivals else heard.own_steps
        if heard.windows is not None:
            skipped = model.config.window  # a song ends with the last row of its last window
        for _row in islice(decoding, skipped + heard.ran_on):
            pass
    more = min(max(PART, len(heard.probabilities) // SHARE), _longest(heard) - heard.ran_on)
    longer = np.concatenate([heard.probabilities, np.stack(list(islice(decoding, more)))])
    return replace(heard, probabilities=longer, ran_on=heard.ran_on + more), decoding
