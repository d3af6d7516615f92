"""A folder that one process has to itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vrae_core.errors import FileError


@contextmanager
def alone_in(folder: Path, otherwise: str) -> Iterator[None]:
    """Have a folder to oneself, by a lock that goes with its process however that goes; none where the system has none.

    Raises: FileError with the words of ``otherwise`` if another process has it, or if it cannot be opened.
    """
    try:
        import fcntl  # noqa: PLC0415 - not on Windows
    except ImportError:
        yield
        return
    try:
        held = os.open(folder, os.O_RDONLY)
    except OSError as problem:
        raise FileError(folder, f"cannot be opened: {problem.strerror}") from None
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FileError(folder, otherwise) from None
        except OSError:
            pass  # a file system without locks
        yield
    finally:
        os.close(held)
