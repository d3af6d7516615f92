"""How much arithmetic there is in an update."""

from __future__ import annotations

import numpy as np

from vrae_core.model.file import weight_shapes
from vrae_core.model.recipes import Recipe


def flops_of_update(recipe: Recipe, pitches: int, batch: int) -> float:
    """Multiplications and additions of one update: forward once, backward twice as many."""
    every_step = ("encoder.input", "encoder.recurrent", "decoder.input", "decoder.recurrent", "output.weight")
    shapes = weight_shapes(recipe.model, pitches)
    return 6.0 * batch * recipe.model.window * sum(float(np.prod(shapes[name])) for name in every_step)
