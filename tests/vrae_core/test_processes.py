"""What a process asks of the system: whether another is there, by its number and by when it began; how threads wait."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from vrae_core.processes import began, is_there

ROOT = Path(__file__).parents[2]
_AS_TORCH_IS_LOADED = """
import os, sys
class Watcher:
    def find_spec(self, name, *_):
        if name == "torch":
            print(os.environ.get("OMP_WAIT_POLICY"))
            sys.stdout.flush()
            os._exit(0)
sys.meta_path.insert(0, Watcher())
"""


def test_this_process_is_there_and_began_when_it_says():
    assert is_there(os.getpid())
    assert is_there(os.getpid(), began())


def test_another_process_that_has_the_number_by_now_is_not_the_one_that_was_meant():
    assert not is_there(os.getpid(), began() - 60)
    assert not is_there(os.getpid(), float("nan"))


def test_a_process_that_is_over_is_not_there_even_before_its_parent_has_asked_for_it():
    process = subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.read()  # until it ends
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert not is_there(process.pid)
    process.communicate()
    assert not is_there(process.pid)


@pytest.mark.parametrize("number", [-1, 10**9, 10**30])
def test_a_number_that_no_process_has_is_of_none(number):
    assert not is_there(number)


@pytest.mark.parametrize(
    "way",
    [
        "import vrae_core.training.train",
        "from vrae_core.__main__ import main; main(['train', '-o', 'm.safetensors', '--minutes', '0.01'])",
        "from vrae_core.__main__ import main; main(['reproduce', 'figure-1', '-o', 'here', '--minutes', '0.01'])",
    ],
)
def test_threads_are_told_to_sleep_before_torch_is_loaded_whichever_way_it_comes(way: str, tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    command = [sys.executable, "-c", _AS_TORCH_IS_LOADED + way]
    told = subprocess.check_output(command, cwd=tmp_path, env=environment | {"PYTHONPATH": str(ROOT)}, timeout=120)
    assert told.decode().split() == ["PASSIVE"]
