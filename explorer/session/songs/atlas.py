"""An atlas: a model, songs, and the map of the songs' windows.  No Qt; `making` makes one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from explorer.audio.phrase import TEMPO, Phrase
from explorer.session.songs.own_notes import OwnNotes
from vrae_core.clock import bars_in_words
from vrae_core.columns import pitches_of
from vrae_core.corpus.bars import begins, meter_of, meters_from
from vrae_core.corpus.sampling import NO_PROGRAMS, Programs
from vrae_core.corpus.windows import Corpus
from vrae_core.latent.colours import song_colour
from vrae_core.latent.map import LatentMap
from vrae_core.latent.mixing import way
from vrae_core.latent.path import Float64Array, LatentPath
from vrae_core.latent.song_thread import places_along
from vrae_core.midi.beats import Bars, Times
from vrae_core.midi.quantising import keeps_to_its_beats
from vrae_core.midi.song import Song
from vrae_core.model.evaluation import kl_divergence
from vrae_core.model.trained import Posterior, TrainedModel
from vrae_core.music.piece_time import PieceTime
from vrae_core.piano_roll import STEP_SECONDS, BoolArray, FloatArray
from vrae_core.safe_files import file_stem

FAR = 3.0  # times the usual distance between neighbours on a t-SNE map: beyond it a point counts as far from the songs
TEMPO_PARTS = 4  # of a segment of a path, at whose ends its tempo is looked up
MOST_COMPARED = 8_192  # windows whose distance in z is taken
_ON_A_DOT = 0.999  # the weight of a window whose own place a point is


@dataclass(frozen=True, eq=False)
class Atlas:
    """What the map shows.  It never changes; another model, song or projection makes another atlas."""

    model: TrainedModel
    corpus: Corpus  # its songs are in the order of their colours
    posterior: Posterior
    map: LatentMap
    songs: tuple[Song, ...] = ()  # those of the corpus, or none where nobody gave them
    safe_colours: bool = False  # for colour-blind eyes
    dark: bool = True  # whether the colours are for a dark surface

    def recoloured(self, safe_colours: bool, dark: bool) -> Atlas:
        """This atlas in other colours; what has been worked out of it stays worked out."""
        if (safe_colours, dark) == (self.safe_colours, self.dark):
            return self
        other = replace(self, safe_colours=safe_colours, dark=dark)
        vars(other).update(
            {name: kept for name, kept in vars(self).items() if name not in vars(other) | {"colours": ()}}
        )
        return other

    @cached_property
    def colours(self) -> tuple[str, ...]:
        """One colour a song, for the screen."""
        return tuple(song_colour(i, self.safe_colours).on(self.dark) for i in range(len(self.corpus.names)))

    @cached_property
    def counts(self) -> tuple[int, ...]:
        """How many windows each song has."""
        return tuple(np.bincount(self.corpus.song_of, minlength=len(self.corpus.names)).tolist())

    @cached_property
    def kl(self) -> FloatArray:
        """(J,) what each latent dimension carries: its KL in nats a window."""
        return np.asarray(kl_divergence(self.posterior).mean(axis=0), np.float32)

    @cached_property
    def spacing(self) -> float:
        """The usual distance of a window to its nearest neighbour on the map (median of up to 200)."""
        some = self.map.points[:: max(1, len(self.map.points) // 200)]
        gaps = [float(self.map.nearest(point, 2)[1][-1]) for point in some]
        return float(np.median(gaps)) if gaps else 0.0

    @cached_property
    def off_beat(self) -> tuple[str, ...]:
        """The songs whose notes keep to none of the beats that their files count, where the model counts some."""
        if not self.corpus.grid.steps_per_beat:
            return ()
        return tuple(song.name for song in self.songs if not (song.estimated_beats or keeps_to_its_beats(song)))

    def prepared(self) -> Atlas:
        """This atlas, with all worked out that would take long with many windows when the window asks for it."""
        _ = self.colours, self.counts, self.spacing, self.extent, self.kl, self._reach, self.model.digest
        _ = self.off_beat
        return self

    def song_name(self, window: int) -> str:
        """The song that a window is of."""
        return self.corpus.names[int(self.corpus.song_of[window])]

    def colour_of(self, window: int) -> str:
        """The colour of a window's song."""
        return song_colour(int(self.corpus.song_of[window]), self.safe_colours).on(self.dark)

    def title(self, window: int) -> str:
        """A window in words, as in "Korobeiniki · 0:42.5" or "Korobeiniki · bar 12"."""
        return f"{self.song_name(window)} · {begins(self.corpus, window)}"

    def file_name(self, window: int) -> str:
        """A window as the name of a file, without its extension, as "Korobeiniki 0-42.5" or "Korobeiniki bar 12"."""
        return file_stem(f"{self.song_name(window)} {begins(self.corpus, window).replace(':', '-').replace(',', '')}")

    def roll(self, window: int) -> BoolArray:
        """The notes of a window as its song has them: (T, P)."""
        roll: BoolArray = self.corpus.windows([window])[0]
        return roll

    def songs_of(self, songs: Sequence[Song]) -> list[Song]:
        """Of all songs that were opened those that the map shows, in its order: the others have no note it knows."""
        grid, known = self.corpus.grid, pitches_of(self.corpus.pitches)
        found: list[Song] = []
        for song in songs:
            heard = (grid.parts and song.drums) or np.isin(song.notes.pitches, known).any()
            if heard and len(found) < len(self.corpus.names) and song.name == self.corpus.names[len(found)]:
                found.append(song)
        return found

    def song_places(self, window: int, steps: int) -> FloatArray:
        """Where on its thread a song is from the beginning of one of its windows on, step by step: (steps, 2)."""
        at = np.arange(steps) + self.corpus.start_of[window]
        return places_along(self.corpus, self.map.points, int(self.corpus.song_of[window]), at)

    def played_at(self, z: FloatArray, window: int | None = None) -> tuple[PieceTime, Programs]:
        """When the steps of a latent point, (J,), are, and its instruments.

        window: the one whose own point it is.  Of any other the tempo is blended from the windows that are nearest in
        z, and the nearest one gives the rest: what a point sounds like does not hang on how the map is drawn.
        """
        if window is None:
            return self._played(self._tempos_at(z[None]), self._nearest(z))
        return self._played(self._tempos[[window]], window)

    def played_along(self, path: LatentPath, along: Float64Array) -> tuple[PieceTime, Programs]:
        """When the steps of the piece along a path are, (n,) places on it as in ``Timetable``, and its instruments."""
        knots = self._tempos_on(path)
        tempos = np.interp(along * TEMPO_PARTS, np.arange(len(knots)), knots).astype(np.float32)
        return self._played(tempos, self._nearest(path.points[0]))

    def rates_over(self, path: LatentPath) -> Float64Array:
        """Steps a second of each segment of a path: (k,).

        The way is gone evenly, so that a slow song takes more of the time.
        """
        lasting: Float64Array = 60 / self.corpus.grid.played_per_beat / self._tempos_on(path)
        parts = (lasting[:-1] + lasting[1:]).reshape(path.segments, TEMPO_PARTS) / 2
        return np.asarray(1 / parts.mean(axis=1))

    def _nearest(self, z: FloatArray) -> int:
        return int(self.map.blend_in_z(z)[0][0])

    def _tempos_on(self, path: LatentPath) -> Float64Array:
        """Beats a minute where TEMPO_PARTS parts of each segment begin, and at the end."""
        return self._tempos_at(path.at(np.arange(path.segments * TEMPO_PARTS + 1) / TEMPO_PARTS)).astype(np.float64)

    def _tempos_at(self, zs: FloatArray) -> FloatArray:
        """(n, J) to (n,)."""
        if not self.corpus.grid.steps_per_beat:
            return self._tempos[:1].repeat(len(zs))
        blends = map(self.map.blend_in_z, zs)
        return np.array([self._tempos[windows] @ weights for windows, weights in blends], np.float32)

    def _played(self, tempos: FloatArray, window: int) -> tuple[PieceTime, Programs]:
        """With the meter and the instruments of a window."""
        grid = self.corpus.grid
        meter = meter_of(self.corpus, window) if grid.steps_per_beat else (4, 4)
        return PieceTime(grid.played_per_beat, tempos, meter), self.programs_of(window)

    def song_time(self, window: int, steps: int) -> PieceTime:
        """When the steps of a song are from the beginning of one of its windows on."""
        grid, time = self.corpus.grid, self.corpus.time_of(int(self.corpus.song_of[window]))
        lasting = np.diff(time.seconds_at(self.corpus.start_of[window] + np.arange(steps + 1)))
        return PieceTime(
            grid.played_per_beat,
            (60 / grid.played_per_beat / lasting).astype(np.float32),
            meter_of(self.corpus, window),
        )

    def original(self, window: int, steps: int) -> Phrase | None:
        """What a song's file plays from the beginning of one of its windows on, for so many steps of the model."""
        song = int(self.corpus.song_of[window])
        if len(self.songs) != len(self.corpus.names):
            return None
        at = self.corpus.start_of[window] + np.arange(steps + 1)
        own = OwnNotes.of_song(self.songs[song])
        return own.phrase(self.corpus.time_of(song).seconds_at(at), self.corpus.grid.played_per_beat)

    def programs_of(self, window: int) -> Programs:
        """The instruments of a window's song."""
        return self.corpus.programs[int(self.corpus.song_of[window])] if self.corpus.programs else NO_PROGRAMS

    def length_of(self, time: PieceTime, steps: int) -> str:
        """How long a piece is, at its own tempo: "1 bar · 2.7 s", or "2.5 s" where there are no bars."""
        seconds = float(time.lasting(steps).seconds[-1])
        if not self.corpus.grid.steps_per_beat:
            return f"{round(seconds, 2):g} s"
        return f"{bars_in_words(steps / time.steps_per_beat, time.meter)} · {seconds:.1f} s"

    @property
    def step_in_words(self) -> str:
        """How long a step is: "50 ms", or "1/12 of a beat"."""
        per_beat = self.corpus.grid.steps_per_beat
        return f"1/{per_beat} of a beat" if per_beat else f"{1000 * STEP_SECONDS:g} ms"

    def lines_of(self, heard_from: int | None, time: PieceTime, steps: int) -> tuple[Times, Times]:
        """The steps, below so many, at which bars begin, and beats: those of a song from one of its windows on.

        heard_from: that window; None: of a piece that begins with a bar of its own meter.
        """
        if not self.corpus.grid.steps_per_beat:
            return np.zeros(0), np.zeros(0)
        meters = () if heard_from is None else meters_from(self.corpus, heard_from)
        bars, beats = Bars(meters or time.meters).between(0, steps / time.steps_per_beat)
        return bars * time.steps_per_beat, beats * time.steps_per_beat

    @cached_property
    def _tempos(self) -> FloatArray:
        if not self.corpus.grid.steps_per_beat:
            return np.full(len(self.corpus), TEMPO, np.float32)
        return self.corpus.tempos().astype(np.float32)

    def z_at(self, point: FloatArray) -> FloatArray:
        """The latent point (J,) that is heard at a map point, (2,).

        A model of parts was taught mixtures: between two dots it plays one of their music (`mixing.way`).
        """
        if not self.model.config.parts:
            return self.map.z_at(point)
        windows, weights = self.map.blend_at(point)
        if len(windows) < 2 or weights[0] > _ON_A_DOT:
            return self.map.z_at(point)
        ends, share = self.posterior.mu[windows[:2]], float(weights[1] / (weights[0] + weights[1]))
        z: FloatArray = way(self.model, ends[0], ends[1], [share])[0]
        return z

    def is_far(self, point: FloatArray, z: FloatArray | None = None) -> bool:
        """Whether a map point lies far from every window, where the decoder was never taught anything."""
        return self.farness(point, z) > 1

    def farness(self, point: FloatArray, z: FloatArray | None = None) -> float:
        """How far from every window a map point lies, or the z (J,) heard there: beyond 1 it is far.

        1 is how far the loneliest hundredth of windows lies from its nearest other in z; on a map that is no picture of
        z, t-SNE, also ``FAR`` times the usual distance on the map.
        """
        farness = []
        if z is not None or self.map.projection != "t-SNE":
            there = self.map.z_at(point) if z is None else z
            farness.append(float(np.linalg.norm(self._some_mu - there, axis=1).min()) / self._reach)
        if self.map.projection == "t-SNE":
            usual = max(FAR * self.spacing, 0.03 * self.extent, 1e-12)
            farness.append(float(self.map.nearest(point, 1)[1][0]) / usual)
        return max(farness)

    @cached_property
    def _some_mu(self) -> FloatArray:
        """The μ of all windows, or of many: a tree of a million in 20 dimensions takes half a second to ask."""
        return np.ascontiguousarray(self.posterior.mu[:: -(-len(self.posterior.mu) // MOST_COMPARED)])

    @cached_property
    def _reach(self) -> float:
        """Windows lie no farther from their nearest other one in z than this, but for one in a hundred."""
        mu = self._some_mu
        some = mu[:: max(1, len(mu) // 300)]
        gaps = np.stack([np.linalg.norm(mu - one, axis=1) for one in some])
        nearest = np.where(gaps > 1e-6, gaps, np.inf).min(axis=1)  # where music repeats, so do its windows
        apart = nearest[np.isfinite(nearest)]
        widest = float(np.ptp(mu, axis=0).max())
        return max(float(np.quantile(apart, 0.99)) if len(apart) else 0.0, 0.03 * widest, 1e-12)

    @cached_property
    def extent(self) -> float:
        """The longer side of the map."""
        return float(np.ptp(self.map.points, axis=0).max())

    def shares(self, point: FloatArray) -> list[tuple[str, float]]:
        """What a map point lies between: songs with their share, the largest first, weighed by nearness."""
        windows, distances = self.map.nearest(point, 5)
        weights = 1 / np.maximum(distances, 1e-9) ** 2
        by_song: dict[str, float] = {}
        for window, weight in zip(windows.tolist(), (weights / weights.sum()).tolist(), strict=True):
            by_song[self.song_name(window)] = by_song.get(self.song_name(window), 0.0) + weight
        return sorted(by_song.items(), key=lambda item: -item[1])

    def is_blend(self, z: FloatArray, point: FloatArray) -> bool:
        """Whether z, (J,), is what a map point stands for, and more was needed for it than the map shows."""
        return self.model.config.latent > 2 and not self.model.config.parts and np.array_equal(z, self.map.z_at(point))

    def about_blend(self, z: FloatArray) -> str:
        """Where the z of a point between the dots comes from, and how far from the data it is."""
        why = "A t-SNE map has no inverse" if self.map.projection == "t-SNE" else "The map shows two dimensions only"
        away, usual = float(self.map.nearest_in_z(z)[1][0]), self.map.spacing_in_z
        return (
            f"{why}: between its dots z is blended from these windows. It lies {away:.1f} from the nearest in z, "
            f"where neighbours lie {usual:.1f} apart."
        )

    def place_name(self, point: FloatArray) -> str:
        """What to call a map point: "Among Korobeiniki", or "Between Korobeiniki and My Bonnie"."""
        names = [name for name, _share in self.shares(point)]
        return f"Between {names[0]} and {names[1]}" if len(names) > 1 else f"Among {names[0]}"
