"""`vrae runs`: the training runs that are kept, whoever trained them."""

from __future__ import annotations

import argparse
import math
import shlex
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from vrae_core.commands.arguments import add_json, add_output, describe
from vrae_core.commands.inputs import printable, warn
from vrae_core.commands.outputs import check_writable, print_json
from vrae_core.commands.run_names import find_run, find_snapshot, runs_folder
from vrae_core.commands.run_training import add_training_options, check_options, resume
from vrae_core.errors import FileError
from vrae_core.model.trained import TrainedModel
from vrae_core.runs.control import best_snapshot
from vrae_core.runs.folder import RunFolder, list_runs
from vrae_core.runs.history import HistoryRow
from vrae_core.runs.settings import RunSettings
from vrae_core.training.distributed import in_group

_FIGURES = tuple(name for name in HistoryRow._fields if name not in ("seconds", "epoch", "updates"))
_NAME_WIDTH = 32
_TEXT = """\
A run is named by its folder, or by any part of its name that no other run has. Those that the window and
`vrae train` without -o make are listed; --in FOLDER lists others, such as those beside their models.

example:
  vrae runs --in my-models
  vrae runs show evening
  vrae runs compare evening "paper-2d" my-songs.run
  vrae runs resume evening --minutes 60
  vrae runs export evening --best -o evening.safetensors
  vrae runs trash evening

`vrae runs VERB --help` teaches each one."""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = describe(subparsers, "runs", "list, compare and resume training runs", _TEXT, _list)
    _add_where(parser)
    add_json(parser)
    verbs = parser.add_subparsers(title="verbs (without one, the runs are listed)", metavar="VERB")

    show = _verb(verbs, "show", "all that is known of a run", "show evening --json", _show)
    add_json(show)
    compare = _verb(verbs, "compare", "runs side by side", "compare evening morning", _compare, many=True)
    add_json(compare)

    rename = _verb(verbs, "rename", "call a run something else", 'rename evening "Slow songs"', _rename)
    rename.add_argument("name", metavar="NAME")
    notes = _verb(verbs, "notes", "read or write a run's notes", 'notes evening "KL stays at 0: try 20d"', _notes)
    notes.add_argument("text", nargs="?", metavar="TEXT", help="the new notes; those that are there are shown without")

    resume = _verb(verbs, "resume", "resume a run", "resume evening --minutes 60", in_group(_resume))
    resume.add_argument("midi", nargs="*", metavar="MIDI", help="its songs, if they are no longer where they were")
    add_training_options(resume)
    resume.set_defaults(rolls=None)

    export = _verb(
        verbs, "export", "write a run's model to a file", "export evening@1200 -o model.safetensors", _export
    )
    add_output(export, "MODEL", "the model file to write")
    export.add_argument(
        "--best", action="store_true", help="the snapshot with the best bound, held out where that was measured"
    )
    _verb(verbs, "trash", "move a run's folder into .trash beside it", "trash evening", _trash)


def _add_where(parser: argparse.ArgumentParser, default: str | None = None) -> None:
    # a verb must not forget what stood before it: its default is left to the parser above
    parser.add_argument("--in", dest="root", metavar="FOLDER", default=default, help="where the runs are")


def _verb(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    summary: str,
    example: str,
    run: Callable[[argparse.Namespace], int],
    many: bool = False,
) -> argparse.ArgumentParser:
    parser = describe(verbs, name, summary, f"example:\n  vrae runs {example}", run)
    what = "its folder, or a part of its name" + ("; RUN@UPDATES for a snapshot" if name == "export" else "")
    parser.add_argument("words" if many else "word", nargs="+" if many else None, metavar="RUN", help=what)
    _add_where(parser, argparse.SUPPRESS)
    return parser


def _list(args: argparse.Namespace) -> int:
    root = runs_folder(args.root)
    facts = []
    for run in list_runs(root):
        try:
            facts.append(_facts(run))
        except FileError as error:
            warn(f"{run.path.name}: {error}")
    if args.json:
        print_json(facts)
    elif not facts:
        print(f"there are no runs in {root} yet")
    else:
        _print_table(
            ("name", "date", "state", "songs", "recipe", "minutes", "bound", "notes right", "disk"),
            [
                (
                    _short(each["name"]),
                    each["created"][:16].replace("T", " "),
                    each["state"],
                    len(each["songs"]),
                    each["recipe_name"],
                    f"{each['seconds'] / 60:.1f}",
                    _number(each["lower_bound"]),
                    _number(each["note_onset_f1"]),
                    f"{each['disk'] / 1e6:.1f} MB",
                )
                for each in facts
            ],
        )
    return 0


