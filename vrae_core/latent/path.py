"""A path through latent space: the line through its points, and where on it the music is at every step."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from vrae_core.corpus.sampling import Grid
from vrae_core.errors import VraeError
from vrae_core.latent.mixing import way
from vrae_core.midi.beats import DEFAULT_TEMPO
from vrae_core.music.pieces import between
from vrae_core.piano_roll import STEPS_PER_SECOND, FloatArray
from vrae_core.progress import Progress

if TYPE_CHECKING:
    from vrae_core.model.trained import TrainedModel

SHORTEST, LONGEST = 0.05, 60.0  # seconds of a segment
MOST_POINTS = 500
_LARGEST = 1e6  # of a coordinate of z read from outside
_COARSE, _FINE = 32, 96  # parts of a segment, to measure it by: anywhere first, then where it changes
_KNOTS = 25  # of a way through mixtures, both ends included
_BATCH = 64  # windows decoded between two yields
Float64Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Manner:
    """How a path goes from point to point.

    smooth: a curve through the points rather than straight segments; spherical: in direction and length of z rather
    than in its coordinates; closed: from the last point back to the first; even_change: at the pace at which the
    decoded music changes evenly rather than z; mixed: through mixtures of the music at both ends of a segment
    (`mixing.way`), which a model of parts was taught, rather than on a line in z.  It is walked at an even change.
    """

    usual_seconds: float = 5.0  # of a segment that has no duration of its own
    smooth: bool = False
    spherical: bool = False
    closed: bool = False
    even_change: bool = False
    mixed: bool = True


class Timetable(NamedTuple):
    """Where a path's piece is, and when.

    along: (steps,) the place on the path at every step, 1.5 being between the second point and the third;
    arrivals: the step at which each segment begins, and the one at which the last ends.
    """

    along: Float64Array
    arrivals: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class LatentPath:
    """k latent points, how long it takes from each to the next, and in what manner."""

    points: FloatArray  # (k, J)
    seconds: tuple[float | None, ...]  # (k,) of the segment that begins at each point; None: as usual
    manner: Manner = Manner()
    knots: FloatArray | None = None  # (segments, n, J) the way that a model found, ends included; see `prepared`

    @property
    def segments(self) -> int:
        """How many there are, the closing one included."""
        count = len(self.points)
        return count if self.manner.closed and count > 1 else max(0, count - 1)

    def at(self, along: npt.ArrayLike) -> FloatArray:
        """The z at places on the path, (n,) in points as in ``Timetable``: (n, J)."""
        places = np.asarray(along, np.float64)
        if self.segments < 1:
            return np.repeat(self.points[:1], len(places), axis=0).astype(np.float32)
        segment = np.clip(places.astype(np.int64), 0, self.segments - 1)
        share = places - segment
        if self.knots is not None:
            return self._along_knots(segment, share).astype(np.float32)
        return (self._curve if self.manner.smooth else self._straight)(segment, share).astype(np.float32)

    def steps(self, window: int, rates: npt.ArrayLike = STEPS_PER_SECOND) -> tuple[int, ...]:
        """How many steps each segment lasts, at so many steps a second, in each or in all.

        A closed path lasts a whole number of windows of ``window`` steps, or its last row would not lead to its first.
        """
        usual = self.manner.usual_seconds
        lasting = [usual if seconds is None else seconds for seconds in self.seconds[: self.segments]]
        pairs = zip(lasting, np.broadcast_to(rates, len(lasting)).tolist(), strict=True)
        wanted = [max(1, round(seconds * rate)) for seconds, rate in pairs]
        total = sum(wanted)
        if self.manner.closed and total % window:
            whole = max(round(total / window), -(-len(wanted) // window), 1) * window
            return _shared(whole, np.array(wanted, float))
        return tuple(wanted)

    def as_plain(self) -> dict[str, Any]:
        """Lists, numbers and words, for JSON."""
        return {"points": self.points.tolist(), "seconds": list(self.seconds), **asdict(self.manner)}

    @classmethod
    def from_plain(cls, data: object, latent: int) -> LatentPath:
        """The path that ``as_plain`` gave, from a source that may hold anything, for a model of J = ``latent``.

        Raises: VraeError saying what is wrong with it.
        """
        if not isinstance(data, Mapping):
            raise VraeError("a stored path is not a path")
        points, seconds = data.get("points"), data.get("seconds")
        if not isinstance(points, list) or len(points) > MOST_POINTS:
            raise VraeError(f"a stored path needs a list of at most {MOST_POINTS} points")
        if not isinstance(seconds, list) or len(seconds) != len(points):
            raise VraeError("a stored path needs a duration, or none, for each of its points")
        zs = np.array([plain_z(point, latent) for point in points], np.float32).reshape(-1, latent)
        manner = {field.name: data.get(field.name, field.default) for field in fields(Manner)}
        for name, value in manner.items():
            if name != "usual_seconds" and not isinstance(value, bool):
                raise VraeError(f"a stored path says {name} is neither true nor false")
        usual = _duration(manner.pop("usual_seconds"))
        return cls(zs, tuple(None if s is None else _duration(s) for s in seconds), Manner(usual, **manner))

    # --- the line

    def _along_knots(self, segment: npt.NDArray[np.int64], share: Float64Array) -> Float64Array:
        assert self.knots is not None
        last = self.knots.shape[1] - 1
        place = share * last
        knot = np.minimum(place.astype(np.int64), last - 1)
        rest = (place - knot)[:, None]
        return np.asarray((1 - rest) * self.knots[segment, knot] + rest * self.knots[segment, knot + 1])

    def _straight(self, segment: npt.NDArray[np.int64], share: Float64Array) -> Float64Array:
        zs = np.empty((len(segment), self.points.shape[1]))
        for i in np.unique(segment):
            here = segment == i
            ends = self.points[i], self.points[(i + 1) % len(self.points)]
            zs[here] = between(*ends, share[here], self.manner.spherical)
        return zs

    def _curve(self, segment: npt.NDArray[np.int64], share: Float64Array) -> Float64Array:
        points, closed = self.points.astype(np.float64), self.manner.closed
        curve = _catmull_rom(points, closed, segment, share)
        lengths = np.linalg.norm(points, axis=1, keepdims=True)
        if not self.manner.spherical or not lengths.all():
            return curve
        direction = _catmull_rom(points / lengths, closed, segment, share)
        turned = np.linalg.norm(direction, axis=1, keepdims=True)
        length = _catmull_rom(lengths, closed, segment, share)
        defined = turned > 1e-6  # it is not between opposite points
        return np.where(defined, direction / np.where(defined, turned, 1.0) * np.maximum(length, 0.0), curve)


def prepared(path: LatentPath, model: TrainedModel) -> Generator[Progress, None, LatentPath]:
    """The path as this model goes it: with the way through mixtures, where it knows parts and the path asks for it."""
    if not (path.manner.mixed and model.config.parts and path.segments):
        return path
    shares, knots = np.linspace(0, 1, _KNOTS), []
    for segment in range(path.segments):
        yield Progress(segment, path.segments, "mixing")
        knots.append(way(model, path.points[segment], path.points[(segment + 1) % len(path.points)], shares))
    return replace(path, knots=np.stack(knots))


def usual_rate(grid: Grid) -> float:
    """Steps a second where nobody says at what tempo: 20 of 50 ms, or those of 120 beats a minute."""
    return grid.steps_per_beat * DEFAULT_TEMPO / 60 if grid.steps_per_beat else float(STEPS_PER_SECOND)


def timing(
    path: LatentPath, model: TrainedModel, rates: npt.ArrayLike | None = None
) -> Generator[Progress, None, Timetable]:
    """When the piece is where on its path, as a job; it is at every point on the first step of a segment.

    rates: steps a second, of all segments or of each, by the tempo there; as usual if not given.
    Even in z: at an even speed from point to point.  Even change: so that the mean |Δp| between the windows decoded
    at consecutive steps is the same, as far as 96 samples a segment tell; segments without a duration of their own
    share their time by how much changes in them.
    """
    steps = path.steps(model.config.window, usual_rate(model.config.grid) if rates is None else rates)
    grid = np.tile(np.linspace(0, 1, _COARSE + 1), (path.segments, 1))  # shares of each segment
    if not path.manner.even_change and path.knots is None:
        distances = np.linalg.norm(np.diff(path.at(_along(grid)).astype(np.float64), axis=0), axis=1)
        return _timetable(grid, distances.reshape(path.segments, _COARSE), steps, path.manner.closed)
    changes = yield from _changes(model, path, grid)
    # where much changes at once, look closer
    grid = np.array([_spread(*segment, _FINE + 1) for segment in zip(grid, changes, strict=True)])
    changes = yield from _changes(model, path, grid)
    free = np.array([seconds is None for seconds in path.seconds[: path.segments]])
    if free.any():
        shares = iter(_shared(int(np.array(steps)[free].sum()), changes.sum(axis=1)[free]))
        steps = tuple(next(shares) if f else s for s, f in zip(steps, free, strict=True))
    return _timetable(grid, changes, steps, path.manner.closed)


def decoded_changes(model: TrainedModel, zs: FloatArray) -> Generator[Progress, None, Float64Array]:
    """Mean |Δp| between the windows decoded at consecutive z, (n, J): (n − 1,)."""
    changes, last = [], np.empty((0, model.config.window, len(model.pitches)), np.float32)
    for first in range(0, len(zs), _BATCH):
        yield Progress(first, len(zs), "measuring the change")
        decoded = np.concatenate([last, model.decode(zs[first : first + _BATCH])])
        changes.append(np.abs(np.diff(decoded, axis=0)).mean(axis=(1, 2), dtype=np.float64))
        last = decoded[-1:]
    return np.concatenate(changes)


def _changes(model: TrainedModel, path: LatentPath, grid: Float64Array) -> Generator[Progress, None, Float64Array]:
    changes = yield from decoded_changes(model, path.at(_along(grid)))
    return changes.reshape(path.segments, grid.shape[1] - 1)


def plain_z(data: object, latent: int) -> FloatArray:
    """A latent point (J,) from a list of numbers that somebody else wrote.  Raises: VraeError."""
    if not isinstance(data, list) or len(data) != latent:
        raise VraeError(f"a stored point needs a list of {latent} numbers")
    if not all(_is_number(value) and abs(value) <= _LARGEST for value in data):
        raise VraeError(f"a stored point needs numbers between −{_LARGEST:g} and {_LARGEST:g}")
    return np.array(data, np.float32)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _duration(data: object) -> float:
    if not isinstance(data, int | float) or isinstance(data, bool) or not SHORTEST <= data <= LONGEST:
        raise VraeError(f"a stored path needs segments of {SHORTEST:g} to {LONGEST:g} seconds")
    return float(data)


def _along(grid: Float64Array) -> Float64Array:
    """Shares of each segment, (segments, n + 1) from 0 to 1, as places on the path, (segments · n + 1,)."""
    return np.append((np.arange(len(grid))[:, None] + grid[:, :-1]).reshape(-1), float(len(grid)))


def _spread(grid: Float64Array, cost: Float64Array, count: int) -> Float64Array:
    """``count`` shares of a segment, both ends included, of which each next costs the same.

    grid: (n + 1,) shares; cost: (n,) between them.
    """
    uphill = cost + 1e-9 * (cost.mean() or 1.0)  # where nothing changes time still goes on
    gone = np.concatenate([[0.0], np.cumsum(uphill)])
    return np.interp(np.linspace(0, 1, count), gone / gone[-1], grid)


def _timetable(grid: Float64Array, cost: Float64Array, steps: Sequence[int], closed: bool) -> Timetable:
    """Spread each segment's steps so that each costs the same; grid and cost, a row a segment, as in ``_spread``."""
    rows = zip(grid, cost, steps, strict=True)
    along = [i + _spread(*row[:2], row[2] + 1)[:-1] for i, row in enumerate(rows)]
    if not closed or not along:
        along.append(np.array([float(len(steps))]))
    return Timetable(np.concatenate(along), (0, *np.cumsum(steps, dtype=int).tolist()))


