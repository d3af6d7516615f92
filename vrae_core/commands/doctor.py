"""`vrae doctor`: what is wrong with a model, in plain words."""

from __future__ import annotations

import argparse
import textwrap

from vrae_core.commands.arguments import add_json, add_model, add_songs, describe
from vrae_core.commands.inputs import all_windows, open_model, printable, read_songs
from vrae_core.commands.outputs import print_json
from vrae_core.commands.running import run_with_bar
from vrae_core.tasks.doctor import Finding, diagnose

_TEXT = """\
Looks at a model through songs, those it was trained on or others, and says what it finds: a posterior that has
collapsed, dimensions that carry nothing, a blurred decoder, too few windows, gaps between them, pitches cut away,
songs that overlap, a threshold that suits them badly. Each with the number behind it and what to try.

Exit status 0 if nothing bad was found, 3 if something was.

example:
  vrae doctor 20d
  vrae doctor my.safetensors my-songs/*.mid
  vrae doctor 20d somebody-elses.mid --json"""
_MARKS = {"bad": "✗", "note": "!", "good": "✓"}
_WIDTH = 100
_SICK = 3  # 2 is argparse's, for a command line it cannot read


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = describe(subparsers, "doctor", "say in plain words what is wrong with a model", _TEXT, run)
    add_model(parser)
    add_songs(parser)
    add_json(parser, "print the findings as JSON")


def run(args: argparse.Namespace) -> int:
    model = open_model(args.model)
    songs = read_songs(args.midi)
    findings = run_with_bar(diagnose(model, all_windows(songs, model), songs), "examining")
    if args.json:
        print_json([finding._asdict() | {"windows": finding.windows.tolist()} for finding in findings])
    else:
        print("\n\n".join(_paragraph(finding) for finding in findings))
    return _SICK if any(finding.state == "bad" for finding in findings) else 0


def _paragraph(finding: Finding) -> str:
    lines = [f"{_MARKS[finding.state]} {finding.name}: {finding.sentence}", f"  {finding.evidence}"]
    if finding.advice:
        lines.append(f"  → {finding.advice}")
    return "\n".join(textwrap.fill(printable(line), _WIDTH, subsequent_indent="    ") for line in lines)
