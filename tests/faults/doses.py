"""Faults in doses: altered files, full disks.  Each gives what was promised, how much it was tried, what came out."""

from __future__ import annotations

import json
import os
import random
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from kinds import KINDS, WRITERS, Kind, leaves

from vrae_core.errors import VraeError

KILOBYTES_64 = 64 << 10
SETTINGS = 4096  # bytes at either end of a file, where it says what it holds: altered more often than the rest
JUNK = (
    None,
    True,
    -1,
    0,
    10**30,
    1e308,
    float("nan"),
    float("inf"),
    "",
    "\0",
    "\ud800",
    "x" * 5000,
    [],
    {},
    [[]],
    [1, 2],
)
FULL = ("0", "64 kB", "half", "one byte short")


class Result(NamedTuple):
    """A line of the table; ``faults`` are sentences, none if the promise was kept."""

    promise: str
    dose: str
    result: str
    faults: list[str]


def altered(data: bytes, chance: random.Random) -> bytes:
    """Another content: a bit turned, bytes replaced, taken out, put in or zeroed, the end cut off, or a JSON value."""
    if data.startswith(b"{") and chance.random() < 0.5:
        return with_junk(data, chance)
    changed = bytearray(data)
    first, last = chance.choice(((0, len(data)), (0, SETTINGS), (len(data) - SETTINGS, len(data))))
    at, length = chance.randrange(max(first, 0), min(last, len(data))), chance.randint(1, 40)
    match chance.randrange(7):
        case 0 | 1:
            changed[at] ^= 1 << chance.randrange(8)
        case 2:
            for _ in range(chance.randint(1, 5)):
                changed[chance.randrange(len(data))] = chance.randrange(256)
        case 3:
            del changed[at : at + length]
        case 4:
            changed[at:at] = chance.randbytes(length)
        case 5:
            changed[at : at + length] = bytes(len(changed[at : at + length]))
        case 6:
            del changed[at:]
    return bytes(changed)


def with_junk(data: bytes, chance: random.Random) -> bytes:
    """JSON, one of whose values is another."""
    value = json.loads(data)
    holder, key = chance.choice(list(_values(value)))
    holder[key] = chance.choice(JUNK)
    return json.dumps(value).encode()


def _values(value: Any) -> Iterator[tuple[Any, Any]]:
    """Where every value in some JSON is: what holds it, and its name or number there."""
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, key
        yield from _values(value[key])


def alter(kind: Kind, folder: Path, times: int, seed: int) -> Result:
    """Read so many altered files of a kind."""
    path, chance, faults = folder / kind.file, random.Random(seed), []
    kind.write(path)
    good = path.read_bytes()
    as_written = list(leaves(kind.read(path)))
    refused = same = other = 0
    for number in range(times):
        while (data := altered(good, chance)) == good:
            pass
        path.write_bytes(data)
        try:
            what = list(leaves(kind.read(path)))
        except VraeError as error:
            refused += 1
            if not str(error).startswith(path.name) and path.name not in str(error):
                faults.append(f"{kind.name} {number}: the refusal names no file: {error}")
        except Exception as error:
            faults.append(f"{kind.name} {number}: {type(error).__name__}: {error}")
        else:
            same, other = same + (what == as_written), other + (what != as_written)
            if kind.signed and what != as_written:
                faults.append(f"{kind.name} {number}: taken, though its content is another")
    promise = "refused, or read as written" if kind.signed else "refused in a sentence, or read; never anything else"
    result = f"{refused} refused, {same} read as written, {other} read otherwise"
    return Result(f"An altered {kind.name} is {promise}", f"{times} files", result, faults)


@contextmanager
def disk_that_takes(size: int) -> Iterator[None]:
    """No file of this process may grow beyond so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def fill(name: str, file: str, write: Callable[[Path], object], folder: Path) -> Result:
    """Write one kind of file over an old one on a disk with too little room for it."""
    path, faults, refused, written = folder / file, [], 0, 0
    write(path)
    write(path)  # what is imported late, or kept beside it, is there now
    whole = path.stat().st_size
    beside = sorted(os.listdir(folder))
    for words, room in zip(FULL, (0, KILOBYTES_64, whole // 2, whole - 1), strict=True):
        path.write_bytes(b"what was there before")
        try:
            with disk_that_takes(room):
                write(path)
        except VraeError as error:
            refused += 1
            if path.read_bytes() != b"what was there before":
                faults.append(f"{name}, {words}: the old file is no longer there")
            if path.name not in str(error):
                faults.append(f"{name}, {words}: the refusal names no file: {error}")
        except Exception as error:
            faults.append(f"{name}, {words}: {type(error).__name__}: {error}")
        else:
            written += 1
            if room < whole - 64:  # the bytes of one file are not always as many
                faults.append(f"{name}, {words}: said to be written")
        if sorted(os.listdir(folder)) != beside:
            faults.append(f"{name}, {words}: other files are left: {sorted(os.listdir(folder))}")
    result = f"{refused} refused with the old file in its place, {written} written, having had room"
    return Result(f"A full disk costs a sentence and no old file: {name}", ", ".join(FULL), result, faults)


def all_altered(folder: Path, times: int, seed: int) -> Iterator[Result]:
    """Every kind of file that is read."""
    for kind in KINDS:
        place = folder / f"altered {kind.name}"
        place.mkdir()
        yield alter(kind, place, times, seed)


def all_full(folder: Path) -> Iterator[Result]:
    """Every kind of file that is written."""
    for name, file, write in WRITERS:
        place = folder / f"full {name}"
        place.mkdir()
        yield fill(name, file, write, place)
