"""Training as a generator: it yields how far it is, is paused by not being asked, and is stopped by closing it."""

from __future__ import annotations

import math
import os
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # threads that spin at barriers starve each other and the sound

import numpy as np
import torch
from torch import Tensor

from vrae_core import checkpoint as checkpoints
from vrae_core.checkpoint import Checkpoint
from vrae_core.corpus import Corpus
from vrae_core.errors import TrainingError
from vrae_core.evaluation import ACTIVE_KL, best_threshold
from vrae_core.model import VRAE
from vrae_core.piano_roll import FloatArray
from vrae_core.recipes import Recipe, TrainingConfig
from vrae_core.trained_model import TrainedModel

SECONDS_BETWEEN_CHECKPOINTS = 30.0
SECONDS_BETWEEN_STEPS = 1.0  # so that a stop is obeyed soon, however long an epoch takes
MUON_DECAY = 0.1  # or the recurrent matrices grow until the loop explodes
SKETCH_THRESHOLD = 0.3  # of snapshots; the finished model's is measured


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
    model: TrainedModel | None  # a snapshot, at the end of each epoch


def train(
    corpus: Corpus,
    recipe: Recipe,
    *,
    epochs: int | None = None,
    minutes: float | None = None,
    checkpoint: Path | None = None,
    resume: bool = False,
    seed: int = 0,
    threads: int = 1,
) -> Generator[TrainingStep, None, TrainedModel]:
    """Train a model; returns it with its threshold measured.

    epochs: length of the run, the recipe's if not given.  minutes: length by the clock instead; the
    schedules then follow the clock.  checkpoint: where to keep the run, every 30 s and when closed.
    resume: go on from that file, if it is there; the result equals that of an uninterrupted run,
    bit for bit on one machine (by the epoch, not by the clock).

    Raises: TrainingError if the songs give too few windows or the bound stops being a number;
    ModelFileError if the checkpoint cannot be used; FileError if it cannot be written.
    """
    torch.set_num_threads(threads)
    run = _begin(corpus, recipe, checkpoint if resume else None, seed)
    if minutes is None:
        run.last_update = (epochs or recipe.training.epochs) * run.updates_per_epoch
    else:
        run.last_second = 60 * minutes
    saved_at = run.seconds
    try:
        for step in run.steps():
            if checkpoint and run.seconds - saved_at >= SECONDS_BETWEEN_CHECKPOINTS:
                checkpoints.save(checkpoint, run.checkpoint())
                saved_at = run.seconds
            yield step
    finally:
        if checkpoint and run.updates and run.healthy:
            checkpoints.save(checkpoint, run.checkpoint())
    model = run.snapshot()
    return replace(model, threshold=best_threshold(model, corpus))


@dataclass
class _Run:
    """A run in progress.  Each random number depends on the seed and the update alone: any update can be resumed."""

    corpus: Corpus
    recipe: Recipe
    seed: int
    fingerprint: str
    vrae: VRAE
    optimisers: list[torch.optim.Optimizer]
    updates: int = 0
    seconds: float = 0.0
    history: list[tuple[float, ...]] = field(default_factory=list)
    last_update: int | None = None
    last_second: float | None = None
    healthy: bool = True

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

    def steps(self) -> Iterator[TrainingStep]:
        """Train to the end, with a step at the end of every epoch and at least every second."""
        since: list[tuple[float, Tensor]] = []
        epoch: list[tuple[float, Tensor]] = []
        mark, told = perf_counter(), self.seconds
        while self.done < 1:
            since.append(self._update())
            now = perf_counter()
            self.seconds += now - mark
            mark = now
            ends_epoch = self.updates % self.updates_per_epoch == 0
            if ends_epoch or self.done == 1 or self.seconds - told >= SECONDS_BETWEEN_STEPS:
                epoch += since
                if ends_epoch:
                    self.history.append(_figures(epoch, self.corpus.window)[:3])
                    epoch = []
                yield self._step(since, self.snapshot() if ends_epoch else None)
                since = []
                mark, told = perf_counter(), self.seconds  # a pause is not training

    def _update(self) -> tuple[float, Tensor]:
        """One gradient step; returns the reconstruction (nats a window) and the KL of each dimension (J,)."""
        settings = self.recipe.training
        epoch, batch = divmod(self.updates, self.updates_per_epoch)
        order = np.random.default_rng((self.seed, epoch)).permutation(len(self.corpus))
        x = torch.from_numpy(self.corpus.windows(order[batch * self.batch :][: self.batch])).float()
        source = torch.Generator().manual_seed(self.seed * 1_000_003 + self.updates)
        noise = torch.randn(len(x), self.recipe.model.latent, generator=source)

        reconstruction, kl = (term.mean(dim=0) for term in self.vrae.bound(x, noise))
        loss = (kl_weight(settings, self.done) * kl.sum() - reconstruction) / self.corpus.window
        if not math.isfinite(loss.item()):
            self.healthy = False
            raise TrainingError("the bound is no longer a number: try a lower learning rate")
        factor = learning_rate(settings, self.done) / settings.learning_rate
        for optimiser in self.optimisers:
            optimiser.zero_grad()
            for group in optimiser.param_groups:
                group["lr"] = group["initial_lr"] * factor
        self.vrae.backward(loss)
        if settings.clip is not None:
            torch.nn.utils.clip_grad_norm_(self.vrae.weights.values(), settings.clip)
        for optimiser in self.optimisers:
            optimiser.step()
        self.updates += 1
        return reconstruction.item(), kl.detach()

    def _step(self, since: list[tuple[float, Tensor]], model: TrainedModel | None) -> TrainingStep:
        bound, reconstruction, kl, active = _figures(since, self.corpus.window)
        return TrainingStep(
            done=self.done,
            epoch=self.updates // self.updates_per_epoch,
            updates=self.updates,
            seconds=self.seconds,
            lower_bound=bound,
            reconstruction=reconstruction,
            kl=kl,
            learning_rate=learning_rate(self.recipe.training, self.done),
            active_units=active,
            model=model,
        )

    def snapshot(self) -> TrainedModel:
        """The model as it stands, in NumPy."""
        bound, reconstruction, kl = self.history[-1] if self.history else (math.nan,) * 3
        about = {
            "recipe": self.recipe.summary,
            "songs": ", ".join(self.corpus.names),
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
            optimiser=_optimiser_arrays(self.optimisers),
            updates=self.updates,
            seconds=self.seconds,
            seed=self.seed,
            history=tuple(self.history),
            run=self.fingerprint,
        )


