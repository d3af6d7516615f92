"""The figures of a training as TensorBoard event files, beside the run's own: `tensorboard --logdir RUN` draws them."""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from vrae_core.errors import FileError, TrainingError
from vrae_core.model.trained import TrainedModel
from vrae_core.progress import passed_through
from vrae_core.runs.history import HistoryRow

if TYPE_CHECKING:
    from vrae_core.training.step import TrainingStep  # torch, a second and a half

FOLDER = "tensorboard"  # in the run's
_SECONDS_BETWEEN_FLUSHES = 5
_HELD_OUT = {
    "held_out_bound": "lower_bound/held_out",
    "held_out_reconstruction": "reconstruction/held_out",
    "held_out_kl": "kl/held_out",
}
_LEARNT = {name: f"{name}/learnt" for name in ("lower_bound", "reconstruction", "kl")}
TAGS: Mapping[str, str] = {
    name: (_HELD_OUT | _LEARNT).get(name, name) for name in HistoryRow._fields if name not in ("seconds", "updates")
}


def check_installed() -> None:
    """Raises: TrainingError if the package that writes such files is missing."""
    if find_spec("tensorboard") is None:
        raise TrainingError("TensorBoard's files need one more package: pip install tensorboard")


def recorded(
    run: Path, steps: Generator[TrainingStep, None, TrainedModel | None]
) -> Generator[TrainingStep, None, TrainedModel | None]:
    """The same training, each of its steps written down in the run's folder as well, by the number of updates.

    Raises: FileError if that cannot be written.
    """
    from torch.utils.tensorboard import SummaryWriter  # noqa: PLC0415 - takes a second, and is not always there

    folder, writer = run / FOLDER, None

    def record(step: TrainingStep) -> TrainingStep:
        nonlocal writer
        if writer is None:  # what a killed process wrote past its checkpoint is drawn no more
            writer = SummaryWriter(str(folder), purge_step=step.updates, flush_secs=_SECONDS_BETWEEN_FLUSHES)
        for name, tag in TAGS.items():
            if math.isfinite(value := float(getattr(step, name, math.nan))):
                writer.add_scalar(tag, value, step.updates)
        return step

    try:
        return (yield from passed_through(steps, record))
    except OSError as problem:
        raise FileError(folder, f"cannot be written: {problem.strerror}") from None
    finally:
        if writer is not None:
            writer.close()
