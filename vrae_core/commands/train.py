"""`vrae train`: songs to a model."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

from vrae_core.bundled import BASE
from vrae_core.commands.arguments import add_rolls, add_songs, describe, number, whole
from vrae_core.commands.asked_run import NOTHING, RECIPE_OF_ROLLS, asked_recipe, settings_of, start_of
from vrae_core.commands.inputs import packed_file, read_music, warn
from vrae_core.commands.outputs import check_writable
from vrae_core.commands.run_names import runs_folder
from vrae_core.commands.run_training import (
    add_training_options,
    check_options,
    corpus_for,
    music_of,
    resume,
    train_run,
)
from vrae_core.commands.song_changes import add_changes, check_changes, differing
from vrae_core.corpus.windows import Corpus
from vrae_core.errors import FileError, VraeError
from vrae_core.model.recipes import RECIPES, USUAL_RECIPE
from vrae_core.model.trained import TrainedModel
from vrae_core.runs.folder import RunFolder
from vrae_core.runs.settings import RunSettings
from vrae_core.runs.train import note_branch
from vrae_core.runs.windows import save_corpus
from vrae_core.training.distributed import in_group, was_restarted

_AGAIN = "the same command with --resume"
_TEXT = """\
While it runs, a line every few seconds tells the lower bound and its two parts in nats per window per
time step, with KL weight 1. "teacher forcing 40%" means that the decoder is fed that share of the true past, which
flatters the bound; where it is not said, the decoder runs freely on its own output.

A run is a folder, the same as that of the window's training tab: its settings, a line of figures a second
(history.csv), the model as it was along the way (snapshots), and a checkpoint, renewed every 20 s and at every
stop. Ctrl-C stops; the same command with --resume goes on, and what comes out equals an uninterrupted run (of so
many --epochs; by the clock, how many updates there are depends on the machine).

  -o my.safetensors    the run is my.run beside it, and the finished model goes into my.safetensors
  --run FOLDER         the run is FOLDER; the finished model is model.safetensors in it
  neither              the run is one of the window's own, which `vrae runs` lists

Where no recipe is named, songs are learnt from base, the bundled model that knows music, in three minutes, as *Learn
these songs* in the window does it: the short way to a model of your own songs. A recipe that is named begins from
nothing, by chance, and so do rolls and packed songs. --from MODEL begins from another model, --from nothing from none,
and --branch RUN@UPDATES from a snapshot of a run, by default on that run's own songs. The model's shape is then that
of the one it began from, but for its dimensions if a recipe by the bar is named: --recipe bars-2d --from base
learns a map of two dimensions.

A single file that `vrae pack` wrote, CORPUS.vrae-rolls, may stand for the songs: it need not fit into memory.
Started by torchrun, several processes share each minibatch; the first writes and prints. If one of them dies,
--max-restarts lets all go on from the checkpoint.

With --rolls the pieces of a polyphonic benchmark are learnt instead. Their steps are beats or parts of
them, not 50 ms: give a --window to suit, such as 16, and expect the model's music to sound too fast.

With --quantise the songs are learnt as if they had been played on time: each onset goes to the nearest point of a
grid of the beats that its file counts, through all its changes of tempo, and notes keep their lengths. Take
the shortest note that the music has; a coarser grid changes the music, a finer one lets the unsteadiness in
again. Swing and triplets need a grid with T. A step stays 50 ms: notes that are on time fall on it alike
only where the tempo lets them (at 150 beats a minute a 1/32 is a step). A file that was played in without a
metronome has beats that mean nothing: its onsets lie far from any grid, which is said, and it is better left out.
Recipes that count in beats leave out songs without beats, or whose notes lie at chance from those of their files;
with --estimate-beats their beats are found in their onsets, in bars of four.
With --transpose 3 they are learnt three semitones higher; with --transpose home each goes the shortest way to C major
or A minor, by the key that its notes fit best, so that songs differ by more than their keys. A branch of a run
does to songs what its run did; --quantise off and --transpose 0 undo that.
Songs opened in the window to explore them with the model are shown as they are in their files.

