"""`vrae inspect`: what is in MIDI files."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from typing import Any

from vrae_core.clock import clock
from vrae_core.commands.arguments import add_json, describe
from vrae_core.commands.inputs import midi_paths, printable, warn
from vrae_core.commands.outputs import count, print_json
from vrae_core.errors import MidiFileError
from vrae_core.midi.parts import label_of, parts_of_tracks
from vrae_core.midi.song import Song, read_song
from vrae_core.model.recipes import RECIPES, USUAL_RECIPE, ModelConfig
from vrae_core.music.sound import INSTRUMENTS
from vrae_core.runs.song_facts import facts_of

MOST_LISTED = 64  # tracks of a file

_TEXT = f"""\
For each file: its notes, the hits of its drums, its length, and how many windows it gives to a training by
the recipe (default: {USUAL_RECIPE}); then each of its tracks with its channel (1–16), its instrument, its notes,
the part that it is found to play, and its name. By register: it plays alone, its highest line the melody,
its lowest the bass.
A file that cannot be read is named with the reason; warnings say what was repaired or left out.
With --json: a list of {{file, ok, notes, hits, seconds, steps, windows, tracks, warnings, error}}, a track being
{{name, channel, program, instrument, is_drums, notes, part}}; programs are counted from 0, as in the file.

example:
  vrae inspect songs/*.mid
  vrae inspect --json songs/*.mid | jq '.[] | select(.ok | not)'

exit status: 0 if at least one file can be used, 1 if none can"""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = describe(subparsers, "inspect", "say what is in MIDI files, and which cannot be used", _TEXT, run)
    parser.add_argument("midi", metavar="MIDI", nargs="+", help="MIDI files or folders of them")
    parser.add_argument(
        "--recipe", choices=RECIPES, default=USUAL_RECIPE, metavar="NAME", help="by which windows are counted"
    )
    add_json(parser, "print the list as JSON")


def run(args: argparse.Namespace) -> int:
    reports = [_report(path, RECIPES[args.recipe].model) for path in midi_paths(args.midi)]
    for report in reports:
        if not report["ok"]:
            warn(report["error"])
    if args.json:
        print_json(reports)
    else:
        _print_table([report for report in reports if report["ok"]])
    return 0 if any(report["ok"] for report in reports) else 1


def _report(path: Path, model: ModelConfig) -> dict[str, Any]:
    try:
        song = read_song(path)
    except MidiFileError as error:
        counted: dict[str, Any] = dict.fromkeys(("notes", "hits", "seconds", "steps", "windows"), 0)
        return {"file": str(path), "ok": False, **counted, "tracks": [], "warnings": [], "error": str(error)}
    facts = facts_of(song, grid=model.grid)
    return {
        "file": str(path),
        "ok": True,
        "notes": len(song.notes),
        "hits": len(song.drums),
        "seconds": round(song.seconds, 3),
        "steps": facts.steps,
        "windows": facts.windows(model.window, model.hop) if facts.cells.any() else 0,
        "tracks": _tracks(song),
        "warnings": [*filter(None, (facts.why_not.removeprefix(f"{song.name} "),)), *song.warnings],
        "error": None,
    }


def _tracks(song: Song) -> list[dict[str, Any]]:
    parts = parts_of_tracks(song)
    notes = Counter(note.track for note in (*song.notes, *song.drums))
    return [
        {
            "name": track.name,
            "channel": track.channel + 1,
            "program": track.program,
            "instrument": "Drums" if track.is_drums else INSTRUMENTS[track.program],
            "is_drums": track.is_drums,
            "notes": notes[number],
            "part": label_of(parts[number]).lower(),
        }
        for number, track in enumerate(song.tracks)
    ]


def _print_table(reports: list[dict[str, Any]]) -> None:
    if reports:
        print("  notes    hits    length  windows  file")
    for report in reports:
        figures = f"{report['notes']:7} {report['hits']:7} {clock(report['seconds']):>9}  {report['windows']:7}"
        print(f"{figures}  {printable(report['file'])}")
        for track in report["tracks"][:MOST_LISTED]:
            played = count(track["notes"], "hit" if track["is_drums"] else "note")
            line = f"{track['channel']:2}  {track['instrument']:24} {played:>12}  {track['part']:11}  {track['name']}"
            print(f"{'':36}{printable(line).rstrip()}")
        if len(report["tracks"]) > MOST_LISTED:
            print(f"{'':36}    and {len(report['tracks']) - MOST_LISTED:,} more tracks")
        for warning in report["warnings"]:
            print(f"{'':34}  - {printable(warning)}")
