"""Training in a run folder: what `vrae train` and the training tab both do."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from contextlib import nullcontext

from vrae_core.corpus import Corpus, Windows, build_corpus
from vrae_core.distributed import ALONE, Group
from vrae_core.midi_file import Song
from vrae_core.run_folder import Row, RunFolder, RunSettings
from vrae_core.steering import Steering
from vrae_core.trained_model import TrainedModel
from vrae_core.training import train
from vrae_core.training_run import TrainingStep

SECONDS_BETWEEN_ROWS = 1.0
FIRST_SNAPSHOT, SNAPSHOT_GROWTH = 5.0, 1.15  # seconds: often while much changes, rarer as the run grows old


def corpus_of(settings: RunSettings, songs: Sequence[Song]) -> Corpus:
    """The windows that a run learns from.  Raises: CorpusError if there are none."""
    recipe = settings.recipe
    return build_corpus(songs, recipe.model.window, recipe.model.hop, cap=recipe.cap, equal_share=recipe.equal_share)


def train_in(
    run: RunFolder,
    corpus: Windows,
    *,
    steering: Steering | None = None,
    threads: int = 1,
    group: Group = ALONE,
) -> Generator[TrainingStep, None, TrainedModel]:
    """Train a run from where its checkpoint left it, or from its beginning, writing down all that its folder holds.

    group: the processes that train together; each runs this with the same folder, the first writes it down.
    Closing it, or an error, leaves a checkpoint and the newest snapshot; the end leaves the model.
    Raises: FileError if the folder cannot be written or another process trains it; TrainingError; ModelFileError.
    """
    settings = run.settings()
    with run.being_trained() if group.is_first else nullcontext():
        steps = train(
            corpus,
            settings.recipe,
            epochs=settings.epochs,
            minutes=settings.minutes,
            checkpoint=run.checkpoint,
            resume=True,
            seed=settings.seed,
            threads=threads,
            group=group,
        )
        if not group.is_first:
            return (yield from steps)
        model = yield from _written_down(run, steps)
        model.save(run.model)
        return model


def _written_down(
    run: RunFolder, steps: Generator[TrainingStep, None, TrainedModel]
) -> Generator[TrainingStep, None, TrainedModel]:
    rows = run.rows()
    next_row = rows[-1].seconds + SECONDS_BETWEEN_ROWS if rows else 0.0
    next_snapshot = max(FIRST_SNAPSHOT, rows[-1].seconds * SNAPSHOT_GROWTH if rows else 0.0)
    try:
        while True:
            try:
                step = next(steps)
            except StopIteration as end:
                model: TrainedModel = end.value
                return model
            if step.seconds >= next_row or step.done >= 1:
                run.append(_row(step))
                next_row = step.seconds + SECONDS_BETWEEN_ROWS
            if step.model is not None and (step.seconds >= next_snapshot or step.done >= 1):
                run.keep_snapshot(step.model, step.updates)
                next_snapshot = step.seconds * SNAPSHOT_GROWTH
            yield step
    finally:
        steps.close()


def _row(step: TrainingStep) -> Row:
    return Row(
        seconds=round(step.seconds, 3),
        epoch=step.epoch,
        updates=step.updates,
        lower_bound=step.lower_bound,
        reconstruction=step.reconstruction,
        kl=step.kl,
        learning_rate=step.learning_rate,
        kl_weight=math.nan,
        gradient_norm=math.nan,
        active_units=step.active_units,
        windows_per_second=math.nan,
    )
