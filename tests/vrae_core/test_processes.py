"""Whether a process is there: by its number, and by when it began."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from vrae_core.processes import began, is_there


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