recipes (`vrae recipes NAME` tells all of one's settings):
{recipes}

example:
  vrae train my-songs/*.mid -o my-songs.safetensors
  vrae train my-songs/*.mid -o my-songs.safetensors --recipe paper-2d --minutes 20
  vrae train my-songs/*.mid -o my-songs.safetensors --resume
  vrae train my-songs/*.mid --from nothing --minutes 60 --name "Mine, from nothing"
  vrae train my-songs/*.mid --recipe bars-2d --from base --minutes 5 --name "Mine, on a plane"
  vrae train my-songs/*.mid --from 20d --minutes 5 --name "Mine, from the bundled model"
  vrae train played-in/*.mid -o steady.safetensors --quantise 1/16 --quantise-strength 80
  vrae train --branch my-songs.run@1200 --recipe-file gentler.json -o gentler.safetensors
  torchrun --nproc-per-node 2 -m vrae_core train my-songs/*.mid -o my-songs.safetensors
  vrae train --rolls JSB_Chorales.json.gz -o jsb.safetensors --window 16 --hop 1 --minutes 20"""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    recipes = "\n".join(f"  {name:12} {recipe.summary}" for name, recipe in RECIPES.items())
    parser = describe(subparsers, "train", "train a model on songs", _TEXT.format(recipes=recipes), in_group(run))
    add_songs(parser)
    add_rolls(parser, "train")
    where = parser.add_argument_group("where it is kept")
    where.add_argument("-o", "--output", metavar="MODEL", help="the model file to write; the run goes beside it")
    where.add_argument("--run", dest="folder", metavar="FOLDER", help="the run's folder")
    where.add_argument("--resume", action="store_true", help="resume the run, if there is one")
    where.add_argument("--name", help="what the run is called in lists (default: after its files)")
    where.add_argument("--notes", default="", metavar="TEXT", help="notes on the run")
    group = parser.add_argument_group("what is trained, and from where")
    recipe = group.add_mutually_exclusive_group()
    usual = f"{USUAL_RECIPE}, or {RECIPE_OF_ROLLS} for rolls"
    recipe.add_argument("--recipe", choices=RECIPES, metavar="NAME", help=f"see below (default: {usual})")
    recipe.add_argument(
        "--recipe-file", metavar="FILE", help="settings of your own, as `vrae recipes NAME --json` prints them"
    )
    group.add_argument("--window", type=whole(1, 1000), metavar="T", help="steps (default: the recipe's)")
    group.add_argument(
        "--hop", type=whole(1, 1000), metavar="N", help="steps between two windows' starts (default: the recipe's)"
    )
    group.add_argument(
        "--held-out",
        type=number(0, 0.5),
        metavar="SHARE",
        help="of the windows, which are measured and not learnt, up to 0.5 (default: 0)",
    )
    add_changes(group)
    group.add_argument(
        "--estimate-beats",
        action="store_true",
        help="of songs whose notes keep to no beats of their files, which are left out otherwise",
    )
    start = group.add_mutually_exclusive_group()
    start.add_argument(
        "--from",
        dest="start",
        metavar="MODEL",
        help=f"begin from this model, or from {NOTHING} (default: {BASE} for songs if no recipe is named)",
    )
    start.add_argument("--branch", metavar="RUN@UPDATES", help="begin from this snapshot; its newest without @UPDATES")
    group.add_argument(
        "--seed", type=whole(0, 2**32 - 1), metavar="N", help="of all that is drawn by chance (default: 0)"
    )
    add_training_options(parser)


def run(args: argparse.Namespace) -> int:
    _check(args)
    folder = _folder(args)
    if folder is None and args.group.size > 1:
        raise VraeError("several processes that train together need -o, to find the same run")
    begun = folder is not None and args.group.of_first((folder / "run.json").exists())
    found = RunFolder(folder) if folder and begun else None
    args.resume |= was_restarted()
    if found and not args.resume:
        raise FileError(found.path, "holds a run already: --resume goes on with it, another name begins a new one")
    if args.resume and found is None:
        _check_nothing_to_resume(args, folder)
    model, status = _resume(found, args) if found else _begin(folder, args)
    if model is None or not args.output or not args.group.is_first:
        return status
    model.save(args.output)
    if not args.json:
        print(f"{args.output} is ready (threshold {model.threshold:g}).  Look at it with")
        print(_next_commands(args))
    return 0


def _check(args: argparse.Namespace) -> None:
    check_options(args)
    check_changes(args)
    if args.output:
        check_writable(args.output)
        if Path(args.output).suffix.lower() in (".mid", ".midi"):
            raise FileError(args.output, "looks like a song; give the model another name, such as model.safetensors")


def _folder(args: argparse.Namespace) -> Path | None:
    """The run's folder as the command line says; None: a new one among the window's."""
    if args.folder:
        return Path(args.folder)
    return Path(args.output).with_suffix(".run") if args.output else None


def _check_nothing_to_resume(args: argparse.Namespace, folder: Path | None) -> None:
    if folder is None:
        raise VraeError("--resume needs -o or --run to say which run; `vrae runs resume` goes on with any by its name")
    old = folder.with_suffix(".checkpoint")
    if old.exists():
        raise FileError(old, f"is of an older version, which kept no {folder.name}; leave --resume out to start again")
    warn(f"{folder.name} does not exist yet, so training starts from the beginning")


def _begin(folder: Path | None, args: argparse.Namespace) -> tuple[TrainedModel | None, int]:
    start = start_of(args)
    if start.run and start.settings and not (args.midi or args.rolls):
        songs = music_of(start.run, start.settings, args)
    else:
        songs = [] if packed_file(args.midi) and not args.rolls else read_music(args)
    settings = settings_of(songs, start, args)
    corpus = corpus_for(settings, songs)
    new = _new_run(folder, settings, args)
    if start.run and start.snapshot and args.group.is_first:
        note_branch(start.run, start.snapshot, settings.name)
    if isinstance(corpus, Corpus) and args.group.is_first:
        save_corpus(new, corpus)  # so that the window can show it wherever the songs are
    if not (args.json or args.output):
        print(f"the run is kept in {new.path}", flush=True)
    again = _AGAIN if folder else shlex.join(["vrae", "runs", "resume", str(new.path)])
    model, status = train_run(new, corpus, args, again, start.model)
    if model and not (args.json or args.output):
        print(f"{new.model} is ready (threshold {model.threshold:g}).")
    return model, status


def _new_run(folder: Path | None, settings: RunSettings, args: argparse.Namespace) -> RunFolder:
    """Make the run's folder; of several processes the first does it, and the others wait for it."""
    if folder is None:
        return RunFolder.create(runs_folder(None), settings)
    if args.group.is_first:
        RunFolder.create_at(folder, settings)
    args.group.wait()
    return RunFolder(folder)


def _resume(found: RunFolder, args: argparse.Namespace) -> tuple[TrainedModel | None, int]:
    """Go on with a run; what is asked of it must be what it was begun with, but for its length."""
    settings = found.settings()
    other = [
        option
        for option, given, begun in (
            ("--recipe", asked_recipe(args, settings), settings.recipe),
            ("--seed", args.seed, settings.seed),
            ("--held-out", args.held_out, settings.held_out),
        )
        if given is not None and given != begun
    ]
    if args.quantise is not None or args.transpose is not None:
        other += differing(settings.songs, music_of(found, settings, args), args)
    if other:
        raise FileError(
            found.path, f"was begun with another {other[0]}; leave it out, or start again under another name"
        )
    return resume(found, args, _AGAIN)


def _next_commands(args: argparse.Namespace) -> str:
    if args.rolls:
        return "  vrae evaluate " + shlex.join([args.output, "--rolls", args.rolls])
    if packed_file(args.midi):
        return "  vrae map " + shlex.join([args.output, "SONGS", "-o", "map.png"]) + "\nor open it in vrae-explorer."
    model_and_songs = shlex.join([args.output, *args.midi])
    return f"  vrae map {model_and_songs} -o map.png\n  vrae evaluate {model_and_songs}\nor open it in vrae-explorer."
