"""The idle walk: what is heard wanders through latent space by itself until somebody points at something else."""

from __future__ import annotations

from collections import deque

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from explorer.audio.player import State
from explorer.session.path.path import DrawnPath
from explorer.session.playing.playback import Playback
from explorer.session.songs.atlas import Atlas
from vrae_core.latent.path import MOST_POINTS, LatentPath, Manner
from vrae_core.latent.wandering import Wanderer
from vrae_core.piano_roll import FloatArray

STEPS_PER_SECOND = 4
LONGEST_TRAIL = 1200 * STEPS_PER_SECOND  # steps that are remembered
POINT_EVERY = 2 * STEPS_PER_SECOND  # steps between the points of a trail that is kept
USUAL_SPEED = 1.0  # usual distances between neighbouring windows a second
_ON_THEIR_WAY = 3 * STEPS_PER_SECOND  # steps of which an answer may still come


class Wandering(QObject):
    """Takes a step four times a second and has it morphed to."""

    changed = Signal()  # it began or ended

    def __init__(self, playback: Playback, path: DrawnPath) -> None:
        super().__init__()
        self.speed = USUAL_SPEED
        self._playback, self._path = playback, path
        self._trail: deque[FloatArray] = deque(maxlen=LONGEST_TRAIL)
        self._wanderer: Wanderer | None = None
        self._atlas: Atlas | None = None
        self._walks = 0
        self._timer = QTimer(self, interval=1000 // STEPS_PER_SECOND)
        self._timer.timeout.connect(self.step)
        playback.heard_changed.connect(self._notice)
        playback.state_changed.connect(self._follow_transport)

    @property
    def running(self) -> bool:
        """Whether it walks."""
        return self._timer.isActive()

    def set_running(self, running: bool) -> None:
        """Begin at what is heard, or at some window if nothing is; or end."""
        if running:
            self._start()
        else:
            self.stop()

    def set_speed(self, speed: float) -> None:
        """In usual distances between neighbouring windows a second."""
        self.speed = speed

    def stop(self) -> None:
        """End the walk; the music stays where it is."""
        if self.running:
            self._timer.stop()
            self.changed.emit()

    def keep_trail(self) -> None:
        """Keep the way so far as a path, a point every two seconds and more rarely on a long one."""
        trail = np.array([*self._trail][:: max(POINT_EVERY, len(self._trail) // MOST_POINTS + 1)])
        if len(trail) > 1:
            seconds = max(POINT_EVERY, len(self._trail) // MOST_POINTS + 1) / STEPS_PER_SECOND
            self._path.keep_as("Walk", LatentPath(trail, (None,) * len(trail), Manner(seconds, smooth=True)))

    def step(self) -> None:
        """Go on a little; not while the player is lent, for then the walk waits as the music does."""
        playback, atlas = self._playback, self._atlas
        if atlas is None or playback.atlas is not atlas or self._wanderer is None:
            self.stop()
            return
        if playback.player.borrowed is not None:
            return
        z = self._wanderer.step(self.speed / STEPS_PER_SECOND)
        self._go(z, atlas)

    def _start(self) -> None:
        playback = self._playback
        atlas = self._atlas = playback.atlas
        if atlas is None:
            self.changed.emit()  # whoever asked sees that it did not begin
            return
        self._walks += 1
        if playback.heard is None:
            z = atlas.posterior.mu[np.random.default_rng(self._walks).integers(len(atlas.corpus))]
        else:
            z = playback.heard.z_at(playback.player.position)
        self._wanderer = Wanderer(atlas.map, z, self._walks)
        self._trail.clear()
        self._timer.start()
        self._go(z, atlas)
        self.changed.emit()

    def _go(self, z: FloatArray, atlas: Atlas) -> None:
        self._trail.append(z)
        at = atlas.map.point_of(z)
        if self._playback.player.state is State.PLAYING:
            self._playback.morph_to_z(z, at)
        else:
            self._playback.play_z(z, at)

    def _notice(self) -> None:
        """End when something else is heard than a step of the walk."""
        heard = self._playback.heard
        recent = [*self._trail][-_ON_THEIR_WAY:]
        if heard is None or (len(self._trail) > 1 and not any(np.array_equal(heard.zs, [z]) for z in recent)):
            self.stop()

    def _follow_transport(self, state: str) -> None:
        if state in (State.PAUSED, State.STOPPED):
            self.stop()
