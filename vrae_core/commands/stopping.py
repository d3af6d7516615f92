"""Ctrl-C that long work obeys at its next step, so that what it keeps on disk is whole."""

from __future__ import annotations

import signal
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

Step = TypeVar("Step")
Result = TypeVar("Result")


@contextmanager
def stop_asked_for() -> Iterator[list[int]]:
    """Collect SIGINT and SIGTERM in a list, to be obeyed between two steps of the work; a Ctrl-C after that interrupts.

    SIGTERM never does, however often it comes: a process gets one for each thread of its parent that dies.
    """
    asked: list[int] = []

    def ask(number: int, _frame: object) -> None:
        if asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        asked.append(number)

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def until(job: Generator[Step, None, Result], asked: Sequence[int]) -> Generator[Step, None, Result | None]:
    """The same job, closed at its next step once a stop is asked for; it then returns None."""
    try:
        while not asked:
            yield next(job)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]
    finally:
        job.close()
    return None
