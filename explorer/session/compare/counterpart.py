"""The same songs through another model, and what is heard carried from one model to the other.  No Qt.

A latent point lies between some windows; carried, it lies between the same windows, with the same weights.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from explorer.session.compare.song import at_steps_heard, song_through
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
from vrae_core.music.pieces import morphing
from vrae_core.piano_roll import FloatArray, IntArray
from vrae_core.progress import Progress, Step

MOST_MOVED = 60
MOST_REMEMBERED = 200  # points that were pointed at on the other map
MOST_PIECES = 20  # paths and songs: a long one has megabytes


@dataclass(frozen=True, eq=False)
class Counterpart:
    """Two atlases whose window i is the same music."""

    atlas: Atlas
    other: Atlas
    alignment: Alignment  # lays the other's map onto the atlas's
    laid: FloatArray  # (N, 2) the other's points so laid
    moved: IntArray  # the windows that lie farthest from where the atlas shows them, up to MOST_MOVED
    _placed: dict[bytes, tuple[FloatArray, FloatArray]] = field(default_factory=dict)  # z here: z and place there
    _pieces: dict[object, Decoded] = field(default_factory=dict)  # a path or a song heard here: the piece there

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
        """What is heard, through the other model; a path or a song only once it is decoded.

        The threshold lies as far from the other model's own as it does from this one's.
        """
        there = self._point(heard) if len(heard.zs) == 1 else self._pieces.get(_piece(heard))
        if there is None or atlas is not self.atlas:
            return heard, atlas, settings
        model = self.other.model
        threshold = min(max(settings.threshold + model.threshold - self.atlas.model.threshold, 0.0), 1.0)
        other = self.other if heard.windows is None else at_steps_heard(heard, self.atlas, self.other)
        return there, other, replace(settings, threshold=threshold, pitches=model.pitches)

    def place(self, heard: Decoded, step: float) -> FloatArray | None:
        """Where on the other map the music is at a step, (2,), or None for a path or a song that is not decoded yet."""
        if len(heard.zs) == 1:
            return self._z_and_place(heard)[1]
        piece = self._pieces.get(_piece(heard))
        return None if piece is None else piece.place_at(step)

    def lacks(self, heard: Decoded) -> bool:
        """Whether this is a path or a song that has to be decoded by the other model first."""
        return len(heard.zs) > 1 and _piece(heard) not in self._pieces

    def keep(self, heard: Decoded, piece: Decoded) -> None:
        """Remember what ``decoding`` gave for a path or a song."""
        if len(self._pieces) >= MOST_PIECES:
            self._pieces.clear()
        self._pieces[_piece(heard)] = piece

    def decoding(self, heard: Decoded) -> Generator[Progress, None, Decoded]:
        """Decode the path or the song that is heard through the other model, as a job."""
        if heard.windows is not None:
            return (yield from song_through(heard, self.atlas, self.other))
        if heard.points is None:
            return (yield from self._step_by_step(heard))
        plain = {**heard.parameters, "points": heard.points.tolist()}
        path = self.path(LatentPath.from_plain(plain, heard.points.shape[1]))
        return (yield from along_path(self.other, Drawing(self.other.map).with_path(path), heard.parameters))

    def _step_by_step(self, heard: Decoded) -> Generator[Progress, None, Decoded]:
        """A song that was played through on a map of other windows: only the z of its steps are known."""
        distinct, which = np.unique(heard.zs, axis=0, return_inverse=True)
        found: list[tuple[FloatArray, FloatArray]] = []
        for z in distinct:
            yield Progress(len(found), len(distinct), "carrying")
            found.append(self.there(z))
        which = which.reshape(-1)  # NumPy 2.0 alone gives it a second axis
        zs, places = (np.array(each)[which] for each in zip(*found, strict=True))
        probabilities = yield from morphing(self.other.model, zs)
        pitches = self.other.model.pitches
        return replace(heard, probabilities=probabilities, pitches=pitches, zs=zs, places=places, ran_on=0)

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


def _piece(heard: Decoded) -> object:
    """What tells a path or a song from others: a model that does not tell songs apart gives them the same z."""
    return heard.window, heard.zs.tobytes()


def _carried(z: FloatArray, here: Atlas, there: Atlas) -> tuple[FloatArray, FloatArray]:
    windows, weights = here.map.blend_in_z(z)
    carried = (weights @ there.posterior.mu[windows]).astype(np.float32)
    return carried, there.map.point_of(carried)
