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
from vrae_core.corpus.windows import window_counts
from vrae_core.errors import MidiFileError
from vrae_core.midi.song import Song, read_song
from vrae_core.model.recipes import ModelConfig
from vrae_core.music.sound import INSTRUMENTS

MOST_LISTED = 64  # tracks of a file

_TEXT = """\
For each file: its notes (drums left out), its length, and how many windows of 2.5 s it gives to a
training; then each of its tracks with its channel (1–16), its instrument, its notes and its name.
A file that cannot be read is named with the reason; warnings say what was repaired or left out.
With --json: a list of {file, ok, notes, seconds, windows, tracks, warnings, error}, a track being
{name, channel, program, instrument, is_drums, notes}; programs are counted from 0, as in the file.

example:
  vrae inspect songs/*.mid
  vrae inspect --json songs/*.mid | jq '.[] | select(.ok | not)'

exit status: 0 if at least one file can be used, 1 if none can"""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = describe(subparsers, "inspect", "say what is in MIDI files, and which cannot be used", _TEXT, run)
    parser.add_argument("midi", metavar="MIDI", nargs="+", help="MIDI files or folders of them")
    add_json(parser, "print the list as JSON")


def run(args: argparse.Namespace) -> int:
    reports = [_report(path) for path in midi_paths(args.midi)]
    for report in reports:
        if not report["ok"]:
            warn(report["error"])
    if args.json:
        print_json(reports)
    else:
        _print_table([report for report in reports if report["ok"]])
    return 0 if any(report["ok"] for report in reports) else 1


def _report(path: Path) -> dict[str, Any]:
    try:
        song = read_song(path)
    except MidiFileError as error:
        nothing = {"ok": False, "notes": 0, "seconds": 0.0, "windows": 0, "tracks": [], "warnings": []}
        return {"file": str(path), **nothing, "error": str(error)}
    usual = ModelConfig()
    counts = window_counts([len(song.roll)], usual.window, usual.hop, None, False)
    return {
        "file": str(path),
        "ok": True,
        "notes": len(song.notes),
        "seconds": round(song.seconds, 3),
        "windows": int(counts[0]) if song.roll.any() else 0,
        "tracks": _tracks(song),
        "warnings": list(song.warnings),
        "error": None,
    }


def _tracks(song: Song) -> list[dict[str, Any]]:
    notes = Counter(note.track for note in (*song.notes, *song.drums))
    return [
        {
            "name": track.name,
            "channel": track.channel + 1,
            "program": track.program,
            "instrument": "Drums" if track.is_drums else INSTRUMENTS[track.program],
            "is_drums": track.is_drums,
            "notes": notes[number],
        }
        for number, track in enumerate(song.tracks)
    ]


def _print_table(reports: list[dict[str, Any]]) -> None:
    if reports:
        print("  notes    length  windows  file")
    for report in reports:
        print(f"{report['notes']:7} {clock(report['seconds']):>9}  {report['windows']:7}  {printable(report['file'])}")
        for track in report["tracks"][:MOST_LISTED]:
            played = count(track["notes"], "hit" if track["is_drums"] else "note")
            name = f"  {printable(track['name'])}" if track["name"] else ""
            print(f"{'':28}{track['channel']:2}  {track['instrument']:24} {played:>12}{name}")
        if len(report["tracks"]) > MOST_LISTED:
            print(f"{'':28}    and {len(report['tracks']) - MOST_LISTED:,} more tracks")
        for warning in report["warnings"]:
            print(f"{'':26}  - {printable(warning)}")
