"""A drunk walk through latent space: it staggers on, and stays where there is music."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vrae_core.latent.map import LatentMap
from vrae_core.piano_roll import FloatArray

_KEPT_HEADING = 0.8  # of the heading from one step to the next
_COMPANY = 8  # windows that a step too far from all of them is drawn back to
_FREEDOM = 1.5  # times the usual distance between neighbours that it may be away from the nearest window


class Wanderer:
    """Takes one step after another from a latent point; a seed gives one walk.

    The heading is a first-order autoregression, scaled to the spread of the windows in each dimension.
    """

    def __init__(self, latent_map: LatentMap, z: npt.ArrayLike, seed: int) -> None:
        self.z = np.asarray(z, np.float32)  # (J,)
        self._map = latent_map
        self._chance = np.random.default_rng(seed)
        self._spread = latent_map.mu.std(axis=0, dtype=np.float64) + 1e-12
        self._heading = self._chance.normal(size=len(self.z))

    def step(self, length: float) -> FloatArray:
        """Go on by a length, in usual distances between neighbouring windows, and back towards the windows if lost.

        Returns: (J,), also kept as ``z``.
        """
        turn = self._chance.normal(size=len(self.z))
        self._heading = _KEPT_HEADING * self._heading + np.sqrt(1 - _KEPT_HEADING**2) * turn
        direction = self._heading * self._spread
        spacing = self._map.spacing_in_z
        z = self.z + length * spacing * direction / max(float(np.linalg.norm(direction)), 1e-12)
        windows, distances = self._map.nearest_in_z(z, _COMPANY)
        freedom = _FREEDOM * spacing
        if distances[0] > freedom:
            home = self._map.mu[windows].mean(axis=0, dtype=np.float64)
            z = z + (home - z) * (1 - freedom / float(distances[0]))
            self._heading = self._chance.normal(size=len(self.z))  # or it would lean against the edge for long
        self.z = z.astype(np.float32)
        return self.z
