"""Several processes train as one: really started by torchrun, stopped, and killed."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
import torch

from vrae_core.__main__ import main
from vrae_core.corpus.cutting import build_corpus
from vrae_core.errors import TrainingError
from vrae_core.midi.export import Track, write_midi
from vrae_core.midi.song import Song
from vrae_core.model.recipes import RECIPES
from vrae_core.model.trained import TrainedModel
from vrae_core.training.distributed import Group, group_here, was_restarted
from vrae_core.training.steering import Steering
from vrae_core.training.train import train

ROOT = Path(__file__).parents[3]
PATIENCE = 300  # seconds; the machine may be busy with other tests


@pytest.fixture
def songs(tmp_path: Path, two_songs: list[Song]) -> list[str]:
    paths = [tmp_path / f"{song.name}.mid" for song in two_songs]
    for path, song in zip(paths, two_songs, strict=True):
        write_midi(path, [Track(song.name, 0, song.notes)])
    return [str(path) for path in paths]


@pytest.fixture
def start(songs: list[str], tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts `vrae train` on the two songs in a number of processes; none outlives the test."""
    started: list[subprocess.Popen[str]] = []

    def launch(processes: int, name: str, *words: str) -> subprocess.Popen[str]:
        several = ["torch.distributed.run", f"--nproc-per-node={processes}", "--max-restarts=2", "--standalone", "-m"]
        command = [sys.executable, "-m", *(several if processes > 1 else []), "vrae_core", "train", *songs]
        command += ["-o", str(tmp_path / f"{name}.safetensors"), "--json", "--seed", "5", *words]
        surroundings = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
        started.append(
            subprocess.Popen(
                command, env=surroundings, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=tmp_path
            )
        )
        return started[-1]

    yield launch
    for process in started:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=PATIENCE)


