"""`vrae train` as a process that is killed, stopped, starved of disk, locked out, or watched from another."""

from __future__ import annotations

import fcntl
import json
import multiprocessing
import os
import pty
import random
import shutil
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import train_on_call
from train_on_call import Moment

from vrae_core.midi.export import Track, write_midi
from vrae_core.model.recipes import ModelConfig, Recipe, TrainingConfig
from vrae_core.model.trained import TrainedModel
from vrae_core.piano_roll import Note
from vrae_core.runs.folder import RunFolder
from vrae_core.runs.process import STOPPED

EPOCHS = 90
USUAL = ("train", "Low.mid", "High.mid", "-o", "m.safetensors", "--recipe-file", "tiny.json")
ROOT = Path(__file__).parents[2]
FORKED = multiprocessing.get_context("forkserver")
Start = Callable[..., "Process"]
PATIENCE = 240.0  # seconds; nothing here takes as many


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return filled(tmp_path)


def filled(folder: Path) -> Path:
    """Put into a folder two songs and a recipe that learns them in seconds."""
    for name, lowest, seconds in (("Low", 40, 20), ("High", 70, 30)):
        notes = tuple(Note(t / 2, t / 2 + 0.4, lowest + 2 * (t % 6)) for t in range(seconds * 2))
        write_midi(folder / f"{name}.mid", [Track(name, 0, notes)])
    model = ModelConfig(window=5, hop=5, hidden=12, encoder_hidden=8, cell="gru", z_every_step=True)
    tiny = Recipe("as small as can be", model, TrainingConfig(epochs=EPOCHS, batch=64, clip=1.0), None, False)
    (folder / "tiny.json").write_text(json.dumps(asdict(tiny)))
    return folder


class Process:
    """`vrae train` on the songs of a folder, or `vrae runs …`."""

    def __init__(
        self,
        folder: Path,
        *words: str,
        die: tuple[int, Moment] | None = None,
        largest_file: int | None = None,
        above_rights: bool = True,
        slowly: bool = False,
    ) -> None:
        all_words = words if words[:1] == ("runs",) else (*USUAL, *words)
        self._folder = folder
        self._process = FORKED.Process(
            target=train_on_call.vrae, args=(all_words, folder, die, largest_file, above_rights, slowly)
        )
        self._process.start()

    @property
    def running(self) -> bool:
        return self._process.is_alive()

    def send(self, number: signal.Signals) -> None:
        os.kill(self._process.pid, number)

    def ended(self) -> tuple[int, str]:
        """Its exit status, and what it said on its standard error."""
        self._process.join(PATIENCE)
        assert not self.running
        return self._process.exitcode, self.said("err")

    def said(self, where: str) -> str:
        return (self._folder / f"{where}.{self._process.pid}").read_text()

    def kill(self) -> None:
        self._process.kill()
        self._process.join()


@pytest.fixture(scope="module", autouse=True)
def torch_is_loaded_once() -> Iterator[None]:
    """Two seconds for each process are saved."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(map(str, (Path(__file__).parent, ROOT))))
        patch.setenv("OMP_NUM_THREADS", "1")
        FORKED.set_forkserver_preload(["train_on_call"])
        FORKED.Process(target=os.getpid).start()
        yield


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    """Starts a process in the folder; whatever still runs at the end is killed."""
    processes: list[Process] = []

    def begin(*words: str, **how: Any) -> Process:
        processes.append(Process(folder, *words, **how))
        return processes[-1]

    yield begin
    for process in processes:
        process.kill()


@pytest.fixture
def run(folder: Path) -> RunFolder:
    return RunFolder(folder / "m.run")


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The weights that the run ends with if nothing befalls it, by the command just as it is started in a shell."""
    folder = filled(tmp_path_factory.mktemp("whole"))
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    subprocess.run(
        [sys.executable, "-m", "vrae_core", *USUAL], cwd=folder, env=environment, capture_output=True, check=True
    )
    return TrainedModel.load(folder / "m.safetensors").digest


def wait_until(holds: Callable[[], bool], process: Process) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert process.running, process.ended()
        assert time.monotonic() < deadline
        time.sleep(0.005)


