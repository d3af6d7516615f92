"""The abstract's second claim: a VRAE "can make use of unlabeled data in order to facilitate supervised training of
RNNs by initialising the weights and network state".

Two standard RNNs learn, each from the start that a VRAE gives it and from the usual one: one to predict the
next step of windows held out, the other to tell the songs apart from a few labelled windows of each.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from vrae_core.corpus.windows import Corpus
from vrae_core.errors import CorpusError, VraeError
from vrae_core.midi.song import Song
from vrae_core.model.evaluation import evaluate
from vrae_core.model.trained import TrainedModel
from vrae_core.piano_roll import IntArray
from vrae_core.pictures.file import save_picture
from vrae_core.progress import Progress
from vrae_core.reproduction import charts
from vrae_core.reproduction.experiment import Experiment, Figures, Options, stage
from vrae_core.reproduction.hand_over import split

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from vrae_core.reproduction.standard_rnn import Learning

SEEDS = 5
MARKS = (0, 1, 2, 5, 10, 20, 50, 100, 200)  # updates after which to measure
LABELS = (2, 5, 10)  # labelled windows of each song
STARTS = {  # weights of the VRAE, state of the VRAE
    "weights and state": (True, True),
    "weights": (True, False),
    "state": (False, True),
    "usual": (False, False),
}
LEARNING_RATES = (1e-3, 3e-3, 1e-2)  # each start gets the one that suits it


class LearningCurves(NamedTuple):
    """How well each seed did at each mark, at one learning rate."""

    learning_rate: float
    rows: npt.NDArray[np.float64]  # (seeds, marks)

    @property
    def mean(self) -> npt.NDArray[np.float64]:
        return np.asarray(self.rows.mean(axis=0))

    @property
    def deviation(self) -> npt.NDArray[np.float64]:
        """The standard deviation of the seeds, (marks,); zeros for a single one."""
        return np.asarray(self.rows.std(axis=0, ddof=1)) if len(self.rows) > 1 else np.zeros(self.rows.shape[1])

    def best(self, marks: Sequence[int]) -> str:
        """The best mean, in words."""
        top = int(self.mean.argmax())
        return f"{self.mean[top]:.3f} ± {self.deviation[top]:.3f} after {marks[top]} updates"

    def figures(self) -> Figures:
        """For JSON."""
        return {
            "learning_rate": self.learning_rate,
            "mean": self.mean.tolist(),
            "standard_deviation": self.deviation.tolist(),
            "runs": self.rows.tolist(),
        }


def warm_start(
    songs: Sequence[Song],
    options: Options,
    *,
    seeds: int = SEEDS,
    marks: Sequence[int] = MARKS,
    labels: Sequence[int] = LABELS,
) -> Generator[Progress, None, Figures]:
    """Compare the starts by learning curves over several seeds.  Writes warm-start.png.

    Of the next step every tenth window is held out from the RNN.  A VRAE trained on all windows has seen it: for
    a stricter test give the fast-2d or fast-20d that `settings` trained, from which the same windows were held out.
    The windows that tell the songs apart do not overlap.
    Raises: VraeError without a model; CorpusError for fewer than two songs or too few windows.
    """
    model = options.model
    if model is None:
        raise VraeError("this experiment needs a model to start from")

    window = model.config.window
    corpus = model.cut(songs, window)
    if len(corpus.names) < 2:
        raise CorpusError("telling songs apart takes at least two songs")
    # with more overlap held-out windows would leave none to learn from
    half = model.cut(songs, max(model.config.hop, window // 2))
    next_step = yield from stage(_next_steps(model, half, options.seed, seeds, marks), 0.0, 0.7)
    naming = yield from stage(_songs(model, corpus, options.seed, seeds, marks, labels), 0.7, 0.99)
    yield Progress(0.99, 1, "drawing")
    title = "Warm start · a standard RNN from a trained VRAE"
    save_picture(
        options.folder / "warm-start.png", title, lambda: _chart(title, marks, next_step["curves"], naming["curves"])
    )
    return {
        "model": dict(model.about),
        "skipped": list(corpus.skipped),
        "seeds": [options.seed + i for i in range(seeds)],
        "updates": list(marks),
        "next_step": next_step | {"curves": _figures(next_step["curves"])},
        "songs": naming | {"curves": {count: _figures(both) for count, both in naming["curves"].items()}},
        "findings": _next_step_findings(marks, next_step) + _song_findings(marks, naming),
    }


def _figures(curves: dict[str, LearningCurves]) -> Figures:
    return {name: learnt.figures() for name, learnt in curves.items()}


def _next_steps(
    model: TrainedModel, corpus: Corpus, seed: int, seeds: int, marks: Sequence[int]
) -> Generator[Progress, None, Figures]:
    """Curves of Σ log p of a step of the held-out windows, in nats, one of each start."""
    from vrae_core.reproduction.standard_rnn import after_a_window, learn_next_step  # noqa: PLC0415 - imports torch

    train, test = (after_a_window(part) for part in split(corpus))
    compared = yield from stage(evaluate(model, test), 0.0, 0.01)
    curves: dict[str, LearningCurves] = {}
    for i, (name, (weights, state)) in enumerate(STARTS.items()):
        learn = partial(learn_next_step, model, train, test, marks, warm_weights=weights, warm_state=state)
        job = _tuned(learn, seed, seeds)
        text = f"next step, start {i + 1} of {len(STARTS)}"
        curves[name] = yield from stage(job, i / len(STARTS), (i + 1) / len(STARTS), text)
    return {
        "windows_learnt": len(train),
        "windows_held_out": len(test),
        "baseline_marginal": compared.baseline_marginal,
        "baseline_persistence": compared.baseline_persistence,
        "curves": curves,
    }


def _songs(
    model: TrainedModel, corpus: Corpus, seed: int, seeds: int, marks: Sequence[int], labels: Sequence[int]
) -> Generator[Progress, None, Figures]:
    """Curves of the share of unlabelled windows named rightly, of both starts for each count of labels."""
    from vrae_core.reproduction.standard_rnn import learn_songs  # noqa: PLC0415 - imports torch

    curves: dict[str, dict[str, LearningCurves]] = {str(count): {} for count in labels}
    parts = list(product(labels, {"weights": True, "usual": False}.items()))
    for i, (count, (name, warm)) in enumerate(parts):

        def learn(seed: int, learning_rate: float, count: int = count, warm: bool = warm) -> Learning:
            chosen = _labelled(corpus, count, seed)
            return learn_songs(model, corpus, chosen, marks, warm_weights=warm, learning_rate=learning_rate, seed=seed)

        text = f"songs from {count} windows each"
        curves[str(count)][name] = yield from stage(
            _tuned(learn, seed, seeds), i / len(parts), (i + 1) / len(parts), text
        )
    commonest = float(np.bincount(corpus.song_of).max()) / len(corpus)
    return {"windows": len(corpus), "baseline_commonest_song": commonest, "curves": curves}


def _tuned(learn: Callable[..., Learning], seed: int, seeds: int) -> Generator[Progress, None, LearningCurves]:
    """Learn with several seeds, at the learning rate at which a pilot run with one more seed does best on the way."""
    runs = len(LEARNING_RATES) + seeds
    pilots, rows = [], []
    for i, rate in enumerate(LEARNING_RATES):
        job = learn(seed=seed + seeds, learning_rate=rate)
        pilots.append(np.mean((yield from stage(job, i / runs, (i + 1) / runs))))
    best = LEARNING_RATES[int(np.argmax(pilots))]
    for i in range(seeds):
        job = learn(seed=seed + i, learning_rate=best)
        done = len(LEARNING_RATES) + i
        rows.append((yield from stage(job, done / runs, (done + 1) / runs)))
    return LearningCurves(best, np.array(rows))


def _labelled(corpus: Corpus, count: int, seed: int) -> IntArray:
    """``count`` windows of every song by chance, or all but one of a song that has no more."""
    source = np.random.default_rng(seed)
    mine = [np.flatnonzero(corpus.song_of == song) for song in range(len(corpus.names))]
    return np.concatenate([source.permutation(windows)[: min(count, len(windows) - 1)] for windows in mine])


def _next_step_findings(marks: Sequence[int], figures: Figures) -> list[str]:
    curves: dict[str, LearningCurves] = figures["curves"]
    usual = curves["usual"]
    sentences = [
        f"next step of {figures['windows_held_out']} held-out windows, told the true past, in nats a step: "
        f"{usual.best(marks)} from the usual start (persistence: {figures['baseline_persistence']:.3f})"
    ]
    for name, learnt in curves.items():
        if name != "usual":
            reached = np.flatnonzero(learnt.mean >= usual.mean.max())
            when = f"as good as that after {marks[int(reached[0])]}" if len(reached) else "never as good as that"
            sentences.append(f"from the VRAE's {name}: {learnt.best(marks)}, {when}")
    return sentences


def _song_findings(marks: Sequence[int], figures: Figures) -> list[str]:
    return [
        f"songs named rightly, from {count} labelled windows each: {both['weights'].best(marks)} from the VRAE's "
        f"weights, {both['usual'].best(marks)} from the usual start "
        f"(always the commonest song: {figures['baseline_commonest_song']:.3f})"
        for count, both in figures["curves"].items()
    ]


def _chart(
    title: str, marks: Sequence[int], next_step: dict[str, LearningCurves], songs: dict[str, dict[str, LearningCurves]]
) -> Figure:
    """Next step at the left, song naming at the right, a panel for each number of labelled windows."""
    caption = (
        f"left: log-likelihood of a held-out step, told the true past, in nats · right: other windows named rightly · "
        f"mean of {len(next_step['usual'].rows)} seeds, and where nine in ten lie"
    )
    figure = charts.new_figure(title, caption, 10.5, 4.4)
    wide, *narrow = figure.subplots(1, 1 + len(songs), width_ratios=[1.9, *[1.0] * len(songs)])
    charts.dress(wide, "next step", "updates")
    colours = {"weights and state": charts.FIRST, "weights": "#4f9bb3", "state": "#d9a441", "usual": charts.SECOND}
    for name, learnt in next_step.items():
        charts.band(wide, marks, learnt.rows, colours[name], "usual start" if name == "usual" else f"the VRAE's {name}")
    for axes, (count, both) in zip(narrow, songs.items(), strict=True):
        charts.dress(axes, f"songs, {count} labels each", "updates")
        charts.band(axes, marks, both["weights"].rows, colours["weights"], "the VRAE's weights")
        charts.band(axes, marks, both["usual"].rows, colours["usual"], "usual start")
        axes.set_ylim(0, 1.02)
    for axes, every in ((wide, 1), *((axes, 2) for axes in narrow)):
        axes.set_xscale("symlog", linthresh=1, linscale=0.4)  # as much room for the first updates as for the many later
        axes.set_xlim(0, marks[-1])
        axes.set_xticks(marks[::every], [str(mark) for mark in marks[::every]])
        axes.minorticks_off()
    charts.legend(wide, "lower right")
    charts.legend(narrow[-1], "lower right")
    return figure


WARM_START = Experiment(
    warm_start,
    "a standard RNN that starts from a trained model's weights and state",
    """\
the paper (abstract): the VRAE can make use of unlabelled data to facilitate the supervised training of RNNs,
by initialising their weights and state. Two standard RNNs learn here, each from the start that a trained
VRAE gives it and from the usual one: one to predict the next step of windows held out, one to tell the
songs apart from a few labelled windows of each.

to look for: how many updates the usual start needs to reach what a warm start has at once, whether it overtakes
it in the end, and how far the runs of several seeds lie apart.

writes warm-start.png (learning curves, mean and spread) and figures.json

example:
  vrae reproduce warm-start
  vrae reproduce warm-start --model reproduction/figure-2/model.safetensors -o warm-start-as-in-the-paper""",
    ("model",),
)
