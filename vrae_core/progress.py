"""Long work is a generator: it yields Progress, returns its result, and is stopped by closing it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import NamedTuple, Protocol, TypeVar

Yielded = TypeVar("Yielded")
Changed = TypeVar("Changed")
Result = TypeVar("Result")


class Progress(NamedTuple):
    """How far a job is: ``done`` of ``total`` in any unit, and a few words on what it does now."""

    done: float
    total: float
    text: str = ""


class Step(Protocol):
    """What a job yields: ``Progress``, or anything like it."""

    @property
    def done(self) -> float: ...
    @property
    def total(self) -> float: ...
    @property
    def text(self) -> str: ...


def finish(job: Generator[object, None, Result]) -> Result:
    """Run a job to its end without showing progress and return its result."""
    while True:
        try:
            next(job)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]


def passed_through(
    job: Generator[Yielded, None, Result], change: Callable[[Yielded], Changed]
) -> Generator[Changed, None, Result]:
    """The same job, with all that it yields as ``change`` gives it back."""
    try:
        while True:
            try:
                step = next(job)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            yield change(step)
    finally:
        job.close()
