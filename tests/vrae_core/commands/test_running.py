"""Ctrl-C that is obeyed at the next step."""

import os
import signal
import subprocess
import sys

import pytest

from vrae_core.commands.running import stop_asked_for, until
from vrae_core.progress import finish

ENDING = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.fixture(autouse=True)
def output_as_before():
    """A closed terminal takes no more words, and the test's output may be one."""
    kept = os.dup(1), os.dup(2)
    yield
    for number, copy in enumerate(kept, 1):
        os.dup2(copy, number)
        os.close(copy)


@pytest.mark.parametrize("number", ENDING)
def test_a_signal_is_kept_to_be_obeyed(number):
    with stop_asked_for() as asked:
        os.kill(os.getpid(), number)
        assert asked == [number]


@pytest.mark.parametrize("first", ENDING)
def test_a_second_one_interrupts_if_it_is_ctrl_c(first):
    with stop_asked_for():
        os.kill(os.getpid(), first)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_one_that_comes_many_times_as_a_parent_dies_is_one_wish_to_stop(number):
    with stop_asked_for() as asked:
        for _ in range(8):
            os.kill(os.getpid(), number)
        assert set(asked) == {number}


def test_what_nohup_ignores_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stop_asked_for() as asked:
            os.kill(os.getpid(), signal.SIGHUP)
            assert asked == []
    finally:
        signal.signal(signal.SIGHUP, before)


def test_files_that_take_the_output_go_on_taking_it_when_a_terminal_closes(tmp_path):
    script = (
        "import os, signal\n"
        "from vrae_core.commands.running import stop_asked_for\n"
        "with stop_asked_for():\n"
        "    os.kill(os.getpid(), signal.SIGHUP)\n"
        "    print('written', flush=True)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout == "written\n"


def test_signals_mean_afterwards_what_they_meant_before():
    before = signal.getsignal(signal.SIGINT)
    with stop_asked_for():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def count_to(n, closed):
    try:
        yield from range(n)
    finally:
        closed.append(True)
    return "done"


def test_a_job_nobody_stops_returns_what_it_returns():
    assert finish(until(count_to(3, []), [])) == "done"


def test_a_stopped_job_is_closed_and_returns_nothing():
    asked, closed = [], []
    job = until(count_to(100, closed), asked)
    assert [next(job), next(job)] == [0, 1]
    asked.append(signal.SIGINT)
    assert finish(job) is None
    assert closed == [True]
