"""What becomes of faults of ours: a log, a report of each crash, and one sentence for each kind in the window."""

from __future__ import annotations

import faulthandler
import logging
import os
import platform
import sys
import threading
import traceback
from collections.abc import Callable, Generator
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import TextIO

import platformdirs

from vrae_core import __version__
from vrae_core.errors import FileError
from vrae_core.processes import is_there
from vrae_core.progress import Progress
from vrae_core.safe_files import read_bounded

LOG, LAST_CRASH = "vrae-explorer.log", "last crash.txt"
LARGEST_LOG, OLD_LOGS = 1 << 20, 3  # bytes, and files kept beside the newest
LONGEST_REPORT = 20_000  # characters of the log, and as many of the crash
_ESCAPED = "backslashreplace"  # how what UTF-8 cannot hold is written, as a path may have it
Say = Callable[[str], None]

log = logging.getLogger(__name__)


def log_folder() -> Path:
    """Where this system keeps logs."""
    return Path(platformdirs.user_log_dir("vrae-explorer", appauthor=False))


class Faults:
    """Logs what nobody caught, and says each fault once; a process that crashes leaves a report in a file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._said: set[tuple[str, str]] = set()
        self._say: Say = lambda _sentence: None
        self._report: TextIO | None = None

    def begin(self) -> None:
        """Write down what happens from now on; where the folder cannot be written, on the standard error only."""
        handlers: list[logging.Handler] = [logging.StreamHandler()] if sys.stderr is not None else []
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            handlers.append(_Log(self._folder / LOG))
            self._report = self._own_file.open("w", encoding="utf-8", errors=_ESCAPED)
            faulthandler.enable(self._report)
        for handler in handlers:
            handler.addFilter(_Repetitions())
        form = "%(asctime)s %(levelname)s %(name)s: %(message)s"
        logging.basicConfig(level=logging.WARNING, format=form, handlers=handlers, force=True)
        sys.excepthook, threading.excepthook = self._uncaught, self._uncaught_in_a_thread

    def say_with(self, say: Say) -> None:
        """Say faults to the user with this, which is called in whatever thread they happen."""
        self._say = say

    def end(self) -> None:
        """Everything has ended in good order: leave no report, and the interpreter's own ways of telling."""
        self._say = lambda _sentence: None
        sys.excepthook, threading.excepthook = sys.__excepthook__, threading.__excepthook__
        if self._report is not None:
            faulthandler.cancel_dump_traceback_later()
            faulthandler.disable()
            self._report.close()
            self._report = None
            with suppress(OSError):
                self._own_file.unlink()

    def end_within(self, seconds: float) -> None:
        """End the process by force if it is still there then, and write down where it hung."""
        where = self._report or sys.__stderr__
        if where is not None:
            faulthandler.dump_traceback_later(seconds, exit=True, file=where)

    def write_report(self, error: BaseException) -> None:
        """Leave the report of a crash: the process ends with this error."""
        if self._report is not None:
            with suppress(OSError):
                traceback.print_exception(error, file=self._report)
                self._report.flush()
            self._report = None  # the file stays

    def look_for_a_crash(self) -> Generator[Progress, None, str]:
        """A job: a report of the crash before this start, "" if there was none; each is found once."""
        yield Progress(0, 1)
        crash = ""
        with suppress(OSError, FileError):
            for file in sorted(self._folder.glob("crash-*.txt")):
                if file == self._own_file or is_there(int(file.stem.removeprefix("crash-"))):
                    continue
                if file.stat().st_size:
                    os.replace(file, self._folder / LAST_CRASH)
                    crash = self._text_of(LAST_CRASH)[:LONGEST_REPORT]
                else:
                    file.unlink()  # it was killed, or the power went
        if not crash:
            return ""
        return "\n".join([_versions(), "", crash, "The log before it:", self._text_of(LOG)[-LONGEST_REPORT:]])

    @property
    def _own_file(self) -> Path:
        return self._folder / f"crash-{os.getpid()}.txt"

    def _text_of(self, name: str) -> str:
        try:
            return read_bounded(self._folder / name, 2 * LARGEST_LOG).decode(errors="replace")
        except FileError:
            return ""

    def _uncaught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        fault = _kind_and_place(error)
        if fault not in self._said:
            self._said.add(fault)
            log.critical("a fault that nobody caught", exc_info=(kind, error, trace))
            self._say(f"A fault in VRAE Explorer: {kind.__name__}: {error}")

    def _uncaught_in_a_thread(self, args: threading.ExceptHookArgs) -> None:
        if not issubclass(args.exc_type, SystemExit) and args.exc_value is not None:
            self._uncaught(args.exc_type, args.exc_value, args.exc_traceback)


def _kind_and_place(error: BaseException) -> tuple[str, str]:
    """What makes two faults one: some come 16 times a second."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = str(error) if trace is None else f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
    return type(error).__name__, place


class _Repetitions(logging.Filter):
    """Lets each fault through once."""

    def __init__(self) -> None:
        super().__init__()
        self._logged: set[tuple[str, str]] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            return True
        fault = _kind_and_place(error)
        new = fault not in self._logged
        self._logged.add(fault)
        return new


class _Log(RotatingFileHandler):
    """A log that says nothing more where the disk is full."""

    def __init__(self, file: Path) -> None:
        super().__init__(
            file, maxBytes=LARGEST_LOG, backupCount=OLD_LOGS, encoding="utf-8", delay=True, errors=_ESCAPED
        )

    def handleError(self, record: logging.LogRecord) -> None:
        pass


def _versions() -> str:
    from PySide6 import __version__ as qt  # noqa: PLC0415

    return f"VRAE Explorer {__version__}, Python {platform.python_version()}, Qt {qt}, {platform.platform()}"
