"""What `vrae train` does to songs before they are learnt: quantising and transposing them."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from vrae_core.commands.arguments import add_quantising, quantising_of
from vrae_core.commands.inputs import packed_file
from vrae_core.corpus.attributes import semitones_home
from vrae_core.errors import VraeError
from vrae_core.midi.quantising import AS_PLAYED, Quantising
from vrae_core.midi.song import Song
from vrae_core.runs.song_facts import facts_of
from vrae_core.runs.songs import MOST_SEMITONES, SongToTrain

HOME, OFF = "home", "off"


def add_changes(parser: argparse._ActionsContainer) -> None:
    """The options --quantise, --quantise-strength and --transpose, which are None where nothing is asked."""
    add_quantising(parser, (OFF,))
    parser.add_argument(
        "--transpose",
        type=_shift,
        metavar="N",
        help=f"semitones up or, below 0, down, up to {MOST_SEMITONES}; {HOME}: the shortest way to C major or A minor",
    )


def check_changes(args: argparse.Namespace) -> None:
    """Refuse what makes no sense before anything is read.  Raises: VraeError."""
    quantising_of(args)
    if not _asks(args):
        return
    if args.rolls or packed_file(args.midi):
        raise VraeError(
            "--quantise and --transpose need songs, not rolls; `vrae pack --quantise` packs quantised songs"
        )


def changed(entries: Sequence[SongToTrain], songs: Sequence[Any], args: argparse.Namespace) -> tuple[SongToTrain, ...]:
    """The entries of songs with what the command line asks to be done to them; what it does not mention stays.

    Raises: VraeError if they are no songs of MIDI files.
    """
    if not _asks(args):
        return tuple(entries)
    if not songs or not all(isinstance(song, Song) for song in songs):
        raise VraeError("--quantise and --transpose change the songs of MIDI files, and this run learns none")
    return tuple(_changed(entry, song, args) for entry, song in zip(entries, songs, strict=True))


def differing(entries: Sequence[SongToTrain], songs: Sequence[Any], args: argparse.Namespace) -> Iterator[str]:
    """The options by which the command line asks for something else than was done to songs."""
    asked = changed(entries, songs, args)
    if [entry.quantising for entry in asked] != [entry.quantising for entry in entries]:
        yield "--quantise"
    if [entry.semitones for entry in asked] != [entry.semitones for entry in entries]:
        yield "--transpose"


def _asks(args: argparse.Namespace) -> bool:
    return args.quantise is not None or args.transpose is not None


def _changed(entry: SongToTrain, song: Song, args: argparse.Namespace) -> SongToTrain:
    quantising = entry.quantising if args.quantise is None else _quantising(args)
    shift = entry.semitones if args.transpose is None else args.transpose
    if shift == HOME:
        shift = semitones_home(facts_of(song, quantising).key)
    return replace(entry, quantising=quantising, semitones=shift)


def _quantising(args: argparse.Namespace) -> Quantising:
    return AS_PLAYED if args.quantise == OFF else quantising_of(args)


def _shift(text: str) -> int | str:
    if text == HOME:
        return HOME
    try:
        shift = int(text)
    except ValueError:
        shift = MOST_SEMITONES + 1
    if abs(shift) > MOST_SEMITONES:
        raise argparse.ArgumentTypeError(
            f"{text} is neither a number from −{MOST_SEMITONES} to {MOST_SEMITONES} nor {HOME}"
        )
    return shift
