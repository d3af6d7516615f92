"""What a training has done in threads: runs begun, opened, followed, told what to do."""

from __future__ import annotations

from collections.abc import Generator
from types import SimpleNamespace
from typing import NamedTuple

from explorer.session.training.worker import Begun, begun_on, train_in_a_process
from vrae_core.corpus.windows import Corpus
from vrae_core.errors import TrainingError, VraeError
from vrae_core.model.trained import TrainedModel
from vrae_core.runs.control import Asked, keep_best, read_steering, why_not_steered, write_steering
from vrae_core.runs.folder import RunFolder, Snapshot
from vrae_core.runs.news import News, Seen, news_of
from vrae_core.runs.settings import RunSettings
from vrae_core.runs.train import branch
from vrae_core.runs.windows import corpus_of_run, save_corpus, shown_corpus


class Opened(NamedTuple):
    """What one must know of a run to show it."""

    settings: RunSettings
    corpus: Corpus | None
    asked: Asked
    why_not_steered: str
    problem: str = ""  # why there is no corpus


def begin_and_train(beginning: Generator[object, None, Begun], threads: int) -> Generator[object, None, None]:
    """Make a run's folder and have it trained."""
    begun = yield from beginning
    yield begun
    yield from _with_notes(train_in_a_process(begun.run, threads))


def train_again(run: RunFolder, threads: int) -> Generator[object, None, None]:
    """Have a run trained from where its checkpoint left it."""
    yield begun_on(run, corpus_of_run(run))
    yield from _with_notes(train_in_a_process(run, threads))


def _with_notes(steps: Generator[SimpleNamespace | None, None, None]) -> Generator[object, None, None]:
    try:
        for step in steps:
            yield step
            if step is not None and step.note:
                yield str(step.note)
    finally:
        steps.close()  # here, so that what it raises then is told


def branch_off(run: RunFolder, snapshot: Snapshot | None) -> Generator[None, None, Begun]:
    """Make the folder of a run that begins from a snapshot of another."""
    yield
    snapshot = snapshot or next(reversed(run.snapshots()), None)
    if snapshot is None:
        raise TrainingError("this run has no snapshot yet to branch off from")
    corpus = corpus_of_run(run)
    new = branch(run, snapshot, run.path.parent)
    if isinstance(corpus, Corpus):  # else it lies in a file of its own
        save_corpus(new, corpus)
    return begun_on(new, corpus)


def keep_best_of(run: RunFolder) -> Generator[None, None, TrainedModel]:
    """Make the best snapshot of a run its model."""
    yield
    return keep_best(run, corpus_of_run(run))


def open_run(run: RunFolder) -> Opened:
    """Read what one must know of a run to show it."""
    corpus, problem = None, ""
    try:
        corpus = shown_corpus(corpus_of_run(run))
    except VraeError as error:
        problem = f"The windows of this run cannot be shown; only its figures and snapshots are: {error}"
    return Opened(run.settings(), corpus, read_steering(run), why_not_steered(run), problem)


def news_since(request: tuple[RunFolder, Seen]) -> News:
    """What has come of a run since it was looked at."""
    return news_of(*request)


def write_asked(request: tuple[RunFolder, Asked]) -> None:
    """Ask something of whoever trains a run."""
    write_steering(*request)
