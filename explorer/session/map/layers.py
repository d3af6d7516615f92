"""What the map shows under and over its dots: song threads, posteriors, and a decoded field that fills what is seen."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from explorer.preferences import Preferences
from explorer.qt.jobs import Jobs
from explorer.session.playing.playback import Playback
from explorer.session.songs.atlas import Atlas
from explorer.session.songs.library import DRAWING, MAKING, Library
from vrae_core.latent.field import MEASURES, Area, DecodedField, FieldDecoder, FieldProgress, NearestWindows

CHOICES = {
    "threads": ("off", "heard", "lit"),
    "ellipses": ("off", "pointed", "lit"),
    "field": ("off", *MEASURES),
}


class Layers(QObject):
    """Three choices."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.threads, self.ellipses, self.field = "heard", "off", "off"

    def choose(self, what: str, one: str) -> None:
        """Make one of the ``CHOICES``; anything else changes nothing."""
        if one in CHOICES[what]:
            setattr(self, what, one)
        self.changed.emit()

    def remember(self, preferences: Preferences) -> None:
        """Hand over what is chosen, for the next run."""
        preferences.map_threads, preferences.map_ellipses = self.threads, self.ellipses
        preferences.map_field = self.field

    def restore(self, preferences: Preferences) -> None:
        """Take up what was chosen in an earlier run."""
        self.choose("threads", preferences.map_threads)
        self.choose("ellipses", preferences.map_ellipses)
        self.choose("field", preferences.map_field)


FIELD = "decoding the field"  # the job's key
QUIET_MILLISECONDS = 180  # for so long the map must lie still before any of it is decoded


class Field(QObject):
    """Holds the finest ``field`` that is whole; it is decoded at the threshold that is set, without chance."""

    changed = Signal()

    def __init__(self, jobs: Jobs, library: Library, playback: Playback, layers: Layers) -> None:
        super().__init__()
        self._jobs, self._library, self._playback, self._layers = jobs, library, playback, layers
        self.field: DecodedField | None = None
        self._area: Area | None = None
        self._decoder: FieldDecoder | None = None  # with what it knows of this map at this threshold
        self._nearest: NearestWindows | None = None
        self._timer = QTimer(self, singleShot=True, interval=QUIET_MILLISECONDS)
        self._timer.timeout.connect(self._start)
        library.dots_moved.connect(self._forget)
        playback.settings_changed.connect(self._look_again)
        layers.changed.connect(self._choose)

    def look_at(self, area: Area) -> None:
        """Another part of the map is seen."""
        self._area = area
        if self._layers.field != "off":
            self._timer.start()

    def _choose(self) -> None:
        """All measures come from the same rolls: another one is there at once."""
        if self._layers.field == "off":
            self._timer.stop()
            self._jobs.cancel(FIELD)
        elif not self._jobs.is_running(FIELD):
            self._timer.start()
        self.changed.emit()

    def show_atlas(self, _atlas: Atlas) -> None:
        """Decode it anew where it is seen."""
        self._forget()

    def _forget(self) -> None:
        """The dots lie elsewhere, or there are others."""
        if self._decoder is not None:
            self._jobs.cancel(FIELD)
            self._decoder = self.field = None
            self.changed.emit()
        if self._layers.field != "off":
            self._timer.start()

    def _look_again(self) -> None:
        if self._decoder is not None and self._decoder.threshold != self._playback.threshold:
            self._decoder = None
            if self._layers.field != "off":
                self._timer.start()

    def _start(self) -> None:
        atlas, area = self._library.atlas, self._area
        if atlas is None or area is None or not min(area.width, area.height) > 0:
            return
        if self._jobs.is_running(DRAWING) or self._jobs.is_running(MAKING):
            self._timer.start()  # the map that is to come is the one to fill
            return
        if self._decoder is None:
            if self._nearest is None or self._nearest.corpus is not atlas.corpus:
                self._nearest = NearestWindows(atlas.corpus, atlas.posterior.mu)
            self._decoder = FieldDecoder(atlas.model, atlas.map, self._playback.threshold, self._nearest)
        job = self._decoder.decoding(area)
        self._jobs.start("Decoding the map", job, self._show, key=FIELD, progressed=self._went_on)

    def _went_on(self, progress: FieldProgress) -> None:
        if progress.field is not None and progress.field is not self.field:
            self._show(progress.field)

    def _show(self, field: DecodedField) -> None:
        self.field = field
        self.changed.emit()
