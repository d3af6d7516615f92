"""The run that a command line of `vrae train` asks for: where it begins, by which recipe, and what it is called."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from vrae_core.bundled import BASE
from vrae_core.commands.inputs import open_model, packed_file, warn
from vrae_core.commands.outputs import count
from vrae_core.commands.run_names import find_snapshot, runs_folder
from vrae_core.commands.run_training import ROLLS
from vrae_core.commands.song_changes import changed
from vrae_core.corpus.packed import PackedRolls
from vrae_core.model.recipes import RECIPES, USUAL_RECIPE, Recipe
from vrae_core.model.trained import TrainedModel
from vrae_core.runs.folder import RunFolder, Snapshot
from vrae_core.runs.learning import (
    NO_BASE,
    RECIPE,
    USUAL_MINUTES,
    base_model,
    fits_base,
    is_learnt,
    learning_recipe,
)
from vrae_core.runs.settings import RunSettings
from vrae_core.runs.songs import SongToTrain
from vrae_core.runs.windows import PACKED
from vrae_core.training.settings import read_recipe

RECIPE_OF_ROLLS = "fast-20d"
NOTHING = "nothing"  # as what a training begins from


@dataclass(frozen=True)
class Start:
    """What a run begins from, if not by chance."""

    model: TrainedModel | None = None
    parent: str = ""  # that in words
    run: RunFolder | None = None  # whose settings are the defaults
    settings: RunSettings | None = None
    snapshot: Snapshot | None = None


def start_of(args: argparse.Namespace) -> Start:
    """Where a new run begins.  Raises: VraeError if there is no such model or snapshot."""
    if args.branch:
        run, snapshot = find_snapshot(args.branch, runs_folder(None))
        settings = run.settings()
        parent = f"{settings.name}, update {snapshot.updates:,}"
        return Start(TrainedModel.load(snapshot.path), parent, run, settings, snapshot)
    if args.start is None and not (args.recipe or args.recipe_file or args.rolls or packed_file(args.midi)):
        base = base_model()
        if base is None and args.group.is_first:
            warn(NO_BASE)
        return Start() if base is None else Start(base, BASE)
    if args.start and args.start != NOTHING:
        parent = os.path.abspath(args.start) if os.path.exists(args.start) else args.start
        return Start(open_model(args.start), parent)
    return Start()


def settings_of(songs: Sequence[Any], start: Start, args: argparse.Namespace) -> RunSettings:
    """The settings of a new run that learns songs; what is not asked for is as where it begins, or usual."""
    base, minutes = start.settings, args.minutes
    asked_length = args.epochs is not None or args.minutes is not None
    asked = args.recipe or args.recipe_file
    if base and not asked:
        recipe_name, recipe = base.recipe_name, base.recipe
    else:
        recipe_name, recipe = _named_recipe(args)
    if start.model and not args.recipe_file:
        learns = not base and is_learnt(start.model)
        if learns and not asked:
            recipe_name, recipe = RECIPE, learning_recipe(start.model)
            minutes = minutes if asked_length else USUAL_MINUTES
        elif learns and fits_base(recipe.model):
            recipe = learning_recipe(start.model, recipe)
        else:
            recipe = replace(recipe, model=start.model.config)
    entries = tuple(SongToTrain(song.name, getattr(song, "path", "")) for song in songs)
    extra: dict[str, Any] = {}
    if args.rolls:
        extra[ROLLS] = {"file": os.path.abspath(args.rolls), "split": args.split}
    elif packed_file(args.midi):
        extra[PACKED] = packed_file(args.midi)
    elif base and not args.midi:
        entries, extra = base.songs, {key: base.extra[key] for key in (ROLLS, PACKED) if key in base.extra}
    if args.estimate_beats:
        entries = tuple(replace(entry, estimate_beats=True) for entry in entries)
    return RunSettings(
        name=args.name or _usual_name(songs, recipe_name, args),
        recipe_name=recipe_name,
        recipe=_with_windows(recipe, args),
        songs=changed(entries, songs, args),
        seed=args.seed if args.seed is not None else base.seed if base else 0,
        epochs=args.epochs if asked_length or not base else base.epochs,
        minutes=minutes if asked_length or not base else base.minutes,
        held_out=args.held_out if args.held_out is not None else base.held_out if base else 0.0,
        notes=args.notes,
        parent=start.parent,
        extra=extra,
    )


def asked_recipe(args: argparse.Namespace, settings: RunSettings) -> Recipe | None:
    """The recipe that is asked for where a run of these settings is there already; None if none is."""
    if not (args.recipe or args.recipe_file or args.window or args.hop):
        return None
    named = args.recipe or args.recipe_file
    asked = _named_recipe(args)[1] if named else settings.recipe
    if settings.parent and not args.recipe_file:  # which its shape is of, and its rates if it is the base
        begun = settings.recipe
        asked = replace(asked, model=begun.model, training=begun.training if fits_base(asked.model) else asked.training)
    return _with_windows(asked, args)


def _usual_name(songs: Sequence[Any], recipe_name: str, args: argparse.Namespace) -> str:
    if args.output or args.folder:
        return Path(args.output or args.folder).stem
    what = Path(args.midi[0]).stem if packed_file(args.midi) else count(len(songs), "song")
    return f"{what}, {recipe_name}"


def _named_recipe(args: argparse.Namespace) -> tuple[str, Recipe]:
    if not args.recipe_file:
        name = args.recipe or _usual_recipe(args)
        return name, RECIPES[name]
    file = Path(args.recipe_file)
    return file.stem, read_recipe(file)


def _usual_recipe(args: argparse.Namespace) -> str:
    """One whose grid is that of what is learnt; rolls need not have beats."""
    packed = packed_file(args.midi)
    if args.rolls or (packed and PackedRolls(packed).grid != RECIPES[USUAL_RECIPE].model.grid):
        return RECIPE_OF_ROLLS
    return USUAL_RECIPE


def _with_windows(recipe: Recipe, args: argparse.Namespace) -> Recipe:
    model = replace(recipe.model, window=args.window or recipe.model.window, hop=args.hop or recipe.model.hop)
    return replace(recipe, model=model)
