"""Long work on a terminal: a progress bar, and Ctrl-C that it obeys at its next step, so that files are whole."""

from __future__ import annotations

import os
import signal
import stat
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from tqdm import tqdm

from vrae_core.processes import ending_signals
from vrae_core.progress import Step

AnyStep = TypeVar("AnyStep")
Result = TypeVar("Result")


@contextmanager
def stop_asked_for() -> Iterator[list[int]]:
    """Collect the signals that ask for an end, to be obeyed between two steps of the work; a later Ctrl-C interrupts.

    SIGTERM never does, however often it comes: a process gets one for each thread of its parent that dies.  Nor does
    SIGHUP, after which a closed terminal takes no more words.
    """
    asked: list[int] = []

    def ask(number: int, _frame: object) -> None:
        if asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        asked.append(number)
        if number == getattr(signal, "SIGHUP", None):
            _say_nothing_to_a_terminal()

    before = {number: signal.signal(number, ask) for number in ending_signals()}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say_nothing_to_a_terminal() -> None:
    """To write to one that is closed would be an error in the middle of the work."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    for output in (1, 2):
        if stat.S_ISCHR(os.fstat(output).st_mode):  # os.isatty() says no of a terminal that is closed
            os.dup2(nothing, output)
    os.close(nothing)


def until(job: Generator[AnyStep, None, Result], asked: Sequence[int]) -> Generator[AnyStep, None, Result | None]:
    """The same job, closed at its next step once a stop is asked for; it then returns None."""
    try:
        while not asked:
            yield next(job)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]
    finally:
        job.close()
    return None


def new_bar(what: str) -> tqdm:
    """A bar from 0 to 1 on stderr, gone when closed.  tqdm draws nothing where stderr is no terminal."""
    form = "{desc} {percentage:3.0f}% {bar} {elapsed}, {remaining} left{postfix}"
    return tqdm(total=1.0, desc=what, bar_format=form, disable=None, leave=False, dynamic_ncols=True)


def run_with_bar(job: Generator[Step, None, Result], what: str) -> Result:
    """Run a job to its end under a progress bar and return its result; Ctrl-C closes the job."""
    with new_bar(what) as bar:
        try:
            while True:
                step = next(job)
                bar.set_description_str(step.text or what, refresh=False)
                bar.n = step.done / step.total if step.total else 1.0
                bar.refresh()
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        finally:
            job.close()
