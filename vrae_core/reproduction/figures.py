"""Figures 1 and 2 of the paper (section 3.1, 3.2): the lower bound over training, and the map of the songs."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vrae_core.corpus.windows import Corpus
from vrae_core.errors import FileError
from vrae_core.latent.map import encode_corpus, natural_projection, project
from vrae_core.latent.tsne import TSNE_SEED
from vrae_core.midi.song import Song
from vrae_core.model.evaluation import Evaluation, best_threshold, evaluate
from vrae_core.model.recipes import RECIPES, Recipe
from vrae_core.model.trained import TrainedModel
from vrae_core.pictures.file import save_picture
from vrae_core.pictures.map import save_map_picture
from vrae_core.progress import Progress, passed_through
from vrae_core.reproduction import charts, separation
from vrae_core.reproduction.experiment import Experiment, Figures, Options, stage
from vrae_core.reproduction.music import save_roll
from vrae_core.runs.folder import RunFolder
from vrae_core.runs.windows import corpus_of_run, shown_corpus
from vrae_core.training import checkpoint as checkpoints

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from vrae_core.training.step import TrainingStep

CHECKPOINT = "training.checkpoint"
_MOST_ROWS = 500  # of the curve among the figures
_CUT = 10  # epochs at the start that the paper's figure 1 leaves out, for scale
_SILENT_STEPS = 10  # between the pieces of a MIDI file of several
Curve = Sequence[Sequence[float]]  # an epoch a row: lower bound, reconstruction, KL


class _Trained(NamedTuple):
    """A model, the windows that it learnt, and how."""

    model: TrainedModel
    corpus: Corpus
    recipe: Recipe
    curve: Curve
    note: str  # what training had to tell last


def figure_1(songs: Sequence[Song], options: Options) -> Generator[Progress, None, Figures]:
    """Figure 1: train `paper-2d` and draw its lower bound over the epochs and every window's μ."""
    return (yield from _figure("Figure 1", "paper-2d", songs, options))


def figure_2(songs: Sequence[Song], options: Options) -> Generator[Progress, None, Figures]:
    """Figure 2: train `paper-20d` on overlapping windows and draw every window's μ by t-SNE."""
    return (yield from _figure("Figure 2", "paper-20d", songs, options))


def _figure(
    title: str, recipe_name: str, songs: Sequence[Song], options: Options
) -> Generator[Progress, None, Figures]:
    job = _as_it_stands(options.run, recipe_name) if options.run else _trained(songs, RECIPES[recipe_name], options)
    model, corpus, recipe, curve, note = yield from stage(job, 0.0, 0.9)
    model.save(options.folder / "model.safetensors")
    evaluation = yield from stage(evaluate(model, corpus), 0.9, 0.92)
    posterior = yield from stage(encode_corpus(model, corpus), 0.92, 0.93)
    projection = natural_projection(recipe.model.latent)
    latent_map = yield from stage(project(posterior.mu, projection), 0.93, 0.96)
    compared = yield from stage(separation.compare(posterior.mu, latent_map.points, corpus, options.seed), 0.96, 0.99)
    yield Progress(0.99, 1, "drawing")
    shown = f"t-SNE, seed {TSNE_SEED}" if latent_map.projection == "t-SNE" else "latent space"
    save_map_picture(
        options.folder / "map.png",
        latent_map.points,
        corpus.song_of,
        corpus.names,
        f"{title} · every window's μ · {shown}",
        latent_map.axis_names,
    )
    heading = f"{title} · lower bound of {recipe_name}"
    how_long = f"{_length(curve)}, {evaluation.windows:,} windows of {len(corpus.names)} songs"
    save_picture(options.folder / "bound.png", heading, lambda: _bound_chart(heading, how_long, curve, evaluation))
    _save_examples(options.folder / "windows-and-their-reconstructions.mid", model, corpus)
    return {
        "recipe": recipe_name,
        "training": dict(model.about),
        "curve": _thinned(curve),
        "final": evaluation._asdict(),
        "separation": compared,
        "map": shown,
        "skipped": list(corpus.skipped),
        "settings": asdict(recipe),
        "findings": _findings(recipe_name, curve, evaluation, compared, note),
    }


