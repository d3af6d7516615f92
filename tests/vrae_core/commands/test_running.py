"""Ctrl-C that is obeyed at the next step."""

import os
import signal

import pytest

from vrae_core.commands.running import stop_asked_for, until
from vrae_core.progress import finish


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_kept_to_be_obeyed(number):
    with stop_asked_for() as asked:
        os.kill(os.getpid(), number)
        assert asked == [number]


@pytest.mark.parametrize("first", [signal.SIGINT, signal.SIGTERM])
def test_a_second_one_interrupts_if_it_is_ctrl_c(first):
    with stop_asked_for():
        os.kill(os.getpid(), first)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_one_that_comes_many_times_as_a_parent_dies_is_one_wish_to_stop():
    with stop_asked_for() as asked:
        for _ in range(8):
            os.kill(os.getpid(), signal.SIGTERM)
        assert set(asked) == {signal.SIGTERM}


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
