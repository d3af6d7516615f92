"""Training in a run folder: what `vrae train` and the training tab both do."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vrae_core.corpus.windows import BenchmarkPiece, Corpus, Rolled, Windows
from vrae_core.errors import CorpusError, FileError
from vrae_core.midi.song import Song
from vrae_core.model.trained import TrainedModel
from vrae_core.piano_roll import FloatArray, transposed
from vrae_core.progress import passed_through
from vrae_core.runs import changes as run_changes
from vrae_core.runs import history as run_history
from vrae_core.runs.folder import RunFolder, Snapshot
from vrae_core.runs.history import HistoryRow
from vrae_core.runs.settings import RunSettings
from vrae_core.runs.songs import MARK, SongToTrain, as_learnt
from vrae_core.training import checkpoint as checkpoints
from vrae_core.training.distributed import ALONE, Group
from vrae_core.training.fine_tuning import check_fits
from vrae_core.training.measures import Measured
from vrae_core.training.steering import Change, Steering

if TYPE_CHECKING:
    from vrae_core.training.step import TrainingStep

SECONDS_BETWEEN_ROWS = 1.0
FIRST_SNAPSHOT, SNAPSHOT_GROWTH = 5.0, 1.15  # seconds: often while much changes, rarer as the run grows old


def corpus_of(settings: RunSettings, songs: Sequence[Rolled]) -> Corpus:
    """The windows that a run learns from, those that it holds out among them.

    songs: one for each entry of the settings, in their order.  Each is quantised and transposed as its entry says;
    `Corpus.skipped` tells how many notes fall off the piano thereby, and who may not follow the beats that it claims.
    A song that is to be counted in beats and has none is left out.
    Raises: CorpusError if there are no windows, or other songs.
    """
    entries = settings.songs
    if len(entries) != len(songs):
        raise CorpusError(f"the run learns {len(entries)} songs, but {len(songs)} were found")
    recipe = settings.recipe
    lost: list[str] = []
    moved: list[Rolled] = []
    for entry, song in zip(entries, songs, strict=True):
        if not isinstance(song, Song):
            moved.append(_transposed(song, entry))
            continue
        try:
            piece, told = as_learnt(song, entry, recipe.model.grid, as_on_the_map=MARK in settings.extra)
        except CorpusError as why:
            lost.append(str(why))
            continue
        moved.append(piece)
        lost += told
    if songs and not moved:
        raise CorpusError("; ".join(lost))
    corpus = recipe.cut(moved)
    return replace(corpus, skipped=(*corpus.skipped, *lost))


def weights_of(settings: RunSettings, corpus: Windows) -> FloatArray | None:
    """The weight that each window begins with, its song's: (N,); None if all weigh the same."""
    weights = np.array([entry.weight for entry in _entries(settings, corpus)], np.float32)
    return None if (weights == weights[:1]).all() and weights[0] > 0 else weights[corpus.song_of]


def train_in(
    run: RunFolder,
    corpus: Windows,
    *,
    steering: Steering | None = None,
    start_from: TrainedModel | None = None,
    threads: int = 1,
    checkpoint_seconds: float = 20.0,
    group: Group = ALONE,
) -> Generator[TrainingStep, None, TrainedModel]:
    """Train a run from where its checkpoint left it, or from its beginning, writing down all that its folder holds.

    start_from: a model whose weights it begins with; the folder keeps it.  steering: `steering.stop = "best"` ends the
    run with the best model so far.  Closing it, or an error, leaves a checkpoint and the newest snapshot; the end
    leaves the model.  group: the processes that train together; each runs this with the same folder, the first writes
    it down.  Where history or snapshots cannot be written the training goes on, and a step's note says so.
    Raises: FileError if the folder cannot be written or another process trains it; TrainingError; ModelFileError.
    """
    from vrae_core.training.train import train  # noqa: PLC0415 - torch: who only asks for the windows need not wait for it

    settings, steering = run.settings(), steering or Steering()
    with run.being_trained() if group.is_first else nullcontext():
        if not checkpoints.is_there(run.checkpoint):
            if start_from is not None:
                check_fits(start_from, settings.recipe.model)
                if group.is_first:
                    start_from.save(run.start)
            if steering.window_weights is None:
                steering.window_weights = weights_of(settings, corpus)
        if start_from is None and run.start.exists():
            start_from = TrainedModel.load(run.start)
        steps = train(
            corpus,
            settings.recipe,
            epochs=settings.epochs,
            minutes=settings.minutes,
            checkpoint=run.checkpoint,
            checkpoint_seconds=checkpoint_seconds,
            resume=True,
            seed=settings.seed,
            threads=threads,
            held_out=settings.held_out,
            steering=steering,
            start_from=start_from,
            group=group,
        )
        if not group.is_first:
            return (yield from steps)
        if start_from is not None and not checkpoints.is_there(run.checkpoint):
            steering.applied.append(Change(0.0, 0, "begun from", about=settings.parent or "a model"))
        diary = _Diary(run, steering)
        try:
            model = yield from passed_through(steps, diary.noted)
        finally:
            with suppress(FileError):  # what was steered since the last step, of which the checkpoint knows
                diary.note_changes()
        model.save(run.model)
        checkpoints.discard_previous(run.checkpoint)  # which is for a training that ends before its time
        return model