def _show(args: argparse.Namespace) -> int:
    run = _found(args)
    facts = _facts(run) | {"settings": asdict(run.settings().recipe)}
    if args.json:
        print_json(facts)
        return 0
    facts["songs"] = ", ".join(facts["songs"])
    facts["disk"] = f"{facts['disk'] / 1e6:.1f} MB"
    facts["snapshots"] = f"{len(facts['snapshots'])}" + (
        f", the last after {facts['updates']} updates" if facts["snapshots"] else ""
    )
    for part, values in facts.pop("settings").items():
        facts |= {f"{part} {key}": v for key, v in values.items()} if isinstance(values, dict) else {part: values}
    width = max(map(len, facts))
    for name, value in facts.items():
        if not (value in ("", None) or (isinstance(value, float) and math.isnan(value))):
            print(f"{name:{width}}  {_number(value) if name in _FIGURES else printable(str(value))}")
    return 0


def _compare(args: argparse.Namespace) -> int:
    runs = [find_run(word, runs_folder(args.root)) for word in args.words]
    every = [_facts(run) | {"settings": _flat(run.settings())} for run in runs]
    differing = [name for name in every[0]["settings"] if len({repr(each["settings"].get(name)) for each in every}) > 1]
    if args.json:
        print_json([each | {"differing": {n: each["settings"].get(n) for n in differing}} for each in every])
        return 0
    measured = [name for name in _FIGURES if any(not math.isnan(each[name]) for each in every)]
    rows: list[tuple[Any, ...]] = [(name, *(each["settings"].get(name) for each in every)) for name in differing]
    rows.append(("minutes", *(f"{each['seconds'] / 60:.1f}" for each in every)))
    rows.append(("updates", *(each["updates"] for each in every)))
    rows += [(name, *(_number(each[name]) for each in every)) for name in measured]
    _print_table(("", *(_short(each["name"]) for each in every)), rows)
    return 0


def _rename(args: argparse.Namespace) -> int:
    _found(args).rename(args.name)
    return 0


def _notes(args: argparse.Namespace) -> int:
    run = _found(args)
    settings = run.settings()
    if args.text is None:
        print(settings.notes)
    else:
        run.write_settings(replace(settings, notes=args.text))
    return 0


def _resume(args: argparse.Namespace) -> int:
    check_options(args)
    run = _found(args)
    model, status = resume(run, args, "the same command")
    if model and not args.json:
        print(f"{run.model} is ready (threshold {model.threshold:g}).")
    return status


def _export(args: argparse.Namespace) -> int:
    check_writable(args.output)
    model = TrainedModel.load(_model_file(args))
    model.save(args.output)
    print(
        f"{args.output}: {model.about.get('updates', '?')} updates, bound {model.about.get('lower bound', 'unknown')}"
    )
    return 0


def _model_file(args: argparse.Namespace) -> Path:
    """The snapshot that was asked for; or else the finished model, or the newest snapshot."""
    root = runs_folder(args.root)
    if "@" in args.word and not Path(args.word).is_dir():
        return find_snapshot(args.word, root)[1].path
    run = find_run(args.word, root)
    if args.best and (best := best_snapshot(run.rows(), run.snapshots())):
        return best.path
    return run.model if run.model.exists() and not args.best else find_snapshot(args.word, root)[1].path


def _trash(args: argparse.Namespace) -> int:
    run = _found(args)
    gone = run.trash()
    print(f"take it back with: {shlex.join(['mv', str(gone), str(run.path)])}")
    return 0


def _found(args: argparse.Namespace) -> RunFolder:
    return find_run(args.word, runs_folder(args.root))


def _facts(run: RunFolder) -> dict[str, Any]:
    """What a run is and how far it is; each figure is the last that was measured, NaN if none was."""
    settings, rows = run.settings(), run.rows()
    return {
        "name": settings.name,
        "folder": str(run.path),
        "created": settings.created,
        "state": run.state,
        "songs": [song.name for song in settings.songs],
        "recipe_name": settings.recipe_name,
        "seconds": rows[-1].seconds if rows else 0.0,
        "epoch": rows[-1].epoch if rows else 0,
        "updates": rows[-1].updates if rows else 0,
        **{name: _last(rows, name) for name in _FIGURES},
        "snapshots": [snapshot.updates for snapshot in run.snapshots()],
        "disk": run.disk_used(),
        "notes": settings.notes,
        "parent": settings.parent,
    }


def _flat(settings: RunSettings) -> dict[str, Any]:
    """Settings that can be held against another run's."""
    recipe = settings.recipe
    return {
        "recipe": settings.recipe_name,
        **asdict(recipe.model),
        **asdict(recipe.training),
        "cap": recipe.cap,
        "equal_share": recipe.equal_share,
        "songs": len(settings.songs),
        "seed": settings.seed,
        "held_out": settings.held_out,
        "parent": settings.parent,
    }


def _last(rows: Sequence[HistoryRow], name: str) -> float:
    return next((value for row in reversed(rows) if not math.isnan(value := float(getattr(row, name)))), math.nan)


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.4g}"


def _short(text: str) -> str:
    shown = printable(text)
    return shown if len(shown) <= _NAME_WIDTH else shown[: _NAME_WIDTH - 1] + "…"


def _print_table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    table = [tuple(head), *(tuple(map(str, row)) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        print("  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())
