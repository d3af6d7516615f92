"""The paper's claims as experiments that anyone can run: `vrae reproduce NAME`.

Every experiment is a ``Reproduction``: a generator function over songs and ``Options`` that yields how far it
is, writes pictures and MIDI files into ``options.folder`` and returns its figures, ready for JSON.  Whoever
calls it has made the folder and keeps the figures (the command writes them to ``figures.json``).
"findings" among the figures are plain sentences that say what came out.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar

from vrae_core.midi.song import Song
from vrae_core.model.trained import TrainedModel
from vrae_core.progress import Progress, Step, passed_through
from vrae_core.runs.folder import RunFolder

Result = TypeVar("Result")
Figures = dict[str, Any]


@dataclass(frozen=True)
class Options:
    """What a reproduction is asked for."""

    folder: Path  # where pictures and MIDI files go; it exists
    minutes: float | None = None  # length of each training by the clock; the recipe's own epochs if None
    seed: int = 0  # of all that is drawn by chance
    resume: bool = False  # go on from a training's checkpoint in the folder, if it is there
    only: tuple[str, ...] = ()  # of the experiments that compare: what is wanted of it; all if empty
    model: TrainedModel | None = None  # of the experiments that listen to a model rather than train one
    run: RunFolder | None = None  # to show instead of training, with the songs that it learns


Reproduction = Callable[[Sequence[Song], Options], Generator[Progress, None, Figures]]


class Experiment(NamedTuple):
    """A reproduction, what is told of it, and which options it takes."""

    run: Reproduction
    summary: str
    text: str  # what the paper claims, what to look for, and what is written
    takes: tuple[Literal["minutes", "resume", "model", "only", "run", "train"], ...]
    minutes: str = "the recipe's epochs"  # how long it trains if it is not told
    any_grid: bool = False  # whether the model may be one in musical time or of parts


def stage(
    job: Generator[Step, None, Result], start: float, end: float, text: str = ""
) -> Generator[Progress, None, Result]:
    """Run a job as the part of a longer one that goes from ``start`` to ``end``, in shares of the whole."""

    def told(step: Step) -> Progress:
        return Progress(start + (end - start) * step.done / (step.total or 1), 1.0, text or step.text)

    return (yield from passed_through(job, told))