def branch(run: RunFolder, snapshot: Snapshot, root: Path, changes: Mapping[str, Any] | None = None) -> RunFolder:
    """A new run below ``root`` that begins with a snapshot's weights, a fresh optimiser and settings of its own.

    changes: values for fields of `RunSettings`, where they are not to be those of the old run.
    Raises: FileError, ModelFileError; TrainingError if the recipe asks for a model of another shape.
    Then no folder is left.
    """
    old = run.settings()
    parent = f"{old.name}, update {snapshot.updates:,}"
    fresh = {"name": f"{old.name}, from update {snapshot.updates:,}", "created": "", "notes": "", "parent": parent}
    settings = replace(old, **(fresh | dict(changes or {})))
    model = TrainedModel.load(snapshot.path)
    check_fits(model, settings.recipe.model)
    new = RunFolder.create(root, settings)
    try:
        model.save(new.start)
    except BaseException:
        shutil.rmtree(new.path, ignore_errors=True)
        raise
    note_branch(run, snapshot, settings.name)
    return new


def note_branch(run: RunFolder, snapshot: Snapshot, name: str) -> None:
    """Write down in a run's folder that another begins from its snapshot; the other begins even if that fails."""
    row = next((row for row in run.rows() if row.updates >= snapshot.updates), None)
    with suppress(FileError):
        run.note(Change(row.seconds if row else 0.0, snapshot.updates, "branched off:", about=name))


def _transposed(roll: Rolled, entry: SongToTrain) -> Rolled:
    """A roll higher or lower.  Raises: CorpusError if it is to be quantised."""
    if entry.quantising.changes:
        raise CorpusError(f"{roll.name} is a roll without notes, and cannot be quantised")
    return BenchmarkPiece(roll.name, transposed(roll.roll, entry.semitones)) if entry.semitones else roll


def _entries(settings: RunSettings, corpus: Windows) -> list[SongToTrain]:
    """The entry of each of the corpus's songs, which lie in the same order, but for those that were left out."""
    if len(settings.songs) == len(corpus.names):
        return list(settings.songs)
    rest = iter(settings.songs)
    return [next((e for e in rest if e.name == name), SongToTrain(name)) for name in corpus.names]


class _Diary:
    """Writes down history, changes and snapshots; what cannot be written is told once, and tried again."""

    def __init__(self, run: RunFolder, steering: Steering) -> None:
        self._run, self._steering, self._begun = run, steering, False
        self._next_row, self._next_snapshot = 0.0, FIRST_SNAPSHOT  # seconds
        self._measured = Measured()  # since the last row
        self._failed: set[Callable[..., None]] = set()

    def noted(self, step: TrainingStep) -> TrainingStep:
        """The step, once what is due is written down; its note says what could not be."""
        return step._replace(note="; ".join(filter(None, (step.note, *self._write_down(step)))))

    def _write_down(self, step: TrainingStep) -> Iterator[str]:
        for write in (self._go_back, self.note_changes, self._add_row, self._keep_snapshot):
            try:
                write(step)
            except FileError as problem:
                if write not in self._failed:
                    yield f"{problem}; training continues"
                self._failed.add(write)

    def _go_back(self, step: TrainingStep) -> None:
        """Before the first step: what was written down after the checkpoint that it goes on from did not happen."""
        if self._begun:
            return
        self._begun = True
        run_history.rewind(self._run.history, step.updates, step.seconds)
        resumed_at = next((change.updates for change in self._steering.applied if change.what == "resumed"), -1)
        run_changes.rewind(self._run.changes_file, resumed_at)
        for last in self._run.rows()[-1:]:
            self._next_row = last.seconds + SECONDS_BETWEEN_ROWS
            self._next_snapshot = max(FIRST_SNAPSHOT, last.seconds * SNAPSHOT_GROWTH)

    def note_changes(self, _step: TrainingStep | None = None) -> None:
        """Write down what the training has applied since it was last asked.  Raises: FileError."""
        applied = self._steering.applied
        while applied:
            self._run.note(applied[0])
            applied.pop(0)

    def _add_row(self, step: TrainingStep) -> None:
        if not math.isnan(step.frame_f1):
            self._measured = Measured(*(getattr(step, name) for name in Measured._fields))
        if step.seconds >= self._next_row or step.done >= 1:
            row, self._measured = _row(step, self._measured), Measured()
            self._next_row = step.seconds + SECONDS_BETWEEN_ROWS
            self._run.append(row)

    def _keep_snapshot(self, step: TrainingStep) -> None:
        if step.model is not None and (step.seconds >= self._next_snapshot or step.done >= 1):
            self._next_snapshot = step.seconds * SNAPSHOT_GROWTH
            self._run.keep_snapshot(step.model, step.updates)


def _row(step: TrainingStep, measured: Measured) -> HistoryRow:
    """measured: what was measured since the last row."""
    figures = {name: getattr(step, name) for name in HistoryRow._fields} | measured._asdict()
    return HistoryRow(**figures)._replace(seconds=round(step.seconds, 3))
