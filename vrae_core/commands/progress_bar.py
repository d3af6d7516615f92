"""A progress bar for jobs on a terminal; elsewhere nothing is drawn."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

from tqdm import tqdm

from vrae_core.progress import Step

Result = TypeVar("Result")


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
