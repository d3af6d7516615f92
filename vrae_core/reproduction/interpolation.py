"""Between two songs (paper, section 3.3): whether music half-way "clearly has elements of both parts", in numbers."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence

import numpy as np

from vrae_core.latent.map import encode_corpus
from vrae_core.latent.path import LatentPath, prepared, timing
from vrae_core.midi.song import Song
from vrae_core.model.trained import TrainedModel
from vrae_core.music.pieces import interpolate
from vrae_core.piano_roll import BoolArray, FloatArray
from vrae_core.pictures.file import save_picture
from vrae_core.progress import Progress, finish
from vrae_core.reproduction import music, path_chart
from vrae_core.reproduction.between import findings_between, points_between
from vrae_core.reproduction.experiment import Experiment, Figures, Options, stage
from vrae_core.reproduction.hand_over import HandOver, elements_of_both, hand_over
from vrae_core.reproduction.listening import decoded, model_and_windows, random_pairs
from vrae_core.reproduction.listening_page import write_listening_page

POINTS = 21  # of a path, both ends included
PAIRS = 50
LISTENED = 10  # of them, to hear
_STRANGERS = 20  # windows taken at random to compare each pair with


def interpolation(songs: Sequence[Song], options: Options) -> Generator[Progress, None, Figures]:
    """Go from a window of one song to a window of another, for many pairs, and measure what is heard on the way.

    The way is the one that the instrument takes: of a model of parts through mixtures of both ends, with the paper's
    straight line measured beside it; of any other on the straight line.
    """
    model, corpus = model_and_windows(songs, options)
    chance = np.random.default_rng(options.seed)
    mu = (yield from stage(encode_corpus(model, corpus), 0.0, 0.1)).mu
    heard = yield from stage(decoded(model, mu), 0.1, 0.3)  # (N, T, P) each window as the model plays it
    pairs = random_pairs(corpus, music.sounds(heard), PAIRS, chance)
    straight = np.stack([interpolate(mu[start], mu[end], POINTS) for start, end in pairs])
    ways = (yield from stage(_ways(model, mu[pairs]), 0.3, 0.5)) if model.config.parts else straight
    paths = yield from stage(_played(model, ways), 0.5, 0.6, "going from song to song")
    found = hand_over(paths)
    strangers = [elements_of_both(heard[chance.choice(len(heard), _STRANGERS)], path[0], path[-1]) for path in paths]
    unrelated = float(np.percentile(strangers, 95))
    listening = points_between(model, corpus, mu, heard, chance)
    between = yield from stage(listening, 0.6, 0.9, "listening between the songs")
    beside: Figures = {}
    if model.config.parts:
        lines = yield from stage(_played(model, straight), 0.9, 0.95, "on the straight line")
        beside = {"straight_line": _figures(hand_over(lines), unrelated)}

    yield Progress(0.95, 1, "drawing")
    way = "through mixtures" if model.config.parts else "straight"
    shown = int(np.argsort(found.spearman)[PAIRS // 2])  # the median pair, not the best
    start, end = (path_chart.End.of(corpus, int(window)) for window in pairs[shown])
    save_picture(
        options.folder / "path.png",
        path_chart.TITLE,
        lambda: path_chart.draw(found, shown, paths[shown], (start, end), unrelated, way, corpus.grid),
    )
    music.save_roll(options.folder / "path.mid", np.concatenate(paths[shown]), corpus.pitches, corpus.grid)
    page = write_listening_page(options.folder, model, corpus, mu, pairs[:LISTENED])
    no_sound = yield from stage(page, 0.96, 1.0)
    figures = _figures(found, unrelated)
    return {
        "model": dict(model.about) | {"digest": model.digest},
        "windows": len(corpus),
        "points": POINTS,
        "way": "mixtures" if model.config.parts else "straight",
        "hand_over": figures,
        **beside,
        "example": {
            "from": start.text,
            "to": end.text,
            "f1_with_start": found.f1_with_start[shown].tolist(),
            "f1_with_end": found.f1_with_end[shown].tolist(),
            "elements_of_both": found.both[shown].tolist(),
        },
        "between": between,
        "skipped": list(corpus.skipped),
        "findings": [
            *_findings(figures),
            *findings_between(between),
            *([f"no sound was written: {no_sound}"] if no_sound else []),
        ],
    }


def _ways(model: TrainedModel, ends: FloatArray) -> Generator[Progress, None, FloatArray]:
    """The ways (pairs, points, J) that the instrument takes between pairs of latent points, (pairs, 2, J)."""
    ways = []
    for number, pair in enumerate(ends):
        yield Progress(number, len(ends), "finding the way")
        path = finish(prepared(LatentPath(pair, (None, None)), model))
        along = finish(timing(path, model)).along
        ways.append(path.at(along[np.linspace(0, len(along) - 1, POINTS).round().astype(np.int64)]))
    return np.stack(ways)


def _played(model: TrainedModel, ways: FloatArray) -> Generator[Progress, None, BoolArray]:
    """What is played at points of ways (pairs, points, J): (pairs, points, T, P)."""
    flat = yield from decoded(model, ways.reshape(-1, ways.shape[-1]))
    return flat.reshape(*ways.shape[:2], *flat.shape[1:])


def _figures(found: HandOver, unrelated: float) -> Figures:
    middle = found.both.shape[1] // 2
    f1 = np.stack([found.f1_with_start, found.f1_with_end])[:, :, middle]
    return {
        "pairs": len(found.both),
        "spearman": music.spread(found.spearman),
        "monotone_steps": music.spread(found.monotone),
        "largest_step": music.spread(found.largest_step),
        "f1_of_the_two_ends": music.spread(found.f1_with_end[:, 0]),
        "mid_path_f1_with_nearer_end": music.spread(f1.max(axis=0)),
        "mid_path_f1_with_farther_end": music.spread(f1.min(axis=0)),
        "elements_of_both": {
            "mid_path": music.spread(found.both[:, middle]),
            "best_on_path": music.spread(found.both.max(axis=1)),
            "unrelated_windows_p95": unrelated,
            "mid_paths_above_it": float((found.both[:, middle] > unrelated).mean()),
            "share_of_path_above_it": float((found.both[:, 1:-1] > unrelated).mean()),
        },
    }


def _findings(figures: Figures) -> list[str]:
    order, both = figures["spearman"], figures["elements_of_both"]
    monotone, largest = figures["monotone_steps"], figures["largest_step"]
    return [
        f"hand-over from song to song, {figures['pairs']} random pairs: Spearman {_with_sd(order, '.3f')}, "
        f"{_with_sd(monotone, '.0%')} of the steps monotone, "
        f"the largest of {POINTS - 1} steps is {_with_sd(largest, '.0%')} of the whole",
        f"elements of both: half-way {_with_sd(both['mid_path'], '.0%')} of each end's own cells at the least; "
        f"{both['mid_paths_above_it']:.0%} of the half-way points have more of both than 95 % of unrelated windows "
        f"have ({both['unrelated_windows_p95']:.0%})",
    ]


def _with_sd(spread: Mapping[str, float], form: str) -> str:
    return f"{spread['mean']:{form}} ± {spread['sd']:{form}}"


INTERPOLATION = Experiment(
    interpolation,
    "from a window of one song to a window of another, and what lies between",
    """\
