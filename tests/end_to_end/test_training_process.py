"""`vrae train` as a process that is killed, stopped, starved of disk, locked out, or watched from another."""

from __future__ import annotations

import ctypes
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from vrae_core.midi_export import Track, write_midi
from vrae_core.piano_roll import Note
from vrae_core.recipes import RECIPES, ModelConfig
from vrae_core.run_folder import RunFolder
from vrae_core.trained_model import TrainedModel

EPOCHS = 400  # about two seconds on a slow core
PATIENCE = 60.0  # seconds; nothing here takes as many

# The command itself, but that a checkpoint and a row come a hundred times as often, and that it can be told to die
# half-way through the n-th checkpoint it writes.
COMMAND = """
import os, signal, sys
import vrae_core.training, vrae_core.training_run, vrae_core.training_runs
from vrae_core import safe_files
from vrae_core.__main__ import main

vrae_core.training.SECONDS_BETWEEN_CHECKPOINTS = 0.2
vrae_core.training_runs.SECONDS_BETWEEN_ROWS = 0.02
fatal, moment, written = int(sys.argv[1]), sys.argv[2], 0
really_replace = os.replace

def replace(source, target):
    global written
    written += os.path.basename(target) == "checkpoint.safetensors"
    if written == fatal and moment == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    really_replace(source, target)
    if written == fatal:
        os.kill(os.getpid(), signal.SIGKILL)

os.replace = replace
sys.exit(main(sys.argv[3:]))
"""

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return filled(tmp_path)


def filled(folder: Path) -> Path:
    """Put into a folder two songs and a recipe that learns them in seconds."""
    for name, lowest, seconds in (("Low", 40, 20), ("High", 70, 30)):
        notes = tuple(Note(t / 2, t / 2 + 0.4, lowest + 2 * (t % 6)) for t in range(seconds * 2))
        write_midi(folder / f"{name}.mid", [Track(name, 0, notes)])
    fast = RECIPES["fast-2d"]
    model = ModelConfig(window=20, hop=10, hidden=16, encoder_hidden=8, cell="gru", z_every_step=True)
    tiny = replace(fast, model=model, training=replace(fast.training, batch=32, epochs=EPOCHS))
    (folder / "tiny.json").write_text(json.dumps(asdict(tiny)))
    return folder


