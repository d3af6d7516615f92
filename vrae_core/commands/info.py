"""`vrae info`: what a model file is."""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import asdict
from typing import Any

from vrae_core.columns import Part, parts_of, pitches_of
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
    facts["pitches"] = _pitches(model)
    facts |= facts.pop("about")
    width = max(map(len, facts))
    for name, value in facts.items():
        print(f"{printable(name):{width}}  {printable(str(value))}")
    return 0


def _pitches(model: TrainedModel) -> str:
    parts = Counter(parts_of(model.pitches).tolist())
    pitches = pitches_of(model.pitches)
    if not model.config.parts:
        return f"{len(pitches)}, MIDI {pitches[0]} to {pitches[-1]}"
    return f"{len(pitches)}: " + ", ".join(f"{n} of {Part(part).label.lower()}" for part, n in sorted(parts.items()))


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