def workers_of(launcher: subprocess.Popen[str]) -> list[int]:
    """The launcher's child processes that train, the first rank first."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            rank = re.search(rb"\0RANK=(\d+)\0", b"\0" + (folder / "environ").read_bytes())
        except OSError:
            continue
        if int(words[1]) == launcher.pid and rank:
            found[int(rank[1])] = int(folder.name)
    return [found[rank] for rank in sorted(found)]


def next_figures(process: subprocess.Popen[str]) -> dict[str, float]:
    """The next line of figures that a training prints."""
    lines = []
    patience = threading.Timer(PATIENCE, process.kill)
    patience.start()
    try:
        for line in process.stdout or ():
            if line.startswith("{"):
                return json.loads(line)
            lines.append(line)
    finally:
        patience.cancel()
        patience.join()
    raise AssertionError("the training ended without a word: " + "".join(lines))


def updates_kept(path: Path) -> int:
    data = path.read_bytes()
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    return json.loads(header["__metadata__"]["state"])["updates"]


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, "it never came to pass"
        time.sleep(0.05)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def history(path: Path) -> np.ndarray:
    data = path.read_bytes()
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    return np.array(json.loads(header["__metadata__"]["state"])["history"])


def test_two_processes_have_the_loss_curve_of_one_within_rounding(start, tmp_path):
    alone, together = start(1, "one", "--epochs", "8"), start(2, "two", "--epochs", "8")
    outputs = [process.communicate(timeout=PATIENCE)[0] for process in (alone, together)]
    assert [alone.returncode, together.returncode] == [0, 0], outputs

    one, two = (
        history(tmp_path / "one.run" / "checkpoint.safetensors"),
        history(tmp_path / "two.run" / "checkpoint.safetensors"),
    )
    assert one.shape == (8, 3)
    assert one[-1, 0] > one[0, 0] + 0.2, "it learnt"
    np.testing.assert_allclose(two, one, rtol=2e-3, atol=2e-3)
    weights = [TrainedModel.load(tmp_path / f"{name}.safetensors").weights for name in ("one", "two")]
    for name, weight in weights[0].items():
        np.testing.assert_allclose(weights[1][name], weight, atol=0.03, err_msg=name)
    epochs = [json.loads(line)["epoch"] for line in outputs[1].splitlines() if line.startswith("{")]
    assert epochs == sorted(set(epochs)), "only the first process speaks"


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
@pytest.mark.parametrize("whom", ["the launcher", "the second process alone"])
def test_a_stop_ends_all_processes_on_one_update_with_a_checkpoint(start, tmp_path, whom):
    launcher = start(2, "run", "--minutes", "9")
    next_figures(launcher)
    workers = workers_of(launcher)
    assert len(workers) == 2
    os.kill(launcher.pid if whom == "the launcher" else workers[1], signal.SIGTERM)
    kept = tmp_path / "run.run" / "checkpoint.safetensors"
    wait_until(lambda: not any(map(is_running, workers)) and kept.exists())
    assert updates_kept(kept) > 0
    launcher.terminate()
    output = launcher.communicate(timeout=PATIENCE)[0]
    assert "holds the run" in output
    assert not (tmp_path / "run.safetensors").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_when_the_first_process_is_killed_all_start_anew_and_go_on_from_the_checkpoint(start, tmp_path):
    first = start(1, "run", "--minutes", "9")
    next_figures(first)
    first.terminate()
    first.communicate(timeout=PATIENCE)
    kept = updates_kept(tmp_path / "run.run" / "checkpoint.safetensors")

    launcher = start(2, "run", "--minutes", "9", "--resume")  # what one process began, two go on with
    assert next_figures(launcher)["updates"] > kept
    kill_and_wait_for_successors(launcher, 0)
    assert next_figures(launcher)["updates"] > kept, "it went on; it did not begin again"


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_when_the_second_process_is_killed_the_first_keeps_what_was_learnt_and_all_go_on(start):
    launcher = start(2, "run", "--minutes", "9")
    before = next_figures(launcher)
    kill_and_wait_for_successors(launcher, 1)
    after = next_figures(launcher)
    assert after["updates"] > before["updates"]
    assert after["seconds"] > before["seconds"]


def kill_and_wait_for_successors(launcher: subprocess.Popen[str], rank: int) -> None:
    before = workers_of(launcher)
    os.kill(before[rank], signal.SIGKILL)
    wait_until(lambda: len(workers_of(launcher)) == 2 and not set(before) & set(workers_of(launcher)))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process cannot be told that its parent has died")
def test_the_processes_stop_with_a_checkpoint_when_their_launcher_is_killed(start, tmp_path):
    launcher = start(2, "run", "--minutes", "9")
    next_figures(launcher)
    workers = workers_of(launcher)
    os.kill(launcher.pid, signal.SIGKILL)
    wait_until(lambda: not any(map(is_running, workers)))
    kept = tmp_path / "run.run" / "checkpoint.safetensors"
    assert kept.exists(), (workers, launcher.stdout.read())
    assert updates_kept(kept) > 0


def test_the_shares_of_all_processes_are_the_whole_minibatch():
    shares = []
    for rank in range(3):
        group = Group()
        group.rank, group.size = rank, 3
        shares += range(20)[group.share(20)]
    assert shares == list(range(20))


def test_more_processes_than_windows_are_refused_in_words():
    group = Group()
    group.size = 3
    with pytest.raises(TrainingError, match="2 windows cannot be shared by 3 processes"):
        group.share(2)


def test_several_processes_are_not_steered_once_they_have_begun(two_songs):
    group, steering = Group(), Steering()
    recipe = RECIPES["fast-2d"]
    steps = train(build_corpus(two_songs, 20, 10), recipe, epochs=50, steering=steering, group=group)
    next(steps)
    group.size = 2  # as far as this one knows
    steering.learning_rate = 0.5
    with pytest.raises(TrainingError, match="cannot be steered"):
        list(steps)


def test_several_processes_must_be_told_which_run_is_theirs(monkeypatch, capsys):
    several = Group()
    several.size = 2
    monkeypatch.setattr("vrae_core.training.distributed.group_here", lambda device: nullcontext(several))
    assert main(["train"]) == 1
    assert "need -o, to find the same run" in capsys.readouterr().err


def test_without_torchrun_a_process_is_alone():
    with group_here(environment={"PATH": "/bin"}) as group:
        assert (group.rank, group.size, group.device) == (0, 1, "cpu")
        assert group.is_first
        assert group.agree(True)
        assert not group.agree(False)


def test_a_window_is_trained_on_once_an_epoch_however_many_processes(two_songs):
    corpus = build_corpus(two_songs, 20, 10, equal_share=False)
    groups = [Group(), Group()]
    for rank, group in enumerate(groups):
        group.rank, group.size = rank, 2
    order = np.random.default_rng(0).permutation(len(corpus))
    assert sorted(np.concatenate([order[group.share(len(corpus))] for group in groups])) == list(range(len(corpus)))


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a graphics card")
def test_a_graphics_card_that_is_not_there_is_told_in_a_sentence():
    with pytest.raises(TrainingError, match="no graphics card"), group_here("cuda"):
        pass


def test_torchrun_says_whether_it_starts_a_process_anew():
    assert was_restarted({"TORCHELASTIC_RESTART_COUNT": "1"})
    assert not was_restarted({"TORCHELASTIC_RESTART_COUNT": "0"})
    assert not was_restarted({})
