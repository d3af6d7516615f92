"""`vrae recipes`: every setting of a recipe, and a file of them to change and train by."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from vrae_core.commands.arguments import add_json, describe
from vrae_core.commands.outputs import print_json
from vrae_core.model.recipes import RECIPES

_TEXT = """\
Without NAME, lists the recipes. With one, prints all its settings: what the model is, how it is trained, and how
many windows of each song it learns. `vrae train --recipe-file FILE` trains by such settings, changed as you like.

example:
  vrae recipes fast-2d
  vrae recipes fast-2d --json > mine.json
  vrae train my-songs/*.mid -o my-songs.safetensors --recipe-file mine.json"""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = describe(subparsers, "recipes", "list the recipes, or one's settings", _TEXT, run)
    parser.add_argument("recipe", nargs="?", choices=RECIPES, metavar="NAME", help="one of those listed without it")
    add_json(parser, "print them as JSON, for --recipe-file")


def run(args: argparse.Namespace) -> int:
    named = {args.recipe: RECIPES[args.recipe]} if args.recipe else RECIPES
    if args.json:
        plain = {name: asdict(recipe) for name, recipe in named.items()}
        print_json(plain[args.recipe] if args.recipe else plain)
        return 0
    for name, recipe in named.items():
        print(f"{name:12} {recipe.summary}")
    if args.recipe:
        settings, model = asdict(RECIPES[args.recipe]), RECIPES[args.recipe].model
        columns = "melody, chords, bass and drums apart" if model.parts else "all instruments together, without drums"
        print(f"\na window is {model.grid.in_words(model.window)} at {model.grid}; {columns}")
        for part in ("model", "training"):
            print(f"\n{part}")
            for name, value in settings[part].items():
                print(f"  {name:22} {_plain(value)}")
        most = "all" if settings["cap"] is None else f"at most {settings['cap']}"
        print(f"\nwindows of a song        {most}, {_share(settings['equal_share'])}")
    return 0


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "–" if value is None else ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _share(equal: bool) -> str:
    return "no more than the shortest gives" if equal else "however few the others give"
