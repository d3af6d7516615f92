"""The same songs through another model, and what is heard carried from one model to the other.  No Qt.

A latent point lies between some windows; carried, it lies between the same windows, with the same weights.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from explorer.session.path.drawing import Drawing
from explorer.session.path.pieces import along_path
from explorer.session.playing.decoded import Decoded, PieceSettings
from explorer.session.songs.atlas import Atlas
from explorer.session.songs.making import map_corpus, quick_projection, redraw
from vrae_core.corpus.cutting import same_windows
from vrae_core.latent.alignment import Alignment, align
from vrae_core.latent.map import LatentMap, Projection, natural_projection
from vrae_core.latent.path import LatentPath
from vrae_core.midi.song import Song
from vrae_core.model.trained import TrainedModel
from vrae_core.piano_roll import FloatArray, IntArray
from vrae_core.progress import Progress, Step

MOST_MOVED = 60
MOST_REMEMBERED = 200  # points that were pointed at on the other map, and paths


@dataclass(frozen=True, eq=False)
class Counterpart:
    """Two atlases whose window i is the same music."""

    atlas: Atlas
    other: Atlas
    alignment: Alignment  # lays the other's map onto the atlas's
    laid: FloatArray  # (N, 2) the other's points so laid
    moved: IntArray  # the windows that lie farthest from where the atlas shows them, up to MOST_MOVED
    _placed: dict[bytes, tuple[FloatArray, FloatArray]] = field(default_factory=dict)  # z here: z and place there
    _pieces: dict[bytes, Decoded] = field(default_factory=dict)  # a path's z here: the piece there

    # --- from here to there and back

    def there(self, z: FloatArray) -> tuple[FloatArray, FloatArray]:
        """A latent point (J,) in the other model: its z, (K,), and where the other map shows it, (2,)."""
        placed = self._placed.get(z.tobytes())
        return _carried(z, self.atlas, self.other) if placed is None else placed

    def here(self, place: FloatArray) -> tuple[FloatArray, FloatArray]:
        """A place on the other map, (2,), in this model: z and place; ``there`` leads back to exactly that place."""
        z_there = self.other.map.z_at(place)
        z, at = _carried(z_there, self.other, self.atlas)
        if len(self._placed) > MOST_REMEMBERED:
            self._placed.clear()
        self._placed[z.tobytes()] = z_there, place
        return z, at

    def path(self, path: LatentPath) -> LatentPath:
        """A path carried point by point: as long, and in the same manner."""
        zs = [self.there(z)[0] for z in path.points]
        return replace(path, points=np.array(zs, np.float32).reshape(-1, self.other.posterior.mu.shape[1]))

    def drawing(self, drawing: Drawing) -> Drawing:
        """The path that is drawn, on the other map."""
        return Drawing(self.other.map).with_path(self.path(drawing.path))

    # --- what is heard

    def carry(self, heard: Decoded, atlas: Atlas, settings: PieceSettings) -> tuple[Decoded, Atlas, PieceSettings]:
        """What is heard, through the other model; a path only once it is decoded.

        The threshold lies as far from the other model's own as it does from this one's.
        """
        there = self._point(heard) if len(heard.zs) == 1 else self._pieces.get(heard.zs.tobytes())
        if there is None or atlas is not self.atlas:
            return heard, atlas, settings
        model = self.other.model
        threshold = min(max(settings.threshold + model.threshold - self.atlas.model.threshold, 0.0), 1.0)
        return there, self.other, replace(settings, threshold=threshold, pitches=model.pitches)

    def place(self, heard: Decoded, step: float) -> FloatArray | None:
        """Where on the other map the music is at a step, (2,), or None for a path that is not decoded yet."""
        if len(heard.zs) == 1:
            return self._z_and_place(heard)[1]
        piece = self._pieces.get(heard.zs.tobytes())
        return None if piece is None else piece.place_at(step)

    def lacks(self, heard: Decoded) -> bool:
        """Whether this is a path that has to be decoded for the other model first."""
        return heard.points is not None and heard.zs.tobytes() not in self._pieces

    def keep(self, heard: Decoded, piece: Decoded) -> None:
        """Remember what ``decoding`` gave for a path."""
        if len(self._pieces) > MOST_REMEMBERED:
            self._pieces.clear()
        self._pieces[heard.zs.tobytes()] = piece

    def decoding(self, heard: Decoded) -> Generator[Progress, None, Decoded]:
        """Decode the path that is heard through the other model, as a job."""
        assert heard.points is not None
        plain = {**heard.parameters, "points": heard.points.tolist()}
        path = self.path(LatentPath.from_plain(plain, heard.points.shape[1]))
        return (yield from along_path(self.other, Drawing(self.other.map).with_path(path), heard.parameters))

    def _z_and_place(self, heard: Decoded) -> tuple[FloatArray, FloatArray]:
        if heard.window is None:
            return self.there(heard.zs[0])
        return self.other.posterior.mu[heard.window], self.other.map.points[heard.window]

    def _point(self, heard: Decoded) -> Decoded:
        """As many steps as are decoded here, or the other model's own window; it does not run on."""
        z, place = self._z_and_place(heard)
        model, steps = self.other.model, len(heard.probabilities)
        time, programs = self.other.played_at(z, heard.window)
        rows = model.config.window if steps >= self.atlas.model.config.window else steps
        return Decoded(
            model.decode(z[None], rows)[0],
            model.pitches,
            z[None],
            place[None],
            heard.window,
            time=time,
            programs=programs,
        )