def _trained(songs: Sequence[Song], recipe: Recipe, options: Options) -> Generator[Progress, None, _Trained]:
    """Train on songs, keeping a checkpoint in the folder."""
    from vrae_core.training.train import train  # noqa: PLC0415 - torch takes 1.5 s to import

    corpus, path = recipe.cut(songs), options.folder / CHECKPOINT
    job = train(corpus, recipe, minutes=options.minutes, checkpoint=path, resume=options.resume, seed=options.seed)
    note = ""

    def told(step: TrainingStep) -> Progress:
        nonlocal note
        note = step.note or note
        return Progress(step.done, 1, f"epoch {step.epoch}, bound {step.lower_bound:.2f}")

    model = yield from passed_through(job, told)
    # the checkpoint knows every epoch, those before a --resume included
    curve = checkpoints.load(path, checkpoints.run_fingerprint(recipe, corpus)).history
    return _Trained(model, corpus, recipe, curve, note)


def _as_it_stands(run: RunFolder, recipe_name: str) -> Generator[Progress, None, _Trained]:
    """What a run has come to by its last checkpoint, be it over or not.

    Raises: FileError, ModelFileError; FileError, too, if it trains another model than the figure shows.
    """
    from vrae_core.training.run import TrainingRun  # noqa: PLC0415 - torch takes 1.5 s to import

    yield Progress(0, 1, "reading the run")
    settings = run.settings()
    recipe = settings.recipe
    if recipe.model != RECIPES[recipe_name].model:
        raise FileError(run.path, f"trains another model than {recipe_name}, which this figure shows")
    if not checkpoints.is_there(run.checkpoint):
        raise FileError(run.path, "has not written a checkpoint yet; there is nothing to draw")
    corpus = shown_corpus(corpus_of_run(run))
    stands = TrainingRun.begin(corpus, recipe, settings.seed, run.checkpoint, held_out=settings.held_out)
    model = replace(stands.snapshot(), threshold=best_threshold(stands.snapshot(), corpus))
    times = "once" if stands.retreats == 1 else f"{stands.retreats} times"
    rate = f"{0.5**stands.retreats:g} of the recipe's learning rate"
    note = f"the bound collapsed {times}, and training went on with {rate}" if stands.retreats else ""
    return _Trained(model, corpus, recipe, stands.history, note)


