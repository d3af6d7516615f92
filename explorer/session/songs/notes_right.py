"""Which of the songs on the map the model knows, by how many of their notes it gets right; measured in a thread."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from explorer.qt.background import Worker
from explorer.session.songs.library import Library
from vrae_core.corpus.windows import Corpus
from vrae_core.model.trained import TrainedModel
from vrae_core.piano_roll import FloatArray
from vrae_core.tasks.notes_right import notes_right

KNOWN = 0.5  # share of its notes from which on a song counts as known


def is_known(share: float) -> bool:
    """Whether a model that gets such a share of a song's notes right knows it."""
    return share >= KNOWN


class NotesRight(QObject):
    """Measures each map once, when it is shown."""

    changed = Signal()
    measured = Signal()  # of the map that is shown

    def __init__(self, library: Library) -> None:
        super().__init__()
        self._library = library
        self.of_song: FloatArray | None = None  # (songs of the atlas,); None: not measured yet
        self._measured: tuple[TrainedModel, Corpus] | None = None  # what it is, or is to be, of
        self._unknown_before: frozenset[str] = frozenset()  # songs, by what was measured last of the same model
        self._worker: Worker | None = None
        library.atlas_changed.connect(self._look)

    @property
    def unknown(self) -> tuple[int, ...]:
        """The songs that the model does not know, as far as that is measured."""
        shares = () if self.of_song is None else self.of_song.tolist()
        return tuple(song for song, share in enumerate(shares) if not is_known(share))

    def is_unknown(self, window: int) -> bool:
        """Whether a window's song is known not to be known; while a map is measured, by what was known before."""
        atlas = self._library.atlas
        if atlas is None or self._measured is None or not atlas.corpus.has_windows_of(self._measured[1]):
            return False
        song = int(atlas.corpus.song_of[window])
        if self.of_song is None:
            return atlas.corpus.names[song] in self._unknown_before
        return not is_known(float(self.of_song[song]))

    def share(self, song: int) -> float | None:
        """How many of a song's notes are right; None: not measured yet."""
        return None if self.of_song is None or song >= len(self.of_song) else float(self.of_song[song])

    def _look(self) -> None:
        atlas = self._library.atlas
        assert atlas is not None
        asked = atlas.model, atlas.corpus
        before = self._measured
        if before is not None and before[0] is atlas.model and atlas.corpus.has_windows_of(before[1]):
            return
        self._unknown_before = self._unknown_of(atlas.model)
        self._measured, self.of_song = asked, None
        if self._worker is not None:
            self._worker.cancel()
        worker = self._worker = Worker(notes_right(atlas.model, atlas.corpus, atlas.posterior.mu))
        worker.returned.connect(lambda right: self._take(asked, right))
        worker.start()
        self.changed.emit()

    def _unknown_of(self, model: TrainedModel) -> frozenset[str]:
        if self._measured is None or self._measured[0] is not model:
            return frozenset()
        if self.of_song is None:  # the map before was never measured
            return self._unknown_before
        return frozenset(self._measured[1].names[song] for song in self.unknown)

    def _take(self, asked: tuple[TrainedModel, Corpus], right: FloatArray) -> None:
        if self._measured is asked:
            self.of_song = right
            self.measured.emit()
            self.changed.emit()
