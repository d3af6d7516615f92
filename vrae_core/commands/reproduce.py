"""`vrae reproduce`: the paper's claims as experiments, each with pictures, music and figures in a folder."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from vrae_core import __version__
from vrae_core.commands.arguments import MODEL, add_songs, describe, number, whole
from vrae_core.commands.inputs import open_model, read_songs, warn
from vrae_core.commands.outputs import json_text
from vrae_core.commands.running import run_with_bar, stop_asked_for, until
from vrae_core.corpus.sampling import PAPER_GRID
from vrae_core.errors import FileError, VraeError
from vrae_core.midi.song import Song
from vrae_core.reproduction.experiment import Options, Reproduction
from vrae_core.reproduction.figures import figure_1, figure_2
from vrae_core.reproduction.grid import grid
from vrae_core.reproduction.interpolation import interpolation
from vrae_core.reproduction.medleys import medley
from vrae_core.reproduction.settings import MINUTES, SETTINGS, settings
from vrae_core.reproduction.warm_start import warm_start
from vrae_core.safe_files import write_atomically

FIGURES = "figures.json"
_TEXT = """\
Fabius & van Amersfoort, Variational Recurrent Auto-Encoders, arXiv:1412.6581 (ICLR 2015 workshop).
`vrae reproduce NAME --help` tells what the paper claims, what is done here and what to look for.
Every experiment writes pictures, MIDI files where there is music, and figures.json into one folder.

example:
  vrae reproduce interpolation
  vrae reproduce figure-1 --minutes 30 -o my-figure-1"""


class _Experiment(NamedTuple):
    run: Reproduction
    summary: str
    text: str
    takes: tuple[Literal["minutes", "resume", "model", "only", "train"], ...]
    minutes: str = "the recipe's epochs"  # how long it trains if it is not told
    any_grid: bool = False  # whether the model may be one in musical time or of parts


_FIGURE_FILES = """\
writes:
  map.png            every window at its place on the map, in its song's colour and shape
  bound.png          lower bound, reconstruction and KL over the epochs, without the first ten as in the paper
  windows-and-their-reconstructions.mid   a window of each song, each followed by what the model makes of it
  model.safetensors  the model; training.checkpoint beside it is for --resume
  figures.json       the curve, every figure of `vrae evaluate`, and how separate the songs are

how separate the songs are is told by two figures, for latent space, for the map, for chance (the songs
shuffled) and for as many principal components of the raw windows, which is what no learning at all would give:
  5-NN song accuracy   windows whose five nearest others are mostly of their own song
  silhouette           1: every song a tight cloud of its own, 0: songs lie upon each other
"""

EXPERIMENTS: dict[str, _Experiment] = {
    "figure-1": _Experiment(
        figure_1,
        "two latent dimensions: the lower bound over training, and the map of the songs",
        """\
the paper (section 3.1, figure 1): windows of 2.5 s, 500 hidden units, two latent dimensions. The lower bound
rises over 40,000 epochs, and on the map of μ the songs take regions of their own, though nobody told the
model which window is from which song.

to look for: does the bound pass the dashed lines, which know how often each pitch sounds but not when? Are the
songs more separate than by principal components, which need no training?

The default is the paper's 40,000 epochs: many hours on one core. Give --minutes 30 to see the same in short:
the learning rate then falls with the clock.

"""
        + _FIGURE_FILES
        + """
