"""`vrae recognise`: which song an excerpt is from."""

from __future__ import annotations

import argparse
from typing import Any

from vrae_core.clock import clock
from vrae_core.commands.arguments import add_json, add_model, describe, whole
from vrae_core.commands.inputs import open_model, printable, read_songs, warn
from vrae_core.commands.outputs import print_json
from vrae_core.commands.running import run_with_bar
from vrae_core.corpus.bars import usually_lasts
from vrae_core.errors import CorpusError, VraeError
from vrae_core.midi.song import Song
from vrae_core.model.trained import TrainedModel
from vrae_core.tasks.query import rolled_on
from vrae_core.tasks.recognition import KnownSongs, Match, know_songs, measure_recognition, recognise

_TEXT = """\
Prints for each excerpt the song it is most like, where in it, and the runners-up. Distances are in
standard deviations of the windows' posteriors: the smaller, the surer.

--measure needs no excerpt. It prints what is recognised, in shares of all, by the posteriors, by
their means alone, and by the raw cells (frame F1, Hamming distance):
  window          the song of a single window, half a hop from those the model was trained on
  window_flipped  the same with 5 % of its cells turned over
  window_dropped  the same with 20 % of its notes left out
  excerpt         the song of an excerpt as long as four windows, from anywhere
  place           the same, and its place to a fifth of a window

example:
  vrae recognise 20d snippet.mid
  vrae recognise 20d snippet.mid --songs my-songs/*.mid --json
  vrae recognise 20d --measure"""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = describe(subparsers, "recognise", "say which song an excerpt is from", _TEXT, run)
    add_model(parser)
    parser.add_argument(
        "midi", metavar="EXCERPT", nargs="*", default=[], help="MIDI files, or folders of them, to recognise"
    )
    parser.add_argument(
        "--songs", nargs="+", default=[], metavar="MIDI", help="the known songs (default: the bundled ones)"
    )
    parser.add_argument("--measure", action="store_true", help="measure how often windows and excerpts are recognised")
    parser.add_argument("--seed", type=whole(0), default=0, metavar="N", help="which excerpts, with --measure")
    add_json(parser, "print the matches or the figures as JSON")


def run(args: argparse.Namespace) -> int:
    if bool(args.midi) == args.measure:
        raise VraeError("give either excerpts to recognise, or --measure")
    model = open_model(args.model)
    songs = read_songs(args.songs)
    if args.measure:
        _measure(model, songs, args)
        return 0
    excerpts = read_songs(args.midi)
    known = run_with_bar(know_songs(model, songs), "encoding")
    found = {}
    for excerpt in excerpts:
        try:
            found[excerpt.name] = _recognised(model, known, excerpt)
        except CorpusError as error:
            if len(excerpts) == 1:
                raise
            warn(str(error))
    if args.json:
        print_json({name: [match._asdict() for match in matches] for name, matches in found.items()})
    else:
        for name, matches in found.items():
            _print_matches(name, matches)
    return 0 if found else 1


def _recognised(model: TrainedModel, known: KnownSongs, excerpt: Song) -> tuple[Match, ...]:
    if len(rolled_on(excerpt, model.config.grid).roll) < model.config.window:
        lasting = usually_lasts(known.corpus)
        warn(f"{excerpt.name} is shorter than a window of {lasting}, so its match may well be wrong")
    return run_with_bar(recognise(model, known, excerpt), "comparing")


def _print_matches(name: str, matches: tuple[Match, ...]) -> None:
    first, *others = matches
    print(f"{printable(name)}: most like {_place(first)}")
    for match in others[:2]:
        print(f"    then {_place(match)}")


def _place(match: Match) -> str:
    return f"{printable(match.song)}, {clock(match.start, 0)}–{clock(match.end, 0)} (distance {match.distance:.2f})"


def _measure(model: TrainedModel, songs: list[Song], args: argparse.Namespace) -> None:
    figures: list[dict[str, Any]] = [
        row._asdict() for row in run_with_bar(measure_recognition(model, songs, args.seed), "measuring")
    ]
    if args.json:
        print_json(figures)
        return
    names = list(figures[0])
    print("  ".join([f"{names[0]:13}", *names[1:]]))
    for row in figures:
        print("  ".join([f"{row['method']:13}", *(f"{row[name]:{len(name)}.3f}" for name in names[1:])]))
