"""The `vrae-explorer` command: its help and its refusals need no screen and no Qt."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

# One window is too little work to share among threads: beside a training, two of them made a click wait 1 s, one 25 ms.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from explorer.application.command_line import files_given

if TYPE_CHECKING:
    from explorer.main_window import MainWindow


def main(argv: list[str] | None = None, ready: Callable[[MainWindow], None] | None = None) -> int:
    """Run the application with the files of a command line, and return its exit status.

    ready: called with the window once it runs, for scripts that use it as a person would.
    """
    program, *arguments = sys.argv if argv is None else argv
    given = files_given(arguments)
    gc.disable()  # until the first paint: it would look again and again through what is loaded, and find nothing
    try:
        from explorer.application.run import run  # noqa: PLC0415 - help is there at once, and without Qt's libraries
    except ImportError as error:
        if (error.name or "").split(".")[0] != "PySide6":
            raise
        print(f"vrae-explorer: Qt does not load ({error}); `vrae --help` shows what works without", file=sys.stderr)
        return 2
    try:
        return run(program, given, ready)
    finally:
        gc.enable()


if __name__ == "__main__":
    sys.exit(main())
