"""Music from z: probabilities into notes, the way between two z, and pieces of any length."""

from __future__ import annotations

from collections.abc import Generator
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from vrae_core.piano_roll import BoolArray, FloatArray
from vrae_core.progress import Progress, finish

if TYPE_CHECKING:
    from vrae_core.model.trained import TrainedModel

HIGHEST_TEMPERATURE = 2.0
BEGINNING = 8  # steps that a press decodes before it is heard: 0.4 s of music for a seventh of a window's work
Float64Array = npt.NDArray[np.float64]
_BATCH = 64  # windows decoded at once; larger ones gain little on a CPU and make a cancel wait
_STRETCH = 200  # steps of a medley decoded between two looks at whether it is still wanted


def roll_from_probabilities(
    probabilities: FloatArray, threshold: float, temperature: float = 0.0, seed: int = 0
) -> BoolArray:
    """Decide which cells sound.

    temperature 0: a cell sounds from a probability of ``threshold`` on.
    temperature 1: cells are drawn with the decoder's own probabilities, a sample of p(x | z).
    Between 0 and 1 the logits go from the one to the other,
    logit p / temperature − (1 / temperature − 1) · logit threshold, and above 1, to 2 at most, they flatten.
    The seed fixes one random number a cell, so turning the temperature up adds to the same music
    rather than drawing other music, and a longer piece begins like a shorter one.

    probabilities: (steps, P) in 0–1, any leading shape.  Returns: bool of the same shape.
    Raises: ValueError for a threshold outside 0–1 or a temperature outside 0–2.
    """
    if not 0 <= threshold <= 1:
        raise ValueError(f"threshold must lie between 0 and 1, not {threshold}")
    if not 0 <= temperature <= HIGHEST_TEMPERATURE:
        raise ValueError(f"temperature must lie between 0 and {HIGHEST_TEMPERATURE:g}, not {temperature}")
    if temperature == 0:
        return np.asarray(probabilities >= threshold)
    noise = np.random.default_rng(seed).random(probabilities.shape)
    # u < sigmoid(a / T) is a > T · logit u: written so, temperature → 0 needs no division
    shift = (1 - temperature) * _logit(np.array(threshold)) if temperature < 1 else 0.0
    return np.asarray(_logit(probabilities.astype(np.float64)) > shift + temperature * _logit(noise))


def interpolate(z0: npt.ArrayLike, z1: npt.ArrayLike, n: int, spherical: bool = False) -> FloatArray:
    """n latent points from z0 to z1, both included, evenly spaced.

    Linear, or spherical: the direction turns at an even rate while the length goes evenly from the one's
    to the other's (Shoemake 1985, for vectors of any length).  Where no turn is defined (a zero vector,
    two parallel or opposite ones) spherical is linear.

    z0, z1: (J,).  Returns: (n, J) float32.  Raises: ValueError for n < 1.
    """
    if n < 1:
        raise ValueError(f"needs at least one point, not {n}")
    line = between(z0, z1, np.linspace(0.0, 1.0, n), spherical).astype(np.float32)
    line[0] = z0
    if n > 1:
        line[-1] = z1
    return line


def between(z0: npt.ArrayLike, z1: npt.ArrayLike, share: Float64Array, spherical: bool = False) -> Float64Array:
    """The latent points some shares (n,) of the way from z0 to z1, as in ``interpolate``: (n, J)."""
    start, end = np.asarray(z0, np.float64), np.asarray(z1, np.float64)
    fraction = np.asarray(share, np.float64)[:, None]
    points = (1 - fraction) * start + fraction * end
    return _turned(start, end, fraction, otherwise=points) if spherical else points


def morph(model: TrainedModel, zs: FloatArray) -> FloatArray:
    """Decode a piece whose z moves while time runs on: row t is row t mod T of the window decoded at zs[t].

    zs: (steps, J), one z a step.  Returns: (steps, P) probabilities.
    """
    return finish(morphing(model, zs))


def morphing(model: TrainedModel, zs: FloatArray) -> Generator[Progress, None, FloatArray]:
    """``morph`` as a job that shows progress and can be stopped.

    Every distinct z is decoded once, 64 at a time, and no further than the last row that is heard of it.
    """
    rows = np.arange(len(zs)) % model.config.window
    distinct, which = np.unique(zs, axis=0, return_inverse=True)
    which = which.reshape(-1)  # NumPy 2.0 alone gives it a second axis
    last_row = np.zeros(len(distinct), np.int64)
    np.maximum.at(last_row, which, rows)
    order = np.argsort(last_row, kind="stable")  # those that need few rows share a short batch
    place = np.argsort(order)[which]  # for each step: where its z stands in that order
    result = np.zeros((len(zs), len(model.pitches)), np.float32)
    for first in range(0, len(distinct), _BATCH):
        yield Progress(first, len(distinct), "decoding")
        batch = order[first : first + _BATCH]
        decoded = model.decode(distinct[batch], steps=int(last_row[batch].max()) + 1)
        heard = np.nonzero((first <= place) & (place < first + len(batch)))[0]
        result[heard] = decoded[place[heard] - first, rows[heard]]
    return result


def medley(model: TrainedModel, z: FloatArray, steps: int) -> FloatArray:
    """Decode one z and let the decoder run on past its window, for as many steps as asked: the paper's medley.

    z: (J,).  Returns: (steps, P) probabilities.
    """
    return finish(medleying(model, z, steps))


def medleying(model: TrainedModel, z: FloatArray, steps: int) -> Generator[Progress, None, FloatArray]:
    """``medley`` as a job that shows progress and can be stopped."""
    out = np.empty((steps, len(model.pitches)), np.float32)
    for step, row in enumerate(islice(model.decoding(np.asarray(z, np.float32)[None]), steps)):
        if step % _STRETCH == 0:
            yield Progress(step, steps, "decoding")
        out[step] = row[0]
    return out


def _logit(p: Float64Array) -> Float64Array:
    with np.errstate(divide="ignore"):  # 0 and 1 become −∞ and ∞: never and always
        return np.asarray(np.log(p) - np.log1p(-p))


def _turned(start: Float64Array, end: Float64Array, fraction: Float64Array, otherwise: Float64Array) -> Float64Array:
    """Points that turn from ``start`` to ``end``, or ``otherwise`` where no turn is defined."""
    lengths = np.linalg.norm(start), np.linalg.norm(end)
    if not all(lengths):
        return otherwise
    u0, u1 = start / lengths[0], end / lengths[1]
    angle = np.arccos(np.clip(u0 @ u1, -1.0, 1.0))
    if np.sin(angle) < 1e-6:
        return otherwise
    directions = (np.sin((1 - fraction) * angle) * u0 + np.sin(fraction * angle) * u1) / np.sin(angle)
    return np.asarray(((1 - fraction) * lengths[0] + fraction * lengths[1]) * directions)