def started(
    folder: Path, *words: str, die: tuple[int, str] = (-1, ""), before: Callable[[], None] | None = None
) -> subprocess.Popen[str]:
    """Start `vrae train` on the songs of a folder, or `vrae runs …`."""
    usual = ("train", "Low.mid", "High.mid", "-o", "m.safetensors", "--recipe-file", "tiny.json")
    all_words = words if words[:1] == ("runs",) else usual + words
    root = str(Path(__file__).parents[2])
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, str(die[0]), die[1], *all_words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": root, "OMP_NUM_THREADS": "1", "XDG_DATA_HOME": str(folder / "data")},
        preexec_fn=before,  # noqa: PLW1509 - no test here has threads
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    """Starts a command in the folder; whatever still runs at the end is killed."""
    processes: list[subprocess.Popen[str]] = []

    def begin(*words: str, **how: Any) -> subprocess.Popen[str]:
        processes.append(started(folder, *words, **how))
        return processes[-1]

    yield begin
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture
def run(folder: Path) -> RunFolder:
    return RunFolder(folder / "m.run")


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The weights that the run ends with if nothing befalls it."""
    folder = filled(tmp_path_factory.mktemp("whole"))
    assert ended(started(folder)) == (0, "")
    return TrainedModel.load(folder / "m.safetensors").digest


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """The exit status of a process, and what it said on its standard error."""
    _, said = process.communicate(timeout=PATIENCE)
    return process.returncode, said


def wait_until(holds: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.005)


def one_sentence(said: str) -> str:
    assert said.startswith("vrae: ")
    assert said.count("\n") == 1
    return said


def test_a_training_killed_at_any_moment_loses_little_and_ends_as_if_nothing_had_been(
    folder, run, start, uninterrupted
):
    chance = random.Random(6)
    seen = 0
    for _ in range(3):
        process = start("--resume")
        wait_until(lambda: len(run.rows()) > seen and run.checkpoint.exists(), process)
        time.sleep(chance.uniform(0, 0.3))
        process.kill()
        process.wait(PATIENCE)
        assert run.state == "interrupted"
        assert len(run.rows()) > seen
        seen = len(run.rows())
    assert ended(start("--resume")) == (0, "")
    assert TrainedModel.load(folder / "m.safetensors").digest == uninterrupted
    assert run.state == "finished"


def test_a_training_killed_while_it_writes_a_checkpoint_goes_on_from_a_whole_one(folder, run, start, uninterrupted):
    for number, moment in ((1, "before"), (2, "before"), (2, "after")):
        assert start("--resume", die=(number, moment)).wait(PATIENCE) == -signal.SIGKILL
        assert run.state == "interrupted"
        assert list(run.path.glob(".*.tmp")) == [] or moment == "before"
    assert ended(start("--resume")) == (0, "")
    assert TrainedModel.load(folder / "m.safetensors").digest == uninterrupted
    assert not list(run.path.rglob(".*.tmp"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_training_that_is_asked_to_stop_writes_where_it_is_and_goes_on_from_there(
    folder, run, start, uninterrupted, number
):
    process = start()
    wait_until(lambda: len(run.rows()) > 3, process)
    process.send_signal(number)
    status, said = ended(process)
    assert status == 128 + number
    assert "the same command with --resume goes on" in one_sentence(said)
    assert run.state == "stopped"
    assert ended(start("runs", "resume", "m.run")) == (0, "")
    assert TrainedModel.load(run.model).digest == uninterrupted


def test_of_two_processes_on_one_run_the_second_is_refused_and_the_first_goes_on(run, start):
    first = start()
    wait_until(lambda: bool(run.rows()), first)
    status, said = ended(start("--resume"))
    assert (status, one_sentence(said)) == (1, "vrae: m.run is being trained by another process\n")
    assert ended(first) == (0, "")


def test_a_run_is_followed_from_another_process_while_it_grows(run, start):
    process = start()
    seen, states, times = [], set(), 0
    while process.poll() is None:
        rows, state = run.rows(), run.state if run.path.exists() else "stopped"
        assert [repr(row) for row in rows[: len(seen)]] == [repr(row) for row in seen]
        times += len(rows) > len(seen)
        seen = rows
        states.add(state)
        for snapshot in run.snapshots():
            assert TrainedModel.load(snapshot.path).config.hidden == 16
        time.sleep(0.01)
    assert ended(process) == (0, "")
    assert times > 3
    assert "running" in states
    assert "interrupted" not in states
    assert run.state == "finished"
    assert run.rows()[-1].epoch == EPOCHS


def no_file_larger_than(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def interrupted(run: RunFolder, start: Start) -> bytes:
    """Train a little; returns the checkpoint."""
    process = start()
    wait_until(lambda: len(run.rows()) > 3 and run.checkpoint.exists(), process)
    process.terminate()
    process.communicate(timeout=PATIENCE)
    return run.checkpoint.read_bytes()


def test_a_disk_that_takes_no_more_ends_the_training_in_a_sentence_and_its_last_state_stays(
    folder, run, start, uninterrupted
):
    good = interrupted(run, start)
    status, said = ended(start("--resume", before=lambda: no_file_larger_than(len(good) // 2)))
    assert status == 1
    assert "cannot be written: File too large" in one_sentence(said)
    assert run.checkpoint.read_bytes() == good
    assert run.state == "stopped"
    assert ended(start("--resume")) == (0, "")
    assert TrainedModel.load(folder / "m.safetensors").digest == uninterrupted


def test_a_disk_that_is_really_full_says_so(folder, run, start):
    small = folder / "small"
    small.mkdir()
    if (
        shutil.which("mount") is None
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=256k", "vrae", small], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("no file system can be mounted here")
    try:
        status, said = ended(start("--run", "small/m.run"))
        assert status == 1
        assert "cannot be written: No space left on device" in one_sentence(said)
        assert RunFolder(small / "m.run").state == "stopped"
        assert RunFolder(small / "m.run").rows()
        listed = start("runs", "--in", "small")
        assert "stopped" in listed.communicate(timeout=PATIENCE)[0]
    finally:
        subprocess.run(["umount", small], check=True)


def not_above_permissions() -> None:
    """Even root then is refused where the mode of a file says so (CAP_DAC_OVERRIDE, not handed on to the command)."""
    with suppress(OSError):
        ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)


def test_a_run_folder_without_write_permission_is_told_and_left_as_it_is(run, start):
    good = interrupted(run, start)
    run.path.chmod(0o555)
    try:
        status, said = ended(start("--resume", before=not_above_permissions))
    finally:
        run.path.chmod(0o755)
    assert status == 1
    assert "Permission denied" in one_sentence(said)
    assert run.checkpoint.read_bytes() == good
    assert run.state == "stopped"


def test_a_checkpoint_of_another_version_or_another_corpus_is_told_and_left_as_it_is(folder, run, start):
    good = interrupted(run, start)
    for old, new in ((b"vrae-checkpoint", b"vrae-checkpoinT"), (b'sha256":"', b'sha257":"')):
        assert old in good
        run.checkpoint.write_bytes(good.replace(old, new, 1))
        status, said = ended(start("--resume"))
        assert status == 1
        assert "checkpoint.safetensors is " in one_sentence(said)
        assert run.checkpoint.read_bytes() == good.replace(old, new, 1)
    run.checkpoint.write_bytes(good)
    write_midi(folder / "Low.mid", [Track("Low", 0, (Note(0.0, 20.0, 40), Note(3.0, 4.0, 52)))])
    status, said = ended(start("--resume"))
    assert status == 1
    assert "other songs" in one_sentence(said)
    assert run.checkpoint.read_bytes() == good
