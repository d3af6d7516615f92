"""`vrae info`: what a model file is."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from vrae_core.columns import counted_by_part
from vrae_core.commands.arguments import add_json, add_model, describe
from vrae_core.commands.inputs import open_model, printable
from vrae_core.commands.outputs import print_json
from vrae_core.model.trained import TrainedModel

_TEXT = """\
Prints the model's shape, the pitches it knows, its threshold, and what its maker wrote into it.

example:
  vrae info 20d
  vrae info my-songs.safetensors --json"""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = describe(subparsers, "info", "say what a model file is", _TEXT, run)
    add_model(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    model = open_model(args.model)
    facts = _facts(args.model, model)
    if args.json:
        print_json(facts)
        return 0
    grid, steps = model.config.grid, model.config.window
    lasting = grid.in_words(steps)
    facts["window"] = f"{lasting if grid.steps_per_beat else f'{steps} steps ({lasting})'} at {grid}"
    facts["pitches"] = _pitches(model)
    facts |= facts.pop("about")
    width = max(map(len, facts))
    for name, value in facts.items():
        print(f"{printable(name):{width}}  {printable(str(value))}")
    return 0


def _pitches(model: TrainedModel) -> str:
    if model.config.parts:
        return f"{len(model.pitches)}: {counted_by_part(model.pitches)}"
    return f"{len(model.pitches)}, MIDI {model.pitches[0]} to {model.pitches[-1]}"


def _facts(name: str, model: TrainedModel) -> dict[str, Any]:
    return {
        "file": name,
        **asdict(model.config),
        "pitches": list(model.pitches),
        "threshold": model.threshold,
        "parameters": sum(weight.size for weight in model.weights.values()),
        "digest": model.digest,
        "about": dict(model.about),
    }
