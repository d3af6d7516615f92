"""What was heard, and the way back to it: each point or piece with the settings that made its notes."""

from __future__ import annotations

import weakref
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, Signal

from explorer.session.playing.decoded import Decoded, PieceSettings
from explorer.session.playing.playback import Playback
from explorer.session.playing.pressing import name_of, on_other_map
from explorer.session.playing.versions import Version
from explorer.session.songs.atlas import Atlas
from vrae_core.corpus.windows import Corpus
from vrae_core.model.trained import TrainedModel

MOST_ENTRIES = 50
MOST_STEPS = 200_000  # of all entries together: their probabilities are kept, some 40 MB


@dataclass(frozen=True, eq=False)
class HistoryEntry:
    """Something that was heard, and all that made it sound as it did; atlases that are not shown any more may go."""

    heard: Decoded
    title: str  # what to call it
    model: TrainedModel
    atlas: weakref.ref[Atlas]  # that its places are on
    corpus: weakref.ref[Corpus]  # that its windows are of
    settings: PieceSettings
    version: Version
    gesture: object  # the press, with its drag, or the piece that it is

    def heard_on(self, atlas: Atlas) -> Decoded:
        """The same on the map that is shown now."""
        same_windows = self.corpus() is atlas.corpus
        return self.heard if self.atlas() is atlas else on_other_map(self.heard, same_windows, atlas)

    def is_same_place(self, other: HistoryEntry) -> bool:
        """Whether both are of the same latent points for the same time."""
        mine, its = self.heard, other.heard
        return len(mine.probabilities) == len(its.probabilities) and np.array_equal(mine.zs, its.zs)


class History(QObject):
    """A list, the oldest first, and the place in it that is heard.

    A drag is one entry: where it ended.  What is heard is first moved to the end when something new follows it, so
    that nothing is lost by going back, and one step back is always to what was heard just before.
    """

    changed = Signal()

    def __init__(self, playback: Playback) -> None:
        super().__init__()
        self.entries: list[HistoryEntry] = []
        self.place = 0  # that of what is heard, or was heard last
        self._playback = playback
        playback.heard_changed.connect(self._notice)

    @property
    def can_go_back(self) -> bool:
        """After a clearing the way back is to what was heard last."""
        return self.place > 0 or (bool(self.entries) and self._playback.heard is None)

    @property
    def can_go_forward(self) -> bool:
        """Whether one has gone back."""
        return self.place < len(self.entries) - 1

    def back(self) -> None:
        """Hear what was heard before."""
        if self.can_go_back:
            self.go(self.place if self._playback.heard is None else self.place - 1)

    def forward(self) -> None:
        """Hear what one has gone back from."""
        if self.can_go_forward:
            self.go(self.place + 1)

    def go(self, place: int) -> None:
        """Hear an entry again, from its start and as it was."""
        atlas = self._playback.atlas
        if 0 <= place < len(self.entries) and atlas is not None:
            self.place, entry = place, self.entries[place]
            self._playback.play_again(entry.heard_on(atlas), atlas, entry.settings, entry.version)

    def _notice(self) -> None:
        playback = self._playback
        atlas, heard = playback.atlas, playback.heard
        if self.entries and atlas is not None and self.entries[0].model is not atlas.model:
            self.entries, self.place = [], 0  # its points mean nothing to another model
        if atlas is not None and heard is not None:
            self._take(
                HistoryEntry(
                    heard.without_run_on(),
                    _title(heard, atlas),
                    atlas.model,
                    weakref.ref(atlas),
                    weakref.ref(atlas.corpus),
                    playback.piece_settings(),
                    playback.version,
                    playback.gesture,
                )
            )
        self.changed.emit()

    def _take(self, entry: HistoryEntry) -> None:
        """Put what is heard in the place of what it goes on from, or after it."""
        entries, place = self.entries, self.place
        if entries and (entries[place].gesture is entry.gesture or entries[place].is_same_place(entry)):
            entries[place] = entry
            return
        if entries:
            entries.append(entries.pop(place))
        entries.append(entry)
        steps = sum(len(each.heard.probabilities) for each in entries)
        while len(entries) > 1 and (len(entries) > MOST_ENTRIES or steps > MOST_STEPS):
            steps -= len(entries.pop(0).heard.probabilities)
        self.place = len(entries) - 1


def _title(heard: Decoded, atlas: Atlas) -> str:
    if heard.points is not None:
        return f"Path of {len(heard.points)} points"
    return name_of(heard, atlas)