the paper (section 3.3): a point between two encoded windows decodes to music that "clearly has elements of
both parts". Here 50 random pairs of windows of two songs are joined by straight lines of 21 latent points,
and, where a model knows parts, by ways through mixtures of both ends, with the straight line beside them.

to look for:
  hand-over         frame F1 of every point with the music of either end: one falls while the other rises.
                    Spearman 1 and 100 % monotone steps: it never turns back; the largest of the 20 steps
                    would be 5 % of the whole if the music changed evenly, 100 % if it jumped.
  elements of both  of the cells that only one end has, the share found; the lesser of the two ends' shares.
                    Either end by itself has 0 %; what unrelated windows of the songs have is told beside it.
  between           500 points half-way between random windows of two songs: note density, polyphony and
                    pitch classes against the range of the songs' own windows (and against what the model
                    makes of those), how many are silent or stuck, and by how many nats a step a small RNN
                    that was taught the songs alone is surprised.

writes:
  path.png      all paths' curves, and the rolls along the pair whose hand-over is the median of the 50
  path.mid      that path to listen to, one window a point
  paths.html    ten of the pairs to listen to, with their sound (.wav), notes (.mid) and rolls
  figures.json  means, spreads, and the table of the points between

example:
  vrae reproduce interpolation
  vrae reproduce interpolation --model 2d -o between-in-two-dimensions
  vrae reproduce interpolation --model reproduction/figure-2/model.safetensors -o between-as-in-the-paper""",
    ("model",),
    any_grid=True,
)
