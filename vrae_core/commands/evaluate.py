"""`vrae evaluate`: how good a model is."""

from __future__ import annotations

import argparse
import math

from vrae_core.columns import BAND
from vrae_core.commands.arguments import add_json, add_model, add_rolls, add_songs, describe, whole
from vrae_core.commands.inputs import all_windows, open_model, read_songs, rolls_of
from vrae_core.commands.outputs import print_json
from vrae_core.commands.running import run_with_bar
from vrae_core.model.benchmark_evaluation import RollsEvaluation, evaluate_rolls
from vrae_core.model.evaluation import evaluate
from vrae_core.model.trained import TrainedModel

_TEXT = """\
Bounds are nats per window per time step (higher is better) with KL weight 1, and the decoder runs
freely: it is never shown the music it should make. Compare them with the baselines, which use no
latent variable. frame_f1_shuffled_z decodes each window from another's z: it must be far below
frame_f1, or the model does not listen to z. The teacher-forced bound alone shows the decoder the true
past: it is what models that predict the next step are measured by, and says little about its music.

note_onset_f1 is what is heard: notes that begin within 25 ms of one of the file, of the same pitch or kind
of drum, one to one, in seconds, so that grids can be compared. note_onset_f1_roll is what the windows
themselves reach: what is missing from 1 there was lost when the songs were put on the grid.

With --rolls, pieces of a polyphonic benchmark are measured whole, in nats per step of theirs (a beat or
a part of one) over all 88 pitches, as others publish them with the opposite sign; see docs/results.md.

example:
  vrae evaluate 20d
  vrae evaluate 20d --hop 20        # half of a window shared with the next, as in the paper's section 3.2
  vrae evaluate jsb.safetensors --rolls JSB_Chorales.json.gz --samples 100
  vrae evaluate my-songs.safetensors my-songs/*.mid --json"""

_MEANINGS = {
    "windows": "windows measured",
    "lower_bound": "reconstruction less kl",
    "reconstruction": "log p(x | z), z drawn from the posterior",
    "kl": "what z costs",
    "lower_bound_teacher_forced": "the bound if the decoder were shown the true past",
    "frame_f1": "cells that agree, decoded from mu, at the model's threshold",
    "threshold": "the model's own, fixed when it was trained",
    "frame_f1_at_half": "the same at a threshold of 0.5",
    "frame_f1_shuffled_z": "the same from another window's mu",
    "active_units": "latent dimensions that carry something",
    "song_accuracy": "windows whose 5 nearest others are mostly of their song",
    "baseline_marginal": "bound of each pitch at its overall rate",
    "baseline_per_song": "bound of each pitch at its song's rate",
    "baseline_per_window": "bound of each pitch at its window's rate",
    "baseline_persistence": "bound of each pitch given the step before",
    "persistence_f1": "cells that agree when the step before is repeated",
    "note_onset_f1": "notes that begin when those of the file do",
    "note_onset_f1_roll": "the same of the windows themselves: the grid's own figure",
    "note_onset_f1_melody": "of the melody alone",
    "note_onset_f1_chords": "of the chords",
    "note_onset_f1_bass": "of the bass",
    "note_onset_f1_drums": "of the drums, each kind by itself",
}
_OF_PARTS = tuple(f"note_onset_f1_{part.label.lower()}" for part in BAND)  # models without parts do not have them
_MEANINGS_OF_ROLLS = _MEANINGS | {
    "pieces": "pieces of the split",
    "steps": "of all pieces",
    "windows": "that tile the pieces, the last of each as short as what is left",
    "samples": "draws of z a window",
    "importance_weighted_bound": "a tighter bound from all draws together (Burda et al. 2015)",
    "importance_weighted_bound_teacher_forced": "the same if the decoder were shown the true past",
    "unknown_pitches": "part of every bound: pitches that the model lacks, at their rate in train",
    "baseline_marginal": "bound of each pitch at its rate in train",
}


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = describe(subparsers, "evaluate", "measure how good a model is on songs", _TEXT, run)
    add_model(parser)
    add_songs(parser)
    add_rolls(parser, "test")
    parser.add_argument(
        "--hop", type=whole(1, 1000), metavar="N", help="steps between two windows' starts (default: as it was trained)"
    )
    parser.add_argument(
        "--samples",
        type=whole(1, 10_000),
        default=1,
        metavar="K",
        help="draws of z a window, with --rolls (default: 1)",
    )
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    model = open_model(args.model)
    if args.rolls:
        figures, meanings = _of_rolls(model, args)._asdict(), _MEANINGS_OF_ROLLS
    else:
        corpus = all_windows(read_songs(args.midi), model, args.hop)
        figures, meanings = run_with_bar(evaluate(model, corpus), "measuring")._asdict(), _MEANINGS
        figures = {name: value for name, value in figures.items() if name not in _OF_PARTS or not math.isnan(value)}
    if args.json:
        print_json(figures)
        return 0
    width = max(map(len, figures))
    for name, value in figures.items():
        shown = f"{value:10.4f}" if isinstance(value, float) else f"{value:10}"
        print(f"{name:{width}}{shown}   {meanings.get(name, '')}".rstrip())
    return 0


def _of_rolls(model: TrainedModel, args: argparse.Namespace) -> RollsEvaluation:
    rolls = rolls_of(args)
    return run_with_bar(evaluate_rolls(model, getattr(rolls, args.split), rolls.train, args.samples), "measuring")
