"""`vrae reproduce`: the paper's claims as experiments, each with pictures, music and figures in a folder."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vrae_core import __version__
from vrae_core.commands.arguments import MODEL, add_songs, describe, number, whole
from vrae_core.commands.inputs import open_model, read_songs, warn
from vrae_core.commands.outputs import json_text
from vrae_core.commands.run_names import find_run, runs_folder
from vrae_core.commands.running import run_with_bar, stop_asked_for, until
from vrae_core.corpus.sampling import PAPER_GRID
from vrae_core.errors import FileError, VraeError
from vrae_core.midi.song import Song
from vrae_core.reproduction.experiment import Experiment, Options
from vrae_core.reproduction.figures import FIGURE_1, FIGURE_2
from vrae_core.reproduction.grid import GRID
from vrae_core.reproduction.interpolation import INTERPOLATION
from vrae_core.reproduction.medleys import MEDLEY
from vrae_core.reproduction.settings import COMPARISON, SETTINGS
from vrae_core.reproduction.warm_start import WARM_START
from vrae_core.runs.folder import RunFolder
from vrae_core.safe_files import make_folder, write_atomically

FIGURES = "figures.json"
_TEXT = """\
Fabius & van Amersfoort, Variational Recurrent Auto-Encoders, arXiv:1412.6581 (ICLR 2015 workshop).
`vrae reproduce NAME --help` tells what the paper claims, what is done here and what to look for.
Every experiment writes pictures, MIDI files where there is music, and figures.json into one folder.

example:
  vrae reproduce interpolation
  vrae reproduce figure-1 --minutes 30 -o my-figure-1"""


EXPERIMENTS: dict[str, Experiment] = {
    "figure-1": FIGURE_1,
    "figure-2": FIGURE_2,
    "interpolation": INTERPOLATION,
    "medley": MEDLEY,
    "warm-start": WARM_START,
    "settings": COMPARISON,
    "grid": GRID,
}


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = describe(subparsers, "reproduce", "do the paper's experiments and see what comes out", _TEXT, run)
    experiments = parser.add_subparsers(title="experiments", metavar="NAME", required=True)
    for name, experiment in EXPERIMENTS.items():
        _add(experiments, name, experiment)


def _add(experiments: argparse._SubParsersAction[argparse.ArgumentParser], name: str, experiment: Experiment) -> None:
    parser = describe(experiments, name, experiment.summary, experiment.text, run)
    parser.set_defaults(experiment=name, minutes=None, resume=False, model=None, only=[], run_folder=None)
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
    if "run" in experiment.takes:
        parser.add_argument(
            "--run",
            dest="run_folder",
            metavar="RUN",
            help="instead of training: show what this run of `vrae train` or the window has come to; "
            "its folder, or a part of its name",
        )
    parser.add_argument(
        "--seed", type=whole(0, 2**32 - 1), default=0, metavar="N", help="of all that is drawn by chance (default: 0)"
    )


def run(args: argparse.Namespace) -> int:
    folder = Path(args.output)
    shown = _run_to_show(args) if args.run_folder else None
    model = open_model(args.model) if args.model else None
    if model is not None and model.config.grid != PAPER_GRID and not EXPERIMENTS[args.experiment].any_grid:
        raise VraeError(f"{args.experiment} listens to models of {PAPER_GRID} that hear all instruments together")
    songs = [] if shown else read_songs(args.midi)
    _make(folder)
    if args.resume and not any(folder.iterdir()):
        warn(f"there is nothing in {folder} to go on from, so this starts from the beginning")
    options = Options(folder, args.minutes, args.seed, args.resume, tuple(args.only), model, shown)
    job = EXPERIMENTS[args.experiment].run(songs, options)
    with stop_asked_for() as asked:
        figures = run_with_bar(until(job, asked), args.experiment)
    if figures is None:
        resumable = "resume" in EXPERIMENTS[args.experiment].takes and any(folder.iterdir())
        warn(f"stopped; {folder} holds the run: the same command with --resume goes on" if resumable else "stopped")
        return 128 + asked[0]
    for sentence in figures.get("skipped", []):
        warn(sentence)
    text = json_text(_heading(args, songs, shown) | figures)
    write_atomically(folder / FIGURES, text.encode(errors="backslashreplace"))  # as JSON has it too
    for sentence in figures.get("findings", []):
        print(sentence)
    print(f"everything is in {folder}, all figures in {FIGURES}")
    return 0


def _make(folder: Path) -> None:
    if folder.is_file():
        raise FileError(folder, "is a file; -o takes a folder")
    make_folder(folder)
    if not os.access(folder, os.W_OK):
        raise FileError(folder, "is a folder that allows no new files")


def _run_to_show(args: argparse.Namespace) -> RunFolder:
    """The run that --run names.  Raises: VraeError if there is no such run, or a training is asked for too."""
    if args.midi or args.minutes is not None or args.resume:
        raise VraeError("--run shows a run as it is, with its own songs: name no songs, no --minutes and no --resume")
    return find_run(args.run_folder, runs_folder(None))


def _heading(args: argparse.Namespace, songs: Sequence[Song], shown: RunFolder | None) -> dict[str, Any]:
    """What was asked for, so that the figures say where they come from."""
    asked: dict[str, Any] = {"reproduction": args.experiment, "version": __version__, "seed": args.seed}
    if args.minutes is not None:
        asked["minutes"] = args.minutes
    if shown is not None:
        settings = shown.settings()
        return asked | {"run": settings.name, "songs": [song.name for song in settings.songs]}
    return asked | {"songs": [song.name for song in songs]}
