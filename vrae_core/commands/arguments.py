"""Arguments that several subcommands share, and the kinds of value they take."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence
from functools import partial

from vrae_core.corpus.benchmark import RollsFile
from vrae_core.errors import VraeError
from vrae_core.midi.export import FASTEST_TEMPO, SLOWEST_TEMPO
from vrae_core.midi.quantising import GRIDS, Quantising
from vrae_core.music.piece_recipe import HIGHEST_SEED
from vrae_core.music.pieces import HIGHEST_TEMPERATURE

help_format = partial(argparse.RawDescriptionHelpFormatter, max_help_position=32)
MODEL = "a model file, or a bundled model by its name: 2d, 20d, bars or base"


def describe(
    subparsers: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    summary: str,
    text: str,
    run: Callable[[argparse.Namespace], int],
) -> argparse.ArgumentParser:
    """Declare a subcommand: ``summary`` stands in the list of all, ``text`` below the arguments in its own help."""
    parser = subparsers.add_parser(
        name,
        help=summary,
        description=summary[0].upper() + summary[1:] + ".",
        epilog=text,
        formatter_class=help_format,
    )
    parser.set_defaults(run=run)
    return parser


def add_model(parser: argparse.ArgumentParser) -> None:
    """The positional MODEL."""
    parser.add_argument("model", metavar="MODEL", help=MODEL)


def add_songs(parser: argparse.ArgumentParser) -> None:
    """The positional MIDI files, which may be left out."""
    parser.add_argument(
        "midi", metavar="MIDI", nargs="*", default=[], help="MIDI files or folders of them; the bundled songs if none"
    )


def add_rolls(parser: argparse.ArgumentParser, split: str) -> None:
    """The options --rolls and --split, which take the place of MIDI files."""
    parser.add_argument(
        "--rolls", metavar="FILE", help="instead of MIDI: piano rolls of the polyphonic benchmark, .json or .json.gz"
    )
    parser.add_argument(
        "--split", choices=RollsFile._fields, default=split, help=f"which of its pieces (default: {split})"
    )


def add_quantising(parser: argparse._ActionsContainer, more: Sequence[str] = ()) -> None:
    """The options --quantise, which may be a grid or one of ``more``, and --quantise-strength."""
    other = "".join(f"; or {word}" for word in more)
    parser.add_argument(
        "--quantise",
        choices=(*GRIDS, *more),
        metavar="GRID",
        help="move every onset to the nearest "
        f"{', '.join(GRIDS)} (T: triplets) of its file's own beats (see below){other}",
    )
    parser.add_argument(
        "--quantise-strength",
        type=whole(0, 100),
        metavar="PERCENT",
        help="of the way there: 50 tightens the timing and keeps its feel (default: 100)",
    )


def quantising_of(args: argparse.Namespace) -> Quantising:
    """What was asked for.  Raises: VraeError if there is a strength and no grid."""
    if args.quantise is None and args.quantise_strength is not None:
        raise VraeError("--quantise-strength needs --quantise to say which grid")
    strength = 100 if args.quantise_strength is None else args.quantise_strength
    return Quantising(args.quantise or "", strength)


def add_output(parser: argparse.ArgumentParser, metavar: str, text: str) -> None:
    """The required -o."""
    parser.add_argument("-o", "--output", required=True, metavar=metavar, help=text)


def add_json(parser: argparse.ArgumentParser, text: str = "print the figures as JSON") -> None:
    """The option --json."""
    parser.add_argument("--json", action="store_true", help=text)


def add_piece(parser: argparse.ArgumentParser) -> None:
    """What decides how a decoded piece sounds and where it goes."""
    add_output(parser, "OUT", "the piece to write: a .mid, .wav, .flac or .ogg file")
    parser.add_argument(
        "--threshold",
        type=number(0, 1),
        metavar="P",
        help="probability from which a cell is a note (default: the model's own)",
    )
    parser.add_argument(
        "--temperature",
        type=number(0, HIGHEST_TEMPERATURE),
        default=0.0,
        metavar="T",
        help="0 for the threshold alone (default), 1 to draw notes with the decoder's own probabilities, up to 2",
    )
    parser.add_argument(
        "--seed", type=whole(0, HIGHEST_SEED), default=0, metavar="N", help="which draw, with --temperature"
    )
    parser.add_argument(
        "--tempo",
        type=number(SLOWEST_TEMPO, FASTEST_TEMPO),
        metavar="BPM",
        help="beats a minute: where a step is a part of a beat, how fast it is (default: as the songs that are named, "
        "else 120); where it is 50 ms, those that a MIDI file counts; its notes keep their times (default: 150)",
    )


def number(low: float, high: float = math.inf) -> Callable[[str], float]:
    """The type of an argument that is a number from ``low`` to ``high``."""

    def convert(text: str) -> float:
        value = float(text)
        if not low <= value <= high or math.isinf(value):
            raise argparse.ArgumentTypeError(f"must be {_range(low, high)}, not {text}")
        return value

    convert.__name__ = "number"  # argparse names it: "invalid number value"
    return convert


def whole(low: int, high: float = math.inf) -> Callable[[str], int]:
    """The type of an argument that is a whole number from ``low`` to ``high``."""

    def convert(text: str) -> int:
        value = int(text)
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"must be {_range(low, high)}, not {text}")
        return value

    convert.__name__ = "whole number"
    return convert


def _range(low: float, high: float) -> str:
    return f"at least {low:g}" if math.isinf(high) else f"between {low:g} and {high:g}"
