"""`vrae train`: songs to a model."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import signal
import sys
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from tqdm import tqdm

from vrae_core.commands.arguments import add_json, add_output, add_rolls, add_songs, describe, number, whole
from vrae_core.commands.inputs import packed_windows, read_music, warn, warn_of_skipped
from vrae_core.commands.outputs import check_writable
from vrae_core.commands.progress_bar import new_bar
from vrae_core.commands.stopping import stop_asked_for
from vrae_core.corpus import Corpus, Windows, build_corpus, choose_pitches
from vrae_core.distributed import Group, in_group, was_restarted
from vrae_core.errors import FileError
from vrae_core.packed_corpus import is_packed
from vrae_core.recipes import RECIPES, Recipe
from vrae_core.trained_model import TrainedModel

if TYPE_CHECKING:
    from vrae_core.training import TrainingStep

_DEFAULT = "fast-20d"
_SECONDS_BETWEEN_LINES = 5.0
_FIGURES = (
    *("epoch", "updates", "seconds", "lower_bound", "reconstruction", "kl"),
    *("learning_rate", "active_units", "teacher_forcing"),
)
_TEXT = """\
While it runs, a line every few seconds tells the lower bound and its two parts in nats per window per
time step, with KL weight 1. "told 40%" means that the decoder is fed that share of the true past, which
flatters the bound; where it is not said, the decoder runs freely on its own output. A checkpoint beside
MODEL is kept up to date; Ctrl-C writes it and stops, and the same command with --resume goes on from there.

A single file that `vrae pack` wrote, CORPUS.vrae-rolls, may stand for the songs: it need not fit into memory.

Started by torchrun, several processes share each minibatch; the first writes and prints. If one of them dies,
--max-restarts lets all go on from the checkpoint.

With --rolls the pieces of a polyphonic benchmark are learnt instead. Their steps are beats or parts of
them, not 50 ms: give a --window to suit, such as 16, and expect the model's music to sound too fast.

recipes:
{recipes}

