"""Jobs that decode a whole piece into something to hear, and where it is on the map."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

from explorer.atlas import Atlas
from explorer.session.drawing import Drawing
from explorer.session.heard import Heard
from explorer.session.pointing import window_at
from vrae_core.latent_path import timing
from vrae_core.piano_roll import FloatArray
from vrae_core.pieces import medleying, morphing
from vrae_core.progress import Progress
from vrae_core.trained_model import TrainedModel


def along_path(model: TrainedModel, drawing: Drawing, how: Mapping[str, Any]) -> Generator[Progress, None, Heard]:
    """The piece along the path that is drawn; ``how`` is what the path says of itself."""
    path = drawing.path
    along, arrivals = yield from timing(path, model)
    zs = path.at(along)
    probabilities = yield from morphing(model, zs)
    places = drawing.places(along)
    return Heard(probabilities, model.pitches, zs, places, arrivals=arrivals, points=path.points, how=how)


def from_point(atlas: Atlas, points: FloatArray, steps: int) -> Generator[Progress, None, Heard]:
    """The window of a point, (1, J), or the medley that begins with it."""
    probabilities = yield from medleying(atlas.model, points[0], steps)
    at = atlas.map.point_of(points[0])
    return Heard(probabilities, atlas.model.pitches, points, at[None], window_at(atlas, at))