def learning_rate(settings: TrainingConfig, done: float) -> float:
    """The learning rate when a share ``done`` of the run is over."""
    first, last = settings.learning_rate, settings.final_learning_rate
    if done < settings.warm_up:
        return first * max(done / settings.warm_up, 0.02)
    match settings.schedule:
        case "exponential":
            return first * math.exp(math.log(last / first) * done)
        case "step":
            return first if done < settings.step_at else last
        case "cosine":
            return last + (first - last) * (0.5 + 0.5 * math.cos(math.pi * done))


def kl_weight(settings: TrainingConfig, done: float) -> float:
    """The KL weight when a share ``done`` of the run is over."""
    return settings.kl_weight * (min(1.0, done / settings.kl_warm_up) if settings.kl_warm_up else 1.0)


def _begin(corpus: Corpus, recipe: Recipe, checkpoint: Path | None, seed: int) -> _Run:
    """A new run, or the one that the checkpoint holds if there is such a file."""
    if not len(corpus):
        raise TrainingError("the songs give no windows to train on")
    fingerprint = checkpoints.run_fingerprint(recipe, corpus)
    saved = checkpoints.load(checkpoint, fingerprint) if checkpoint and checkpoint.exists() else None
    vrae = VRAE.new(recipe.model, corpus.windows().mean(axis=(0, 1)).astype(np.float32), seed)
    if saved:
        for name, weight in vrae.weights.items():
            weight.data = torch.from_numpy(saved.weights[name].copy())
    run = _Run(corpus, recipe, seed, fingerprint, vrae, _optimisers(vrae, recipe.training))
    if saved:
        _restore_optimisers(run.optimisers, saved.optimiser)
        run.updates, run.seconds, run.seed = saved.updates, saved.seconds, saved.seed
        run.history = list(saved.history)
    return run


def _figures(updates: list[tuple[float, Tensor]], window: int) -> tuple[float, float, float, int]:
    """Means over updates: lower bound, reconstruction and KL per window per step; active dimensions."""
    reconstruction = sum(r for r, _ in updates) / len(updates) / window
    kl = torch.stack([k for _, k in updates]).mean(dim=0)
    per_step = float(kl.sum()) / window
    return reconstruction - per_step, reconstruction, per_step, int((kl > ACTIVE_KL).sum())


def _optimisers(vrae: VRAE, settings: TrainingConfig) -> list[torch.optim.Optimizer]:
    """Adam; or Muon for the recurrent matrices, if it has a learning rate, and Adam for the rest."""
    muon_rate = settings.muon_learning_rate
    recurrent = [name for name in vrae.weights if muon_rate and name.endswith(".recurrent")]
    others = [weight for name, weight in vrae.weights.items() if name not in recurrent]
    optimisers: list[torch.optim.Optimizer] = [
        torch.optim.Adam(others, lr=settings.learning_rate, betas=settings.betas)
    ]
    if muon_rate:
        matrices = [vrae.weights[name] for name in recurrent]
        optimisers.append(torch.optim.Muon(matrices, lr=muon_rate, weight_decay=MUON_DECAY))
    for optimiser in optimisers:
        for group in optimiser.param_groups:
            group["initial_lr"] = group["lr"]
    return optimisers


def _optimiser_arrays(optimisers: list[torch.optim.Optimizer]) -> dict[str, FloatArray]:
    """The optimisers' running moments, one array each, named by their place: "<optimiser>/<weight>/<moment>"."""
    return {
        f"{i}/{j}/{moment}": np.atleast_1d(value.detach().numpy().copy())
        for i, optimiser in enumerate(optimisers)
        for j, state in optimiser.state_dict()["state"].items()
        for moment, value in state.items()
    }


def _restore_optimisers(optimisers: list[torch.optim.Optimizer], arrays: Mapping[str, FloatArray]) -> None:
    for i, optimiser in enumerate(optimisers):
        whole = optimiser.state_dict()
        for name, array in arrays.items():
            place, weight, moment = name.split("/")
            if int(place) == i:
                value = torch.from_numpy(array.copy())
                whole["state"].setdefault(int(weight), {})[moment] = value[0] if moment == "step" else value
        optimiser.load_state_dict(whole)