def _thinned(curve: Curve) -> Figures:
    """The curve at no more than 500 epochs, the last among them."""
    every = -(-len(curve) // _MOST_ROWS) or 1
    epochs = range(len(curve), 0, -every)[::-1]
    rows = [[epoch, *(round(value, 5) for value in curve[epoch - 1])] for epoch in epochs]
    return {"columns": ["epoch", "lower_bound", "reconstruction", "kl"], "rows": rows}


def _length(curve: Curve) -> str:
    """ "1 epoch", "40,000 epochs"."""
    return f"{len(curve):,} epoch{'' if len(curve) == 1 else 's'}"


def _findings(
    recipe: str, curve: Curve, final: Evaluation, compared: dict[str, dict[str, float]], note: str
) -> list[str]:
    def measure(name: str) -> str:
        return f"{compared[name]['song_accuracy']:.3f} (silhouette {compared[name]['silhouette']:.3f})"

    sentences = [
        f"{recipe}: lower bound {final.lower_bound:.3f} nats per window per step after {_length(curve)} "
        f"(reconstruction {final.reconstruction:.3f}, KL {final.kl:.3f}); knowing only how often each pitch sounds "
        f"gives {final.baseline_marginal:.3f}, knowing that of each song {final.baseline_per_song:.3f}, "
        f"of each window {final.baseline_per_window:.3f}",
        f"frame F1 {final.frame_f1:.3f} at the model's threshold {final.threshold:g} "
        f"({final.frame_f1_shuffled_z:.3f} from another window's z), {final.active_units} active dimensions",
        f"5-NN song accuracy of μ {measure('latent')}, by chance {measure('chance')}, "
        f"of as many principal components of the raw windows {measure('pca')}",
    ]
    if "map" in compared:
        sentences.append(f"on the map itself {measure('map')}")
    return sentences + ([f"during training {note}"] if note else [])


def _bound_chart(title: str, how_long: str, curve: Curve, final: Evaluation) -> Figure:
    """Bound and reconstruction over epochs, the baselines as quiet lines, and the KL divergence below."""
    figure = charts.new_figure(title, f"nats per window per time step, KL weight 1 · {how_long}", 7.6, 5.2)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    charts.dress(above, "lower bound and log-likelihood")
    charts.dress(below, "KL divergence", "epoch")
    first = min(_CUT, len(curve) // 2)
    rows = np.array(curve, np.float64).reshape(-1, 3)[first:]
    epochs = np.arange(first + 1, first + 1 + len(rows))
    marker = "o" if len(rows) < 3 else None
    on_white = {"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 0.8}  # a long curve would strike it out
    width = 1.6 if len(rows) < 500 else 0.8  # a long curve wavers too much for a broad line
    above.plot(epochs, rows[:, 1], color=charts.SECOND, lw=width, marker=marker, label="log p(x | z)")
    above.plot(epochs, rows[:, 0], color=charts.FIRST, lw=width, marker=marker, label="lower bound")
    below.plot(epochs, rows[:, 2], color=charts.FIRST, lw=width, marker=marker)
    below.set_ylim(bottom=0)
    for name, value in (
        ("each pitch as often as in all songs", final.baseline_marginal),
        ("… as in its song", final.baseline_per_song),
        ("… as in its window", final.baseline_per_window),
    ):
        above.axhline(value, color=charts.QUIET, lw=0.9, ls=(0, (4, 3)))
        above.annotate(
            name, (0, value), (4, 2), xycoords=("axes fraction", "data"), textcoords="offset points",
            fontsize=7.5, color=charts.QUIET, bbox=on_white,
        )  # fmt: skip
    charts.legend(above, "above")
    return figure


def _save_examples(path: Path, model: TrainedModel, corpus: Corpus) -> None:
    """One window of each song, each followed by what the model makes of it, to listen to."""
    of_songs = [np.flatnonzero(corpus.song_of == song) for song in range(len(corpus.names))]
    x = corpus.windows([int(windows[len(windows) // 2]) for windows in of_songs])
    played = model.decode(model.encode(x).mu, corpus.window) >= model.threshold
    with_gaps = np.pad(np.stack([x, played], axis=1), ((0, 0), (0, 0), (0, _SILENT_STEPS), (0, 0)))
    save_roll(path, with_gaps.reshape(-1, len(corpus.pitches)), corpus.pitches, corpus.grid)


_FIGURE_FILES = """\
writes:
  map.png            every window at its place on the map, in its song's colour and shape
  bound.png          lower bound, reconstruction and KL over the epochs, without the first ten as in the paper
  windows-and-their-reconstructions.mid   a window of each song, each followed by what the model makes of it
  model.safetensors  the model; training.checkpoint beside it, where the model is trained here, is for --resume
  figures.json       the curve, every figure of `vrae evaluate`, and how separate the songs are

how separate the songs are is told by two figures, for latent space, for the map, for chance (the songs
shuffled) and for as many principal components of the raw windows, which is what no learning at all would give:
  5-NN song accuracy   windows whose five nearest others are mostly of their own song
  silhouette           1: every song a tight cloud of its own, 0: songs lie upon each other
"""

FIGURE_1 = Experiment(
    figure_1,
    "two latent dimensions: the lower bound over training, and the map of the songs",
    """\
the paper (section 3.1, figure 1): windows of 2.5 s, 500 hidden units, two latent dimensions. The lower bound
rises over 40,000 epochs, and on the map of μ the songs take regions of their own, though nobody told the
model which window is from which song.

to look for: does the bound pass the dashed lines, which know how often each pitch sounds but not when? Are the
songs more separate than by principal components, which need no training?

The default is the paper's 40,000 epochs: many hours on one core. Give --minutes 30 to see the same in short:
the learning rate then falls with the clock. Or train as long as you like with `vrae train --recipe paper-2d`
(or in the window), and give that run to --run, as often as you want to see how far it is.

"""
    + _FIGURE_FILES
    + """
example:
  vrae reproduce figure-1 --minutes 30
  vrae reproduce figure-1 my-songs/*.mid --minutes 60 --resume -o my-figure-1
  vrae reproduce figure-1 --run paper-2d.run""",
    ("minutes", "resume", "run"),
)


FIGURE_2 = Experiment(
    figure_2,
    "twenty latent dimensions on overlapping windows, drawn by t-SNE",
    """\
the paper (section 3.2, figure 2): windows of 2 s that overlap by half, twenty latent dimensions, a lower
learning rate. μ is drawn by t-SNE (here with a fixed seed, which the picture tells), and the songs
part more clearly than in two dimensions.

to look for: is the song accuracy above that of figure-1, and above that of twenty principal components? t-SNE
exaggerates gaps: the figures for latent space count more than the picture.

The default is the paper's 32,000 epochs: about a day on one core. Give --minutes 30 to see it in short; at the
paper's learning rate of 0.00002 the model has then hardly begun to learn, which is a result too. Or train as
long as you like with `vrae train --recipe paper-20d` (or in the window), and give that run to --run.

"""
    + _FIGURE_FILES
    + """
example:
  vrae reproduce figure-2 --minutes 30
  vrae reproduce figure-2 --run paper-20d.run""",
    ("minutes", "resume", "run"),
)
