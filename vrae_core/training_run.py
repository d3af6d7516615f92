"""A training run in progress: its updates, its watch over the bound, and what a checkpoint keeps of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from vrae_core import checkpoint as checkpoints
from vrae_core.checkpoint import Checkpoint
from vrae_core.corpus import Windows, names_told, order_of, sampled
from vrae_core.distributed import ALONE, Group
from vrae_core.errors import TrainingError
from vrae_core.evaluation import ACTIVE_KL
from vrae_core.gradients import Gradients
from vrae_core.model import VRAE
from vrae_core.optimisers import moments_of, optimisers_for, restore_moments
from vrae_core.recipes import Recipe
from vrae_core.trained_model import TrainedModel

SECONDS_BETWEEN_STEPS = 1.0  # so that a stop is obeyed soon, however long an epoch takes
SKETCH_THRESHOLD = 0.3  # of snapshots; the finished model's is measured
MOST_RETREATS = 8
RECENT = 50  # epochs that a bound is held against: teacher forcing, as it ends, lowers it slowly


class TrainingStep(NamedTuple):
    """Where training stands.  The figures are means since the last step, in nats per window per time step."""

    done: float  # 0 to 1
    epoch: int  # finished epochs
    updates: int
    seconds: float  # spent training, pauses left out
    lower_bound: float  # KL weight 1, whatever weight is trained with
    reconstruction: float
    kl: float
    learning_rate: float
    active_units: int
    teacher_forcing: float  # share of the true past that the decoder is fed; the bound is its own where it is 0
    model: TrainedModel | None  # a snapshot, at the end of each epoch
    note: str = ""  # what a person should know: that the run went back to an earlier state


@dataclass
class TrainingRun:
    """The state of a run.  Each random number depends on the seed and the update alone: any update can be resumed."""

    corpus: Windows
    recipe: Recipe
    seed: int
    vrae: VRAE
    optimisers: list[torch.optim.Optimizer]
    fingerprint: str
    updates: int = 0
    seconds: float = 0.0
    history: list[tuple[float, ...]] = field(default_factory=list)  # an epoch a row: bound, reconstruction, KL
    retreats: int = 0  # each halves the learning rate
    last_update: int | None = None
    last_second: float | None = None
    clock: Callable[[], float] = perf_counter
    group: Group = ALONE  # the processes that share each minibatch

    @classmethod
    def begin(
        cls, corpus: Windows, recipe: Recipe, seed: int, checkpoint: Path | None, group: Group = ALONE
    ) -> TrainingRun:
        """A new run, or the one that the checkpoint holds if there is such a file."""
        if not len(corpus):
            raise TrainingError("the songs give no windows to train on")
        fingerprint = checkpoints.run_fingerprint(recipe, corpus)
        vrae = VRAE.new(
            recipe.model, sampled(corpus).windows().mean(axis=(0, 1)).astype(np.float32), seed, group.device
        )
        run = cls(corpus, recipe, seed, vrae, optimisers_for(vrae, recipe.training), fingerprint, group=group)
        if checkpoint and checkpoint.exists():
            saved = checkpoints.load(checkpoint, fingerprint)
            run.updates, run.seconds, run.seed, run.retreats = saved.updates, saved.seconds, saved.seed, saved.retreats
            run.history = list(saved.history)
            run._return_to(saved)
        group.check_alike("songs", fingerprint)
        group.check_alike("checkpoint", run.updates)
        run._good = run.checkpoint()
        return run

    def __post_init__(self) -> None:
        self._good: Checkpoint  # the last state whose bound was sound
        self._gradients = Gradients(self.vrae)

    @property
    def batch(self) -> int:
        return min(self.recipe.training.batch, len(self.corpus))

    @property
    def updates_per_epoch(self) -> int:
        return len(self.corpus) // self.batch

    @property
    def done(self) -> float:
        """Share of the run that is over."""
        by_updates = self.updates / self.last_update if self.last_update else 0.0
        by_clock = self.seconds / self.last_second if self.last_second else 0.0
        return min(1.0, max(by_updates, by_clock))

    @property
    def learning_rate(self) -> float:
        return self.recipe.training.learning_rate_at(self.done) * 0.5**self.retreats

    def steps(self) -> Iterator[TrainingStep]:
        """Train to the end, with a step at the end of every epoch and at least every second."""
        since: list[tuple[float, Tensor]] = []
        epoch: list[tuple[float, Tensor]] = []
        mark, told = self.clock(), self.seconds
        while self.done < 1:
            since.append(self._update())
            now = self.clock()
            self.seconds += now - mark
            mark = now
            ends_epoch = self.updates % self.updates_per_epoch == 0
            if ends_epoch or self.done == 1 or self.seconds - told >= SECONDS_BETWEEN_STEPS:
                epoch += since
                note = self._watch(epoch) if ends_epoch else ""
                epoch = [] if ends_epoch else epoch
                yield self._step(since, self.snapshot() if ends_epoch else None, note)
                since = []
                mark, told = self.clock(), self.seconds  # a pause is not training

    def snapshot(self) -> TrainedModel:
        """The model as it stands, in NumPy."""
        bound, reconstruction, kl = self.history[-1] if self.history else (math.nan,) * 3
        about = {
            "recipe": self.recipe.summary,
            "songs": names_told(self.corpus.names),
            "windows": str(len(self.corpus)),
            "updates": str(self.updates),
            "minutes": f"{self.seconds / 60:.1f}",
            "lower bound": f"{bound:.3f} nats per window per step ({reconstruction:.3f} − {kl:.3f})",
        }
        weights = self.vrae.numpy_weights()
        return TrainedModel(self.recipe.model, self.corpus.pitches, weights, SKETCH_THRESHOLD, about)

    def checkpoint(self) -> Checkpoint:
        """Everything needed to go on."""
        return Checkpoint(
            weights=self.vrae.numpy_weights(),
            optimiser=moments_of(self.optimisers),
            updates=self.updates,
            seconds=self.seconds,
            seed=self.seed,
            retreats=self.retreats,
            history=tuple(self.history),
            run=self.fingerprint,
        )

    def _update(self) -> tuple[float, Tensor]:
        """One gradient step; returns the reconstruction (nats a window) and the KL of each dimension (J,)."""
        settings = self.recipe.training
        epoch, batch = divmod(self.updates, self.updates_per_epoch)
        order = order_of(len(self.corpus), (self.seed, epoch), batch * self.batch, self.batch)
        mine = self.group.share(self.batch)
        x = torch.from_numpy(self.corpus.windows(order[mine])).float()
        source = torch.Generator().manual_seed(self.seed * 1_000_003 + self.updates)
        noise = torch.randn(self.batch, self.recipe.model.latent, generator=source)[mine]

        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                group["lr"] = group["initial_lr"] * self.learning_rate / settings.learning_rate
        figures = self._gradients(
            x, noise, settings.teacher_forcing_at(self.done), settings.kl_weight_at(self.done), len(x) / self.batch
        )
        self.group.add_up([*(weight.grad for weight in self.vrae.weights.values() if weight.grad is not None), figures])
        if settings.clip is not None:
            torch.nn.utils.clip_grad_norm_(self.vrae.weights.values(), settings.clip)
        for optimiser in self.optimisers:
            optimiser.step()
        self.updates += 1
        return figures[0].item(), figures[1:].cpu()

    def _watch(self, epoch: list[tuple[float, Tensor]]) -> str:
        """At the end of an epoch, remember a sound state or leave a collapsed one; returns a note if it did.

        The bound of a small batch wavers and the KL weight moves it, but an explosion of the recurrent
        loop costs more than a quarter of it within a few epochs, and training does not recover by itself.
        """
        figures = _figures(epoch, self.corpus.window)[:3]
        best = max((row[0] for row in self.history[-RECENT:] if math.isfinite(row[0])), default=-math.inf)
        slack = 0.2 + 0.25 * abs(best)
        self.history.append(figures)
        if figures[0] >= best - slack:
            if figures[0] >= best - slack / 2:
                self._good = self.checkpoint()
            return ""
        if self.retreats == MOST_RETREATS:
            raise TrainingError(
                f"the bound keeps collapsing, now from {best:.2f} to {figures[0]:.2f}: try other settings"
            )
        self.retreats += 1
        self._return_to(self._good)
        return (
            f"the bound fell from {best:.2f} to {figures[0]:.2f}: back to update {self._good.updates}, "
            f"now with {0.5**self.retreats:g} of the learning rate"
        )

    def _return_to(self, state: Checkpoint) -> None:
        """Take weights and moments from a state; the clock and the count of updates go on."""
        for name, weight in self.vrae.weights.items():
            weight.data.copy_(torch.from_numpy(state.weights[name]))  # in place: a recorded update reads there
        restore_moments(self.optimisers, state.optimiser)

    def _step(self, since: list[tuple[float, Tensor]], model: TrainedModel | None, note: str) -> TrainingStep:
        bound, reconstruction, kl, active = _figures(since, self.corpus.window)
        return TrainingStep(
            done=self.done,
            epoch=self.updates // self.updates_per_epoch,
            updates=self.updates,
            seconds=self.seconds,
            lower_bound=bound,
            reconstruction=reconstruction,
            kl=kl,
            learning_rate=self.learning_rate,
            active_units=active,
            teacher_forcing=self.recipe.training.teacher_forcing_at(self.done),
            model=model,
            note=note,
        )


def _figures(updates: list[tuple[float, Tensor]], window: int) -> tuple[float, float, float, int]:
    """Means over updates: lower bound, reconstruction and KL per window per step; active dimensions."""
    reconstruction = sum(r for r, _ in updates) / len(updates) / window
    kl = torch.stack([k for _, k in updates]).mean(dim=0)
    per_step = float(kl.sum()) / window
    return reconstruction - per_step, reconstruction, per_step, int((kl > ACTIVE_KL).sum())
