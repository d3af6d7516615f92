"""A second model beside the one in Explore: its map and colours of the same windows, its figures, and A/B by ear."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from explorer.qt.jobs import Jobs
from explorer.session.compare.counterpart import Counterpart, make_counterpart, redrawing
from explorer.session.map.colouring import Colouring
from explorer.session.path.path import DrawnPath
from explorer.session.path.pieces import PIECE, along_path
from explorer.session.playing.decoded import Decoded
from explorer.session.playing.playback import Playback
from explorer.session.songs.atlas import Atlas
from explorer.session.songs.library import Library
from vrae_core.latent.colours import Meaning, of_numbers
from vrae_core.latent.window_figures import FIGURES, Figures, measure
from vrae_core.model.trained import Posterior, TrainedModel
from vrae_core.piano_roll import FloatArray
from vrae_core.progress import Progress
from vrae_core.tasks.two_models import SideBySide, View, compare

OPENING, DRAWING, MEASURING, CARRYING = (
    "opening the other model", "drawing the other map", "measuring two models", "carrying a piece",
)  # fmt: skip


class Comparing(QObject):
    """Explore keeps its model, A, and all that is heard and selected there; B only lends its map and its voice.

    Nothing sounds through B unless the comparison is ``shown``.
    """

    changed = Signal()  # which model B is, which of the two is heard, or the figures
    redrawn = Signal()  # B's map

    def __init__(self, jobs: Jobs, library: Library, playback: Playback, path: DrawnPath) -> None:
        super().__init__()
        self._jobs, self._library, self._playback, self._path = jobs, library, playback, path
        self.name = ""  # of B
        self.file: Path | None = None  # of B; None: it is in none
        self.counterpart: Counterpart | None = None
        self.figures: SideBySide | None = None
        self.shown = False
        playback.heard_changed.connect(self._follow_piece)
        library.models_changed.connect(self._take_name)

    # --- the other model

    @property
    def busy(self) -> bool:
        """Whether B is being opened."""
        return self._jobs.is_running(OPENING)

    def open(self, path: Path) -> None:
        """Let a model file be B, once there is a map to compare with."""
        if self._library.atlas is not None:
            if path not in self._library.models.values():
                self._library.offer_models([path])
            self._make(path, self._library.name_of(path), path)

    def _make(self, model: Path | TrainedModel, name: str, file: Path | None = None) -> None:
        assert self._library.atlas is not None
        job = make_counterpart(self._library.atlas, self._library.songs, model)
        self._jobs.start(f"Opening {name}", job, lambda made: self._made(made, name, file), key=OPENING)
        self.changed.emit()

    def close(self) -> None:
        """No B any more."""
        for key in (OPENING, DRAWING, MEASURING, CARRYING):
            self._jobs.cancel(key)
        self.hear_other(False)
        self.name, self.file, self.counterpart, self.figures = "", None, None, None
        self.redrawn.emit()
        self.changed.emit()

    def _made(self, made: Counterpart, name: str, file: Path | None) -> None:
        if self._is_out_of_date(made):
            self._make(made.other.model, name, file)
            return
        self.hear_other(False)
        self.name, self.file, self.figures = name, file, None
        self._show(made)
        first, second = (View(each.model, each.corpus, each.posterior.mu) for each in (made.atlas, made.other))
        self._jobs.start("Measuring both models", compare(first, second), self._measured, key=MEASURING)
        self._redraw()

    def _redraw(self) -> None:
        if self.counterpart is not None and self._library.atlas is not None:
            job = redrawing(self.counterpart, self._library.atlas)
            self._jobs.start(f"Drawing the map of {self.name}", job, self._show, key=DRAWING)

    def _show(self, counterpart: Counterpart) -> None:
        if self._is_out_of_date(counterpart):
            return  # and being made anew
        heard_other, self.counterpart = self.hears_other, counterpart
        if heard_other:
            self._playback.hear_through(counterpart)
        self.redrawn.emit()
        self.changed.emit()
        self._follow_piece()

    def _is_out_of_date(self, counterpart: Counterpart) -> bool:
        """Whether other songs, or another A, have come meanwhile."""
        return self._library.atlas is None or counterpart.atlas.corpus is not self._library.atlas.corpus

    def _measured(self, figures: SideBySide) -> None:
        self.figures = figures
        self.changed.emit()

    def show_atlas(self, _atlas: Atlas) -> None:
        """Another map of A's is laid anew; other songs, or another A, make all of it anew."""
        counterpart = self.counterpart
        if counterpart is None:
            return
        if not self._is_out_of_date(counterpart):
            self._redraw()
            return
        model, name, file = counterpart.other.model, self.name, self.file
        self.close()
        self._make(model, name, file)

    def _take_name(self) -> None:
        """A run may be called something else."""
        if self.file is not None and self.file in self._library.of_runs:
            self.name = self._library.of_runs[self.file].name
            self.changed.emit()

    # --- by ear

    @property
    def hears_other(self) -> bool:
        """Whether all sounds through B."""
        return self._playback.through is not None

    @property
    def sounds_other(self) -> bool:
        """Whether B has decoded what is to sound through it: until then A is heard."""
        heard = self._playback.heard
        return self.hears_other and self.counterpart is not None and not (heard and self.counterpart.lacks(heard))

    def set_shown(self, shown: bool) -> None:
        """Say whether the comparison is seen; one that is not leaves no trace in what is heard."""
        self.shown = shown
        if shown:
            self._follow_piece()
        else:
            self.hear_other(False)
        self.changed.emit()

    def hear_other(self, other: bool) -> None:
        """A/B: hear the same through B or through A; the music goes on where it is."""
        if other != self.hears_other and (self.shown or not other):
            self._playback.hear_through(self.counterpart if other else None)
            self.changed.emit()

    def toggle(self) -> None:
        """Change between A and B."""
        if self.counterpart is not None:
            self.hear_other(not self.hears_other)

    def place(self) -> FloatArray | None:
        """Where on B's map the music is, (2,), if it is anywhere there."""
        counterpart, heard = self.counterpart, self._playback.heard
        if counterpart is None or heard is None or counterpart.atlas is not self._playback.atlas:
            return None
        return counterpart.place(heard, self._playback.player.position)

    def play_other(self, place: FloatArray, window: int = -1) -> None:
        """Hear a place on B's map through B, or a window (−1: it is none's)."""
        if self.counterpart is None:
            return
        self.hear_other(True)
        if window >= 0:
            self._playback.play_window(window)
        else:
            self._playback.play_z(*self.counterpart.here(place))

    def morph_other(self, place: FloatArray) -> None:
        """Move what is heard to another place on B's map, in time."""
        if self.counterpart is not None:
            self._playback.morph_to_z(*self.counterpart.here(place))

    def play_path(self) -> None:
        """Play the path that is drawn, decoded by both, so that one can change between them at any step."""
        counterpart, path = self.counterpart, self._path
        if counterpart is None or len(path.points) < 2:
            return
        job = _along_both(counterpart, along_path(counterpart.atlas, path.drawing, path.parameters()))
        self._jobs.start("Playing along the path", job, self._play_both, key=PIECE)

    def _play_both(self, both: tuple[Counterpart, Decoded, Decoded]) -> None:
        counterpart, heard, piece = both
        counterpart.keep(heard, piece)
        self._playback.play_piece(heard, counterpart.atlas)

    def _follow_piece(self) -> None:
        """Have a path or a song that is heard decoded by B too, before anybody asks for it."""
        counterpart, heard = self.counterpart, self._playback.heard
        if not self.shown or counterpart is None or heard is None or not counterpart.lacks(heard):
            return

        def decoded(piece: Decoded) -> None:
            counterpart.keep(heard, piece)
            if self._playback.through is counterpart:
                self._playback.hear_through(counterpart)
            self.redrawn.emit()

        self._jobs.start(f"Decoding by {self.name}", counterpart.decoding(heard), decoded, key=CARRYING)