example:
  vrae reproduce figure-1 --minutes 30
  vrae reproduce figure-1 my-songs/*.mid --minutes 60 --resume -o my-figure-1""",
        ("minutes", "resume"),
    ),
    "figure-2": _Experiment(
        figure_2,
        "twenty latent dimensions on overlapping windows, drawn by t-SNE",
        """\
the paper (section 3.2, figure 2): windows of 2 s that overlap by half, twenty latent dimensions, a lower
learning rate. μ is drawn by t-SNE (here with a fixed seed, which the picture tells), and the songs
part more clearly than in two dimensions.

to look for: is the song accuracy above that of figure-1, and above that of twenty principal components? t-SNE
exaggerates gaps: the figures for latent space count more than the picture.

The default is the paper's 32,000 epochs: about a day on one core. Give --minutes 30 to see it in short; at the
paper's learning rate of 0.00002 the model has then hardly begun to learn, which is a result too.

"""
        + _FIGURE_FILES
        + """
example:
  vrae reproduce figure-2 --minutes 30""",
        ("minutes", "resume"),
    ),
    "interpolation": _Experiment(
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
    ),
    "medley": _Experiment(
        medley,
        "1,000 steps from one latent point: how long the music lasts",
        """\
the paper (section 3.3): the decoder can run on past the window it was trained on, and plays a medley of the
songs. Here 16 medleys of 1,000 steps (50 s) start from encoded windows and 16 from random z ~ N(0, 1).

to look for, block by block of one window:
  self-similarity     frame F1 with the block before; near 1 the music stands still or goes round
  note density        onsets a second, against the songs' own
  distance            1 − frame F1 to the nearest window anywhere in the songs, and whose it is: a medley
                      comes near several songs
  how it ends         dies out: silent to the end; freezes: nothing changes for two windows; loop: a pattern
                      repeats to the end, all but exactly (frame F1 0.9)
A model that hears z at every step (as the bundled ones) tends to stay with one song; the paper's, which hears
it once at the start, may wander or forget: compare them with --model.

writes:
  medleys.png       the four curves, mean and spread of both kinds of start
  medley-rolls.png  three of each kind, each block in the colour of the song it is nearest to
  encoded-N.mid, random-N.mid   as many of each kind as there are songs, to listen to
  figures.json      everything for each medley and in the mean

example:
  vrae reproduce medley
  vrae reproduce medley --model reproduction/figure-1/model.safetensors -o medley-as-in-the-paper""",
        ("model",),
    ),
    "warm-start": _Experiment(
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
    ),
    "settings": _Experiment(
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
    ),
    "grid": _Experiment(
        grid,
        "steps of 50 ms beside parts of a beat: what songs lose on either",
        """\
the paper (section 3.1) samples songs at 20 Hz: a step is 50 ms. The bundled songs were written on that grid, so
they hide what it does to others; here they are put on it as they are, and played at 113 and at 97 beats a
minute, and on 4, 6, 8, 12 and 24 steps a beat. Drums are left out. It takes seconds.

to look for:
  onsets moved   from where they are in the file to the step nearest to them, root mean square
  > 10 ms        the share of them that are moved by more than that
  made uneven    of two gaps between onsets that are even to 5 ms, how often one becomes longer by a step
  notes lost     that begin in the file and in the roll do not, for they run into the one before
  onset F1       of the roll itself (`vrae evaluate`: note_onset_f1_roll). It forgives 25 ms, which is as far as
                 50 ms can move an onset: what it shows is notes that are lost or cannot be told apart

With --train a model learns the songs on 20 Hz and one on 12 steps a beat, of the recipe `fast-20d` (windows of
2.5 s and of four beats), for as long each by the processor's clock: as they are, or at 113 beats a minute if
they were written on 50 ms.

writes grid.png and figures.json, and with --train the two models

example:
  vrae reproduce grid
  vrae reproduce grid my-songs/*.mid --train 3""",
        ("train",),
    ),
}


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = describe(subparsers, "reproduce", "do the paper's experiments and see what comes out", _TEXT, run)
    experiments = parser.add_subparsers(title="experiments", metavar="NAME", required=True)
    for name, experiment in EXPERIMENTS.items():
        _add(experiments, name, experiment)


def _add(experiments: argparse._SubParsersAction[argparse.ArgumentParser], name: str, experiment: _Experiment) -> None:
    parser = describe(experiments, name, experiment.summary, experiment.text, run)
    parser.set_defaults(experiment=name, minutes=None, resume=False, model=None, only=[])
    add_songs(parser)
    folder = os.path.join("reproduction", name)
    parser.add_argument(
        "-o", "--output", default=folder, metavar="FOLDER", help=f"the folder to write into (default: {folder})"
    )
    if "model" in experiment.takes:
        parser.add_argument("--model", default="20d", help=f"{MODEL} (default: %(default)s)")
    if "minutes" in experiment.takes:
        parser.add_argument(
            "--minutes",
            type=number(0.01),
            metavar="M",
            help=f"length of each training by the clock (default: {experiment.minutes})",
        )
    if "train" in experiment.takes:
        parser.add_argument(
            "--train",
            dest="minutes",
            type=number(0.01),
            metavar="MINUTES",
            help="also train a model on either grid, for so long",
        )
    if "only" in experiment.takes:
        parser.add_argument("--only", nargs="+", choices=SETTINGS, default=[], metavar="SETTING", help="some of them")
    if "resume" in experiment.takes:
        parser.add_argument("--resume", action="store_true", help="go on from what a stopped run left in FOLDER")
    parser.add_argument(
        "--seed", type=whole(0, 2**32 - 1), default=0, metavar="N", help="of all that is drawn by chance (default: 0)"
    )


def run(args: argparse.Namespace) -> int:
    folder = Path(args.output)
    model = open_model(args.model) if args.model else None
    if model is not None and model.config.grid != PAPER_GRID and not EXPERIMENTS[args.experiment].any_grid:
        raise VraeError(f"{args.experiment} listens to models of {PAPER_GRID} that hear all instruments together")
    songs = read_songs(args.midi)
    _make(folder)
    if args.resume and not any(folder.iterdir()):
        warn(f"there is nothing in {folder} to go on from, so this starts from the beginning")
    options = Options(folder, args.minutes, args.seed, args.resume, tuple(args.only), model)
    job = EXPERIMENTS[args.experiment].run(songs, options)
    with stop_asked_for() as asked:
        figures = run_with_bar(until(job, asked), args.experiment)
    if figures is None:
        resumable = "resume" in EXPERIMENTS[args.experiment].takes and any(folder.iterdir())
        warn(f"stopped; {folder} holds the run: the same command with --resume goes on" if resumable else "stopped")
        return 128 + asked[0]
    for sentence in figures.get("skipped", []):
        warn(sentence)
    write_atomically(folder / FIGURES, json_text(_heading(args, songs) | figures).encode())
    for sentence in figures.get("findings", []):
        print(sentence)
    print(f"everything is in {folder}, all figures in {FIGURES}")
    return 0


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise FileError(folder, "is a file; -o takes a folder") from None
    if not os.access(folder, os.W_OK):
        raise FileError(folder, "is a folder that allows no new files")


def _heading(args: argparse.Namespace, songs: Sequence[Song]) -> dict[str, Any]:
    """What was asked for, so that the figures say where they come from."""
    asked = {"reproduction": args.experiment, "version": __version__, "seed": args.seed}
    if args.minutes is not None:
        asked["minutes"] = args.minutes
    return asked | {"songs": [song.name for song in songs]}
