"""The command line of the window: what it opens, and how one is told of that without a screen."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from vrae_core import __version__

_TEXT = """\
the last session, as it was left:  vrae-explorer
your own songs on the map:         vrae-explorer song.mid ~/Music/midi
with another model:                vrae-explorer my.safetensors song.mid
a session that you saved:          vrae-explorer "My session.vrae-session"

If a window is open already, it opens the files and comes to the front.  A last session that files take the place of
stays in File ▸ Earlier sessions.

`vrae --help` shows what can be done without a screen: train, decode, draw the map."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One sentence, and exit status 2."""
        self.exit(2, f"{self.prog}: {message}; `{self.prog} --help` shows what it takes\n")


def files_given(arguments: Sequence[str]) -> list[Path]:
    """The files and folders of a command line, absolute.

    Raises: SystemExit once help or the version is shown, or with status 2 for an option that there is not.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal may lack the triangle, or a letter of a file's name
            stream.reconfigure(errors="backslashreplace")
    parser = _Parser(
        prog="vrae-explorer",
        description="Open the map of music in a window: hear any point of it, draw paths, train models.",
        epilog=_TEXT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"vrae-explorer {__version__}")
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="*",
        type=Path,
        help="MIDI files, folders of them, a model (.safetensors), or a session (.vrae-session)",
    )
    return [path.absolute() for path in parser.parse_args(arguments).files]
