"""The `vrae` command: everything the model library does, without a screen."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence

from vrae_core import __version__
from vrae_core.commands import (
    bench,
    compare,
    curve,
    decode,
    denoise,
    directions,
    doctor,
    encode,
    evaluate,
    features,
    info,
    inspect,
    interpolate,
    map,
    pack,
    recipes,
    recognise,
    reproduce,
    runs,
    search,
    train,
)
from vrae_core.commands.arguments import help_format
from vrae_core.commands.inputs import warn
from vrae_core.errors import VraeError
from vrae_core.processes import SLEEPING_THREADS

_TEXT = """\
songs to a map:    vrae train songs/*.mid -o my.safetensors, then vrae map my.safetensors songs/*.mid -o map.png
a map to music:    vrae decode 2d --z "0.3,-1.2" -o point.mid
from song to song: vrae interpolate 20d --from Korobeiniki:3 --to "My Bonnie:10" -o journey.wav

`vrae COMMAND --help` teaches each one."""
_OPTIONS_WITH_Z = ("--z", "--from", "--to")
_INTERRUPTED = 130  # 128 + SIGINT, as shells report it


def main(argv: Sequence[str] | None = None) -> int:
    """Run a `vrae` command line and return its exit status."""
    os.environ.setdefault(*SLEEPING_THREADS)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a file's name may hold what the terminal cannot show
            stream.reconfigure(errors="backslashreplace")
    try:
        args = _parse(sys.argv[1:] if argv is None else argv)
        status: int = args.run(args)
        sys.stdout.flush()
    except VraeError as error:
        warn(str(error))
        return 1
    except KeyboardInterrupt:
        warn("stopped")
        return _INTERRUPTED
    except BrokenPipeError:
        # whoever read our output has left; what is still in the buffer must not complain at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        warn(f"{error.filename or 'the system'}: {error.strerror or error}")
        return 1
    except MemoryError:
        warn("there is not enough memory for that")
        return 1
    return status


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    parser = _parser()
    args, left = parser.parse_known_args(_joined(argv))
    if left and hasattr(args, "midi") and not any(word.startswith("-") for word in left):
        args.midi += left  # argparse takes positional arguments from one place only: MODEL -o x.csv MIDI… leaves MIDI…
    elif left:
        parser.error(f"unrecognized arguments: {' '.join(left)}")
    return args


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vrae",
        description="Learn a map of music from MIDI files, and make music from any point of it.",
        epilog=_TEXT,
        formatter_class=help_format,
    )
    parser.add_argument("--version", action="version", version=f"vrae {__version__}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in (
        inspect,
        pack,
        train,
        curve,
        recipes,
        runs,
        info,
        encode,
        decode,
        interpolate,
        denoise,
        recognise,
        search,
        map,
        evaluate,
        doctor,
        compare,
        features,
        directions,
        reproduce,
        bench,
    ):
        command.add(subparsers)
    return parser


def _joined(argv: Sequence[str]) -> list[str]:
    """The command line with `--z -1,2` as `--z=-1,2`: argparse would take -1,2 for an option."""
    words: list[str] = []
    for word in argv:
        if words and words[-1] in _OPTIONS_WITH_Z and re.match(r"-[\d.]", word):
            words[-1] += f"={word}"
        else:
            words.append(word)
    return words


if __name__ == "__main__":
    sys.exit(main())
