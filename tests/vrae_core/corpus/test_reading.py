"""Many files read by several processes and on a real Dask cluster, some of them deadly."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from vrae_core.corpus.reading import FILES_A_TASK, TASKS_A_WORKER, Read, dask_cluster, processes, read_packed, reading
from vrae_core.errors import VraeError
from vrae_core.midi.export import Track, write_midi
from vrae_core.midi.song import Song, read_song

HERE, ROOT = Path(__file__).parent, Path(__file__).parents[3]
PATIENCE = 120


def read_if_one_survives(paths: Sequence[str]) -> list[Read]:
    """What a worker does in these tests: a file whose name says so kills it, as a bug in a library might."""
    if any("deadly" in path for path in paths):
        os.kill(os.getpid(), signal.SIGKILL)
    return read_packed(paths)


@pytest.fixture
def files(tmp_path: Path, two_songs: list[Song]) -> list[str]:
    """Forty files, three of which are no good."""
    paths = [tmp_path / f"song {i:02}.mid" for i in range(40)]
    for i, path in enumerate(paths):
        song = two_songs[i % 2]
        write_midi(path, [Track(song.name, 0, song.notes[: 3 + i])])
    paths[7].write_bytes(b"not a MIDI file")
    paths[21].unlink()
    paths[33].write_bytes(paths[33].read_bytes()[:20])
    return [str(path) for path in paths]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a scheduler with two workers, three processes with a nanny each."""
    told = tmp_path_factory.mktemp("dask") / "scheduler.json"
    surroundings = os.environ | {
        "PYTHONPATH": f"{ROOT}{os.pathsep}{HERE}",
        "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0",  # a file is not given a second worker to kill
    }
    scheduler = ["scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(told)]
    workers = ["worker", "--scheduler-file", str(told), "--nworkers", "2", "--nthreads", "1", "--no-dashboard"]
    started = [
        subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.dask_{words[0]}", *words[1:]],
            env=surroundings,
            cwd=told.parent,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for words in (scheduler, workers)
    ]
    try:
        deadline = time.monotonic() + PATIENCE
        while not told.exists():
            assert time.monotonic() < deadline, "the scheduler did not start"
            time.sleep(0.1)
        yield json.loads(told.read_text())["address"]
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait(PATIENCE)


def check(found: list[Read], files: list[str], deadly: Sequence[int] = ()) -> None:
    assert [read.path for read in found] == files, "every file once, in order"
    for i, read in enumerate(found):
        if i in deadly:
            assert "killed" in read.reason
            assert read.song is None
        elif i in (7, 21, 33):
            assert read.song is None
            assert read.reason
            assert "killed" not in read.reason
        else:
            song = read_song(files[i])
            assert read.song.name == song.name
            np.testing.assert_array_equal(read.song.roll, song.roll)


def with_deadly(files: list[str], which: Sequence[int]) -> list[str]:
    return [path.replace("song", "deadly") if i in which else path for i, path in enumerate(files)]


def test_two_processes_read_every_file_in_order_and_name_those_that_are_no_good(files):
    with processes(2) as readers:
        check(list(reading(files, readers)), files)


def test_a_file_that_kills_its_reader_is_named_and_the_rest_goes_on(files):
    paths = with_deadly(files, [0, 19, 39])
    with processes(2, read_if_one_survives) as readers:
        check(list(reading(paths, readers)), paths, [0, 19, 39])


def test_a_dask_cluster_reads_the_same(files, cluster):
    with dask_cluster(cluster, PATIENCE) as readers:
        check(list(reading(files, readers)), files)


def test_on_a_dask_cluster_too_a_file_that_kills_its_worker_is_named_and_the_rest_goes_on(files, cluster):
    paths = with_deadly(files, [12])
    with dask_cluster(cluster, PATIENCE, read_if_one_survives) as readers:
        check(list(reading(paths, readers)), paths, [12])


def test_a_cluster_that_is_not_there_is_told_in_a_sentence():
    with pytest.raises(VraeError, match="cannot be reached"), dask_cluster("tcp://127.0.0.1:9", 0.5):
        pass


def test_an_address_that_is_none_is_told_in_a_sentence():
    with pytest.raises(VraeError, match="cannot be reached"), dask_cluster("carrier://pigeon", 0.5):
        pass


def test_only_so_many_files_are_asked_for_ahead(files):
    taken = 0

    def counted() -> Iterator[str]:
        nonlocal taken
        for path in files * 20:
            taken += 1
            yield path

    with processes(1) as readers:
        results = reading(counted(), readers)
        next(results)
        assert taken <= (TASKS_A_WORKER + 1) * FILES_A_TASK
        results.close()


def test_closing_stops_the_reading_and_leaves_no_process(files):
    with processes(2) as readers:
        results = reading(files * 50, readers)
        next(results)
        results.close()
        workers = list(readers._pool._processes.values())
    assert not any(worker.is_alive() for worker in workers)
