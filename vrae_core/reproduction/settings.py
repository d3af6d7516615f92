"""What mattered: the paper's recipes, single switches of them, the authors' own settings and ours, in equal time.

The paper's discussion (section 4) proposes a window at every time step, reversed input and LSTM cells; the
authors' code differs from the paper in the weight of the KL divergence and in x_0 = 0.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from vrae_core.corpus.windows import Corpus
from vrae_core.errors import FileError, TrainingError
from vrae_core.midi.song import Song
from vrae_core.model.evaluation import THRESHOLDS, evaluate, frame_f1, sampled_lower_bound
from vrae_core.model.recipes import RECIPES, Recipe
from vrae_core.model.trained import TrainedModel
from vrae_core.progress import Progress, passed_through
from vrae_core.reproduction.experiment import Experiment, Figures, Options, stage
from vrae_core.reproduction.hand_over import apart_from, split
from vrae_core.reproduction.settings_table import save_chart, save_table
from vrae_core.safe_files import read_bounded, write_atomically
from vrae_core.training.checkpoint import run_fingerprint

if TYPE_CHECKING:
    from vrae_core.training.step import TrainingStep

MINUTES = 5.0  # of training for each setting
GOOD_F1 = 0.8
_MEASUREMENTS = 20  # of the F1 during each training, on _MEASURED windows at most
_MEASURED = 256
_LARGEST_FIGURES = 1 << 20
Curve = list[dict[str, float]]


class ComparedRecipe(NamedTuple):
    """A recipe, and the hop of the windows it is measured on."""

    recipe: Recipe
    hop: int


OURS = {"paper-2d": "fast-2d", "paper-20d": "fast-20d"}  # which of ours to hold against which of the paper's


def _switches_of(paper: str, authors: str, ours: str) -> dict[str, ComparedRecipe]:
    base, theirs = RECIPES[paper], RECIPES[authors]
    weight = theirs.training.kl_weight
    recipes = {
        paper: base,
        f"{paper}-hop-1": replace(base, model=replace(base.model, hop=1), cap=None),
        f"{paper}-reversed": replace(base, model=replace(base.model, reversed_input=True)),
        f"{paper}-lstm": replace(base, model=replace(base.model, cell="lstm")),
        f"{paper}-gru": replace(base, model=replace(base.model, cell="gru")),
        f"{paper}-kl-{weight:g}": replace(base, training=replace(base.training, kl_weight=weight)),
        f"{paper}-silent-start": replace(base, model=replace(base.model, silent_start=True)),
        authors: theirs,
    }
    return {name: ComparedRecipe(recipe, base.model.hop) for name, recipe in recipes.items()} | {
        ours: ComparedRecipe(RECIPES[ours], RECIPES[ours].model.hop)
    }


SETTINGS = (
    _switches_of("paper-2d", "authors-2d", "fast-2d")
    | _switches_of("paper-20d", "authors-20d", "fast-20d")
    | {"overlap-20d": ComparedRecipe(RECIPES["overlap-20d"], RECIPES["overlap-20d"].model.hop)}
)


def settings(
    songs: Sequence[Song], options: Options, which: Mapping[str, ComparedRecipe] = SETTINGS
) -> Generator[Progress, None, Figures]:
    """Train every setting for as many minutes and measure all alike.  Writes settings.md and settings.png.

    Every tenth window is held out, and no setting learns from a window that shares a step with one of those.
    Each setting leaves its model and its figures in the folder; with ``options.resume`` those that are there
    already, made in the same way, are taken as they are, so that a long table can be made in pieces; ``options.only``
    names those wanted.

    Raises: CorpusError if the songs give too few windows to hold any out.
    """
    minutes = MINUTES if options.minutes is None else options.minutes
    which = {name: which[name] for name in options.only or which}
    rows: dict[str, Figures] = {}
    for i, (name, setting) in enumerate(which.items()):
        job = _figures_of(name, setting, songs, replace(options, minutes=minutes))
        rows[name] = yield from stage(job, i / len(which), (i + 1) / len(which))
        save_table(options.folder / "settings.md", rows, minutes)
    save_chart(options.folder / "settings.png", rows, minutes)
    return {"minutes": minutes, "settings": rows, "findings": findings(rows)}


def _figures_of(
    name: str, setting: ComparedRecipe, songs: Sequence[Song], options: Options
) -> Generator[Progress, None, Figures]:
    """One row of the table, from its file if it may be, else by training."""
    learnt, seen, unseen = windows_of(songs, setting)
    path = options.folder / f"{name}.json"
    made_with = {
        "minutes": options.minutes,
        "seed": options.seed,
        "run": run_fingerprint(setting.recipe, learnt),
        "hop": setting.hop,
    }
    if options.resume:
        kept = _kept(path)
        if kept.get("made_with") == made_with:
            return kept
    figures: Figures = {"made_with": made_with, "windows_learnt": len(learnt)}
    try:
        training = _trained(name, setting.recipe, learnt, (seen, unseen), options)
        model, curve = yield from stage(training, 0.0, 0.96)
    except TrainingError as error:
        figures |= {"failed": str(error)}
    else:
        model.save(options.folder / f"{name}.safetensors")
        measured = yield from stage(evaluate(model, seen, options.seed), 0.96, 0.99, name)
        beyond = yield from stage(evaluate(model, unseen, options.seed), 0.99, 1.0, name)
        good = [row["seconds"] for row in curve if row["frame_f1"] >= GOOD_F1]
        figures |= {
            "updates": curve[-1]["updates"],
            **measured._asdict(),
            "held_out_windows": len(unseen),
            "held_out_lower_bound": beyond.lower_bound,
            "held_out_frame_f1": beyond.frame_f1,
            "seconds_to_good_f1": good[0] if good else None,
            "curve": curve,
        }
    write_atomically(path, json.dumps(figures, indent=1).encode())
    return figures


def windows_of(songs: Sequence[Song], setting: ComparedRecipe) -> tuple[Corpus, Corpus, Corpus]:
    """The windows that a setting learns from, those it is measured on and has seen, and those it has not.

    Raises: CorpusError if the songs give too few to hold any out.
    """
    recipe = setting.recipe

    def cut(hop: int) -> Corpus:
        return replace(recipe, model=replace(recipe.model, hop=hop)).cut(songs)

    seen, unseen = split(cut(setting.hop))
    learnt = seen if recipe.model.hop == setting.hop else apart_from(unseen, cut(recipe.model.hop))
    return learnt, seen, unseen


def _trained(
    name: str, recipe: Recipe, learnt: Corpus, measured_on: tuple[Corpus, Corpus], options: Options
) -> Generator[Progress, None, tuple[TrainedModel, Curve]]:
    """Train for as long; returns the model and how it did on the way, on windows that it has seen and on others.

    Time is the processor's, so that the table is fair on a machine that has other work to do; what is measured
    takes no training time.
    """
    from vrae_core.training.train import train  # noqa: PLC0415 - torch takes 1.5 s to import

    seen, unseen = (c.take(np.arange(0, len(c), -(-len(c) // _MEASURED))) for c in measured_on)
    curve: Curve = []

    def measure(model: TrainedModel, step: TrainingStep) -> None:
        curve.append(
            {
                "seconds": step.seconds,
                "updates": step.updates,
                "lower_bound": sampled_lower_bound(model, seen, options.seed),
                "held_out_lower_bound": sampled_lower_bound(model, unseen, options.seed),
                "frame_f1": _best_frame_f1(model, seen),
            }
        )

    job = train(learnt, recipe, minutes=options.minutes, seed=options.seed, clock=process_time)
    measured_at = 0.0
    last: TrainingStep

    def told(step: TrainingStep) -> Progress:
        nonlocal last, measured_at
        last = step
        if step.model and step.done - measured_at >= 1 / _MEASUREMENTS:
            measure(step.model, step)
            measured_at = step.done
        return Progress(step.done, 1.0, f"{name}, bound {step.lower_bound:.2f}")

    model = yield from passed_through(job, told)
    measure(model, last)
    return model, curve


def _best_frame_f1(model: TrainedModel, corpus: Corpus) -> float:
    """Decoded from μ, at the best threshold fixed for all windows."""
    x = corpus.windows()
    probabilities = model.decode(model.encode(x).mu, corpus.window)
    return max(frame_f1(probabilities >= threshold, x) for threshold in THRESHOLDS)


def _kept(path: Path) -> dict[str, Any]:
    """The figures in a file, or none if it is not there or not what was written."""
    try:
        kept = json.loads(read_bounded(path, _LARGEST_FIGURES))
    except (FileError, ValueError, RecursionError):
        return {}
    return kept if isinstance(kept, dict) else {}


def findings(rows: Mapping[str, Figures]) -> list[str]:
    """The table in sentences."""
    sentences = []
    for paper in OURS:
        base = rows.get(paper, {}).get("lower_bound")
        switches = {
            name.removeprefix(paper + "-"): row["lower_bound"] - base
            for name, row in rows.items()
            if base is not None and name.startswith(paper + "-") and "lower_bound" in row
        }
        if switches:
            changes = ", ".join(f"{name} {by:+.2f}" for name, by in sorted(switches.items(), key=lambda s: -s[1]))
            sentences.append(f"{paper} comes to a bound of {base:.2f}; single switches change it: {changes}")
    sentences += [
        f"{name} reaches a frame F1 of {GOOD_F1} after {row['seconds_to_good_f1'] / 60:.1f} minutes"
        for name, row in rows.items()
        if row.get("seconds_to_good_f1")
    ]
    sentences += [sentence for paper, ours in OURS.items() for sentence in _against(paper, ours, rows)]
    sentences += [f"{name} failed: {row['failed']}" for name, row in rows.items() if "failed" in row]
    return sentences


def _against(paper: str, ours: str, rows: Mapping[str, Figures]) -> list[str]:
    """How much sooner ours is good, and how it does on windows it has not seen when it is as good on those it has."""
    theirs, row = rows.get(paper, {}), rows.get(ours, {})
    if "curve" not in theirs or "curve" not in row:
        return []
    sentences = []
    if row["seconds_to_good_f1"]:
        good = theirs["seconds_to_good_f1"]
        least = good or theirs["curve"][-1]["seconds"]
        ratio = f"{least / row['seconds_to_good_f1']:.1f}"
        sentences.append(f"{ours} is {'' if good else 'more than '}{ratio} times as fast as {paper} to that F1")
    reached, unseen = (theirs["curve"][-1][which] for which in ("lower_bound", "held_out_lower_bound"))
    bounds = np.array([(point["lower_bound"], point["held_out_lower_bound"]) for point in row["curve"]])
    if bounds[0, 0] <= reached <= bounds[:, 0].max():
        upwards = bounds[np.argsort(bounds[:, 0], kind="stable")]
        alike = float(np.interp(reached, upwards[:, 0], upwards[:, 1]))
        sentences.append(
            f"at {paper}'s last bound of {reached:.2f}, held-out windows have {unseen:.2f}, and {alike:.2f} in {ours}"
        )
    return sentences


COMPARISON = Experiment(
    settings,
    "the paper's settings, its authors' and ours, in one table under equal time",
    f"""\
the paper (section 4) proposes a window at every time step, reversed input and LSTM cells, and leaves them to
others. Its authors' code differs from it: a KL weight of 0.5 or 0.4, and x_0 = 0. Here each of these is one
switch of `paper-2d` and `paper-20d`, and all {len(SETTINGS)} settings, ours among them, train for the same
time, counted by the processor, and are measured on the same windows; every tenth window is held out.

to look for: which switch by itself moves the bound (the true one, KL weight 1), the frame F1 and the song accuracy,
and whether the bound on held-out windows moves with them.

Each setting leaves its model and its figures in the folder: a table can be made in pieces with --resume.

writes:
  settings.md     the table
  settings.png    the table as a picture
  NAME.safetensors, NAME.json   the model and the figures of each setting
  figures.json    all of them

example:
  vrae reproduce settings
  vrae reproduce settings --minutes 20 --resume -o settings-20
  vrae reproduce settings --only paper-20d fast-20d --minutes 40 -o ours-against-the-papers""",
    ("minutes", "resume", "only"),
    minutes=f"{MINUTES:g}",
)
