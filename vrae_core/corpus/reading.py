"""Reading many MIDI files at once, by other processes or on a cluster, none of which a bad file can stop for long.

Both are asked by the interface of `concurrent.futures.Executor`.  Results come in the order of the files, and no more
of them are under way than keep the others busy, so that memory is bounded however many files there are.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from itertools import islice
from multiprocessing import get_context
from typing import Any, NamedTuple, Protocol, cast

from vrae_core.corpus.packing import PackedSong, packed_song
from vrae_core.corpus.sampling import PAPER_GRID, Grid, sampled
from vrae_core.errors import CorpusError, MidiFileError, VraeError
from vrae_core.midi.beat_estimation import with_beats
from vrae_core.midi.parts import with_parts
from vrae_core.midi.quantising import AS_PLAYED, Quantising, doubt_of, quantised
from vrae_core.midi.song import read_song
from vrae_core.processes import die_with_parent

FILES_A_TASK = 8  # sending one takes about as long as reading a short song
TASKS_A_WORKER = 4  # sent ahead
_NO_MEMORY = "needs more memory than there is"
_KILLS = "could not be read: the process that read it was killed by it"


class Read(NamedTuple):
    """What became of one file."""

    path: str
    song: PackedSong | None  # none if it is no good
    reason: str = ""  # then why; of one that is, what should be known


class Readers(Protocol):
    """Who reads: several workers behind an executor, which can be replaced when it is broken."""

    workers: int

    def submit(self, paths: Sequence[str]) -> Future[list[Read]]: ...
    def renew(self) -> None: ...


Reading = Callable[[Sequence[str]], list[Read]]  # what a worker does, by a name it can import


def read_packed(
    paths: Sequence[str], quantising: Quantising = AS_PLAYED, grid: Grid = PAPER_GRID, estimate_beats: bool = False
) -> list[Read]:
    """Read files, each to a song on a grid or to the reason why not: what a worker does."""
    return [_read(path, quantising, grid, estimate_beats) for path in paths]


def reading(paths: Iterable[str], readers: Readers) -> Generator[Read, None, None]:
    """Read files, in order.  Closing it abandons those that are under way.

    When a worker is lost, what was under way is read again, file by file; a file that costs another
    worker is the culprit, and named.
    """
    ahead = iter(paths)
    under_way: deque[tuple[list[str], Future[list[Read]]]] = deque()
    try:
        while True:
            while len(under_way) < readers.workers * TASKS_A_WORKER and (task := list(islice(ahead, FILES_A_TASK))):
                try:
                    under_way.append((task, readers.submit(task)))
                except Exception as problem:  # the pool broke since the last result: see below
                    failed: Future[list[Read]] = Future()
                    failed.set_exception(problem)
                    under_way.append((task, failed))
            if not under_way:
                return
            task, result = under_way.popleft()
            try:
                found = result.result()
            except Exception:  # what the loss of a worker raises differs from executor to executor
                lost = [path for paths_of_one, _ in [(task, result), *under_way] for path in paths_of_one]
                for _, other in under_way:
                    other.cancel()
                under_way.clear()
                readers.renew()
                yield from _one_by_one(lost, readers)
            else:
                yield from found
    finally:
        for _, result in under_way:
            result.cancel()


def _one_by_one(paths: Sequence[str], readers: Readers) -> Iterator[Read]:
    for path in paths:
        try:
            yield from readers.submit([path]).result()
        except Exception:
            yield Read(path, None, _KILLS)
            readers.renew()


def _read(path: str, quantising: Quantising, grid: Grid, estimate_beats: bool) -> Read:
    try:
        song = read_song(path)
    except MidiFileError as error:
        return Read(path, None, error.reason)
    except MemoryError:
        return Read(path, None, _NO_MEMORY)
    try:
        if grid.steps_per_beat:
            song = with_beats(song, estimate_beats)
        on_beat = quantised(with_parts(song) if grid.parts else song, quantising)
        return Read(path, packed_song(sampled(on_beat, grid)), doubt_of(song, quantising))
    except CorpusError as why:
        return Read(path, None, str(why).removeprefix(f"{song.name} "))
    except MemoryError:
        return Read(path, None, _NO_MEMORY)


class _Pool:
    """Processes of this machine."""

    def __init__(self, jobs: int, read: Reading) -> None:
        self.workers, self._read = jobs, read
        self._pool = self._new()

    def submit(self, paths: Sequence[str]) -> Future[list[Read]]:
        return self._pool.submit(self._read, paths)

    def renew(self) -> None:
        self.close()
        self._pool = self._new()

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    def _new(self) -> ProcessPoolExecutor:
        # spawn: a fork would copy the threads' locks as they happen to be
        return ProcessPoolExecutor(self.workers, get_context("spawn"), _prepare_worker)


class _Cluster:
    """A Dask cluster, whose scheduler replaces a lost worker by itself."""

    def __init__(self, client: Any, address: str, patience: float, read: Reading) -> None:
        self._client, self._address, self._patience, self._read = client, address, patience, read
        self._executor: Executor = client.get_executor(pure=False)
        self.renew()

    def submit(self, paths: Sequence[str]) -> Future[list[Read]]:
        return self._executor.submit(self._read, paths)

    def renew(self) -> None:
        """Wait for a worker, and count them.  Raises: VraeError if there is none any more."""
        try:
            self._client.wait_for_workers(1, timeout=self._patience)
        except Exception:
            raise VraeError(f"the cluster at {self._address} has no workers") from None
        self.workers: int = max(1, sum(self._client.nthreads().values()))


@contextmanager
def processes(jobs: int, read: Reading = read_packed) -> Generator[Readers, None, None]:
    """Readers in ``jobs`` processes of this machine, gone with the block, or with this process if it is killed."""
    pool = _Pool(jobs, read)
    try:
        yield pool
    finally:
        pool.close()


@contextmanager
def dask_cluster(address: str, patience: float = 10.0, read: Reading = read_packed) -> Generator[Readers, None, None]:
    """Readers on the Dask cluster whose scheduler listens at an address such as tcp://host:8786.

    The workers must have this program and see the files under the same paths.  patience: seconds to wait for it.
    Raises: VraeError if Dask is not installed, or there is no such cluster.
    """
    try:
        from distributed import Client  # noqa: PLC0415 - an optional package, and slow to load
    except ImportError:
        raise VraeError("Dask is not installed; `pip install vrae-explorer[dask]` brings it") from None
    try:
        client: Any = cast(Any, Client)(address, timeout=patience, set_as_default=False)
    except (OSError, ValueError, TimeoutError):
        raise VraeError(f"the cluster at {address} cannot be reached") from None
    with client:
        yield _Cluster(client, address, patience, read)


def readers_for(jobs: int, dask: str | None, read: Reading = read_packed) -> AbstractContextManager[Readers]:
    """A cluster if there is an address, or else processes."""
    return dask_cluster(dask, read=read) if dask else processes(jobs, read)


def usable_cores() -> int:
    """How many of the processor's cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _prepare_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to obey
    with suppress(OSError):
        die_with_parent(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