example:
  vrae train my-songs/*.mid -o my-songs.safetensors
  vrae train my-songs/*.mid -o my-songs.safetensors --recipe paper-2d --minutes 20
  vrae train my-songs/*.mid -o my-songs.safetensors --resume
  torchrun --nproc-per-node 2 -m vrae_core train my-songs/*.mid -o my-songs.safetensors
  vrae train --rolls JSB_Chorales.json.gz -o jsb.safetensors --window 16 --hop 1 --minutes 20"""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    recipes = "\n".join(f"  {name:12} {recipe.summary}" for name, recipe in RECIPES.items())
    parser = describe(subparsers, "train", "train a model on songs", _TEXT.format(recipes=recipes), in_group(run))
    add_songs(parser)
    add_rolls(parser, "train")
    add_output(parser, "MODEL", "the model file to write; the checkpoint goes beside it")
    parser.add_argument("--recipe", choices=RECIPES, default=_DEFAULT, help=f"see below (default: {_DEFAULT})")
    parser.add_argument("--window", type=whole(1, 1000), metavar="T", help="steps (default: the recipe's)")
    parser.add_argument(
        "--hop", type=whole(1, 1000), metavar="N", help="steps between two windows' starts (default: the recipe's)"
    )
    length = parser.add_mutually_exclusive_group()
    length.add_argument(
        "--epochs", type=whole(1), metavar="N", help="times through all windows (default: the recipe's)"
    )
    length.add_argument("--minutes", type=number(0.01), metavar="M", help="length of the training by the clock instead")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint, if there is one")
    parser.add_argument("--threads", type=whole(1, 256), default=1, metavar="N", help="of the processor (default: 1)")
    parser.add_argument(
        "--device", choices=("cpu", "cuda"), default="cpu", help="cuda: a graphics card for each process (default: cpu)"
    )
    parser.add_argument(
        "--seed", type=whole(0, 2**32 - 1), default=0, metavar="N", help="of all that is drawn by chance"
    )
    add_json(parser, "print each line of figures as a JSON object")


def run(args: argparse.Namespace) -> int:
    output = Path(args.output)
    check_writable(args.output)
    if output.suffix.lower() in (".mid", ".midi"):
        raise FileError(output, "looks like a song; give the model another name, such as model.safetensors")
    recipe = _recipe(args)
    corpus = packed_windows(args.midi, recipe) or _windows(args, recipe)
    warn_of_skipped(corpus.skipped)
    checkpoint = output.with_name(output.stem + ".checkpoint")
    args.resume |= was_restarted()
    if args.resume and not checkpoint.exists():
        warn(f"{checkpoint.name} does not exist yet, so training starts from the beginning")
    job = _job(corpus, recipe, checkpoint, args)
    with stop_asked_for() as asked:
        model = _follow(job, asked, args.json, args.group)
    if model is None:
        kept = f"{checkpoint} holds the run" if checkpoint.exists() else "nothing was learnt yet"
        warn(f"stopped; {kept}: the same command with --resume goes on")
        return 128 + (asked[0] if asked else signal.SIGTERM)  # another process of the group was asked
    if not args.group.is_first:
        return 0
    if args.rolls:
        pieces = f"{len(corpus.names)} pieces, {args.split} of {Path(args.rolls).name}; their steps are not 50 ms"
        model = replace(model, about={**model.about, "songs": pieces})
    model.save(output)
    if not args.json:
        print(f"{output} is ready (threshold {model.threshold:g}).  Look at it with")
        print(_next_commands(args))
    return 0


def _windows(args: argparse.Namespace, recipe: Recipe) -> Corpus:
    songs = read_music(args)
    return build_corpus(
        songs,
        recipe.model.window,
        recipe.model.hop,
        cap=recipe.cap,
        equal_share=recipe.equal_share,
        pitches=choose_pitches(songs, min_share=0) if args.rolls else None,  # the benchmark charges for every pitch
    )


def _recipe(args: argparse.Namespace) -> Recipe:
    recipe = RECIPES[args.recipe]
    model = replace(recipe.model, window=args.window or recipe.model.window, hop=args.hop or recipe.model.hop)
    return replace(recipe, model=model)


def _next_commands(args: argparse.Namespace) -> str:
    if args.rolls:
        return "  vrae evaluate " + shlex.join([args.output, "--rolls", args.rolls])
    if any(map(is_packed, args.midi)):
        return "  vrae map " + shlex.join([args.output, "SONGS", "-o", "map.png"]) + "\nor open it in vrae-explorer."
    model_and_songs = shlex.join([args.output, *args.midi])
    return f"  vrae map {model_and_songs} -o map.png\n  vrae evaluate {model_and_songs}\nor open it in vrae-explorer."


def _job(
    corpus: Windows, recipe: Recipe, checkpoint: Path, args: argparse.Namespace
) -> Generator[TrainingStep, None, TrainedModel]:
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # heeded only if set before torch is imported
    from vrae_core.training import train  # noqa: PLC0415 - torch takes 1.5 s to import

    return train(
        corpus,
        recipe,
        epochs=args.epochs,
        minutes=args.minutes,
        checkpoint=checkpoint,
        resume=args.resume,
        seed=args.seed,
        threads=args.threads,
        group=args.group,
    )


def _follow(
    job: Generator[TrainingStep, None, TrainedModel], asked: list[int], as_json: bool, group: Group
) -> TrainedModel | None:
    """Run training to its end, telling how it goes; None if asked to stop before, with the checkpoint written."""
    told_at = -_SECONDS_BETWEEN_LINES
    with new_bar("training") as bar:
        try:
            while not group.agree(bool(asked)):
                step = next(job)
                bar.n = step.done
                bar.refresh()
                if monotonic() - told_at >= _SECONDS_BETWEEN_LINES or step.done >= 1:
                    tqdm.write(_line(step, as_json), file=sys.stdout)
                    sys.stdout.flush()
                    told_at = monotonic()
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        finally:
            job.close()
    return None


def _line(step: TrainingStep, as_json: bool) -> str:
    if as_json:
        return json.dumps({name: getattr(step, name) for name in _FIGURES})
    minutes, seconds = divmod(int(step.seconds), 60)
    told = f"  told {step.teacher_forcing:.0%}" if step.teacher_forcing else ""
    return (
        f"{minutes:4}:{seconds:02}  epoch {step.epoch:5}  updates {step.updates:7}  bound {step.lower_bound:8.4f}"
        f"  reconstruction {step.reconstruction:8.4f}  KL {step.kl:.4f}  active {step.active_units}{told}"
    )
