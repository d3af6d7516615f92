"""The point heard as numbers that can be moved: along a latent dimension, or along an attribute's direction."""

from __future__ import annotations

from collections import deque

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QTimer, Signal

from explorer.audio.player import State
from explorer.qt.jobs import Jobs
from explorer.session.playing.playback import Playback
from explorer.session.songs.atlas import Atlas
from vrae_core.model.evaluation import kl_divergence
from vrae_core.model.trained import Posterior
from vrae_core.piano_roll import FloatArray
from vrae_core.tasks.directions import Direction, learn_directions

LEARNING = "directions"  # key of the job
WIDEST_USUAL = 3.0  # standard deviations of the prior: how far a slider goes unless windows lie beyond
_LOOKED_AT = 4000  # windows that say how far a dimension reaches: a few milliseconds at any number of them
_ON_THEIR_WAY = 256  # points of which an answer may still come
_PAUSE_MS = 1000  # between two moves by the keyboard, from which the next is a gesture of its own


class Latent(QObject):
    """Moves z by the fast path that a drag on the map takes, and follows what is heard otherwise.

    One gesture, from pressing a slider to letting it go, is one entry of what was heard.
    """

    moved = Signal()  # z is another
    learnt = Signal()  # the directions are known, or no longer

    def __init__(self, jobs: Jobs, playback: Playback) -> None:
        super().__init__()
        self.z: FloatArray = np.zeros(0, np.float32)  # (J,); the prior's mean until something is heard
        self.home = self.z  # where it was before a slider was moved
        self.steps: npt.NDArray[np.float64] = np.zeros(0)  # (directions,) that have been gone from the anchor
        self.directions: tuple[Direction, ...] = ()
        self._jobs, self._playback = jobs, playback
        self._atlas: Atlas | None = None
        self._learnt_of: Atlas | None = None
        self._anchor = self.z  # where the directions start
        self._home_window: int | None = None
        self._asked: deque[bytes] = deque(maxlen=_ON_THEIR_WAY)
        self._gesture: object = None
        self._slider: object = None  # that was moved last
        self._fresh, self._held = True, False
        self._quiet = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._quiet.timeout.connect(self._pause)
        playback.heard_changed.connect(self._notice)
        playback.moved.connect(self._follow)

    # --- what it moves in

    def show_atlas(self, atlas: Atlas) -> None:
        """Move among other windows; another model's z mean something else."""
        before, self._atlas = self._atlas, atlas
        if before is None or before.model is not atlas.model:
            self._settle(np.zeros(atlas.model.config.latent, np.float32), None)
        if before is not None and not _same_windows(before, atlas):
            self._home_window = None  # windows have other numbers now
            self._jobs.cancel(LEARNING)
            self._show_directions(None, ())

    @property
    def learning(self) -> bool:
        """Whether directions are being learnt."""
        return self._jobs.is_running(LEARNING)

    @property
    def known(self) -> bool:
        """Whether the directions have been learnt from these windows; there may be none."""
        learnt, atlas = self._learnt_of, self._atlas
        return learnt is not None and atlas is not None and _same_windows(learnt, atlas)

    def learn(self) -> None:
        """Learn the directions from the songs' windows, unless they are known or being learnt."""
        atlas = self._atlas
        if atlas is None or self.learning or self.known:
            return
        job = learn_directions(atlas.model, atlas.corpus, atlas.posterior.mu)
        self._jobs.start("Learning directions", job, lambda found: self._show_directions(atlas, found), key=LEARNING)

    def kl(self) -> FloatArray:
        """What each dimension carries: its mean KL in nats, (J,)."""
        some = self._some(self._atlas)
        return np.asarray(kl_divergence(some).mean(axis=0), np.float32)

    def reach(self) -> FloatArray:
        """How far from 0 each dimension's slider goes, (J,): 3, or as far as windows lie."""
        farthest = np.abs(self._some(self._atlas).mu).max(axis=0, initial=0)
        return np.asarray(np.maximum(WIDEST_USUAL, np.ceil(farthest)))

    @staticmethod
    def _some(atlas: Atlas | None) -> Posterior:
        if atlas is None:
            return Posterior(np.zeros((0, 0), np.float32), np.zeros((0, 0), np.float32))
        every = -(-len(atlas.corpus) // _LOOKED_AT)
        return Posterior(atlas.posterior.mu[::every], atlas.posterior.sigma[::every])

    def _show_directions(self, atlas: Atlas | None, directions: tuple[Direction, ...]) -> None:
        self._learnt_of, self.directions = atlas, directions
        self._anchor, self.steps = self.z, np.zeros(len(directions))
        self.learnt.emit()

    # --- moving

    def press(self) -> None:
        """A hand takes a slider: what it does from now on is one gesture."""
        self._held = self._fresh = True

    def let_go(self) -> None:
        """The hand has left."""
        self._held, self._fresh = False, True

    def set_dimension(self, dimension: int, value: float) -> None:
        """Move along one latent dimension."""
        z = self.z.copy()
        z[dimension] = value
        self._anchor, self.steps = z, np.zeros(len(self.directions))
        self._go(("dimension", dimension), z)

    def send_home(self, dimension: int) -> None:
        """Where the dimension was before the sliders were moved; from there, to the prior's mean, 0."""
        at_home = self.z[dimension] == self.home[dimension]
        self.set_dimension(dimension, 0.0 if at_home else float(self.home[dimension]))

    def set_steps(self, direction: int, steps: float) -> None:
        """Be so many steps from the anchor along a direction; 0 along all of them is the anchor itself."""
        self.steps[direction] = steps
        gone = sum((n * each.step for n, each in zip(self.steps, self.directions, strict=True) if n), np.float32(0))
        self._go(("direction", direction), np.asarray(self._anchor + gone, np.float32))

    def _go(self, slider: object, z: FloatArray) -> None:
        playback, atlas = self._playback, self._atlas
        if atlas is None:
            return
        playing = playback.player.state is State.PLAYING
        if playing and (self._fresh or slider != self._slider):
            playback.begin_morph()
        self._slider, self._fresh, self.z = slider, False, z
        self._asked.append(z.tobytes())
        if self._home_window is not None and np.array_equal(z, self.home):
            place = atlas.map.points[self._home_window]
            (playback.morph_to if playing else playback.play_at)(place, self._home_window)
        else:
            (playback.morph_to_z if playing else playback.play_z)(z, atlas.map.point_of(z))
        self._gesture = playback.gesture
        self._quiet.start()
        self.moved.emit()

    def _pause(self) -> None:
        self._fresh = not self._held

    # --- following

    def _notice(self) -> None:
        """Take over what is heard, unless it is an answer to a move of ours: the hand is farther by now."""
        playback = self._playback
        heard = playback.heard
        if heard is None or self._atlas is None or heard.zs.shape[1] != self._atlas.model.config.latent:
            return
        z = heard.z_at(playback.player.position)
        if playback.gesture is not self._gesture or z.tobytes() not in self._asked:
            self._settle(z, heard.window)

    def _follow(self, step: float) -> None:
        """Along a path z moves with the music."""
        heard = self._playback.heard
        if heard is not None and heard.arrivals and not np.array_equal(heard.z_at(step), self.z):
            self._settle(heard.z_at(step), None)

    def _settle(self, z: FloatArray, window: int | None) -> None:
        self.z = self.home = self._anchor = np.asarray(z, np.float32)
        self._home_window, self._fresh = window, True
        self.steps = np.zeros(len(self.directions))
        self._asked.clear()
        self.moved.emit()


def _same_windows(one: Atlas, other: Atlas) -> bool:
    return one.model is other.model and one.corpus is other.corpus
