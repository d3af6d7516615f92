"""Reading files that may be hostile, writing files never seen half-written, and folders that one process has."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from vrae_core.errors import FileError, InUseError

AnyPath = str | os.PathLike[str]

LOCK = ".lock"
READ_ONLY = "is not replaced: it is a file that may only be read"
_NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS)  # what a file system without locks says; one does without
_CHUNK = 1 << 20
_LONGEST_STEM = 120  # bytes; most systems allow 255 with everything
_RESERVED = {"CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(1, 10))}  # on Windows
# O_NONBLOCK: opening a pipe nobody writes to would wait for ever.  The flags Windows or POSIX lack count as 0.
_READ_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_CREATE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


def read_bounded(path: AnyPath, limit: int, error: type[FileError] = FileError) -> bytes:
    """Read a whole regular file of at most ``limit`` bytes.

    Raises: ``error`` if the file is missing, unreadable, a folder, pipe or device, or larger.
    """
    descriptor = open_regular(path, error)
    try:
        size = os.fstat(descriptor).st_size
        if size > limit:
            raise error(path, f"holds {_size(size)}; the limit is {_size(limit)}")
        data = _read_at_most(descriptor, limit + 1)
    except OSError as problem:
        raise error(path, _reason("read", problem)) from None
    finally:
        os.close(descriptor)
    if len(data) > limit:  # it grew after fstat
        raise error(path, f"holds more than the limit of {_size(limit)}")
    return data


def open_regular(path: AnyPath, error: type[FileError] = FileError) -> int:
    """Open a regular file for reading and return its descriptor.

    Raises: ``error`` if the file is missing, unreadable, a folder, pipe or device.
    """
    try:
        descriptor = os.open(path, _READ_FLAGS)
    except OSError as problem:
        raise error(path, _reason("opened", problem)) from None
    except ValueError:
        raise error(path, "has a name that no file can have") from None
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise error(path, "is a folder" if stat.S_ISDIR(mode) else "is not a regular file")
    return descriptor


def write_atomically(path: AnyPath, data: bytes | memoryview) -> None:
    """Put ``data`` where ``path`` points: another reader, or a crash at any moment, sees the old file or the new.

    Raises: FileError if the folder does not exist, cannot be written, or is full, or if there is a file that may only
    be read; the old file then stays.
    """
    with writing_atomically(path) as file:
        file.write(data)


@contextmanager
def writing_atomically(path: AnyPath) -> Generator[BinaryIO, None, None]:
    """The same for what is written piece by piece: the file appears where the block ends, unless by an error."""
    try:
        target = os.path.realpath(path)  # through a symbolic link, so that the link stays one
        if is_read_only(target):
            raise FileError(path, READ_ONLY)
        with _replacing(target) as file:
            yield file
    except OSError as problem:
        raise FileError(path, _reason("written", problem)) from None
    except ValueError:
        raise FileError(path, "has a name that no file can have") from None


def make_folder(folder: AnyPath) -> None:
    """Make a folder and those that it lies in, if they are not there.  Raises: FileError."""
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as problem:
        raise FileError(folder, _reason("written to", problem)) from None


def bytes_in(folder: AnyPath) -> int:
    """How many bytes the files in a folder have, and those in the folders in it, as far as they can be looked at."""
    count = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):  # it went meanwhile
                file = os.lstat(os.path.join(place, name))
                count += file.st_size if stat.S_ISREG(file.st_mode) else 0
    return count


def is_read_only(path: AnyPath) -> bool:
    """Whether there is a file that its owner has protected: replacing it would need only the folder's leave."""
    try:
        return not os.stat(path).st_mode & 0o222 or not os.access(path, os.W_OK)
    except FileNotFoundError:
        return False


def file_stem(words: str) -> str:
    """Words as the name of a file, without its extension, that every system takes: letters, digits and a few signs."""
    kept = "".join(letter if letter.isalnum() or letter in " .,-_()'+" else "-" for letter in words)
    short = kept.encode()[:_LONGEST_STEM].decode(errors="ignore").strip(" .")
    return short if short and short.upper() not in _RESERVED else f"{short}_"


def _read_at_most(descriptor: int, limit: int) -> bytes:
    chunks = []
    while limit > 0 and (chunk := os.read(descriptor, min(limit, _CHUNK))):
        chunks.append(chunk)
        limit -= len(chunk)
    return b"".join(chunks)


@contextmanager
def _replacing(target: str) -> Generator[BinaryIO, None, None]:
    folder = os.path.dirname(target)
    temporary = os.path.join(folder, f".{secrets.token_hex(8)}.tmp")
    try:
        with os.fdopen(os.open(temporary, _CREATE_FLAGS, 0o666), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise
    _flush_folder(folder)


def _flush_folder(folder: str) -> None:
    """Make the new name itself survive a power cut, where the system lets one open a folder."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _reason(verb: str, problem: OSError) -> str:
    if isinstance(problem, FileNotFoundError) and verb == "opened":
        return "does not exist"
    if isinstance(problem, FileNotFoundError):
        return f"cannot be {verb}: its folder does not exist"
    return f"cannot be {verb}: {problem.strerror or 'the system gives no reason'}"


def _size(count: int) -> str:
    return f"{count / (1 << 20):.1f} MB" if count >= 1 << 20 else f"{count:,} bytes"


@contextmanager
def alone_in(folder: Path, otherwise: str, patience: float = 0.0) -> Iterator[bool]:
    """Have a folder to oneself, by a lock on its file LOCK that goes with its process however that goes.

    Gives whether it is locked: False on a file system without locks.  patience: seconds to wait for whoever has it.
    Raises: InUseError with the words of ``otherwise`` if another process has it; FileError if it cannot be opened.
    """
    import filelock  # noqa: PLC0415 - few ask

    if not os.path.isdir(folder):  # filelock would make it
        raise FileError(folder, "cannot be opened: there is no such folder")
    lock = filelock.FileLock(folder / LOCK, timeout=patience, thread_local=False)
    try:
        lock.acquire()
    except filelock.Timeout:
        raise InUseError(folder, otherwise) from None
    except OSError as problem:
        if problem.errno not in _NO_LOCKS:
            raise FileError(folder, f"cannot be opened: {problem.strerror}") from None
    try:
        yield lock.is_locked
    finally:
        lock.release()


def is_held(folder: Path) -> bool:
    """Whether another process has a folder to itself; True too where nobody can tell, for want of locks or of leave."""
    try:
        with alone_in(folder, "is held") as locked:
            return not locked
    except FileError:
        return True