def _along_both(
    counterpart: Counterpart, decoding: Generator[Progress, None, Decoded]
) -> Generator[Progress, None, tuple[Counterpart, Decoded, Decoded]]:
    heard = yield from decoding
    piece = yield from counterpart.decoding(heard)
    return counterpart, heard, piece


MEASURING = "measuring the other model's windows"  # key of the job


class OtherColours(QObject):
    """Follows the colours in Explore as long as the comparison is shown.

    Figures of the music count too what B is shown of it: its window may be longer and its pitches fewer.  They are
    shown between the ends of A's ramp, so that a colour is one number on both maps.  What a table says holds for both.
    """

    changed = Signal()

    def __init__(self, jobs: Jobs, colouring: Colouring, comparing: Comparing) -> None:
        super().__init__()
        self._jobs, self._colouring, self._comparing = jobs, colouring, comparing
        self.meaning: Meaning | None = None  # None: the dots have the colours of their songs
        self._known: Figures = {}
        self._of: Posterior | None = None  # what is known is about this
        colouring.changed.connect(self._show)
        comparing.changed.connect(self._show)
        comparing.redrawn.connect(self._show)

    def _show(self) -> None:
        first, counterpart = self._colouring.meaning, self._comparing.counterpart
        other = None if counterpart is None else counterpart.other
        if other is None or other.posterior is not self._of:
            self._jobs.cancel(MEASURING)
            self._known, self._of = {}, None if other is None else other.posterior
        what = next((key for key, figure in FIGURES.items() if first is not None and figure is first.figure), None)
        before = self.meaning
        if first is None or other is None:
            self.meaning = None
        elif what is None:
            self.meaning = first
        elif what in self._known:
            self.meaning = of_numbers(first.figure, self._known[what], (first.low, first.high))
        else:
            self.meaning = None
            if self._comparing.shown:
                job = measure(what, other.model, other.corpus, other.posterior)
                self._jobs.start(f"Measuring: {first.figure.name.lower()}", job, self._take, key=MEASURING)
        if self.meaning is not before:
            self.changed.emit()

    def _take(self, found: Figures) -> None:
        self._known |= found
        self._show()
