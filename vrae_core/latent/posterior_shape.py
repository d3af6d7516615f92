"""The posterior of a window as the map shows it: an ellipse where the map is linear in z, samples where it is not."""

from __future__ import annotations

import numpy as np

from vrae_core.latent.map import LatentMap
from vrae_core.piano_roll import FloatArray


def is_linear(latent_map: LatentMap) -> bool:
    """Whether a normal distribution of z is one on the map: on all maps but t-SNE."""
    return latent_map.projection != "t-SNE"


def covariances(latent_map: LatentMap, sigma: FloatArray) -> FloatArray:
    """The covariance on the map of posteriors with standard deviations ``sigma`` (n, J): A diag(σ²) Aᵀ, (n, 2, 2).

    A (2, J) is the map's linear part.  Only for a map that is linear in z.
    """
    latent = sigma.shape[1]
    shown = latent_map.points_of(np.concatenate([np.zeros((1, latent)), np.eye(latent)]).astype(np.float32))
    axes = (shown[1:] - shown[0]).T.astype(np.float64)  # (2, J)
    return np.asarray(np.einsum("aj,nj,bj->nab", axes, sigma.astype(np.float64) ** 2, axes), np.float32)


def outlines(centres: FloatArray, covariance: FloatArray, sigmas: float, parts: int = 48) -> FloatArray:
    """Ellipses of so many σ around centres (n, 2) with covariances (n, 2, 2), as closed lines: (n, parts + 1, 2)."""
    turn = np.linspace(0, 2 * np.pi, parts + 1)
    circle = np.stack([np.cos(turn), np.sin(turn)])  # (2, parts + 1)
    lengths, axes = np.linalg.eigh(covariance.astype(np.float64))
    roots = axes * np.sqrt(lengths.clip(0))[:, None, :]  # a square root of each covariance
    return np.asarray(centres[:, None, :] + sigmas * (roots @ circle).swapaxes(1, 2), np.float32)


def samples(latent_map: LatentMap, mu: FloatArray, sigma: FloatArray, count: int, seed: int) -> FloatArray:
    """Where the map shows ``count`` samples of a posterior, μ and σ of (J,) each: (count, 2).

    On a t-SNE map each lies between the windows that are nearest to it in z, as its ``point_of`` has it.
    """
    noise = np.random.default_rng(seed).standard_normal((count, len(mu)))
    return latent_map.points_of((mu + sigma * noise).astype(np.float32))
