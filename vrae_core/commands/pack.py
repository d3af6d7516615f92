"""`vrae pack`: any number of MIDI files to one file that training reads from the disk."""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from functools import partial
from typing import get_args

from vrae_core.commands.arguments import add_output, add_quantising, describe, quantising_of, whole
from vrae_core.commands.inputs import midi_paths, warn
from vrae_core.commands.outputs import check_writable, count
from vrae_core.commands.running import run_with_bar, stop_asked_for, until
from vrae_core.corpus.packed import SUFFIX, PackedRolls
from vrae_core.corpus.packing import PackedSong, writing_rolls
from vrae_core.corpus.reading import Readers, read_packed, readers_for, reading, usable_cores
from vrae_core.corpus.sampling import Grid, StepsPerBeat
from vrae_core.errors import MidiFileError, VraeError
from vrae_core.model.recipes import RECIPES
from vrae_core.names import comparable
from vrae_core.progress import Progress, passed_through

_MOST_NAMED = 20  # files that are no good; the others are counted
_TEXT = f"""\
A song takes 11 bytes for every 50 ms, whatever it holds; for a recipe of bars, 35 bytes for every step, and the file
holds its tempos, bars and programs too. Training is by a recipe of the grid that was packed. Folders are searched with
all that is in them. Files are read by several processes at once, or by a Dask cluster whose workers see them under the
same paths; one that cannot be read, or that kills the process that reads it, is named and left out.

Packed songs are rolls, which have no beats any more: to train on quantised ones, give --quantise here. Which files may
not follow their own beats is said; `vrae train --help` tells more.

example:
  vrae pack my-songs -o my-songs{SUFFIX}
  vrae pack my-songs -o my-songs{SUFFIX} --recipe bars-40d
  vrae pack lmd_full -o lakh{SUFFIX} --jobs 16
  vrae pack /shared/lmd_full -o lakh{SUFFIX} --dask tcp://scheduler:8786
  vrae train lakh{SUFFIX} -o lakh.safetensors --minutes 600"""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = describe(subparsers, "pack", "put many songs into one file to train from", _TEXT, run)
    parser.add_argument("midi", metavar="MIDI", nargs="+", help="MIDI files or folders of them")
    add_output(parser, "CORPUS", f"the {SUFFIX} file to write")
    grid = parser.add_argument_group("what a step and a column are (default: 20 Hz, all instruments together)")
    grid.add_argument("--recipe", choices=RECIPES, metavar="NAME", help="as this recipe has it")
    grid.add_argument(
        "--steps-per-beat",
        type=int,
        choices=get_args(StepsPerBeat),
        metavar="N",
        help="0 for 20 Hz, or 4, 6, 8, 12, 16 or 24",
    )
    grid.add_argument("--parts", action="store_true", help="melody, chords, bass and drums apart")
    grid.add_argument(
        "--estimate-beats", action="store_true", help="of songs whose notes keep to no beats of their files"
    )
    add_quantising(parser)
    readers = parser.add_mutually_exclusive_group()
    readers.add_argument(
        "--jobs",
        type=whole(1, 512),
        default=usable_cores(),
        metavar="N",
        help="processes that read (default: a core each)",
    )
    readers.add_argument("--dask", metavar="ADDRESS", help="read on the Dask cluster with this scheduler instead")


def run(args: argparse.Namespace) -> int:
    check_writable(args.output, (SUFFIX,))
    quantising = quantising_of(args)
    paths = list(map(str, midi_paths(args.midi)))
    bad: list[str] = []
    doubts: list[str] = []
    if args.recipe and (args.parts or args.steps_per_beat is not None):
        raise VraeError("--recipe says what the steps and columns are; leave --steps-per-beat and --parts out")
    grid = RECIPES[args.recipe].model.grid if args.recipe else Grid(args.steps_per_beat or 0, args.parts)
    read = partial(read_packed, quantising=quantising, grid=grid, estimate_beats=args.estimate_beats)
    try:
        with stop_asked_for() as asked, readers_for(args.jobs, args.dask, read) as readers:
            packed = run_with_bar(until(_packing(paths, args.output, readers, bad, doubts), asked), "reading")
    finally:
        for sentence in bad[:_MOST_NAMED]:
            warn(sentence)
        if len(bad) > _MOST_NAMED:
            warn(f"and {len(bad) - _MOST_NAMED:,} more files cannot be used")
    if doubts:
        warn(f"quantising may do {count(len(doubts), 'song')} no good, and this is the first: {doubts[0]}")
    if packed is None:
        warn("stopped; nothing was written")
        return 128 + asked[0]
    rolls = PackedRolls(args.output)
    hours = rolls.seconds / 3600
    print(f"{args.output}: {count(packed, 'song')}, {hours:.1f} hours, {os.path.getsize(args.output) / 1e6:.1f} MB")
    return 0


def _packing(
    paths: Sequence[str], output: str, readers: Readers, bad: list[str], doubts: list[str]
) -> Generator[Progress, None, int]:
    """Read and write as a job; what is wrong with which file goes to ``bad``, what is doubtful to ``doubts``."""
    done = 0

    def songs() -> Iterator[PackedSong]:
        nonlocal done
        names: Counter[str] = Counter()  # of each name how many there are, whatever their case
        for found in reading(paths, readers):
            done += 1
            if found.song is None:
                bad.append(str(MidiFileError(found.path, found.reason)))
                continue
            if found.reason:
                doubts.append(f"{found.song.name} {found.reason}")
            name = plain = comparable(found.song.name)
            while name in names:
                names[plain] += 1
                name = f"{plain} ({names[plain]})"
            names[name] = 1
            yield found.song._replace(name=f"{found.song.name} ({names[plain]})") if name != plain else found.song

    writing = writing_rolls(output, songs())
    return (yield from passed_through(writing, lambda _: Progress(done, len(paths), "reading")))