def make_counterpart(
    atlas: Atlas, songs: Sequence[Song], model: Path | TrainedModel
) -> Generator[Step, None, Counterpart]:
    """Show another model, perhaps in a file, the windows of an atlas.  Raises: VraeError."""
    yield Progress(0, 1, "Reading the model")
    if isinstance(model, Path):
        model = TrainedModel.load(model)
    yield Progress(0, 1, "Cutting songs into windows")
    corpus = same_windows(atlas.corpus, songs, model.config.window, model.pitches, model.config.grid)
    other = yield from map_corpus(model, corpus, quick_projection(model))
    return _paired(atlas, replace(other, songs=atlas.songs if corpus.names == atlas.corpus.names else ()))


def redrawing(counterpart: Counterpart, atlas: Atlas) -> Generator[Step, None, Counterpart]:
    """The same two models beside each other on another map of the same windows, the other drawn as fits it."""
    other = counterpart.other
    projection = fitting_projection(atlas.map, other.model.config.latent)
    if other.map.projection != projection:
        other = yield from redraw(other, projection)
    yield Progress(1, 1, "Aligning the maps")
    return _paired(atlas, other)


def _paired(atlas: Atlas, other: Atlas) -> Counterpart:
    """The two, with all that the window would have to wait for later."""
    for each in (atlas, other):
        each.map.point_of(each.posterior.mu[0])
    alignment = align(other.map.points, atlas.map.points)
    laid = alignment.apply(other.map.points)
    ways = np.linalg.norm(laid - atlas.map.points, axis=1)
    most = min(MOST_MOVED, len(ways))
    return Counterpart(atlas, other, alignment, laid, np.argpartition(ways, -most)[-most:])


def fitting_projection(shown: LatentMap, latent: int) -> Projection:
    """How to draw a map of J = ``latent`` beside one: in the same way if it can be."""
    usual = natural_projection(latent)
    return "PCA" if usual == "t-SNE" and shown.projection == "PCA" else usual


def _carried(z: FloatArray, here: Atlas, there: Atlas) -> tuple[FloatArray, FloatArray]:
    windows, weights = here.map.blend_in_z(z)
    carried = (weights @ there.posterior.mu[windows]).astype(np.float32)
    return carried, there.map.point_of(carried)