def _shared(total: int, weights: Float64Array) -> tuple[int, ...]:
    """Whole numbers from 1 on that add up to ``total``, as near as may be to the weights."""
    weights = weights if weights.any() else np.ones(len(weights))
    exact = 1 + (total - len(weights)) * weights / weights.sum()
    ends = np.floor(np.cumsum(exact) + 0.5).astype(int)
    return tuple(np.diff(ends, prepend=0).tolist())


def _catmull_rom(
    points: Float64Array, closed: bool, segment: npt.NDArray[np.int64], share: Float64Array
) -> Float64Array:
    """The centripetal Catmull–Rom curve through points (k, d), at shares (n,) of segments (n,): (n, d).

    Yuksel, Schaefer & Keyser 2011: of this family the one without cusps or loops within a segment.  Beyond its ends an
    open curve goes on straight.
    """
    if closed:
        around = np.concatenate([points[-1:], points, points[:2]])
    else:
        around = np.concatenate([[2 * points[0] - points[1]], points, [2 * points[-1] - points[-2]]])
    p0, p1, p2, p3 = (around[segment + i] for i in range(4))
    d1, d2, d3 = (_knot_gap(a, b) for a, b in ((p0, p1), (p1, p2), (p2, p3)))
    leaving = (p1 - p0) / d1 - (p2 - p0) / (d1 + d2) + (p2 - p1) / d2
    arriving = (p2 - p1) / d2 - (p3 - p1) / (d2 + d3) + (p3 - p2) / d3
    s = share[:, None]
    ends = (2 * s**3 - 3 * s**2 + 1) * p1 + (3 * s**2 - 2 * s**3) * p2
    return np.asarray(ends + d2 * ((s**3 - 2 * s**2 + s) * leaving + (s**3 - s**2) * arriving))


def _knot_gap(a: Float64Array, b: Float64Array) -> Float64Array:
    return np.asarray(np.maximum(np.sqrt(np.linalg.norm(b - a, axis=1, keepdims=True)), 1e-9))
