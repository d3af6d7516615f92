"""Two ways of doing the same thing, timed in turns, so that a busy machine slows both alike."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from statistics import median
from time import process_time
from typing import NamedTuple

from threadpoolctl import threadpool_limits

from vrae_core.progress import Progress

Work = Callable[[], object]


class Compared(NamedTuple):
    """One line of the table: seconds of processor time, medians, and how many times as long the other takes."""

    what: str
    against: str
    ours: float
    theirs: float
    ratio: float  # the median of the rounds'


def compared(
    what: str, rounds: int, ours: Work, others: Mapping[str, Work]
) -> Generator[Progress, None, list[Compared]]:
    """Do it our way and the others' in turns, each once more beforehand, with one thread."""
    works = {"": ours, **others}
    taken: dict[str, list[float]] = {name: [] for name in works}
    with threadpool_limits(1):
        for number in range(rounds + 1):
            yield Progress(number, rounds + 1, what)
            for name, work in works.items():
                begun = process_time()
                work()
                taken[name] += [process_time() - begun] if number else []
    return [
        Compared(
            what,
            name,
            median(taken[""]),
            median(taken[name]),
            median(theirs / mine for theirs, mine in zip(taken[name], taken[""], strict=True)),
        )
        for name in others
    ]
