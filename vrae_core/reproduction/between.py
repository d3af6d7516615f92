"""The points between the songs: whether music half-way from one to another is still music of their kind."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import numpy as np

from vrae_core.corpus.attributes import density, polyphony
from vrae_core.corpus.windows import Corpus
from vrae_core.latent.mixing import way
from vrae_core.model.trained import TrainedModel
from vrae_core.piano_roll import BoolArray, FloatArray
from vrae_core.progress import Progress
from vrae_core.reproduction import music
from vrae_core.reproduction.experiment import Figures, stage
from vrae_core.reproduction.listening import decoded, random_pairs
from vrae_core.reproduction.music import Float64Array

MIDDLES = 500  # random pairs whose middle is heard
_STUCK = 0.5  # of a window without any change
MEASURES = {
    "note_density": "onsets in 20 steps, which the paper calls a second",
    "polyphony": "pitches at once while anything sounds",
    "pitch_classes": "distance of the pitch-class histogram to the nearest song's, half the L1 norm",
}


def points_between(
    model: TrainedModel, corpus: Corpus, mu: FloatArray, heard: BoolArray, chance: np.random.Generator
) -> Generator[Progress, None, Figures]:
    """Compare the music at mid-path between random windows of two songs with the songs' own windows.

    mu: (N, J); heard: (N, T, P) what the model plays at each μ, the control: it tells what the decoder costs
    where there is no path.  Ranges are those of the songs' windows; silent rolls are counted, not measured.
    Raises: VraeError if fewer than two songs sound.
    """
    from vrae_core.reproduction.critic import Critic  # noqa: PLC0415 - torch takes 1.5 s to import

    real = corpus.windows()
    pairs = random_pairs(corpus, music.sounds(real), MIDDLES, chance)
    ends = mu[pairs]  # (pairs, 2, J)
    straight = yield from stage(decoded(model, np.asarray(ends.mean(axis=1))), 0, 0.3)
    groups = {"songs": real, "reconstructions": heard, "middles": straight}
    if model.config.parts:  # whose way is another
        middles = yield from stage(decoded(model, _half_way(model, ends)), 0.3, 0.6)
        groups |= {"middles": middles, "straight_middles": straight}
    songs = np.concatenate(
        [music.pitch_classes(corpus.roll[None, rows], corpus.pitches) for rows in _rows_of_songs(corpus)]
    )
    measured = {name: _measured(rolls[music.sounds(rolls)], corpus.pitches, songs) for name, rolls in groups.items()}
    low, high = np.percentile(measured["songs"], (5, 95), axis=1)
    least, most = measured["songs"].min(axis=1), measured["songs"].max(axis=1)
    critic = yield from stage(Critic.taught(corpus), 0.6, 1, "teaching a next-step critic")
    table: Figures = {"middles": MIDDLES, "measures": {}}
    for row, (name, meaning) in enumerate(MEASURES.items()):
        table["measures"][name] = {"meaning": meaning} | {
            group: music.spread(values[row])
            | {"within_5_95": _share_within(values[[row]], low[[row]], high[[row]])}
            | {"within_min_max": _share_within(values[[row]], least[[row]], most[[row]])}
            for group, values in measured.items()
        }
    table["all_within_min_max"] = {group: _share_within(values, least, most) for group, values in measured.items()}
    for name, share in (("silent", _share_silent), ("stuck", _share_stuck)):
        table[name] = {group: share(rolls) for group, rolls in groups.items()}
    table["critic"] = {group: critic.nats(rolls) for group, rolls in groups.items()}
    return table


def _half_way(model: TrainedModel, ends: FloatArray) -> FloatArray:
    """The points (pairs, J) half-way through mixtures between pairs of latent points, (pairs, 2, J)."""
    return np.concatenate([way(model, start, end, [0.5]) for start, end in ends])


def findings_between(table: Figures) -> list[str]:
    """The table in sentences."""
    shares = ", ".join(
        f"{name.replace('_', ' ')} {measure['middles']['within_5_95']:.0%} "
        f"(reconstructions {measure['reconstructions']['within_5_95']:.0%})"
        for name, measure in table["measures"].items()
    )
    silent, stuck, critic = table["silent"], table["stuck"], table["critic"]
    return [
        f"{table['middles']} points half-way between songs, share within the range of 5–95 % of the songs' windows: "
        f"{shares}; all three within the least and the most: {table['all_within_min_max']['middles']:.0%}",
        f"half-way silent {silent['middles']:.1%} (songs {silent['songs']:.1%}), "
        f"stuck {stuck['middles']:.1%} (songs {stuck['songs']:.1%})",
        f"a next-step critic, taught the songs alone, is surprised by {critic['middles']:.2f} nats a step half-way, by "
        f"{critic['reconstructions']:.2f} at reconstructions and by {critic['songs']:.2f} in the songs",
    ]


def _rows_of_songs(corpus: Corpus) -> list[slice]:
    """Where each song stands in the corpus's roll: its first window begins it, the next song's ends it."""
    firsts = [int(corpus.offsets[corpus.song_of == song].min()) for song in range(len(corpus.names))]
    return [slice(first, after) for first, after in zip(firsts, [*firsts[1:], len(corpus.roll)], strict=True)]


def _measured(rolls: BoolArray, pitches: Sequence[int], songs: Float64Array) -> Float64Array:
    """The three measures of rolls (n, T, P), in the order of ``MEASURES``: (3, n)."""
    histograms = music.pitch_classes(rolls, pitches)
    to_song = 0.5 * np.abs(histograms[:, None] - songs).sum(axis=2).min(axis=1)
    return np.stack([density(rolls, pitches), polyphony(rolls, pitches), to_song])


def _share_within(values: Float64Array, low: Float64Array, high: Float64Array) -> float:
    """Share of the columns (measures, n) that lie in all their ranges (measures,); 0 of none."""
    if not values.shape[1]:
        return 0.0
    return float(((values >= low[:, None]) & (values <= high[:, None])).all(axis=0).mean())


def _share_silent(rolls: BoolArray) -> float:
    return float((~music.sounds(rolls)).mean())


def _share_stuck(rolls: BoolArray) -> float:
    return float((music.longest_hold(rolls) > _STUCK * rolls.shape[1]).mean())