def sentences(said: str) -> str:
    assert all(line.startswith("vrae: ") for line in said.splitlines())
    return said


def one_sentence(said: str) -> str:
    assert said.startswith("vrae: ")
    assert said.count("\n") == 1
    return said


def test_a_training_killed_at_any_moment_loses_little_and_ends_as_if_nothing_had_been(
    folder, run, start, uninterrupted
):
    chance = random.Random(6)
    moments = [(chance.randint(first, first + 40), chance.uniform(0, 0.02)) for first in (20, 80, 140)]
    for updates, later in moments:
        before = max((row.updates for row in run.rows()), default=0)
        process = start(*(["--resume"] if before else []), slowly=True)
        wait_until(lambda updates=updates: any(row.updates >= updates for row in run.rows()), process)
        time.sleep(later)
        process.send(signal.SIGKILL)
        assert process.ended()[0] == -signal.SIGKILL
        assert run.state == "interrupted"
        assert run.rows()[-1].updates > before
    assert start("--resume").ended() == (0, "")
    assert TrainedModel.load(folder / "m.safetensors").digest == uninterrupted
    assert run.state == "finished"


def test_a_training_killed_while_it_writes_a_checkpoint_goes_on_from_a_whole_one(folder, run, start, uninterrupted):
    nothing_yet = "vrae: m.run does not exist yet, so training starts from the beginning\n"
    for number, moment, told in ((1, "before", nothing_yet), (2, "before", ""), (2, "after", "")):
        assert start("--resume", die=(number, moment)).ended() == (-signal.SIGKILL, told)
        assert run.state == "interrupted"
        assert list(run.path.glob(".*.tmp")) == [] or moment == "before"
    assert start("--resume").ended() == (0, "")
    assert TrainedModel.load(folder / "m.safetensors").digest == uninterrupted
    assert not list(run.path.rglob(".*.tmp"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_training_that_is_asked_to_stop_writes_where_it_is_and_goes_on_from_there(
    folder, run, start, uninterrupted, number
):
    process = start(slowly=True)
    wait_until(lambda: len(run.rows()) > 3, process)
    process.send(number)
    status, said = process.ended()
    assert status == 128 + number
    assert "the same command with --resume goes on" in one_sentence(said)
    assert run.state == "stopped"
    assert start("runs", "resume", "m.run").ended() == (0, "")
    assert TrainedModel.load(run.model).digest == uninterrupted


def test_a_training_whose_terminal_is_closed_writes_where_it_is(folder, run):
    master, terminal = pty.openpty()
    os.set_blocking(master, False)
    process = subprocess.Popen(
        [sys.executable, "-m", "vrae_core", *USUAL, "--epochs", "9999"],
        cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdin=terminal, stdout=terminal, stderr=terminal,
        start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509
    )  # fmt: skip
    os.close(terminal)
    deadline = time.monotonic() + PATIENCE
    while len(run.rows()) < 3 and time.monotonic() < deadline:
        assert process.poll() is None
        with suppress(BlockingIOError):
            os.read(master, 1 << 16)
        time.sleep(0.01)
    os.close(master)
    assert process.wait(PATIENCE) == 128 + signal.SIGHUP
    assert run.state == "stopped"
    assert run.checkpoint.exists()


def test_a_training_that_the_window_started_writes_where_it_is_when_the_terminal_is_closed(folder, run, start):
    interrupted(run, start, "--epochs", "9999")
    process = subprocess.Popen(
        [sys.executable, "-m", "vrae_core.runs.process", str(run.path)],
        env=os.environ | {"PYTHONPATH": str(ROOT)}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline()
    process.send_signal(signal.SIGHUP)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == STOPPED
    assert run.state == "stopped"


def test_of_two_processes_on_one_run_the_second_is_refused_and_the_first_goes_on(run, start):
    first = start("--epochs", "9999")
    wait_until(lambda: bool(run.rows()), first)
    status, said = start("--resume").ended()
    assert (status, one_sentence(said)) == (1, "vrae: m.run is being trained by another process\n")
    before = len(run.rows())
    wait_until(lambda: len(run.rows()) > before, first)
    first.send(signal.SIGTERM)
    assert first.ended()[0] == 128 + signal.SIGTERM


def test_a_run_is_followed_from_another_process_while_it_grows(run, start):
    process = start()
    seen, states, times = [], set(), 0
    while process.running:
        rows, state = run.rows(), run.state if run.path.exists() else "stopped"
        assert [repr(row) for row in rows[: len(seen)]] == [repr(row) for row in seen]
        times += len(rows) > len(seen)
        seen = rows
        states.add(state)
        for snapshot in run.snapshots():
            assert TrainedModel.load(snapshot.path).config.hidden == 12
        time.sleep(0.01)
    assert process.ended() == (0, "")
    assert times > 3
    assert "running" in states
    assert "interrupted" not in states
    assert run.state == "finished"
    assert run.rows()[-1].epoch == EPOCHS


def interrupted(run: RunFolder, start: Start, *words: str) -> bytes:
    """Train a little; returns the checkpoint."""
    process = start(*words, slowly=True)
    wait_until(lambda: len(run.rows()) > 3 and run.checkpoint.exists(), process)
    process.send(signal.SIGTERM)
    process.ended()
    return run.checkpoint.read_bytes()


def test_a_disk_that_takes_no_more_ends_the_training_in_a_sentence_and_its_last_state_stays(
    folder, run, start, uninterrupted
):
    good = interrupted(run, start)
    status, said = start("--resume", largest_file=len(good) // 20).ended()
    assert status == 1
    assert "cannot be written: File too large" in sentences(said)
    assert run.checkpoint.read_bytes() == good
    assert run.state == "stopped"
    assert start("--resume").ended() == (0, "")
    assert TrainedModel.load(folder / "m.safetensors").digest == uninterrupted


@pytest.fixture
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    disk = folder / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "vrae", disk]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    yield disk
    subprocess.run(["umount", disk], check=True)


def test_a_training_on_a_disk_that_is_full_says_so_and_goes_on_once_there_is_room(
    folder, small_disk, start, uninterrupted
):
    run = RunFolder(small_disk / "m.run")
    good = interrupted(run, start, "--run", "disk/m.run")
    with (small_disk / "filler").open("wb", buffering=0) as filler, suppress(OSError):
        while True:  # until there is no space left
            filler.write(bytes(4096))
    status, said = start("--run", "disk/m.run", "--resume").ended()
    assert status == 1
    assert "cannot be written: No space left on device" in one_sentence(said)
    assert run.state == "stopped"
    assert run.checkpoint.read_bytes() == good
    (small_disk / "filler").unlink()
    assert start("--run", "disk/m.run", "--resume").ended() == (0, "")
    assert TrainedModel.load(folder / "m.safetensors").digest == uninterrupted


def test_a_run_folder_without_write_permission_is_told_and_left_as_it_is(run, start):
    good = interrupted(run, start)
    run.path.chmod(0o555)
    try:
        status, said = start("--resume", above_rights=False).ended()
    finally:
        run.path.chmod(0o755)
    assert status == 1
    assert "Permission denied" in one_sentence(said)
    assert run.checkpoint.read_bytes() == good
    assert run.state == "stopped"


def test_a_checkpoint_of_another_version_or_another_corpus_is_told_and_left_as_it_is(folder, run, start):
    good = interrupted(run, start)
    for before in run.path.glob("checkpoint.*.safetensors"):
        before.unlink()  # or training would go on from there
    for old, new in ((b"vrae-checkpoint", b"vrae-checkpoinT"), (b'sha256":"', b'sha257":"')):
        assert old in good
        run.checkpoint.write_bytes(good.replace(old, new, 1))
        status, said = start("--resume").ended()
        assert status == 1
        assert "checkpoint.safetensors is " in one_sentence(said)
        assert run.checkpoint.read_bytes() == good.replace(old, new, 1)
    run.checkpoint.write_bytes(good)
    write_midi(folder / "Low.mid", [Track("Low", 0, (Note(0.0, 20.0, 40), Note(3.0, 4.0, 52)))])
    status, said = start("--resume").ended()
    assert status == 1
    assert "other songs" in one_sentence(said)
    assert run.checkpoint.read_bytes() == good
