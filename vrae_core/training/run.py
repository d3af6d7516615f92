"""A training run in progress: its updates, its watch over the bound, and what a checkpoint keeps of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter

import numpy as np
import torch

from vrae_core.corpus.bars import usual_meter
from vrae_core.corpus.windows import Corpus, Windows
from vrae_core.errors import ModelFileError, TrainingError
from vrae_core.model.gradients import Gradients
from vrae_core.model.recipes import Recipe
from vrae_core.model.trained import TrainedModel
from vrae_core.model.vrae import VRAE
from vrae_core.names import names_listed
from vrae_core.piano_roll import FloatArray, IntArray
from vrae_core.training import checkpoint as checkpoints
from vrae_core.training.augmenting import Augmenting
from vrae_core.training.checkpoint import Best, Checkpoint, GoodState
from vrae_core.training.distributed import ALONE, Group
from vrae_core.training.draws import WindowDraws, hold_out, pitch_share
from vrae_core.training.fine_tuning import starting_weights
from vrae_core.training.measures import Measured, Measures, judged
from vrae_core.training.optimisers import Optimiser, moments_of, optimisers_for, restore_moments
from vrae_core.training.steering import Change, Steered, Steering, windows_changed
from vrae_core.training.step import TrainingStep, Update, as_array, figures_of, from_array

SECONDS_BETWEEN_STEPS = 1.0  # so that a stop is obeyed soon, however long an epoch takes
SKETCH_THRESHOLD = 0.3  # of snapshots; the finished model's is measured
MOST_RETREATS = 8
FEWEST_WATCHED = 16  # windows: of fewer the noise in z alone moves the bound as far as a collapse does


@dataclass
class TrainingRun:
    """The state of a run.  Each random number depends on the seed and the update alone: any update can be resumed."""

    corpus: Windows  # of which some windows may be held out
    recipe: Recipe
    seed: int
    vrae: VRAE
    optimisers: list[Optimiser]
    fingerprint: str
    draws: WindowDraws
    measures: Measures
    steering: Steering
    clock: Callable[[], float] = perf_counter
    group: Group = ALONE  # the processes that share each minibatch
    updates: int = 0
    seconds: float = 0.0
    history: list[tuple[float, ...]] = field(default_factory=list)  # an epoch a row: bound, reconstruction, KL
    retreats: int = 0  # each halves the learning rate
    best: Best | None = None  # by the bound held out, if windows are, else by that of a whole epoch
    last_update: int | None = None
    last_second: float | None = None
    note: str = ""  # for the next step to tell
    whole: bool = True  # not while the weights are being changed

    @classmethod
    def begin(
        cls,
        corpus: Windows,
        recipe: Recipe,
        seed: int,
        checkpoint: Path | None,
        *,
        held_out: float = 0.0,
        steering: Steering | None = None,
        start_from: TrainedModel | None = None,
        clock: Callable[[], float] = perf_counter,
        group: Group = ALONE,
    ) -> TrainingRun:
        """A new run, or the one that the checkpoint holds if there is such a file."""
        if not len(corpus):
            raise TrainingError("the songs give no windows to train on")
        learnt, unseen = hold_out(corpus, held_out)
        fingerprint = checkpoints.run_fingerprint(recipe, corpus, held_out)
        vrae = VRAE.new(recipe.model, pitch_share(corpus, learnt), seed, group.device)
        measures = Measures(corpus.take(unseen if len(unseen) else learnt), len(unseen) > 0, clock)
        draws, optimisers = WindowDraws(learnt, len(corpus)), optimisers_for(vrae, recipe.training)
        steering = steering or Steering()
        run = cls(corpus, recipe, seed, vrae, optimisers, fingerprint, draws, measures, steering, clock, group)
        if checkpoint and checkpoints.is_there(checkpoint):
            saved, run.note = checkpoints.load_newest(checkpoint, fingerprint)
            try:
                run._resume_from(saved)
            except (ValueError, KeyError, RuntimeError) as error:
                raise ModelFileError(checkpoint, "is damaged: it does not fit its own recipe") from error
        else:
            if start_from is not None:
                fresh = vrae.numpy_weights()
                run._take_weights(starting_weights(start_from, recipe.model, corpus.pitches, fresh))
            run._sound = run._state()
        group.check_alike("songs", fingerprint)
        group.check_alike("checkpoint", run.updates)
        return run

    def __post_init__(self) -> None:
        self._epoch: list[Update] = []  # those since the bound was last watched, at the end of an epoch
        self._sound: GoodState  # the last state whose bound was sound
        self._steered = Steered()  # what the last update went by
        self._gradients = Gradients(self.vrae)
        settings = self.recipe.training
        self._augmenting = Augmenting(self.corpus.pitches, settings.other_keys, settings.hybrids)

    @property
    def batch(self) -> int:
        return min(self.recipe.training.batch, len(self.draws.learnt))

    @property
    def updates_per_epoch(self) -> int:
        return len(self.draws.learnt) // self.batch

    @property
    def done(self) -> float:
        """Share of the run that is over."""
        by_updates = self.updates / self.last_update if self.last_update else 0.0
        by_clock = self.seconds / self.last_second if self.last_second else 0.0
        return min(1.0, max(by_updates, by_clock))

    @property
    def over(self) -> bool:
        """Whether it has come to its end, or is to end now."""
        return self.done >= 1 or bool(self.steering.stop)

    @property
    def learning_rate(self) -> float:
        return self.recipe.training.learning_rate_at(self.done) * 0.5**self.retreats * self._steered.learning_rate

    @property
    def kl_weight(self) -> float:
        return self.recipe.training.kl_weight_at(self.done) * self._steered.kl_weight

    def steps(self) -> Iterator[TrainingStep]:
        """Train to the end, with a step at the end of every epoch and at least every second."""
        since: list[Update] = []
        mark, reported = self.clock(), self.seconds
        while not self.over:
            since.append(self.update())
            now = self.clock()
            self.seconds += now - mark
            mark = now
            ends_epoch, over = self.updates % self.updates_per_epoch == 0, self.over
            if ends_epoch or over or self.seconds - reported >= SECONDS_BETWEEN_STEPS:
                yield self._step(since, self.seconds - reported, ends_epoch, over)
                since = []
                mark, reported = self.clock(), self.seconds  # whatever else was done meanwhile is not training

    def snapshot(self) -> TrainedModel:
        """The model as it stands, in NumPy."""
        bound, reconstruction, kl = math.nan, math.nan, math.nan
        if self.history:
            bound, reconstruction, kl = self.history[-1]
        elif self._epoch:
            bound, reconstruction, kl, *_ = figures_of(self._epoch, self.corpus.window)
        about = {
            "recipe": self.recipe.summary,
            "songs": names_listed(self.corpus.names),
            "windows": str(len(self.draws.learnt)),
            "updates": str(self.updates),
            "lower bound": f"{bound:.3f} nats per window per step ({reconstruction:.3f} − {kl:.3f})",
        }
        if isinstance(self.corpus, Corpus) and self.corpus.times:
            numerator, denominator = usual_meter(self.corpus)
            about |= {"tempo": f"{np.median(self.corpus.tempos()):.1f}", "meter": f"{numerator}/{denominator}"}
        if self.last_second:  # where epochs count, a run that was interrupted gives the same file, byte for byte
            about["minutes"] = f"{self.seconds / 60:.1f}"
        return TrainedModel(self.recipe.model, self.corpus.pitches, self.vrae.numpy_weights(), SKETCH_THRESHOLD, about)

    def best_model(self) -> TrainedModel:
        """The model at its best, or as it stands if nothing can be said of that yet."""
        now = self.snapshot()
        return replace(now, weights=self.best.weights, about=self.best.about) if self.best else now

    def checkpoint(self) -> Checkpoint:
        """Everything needed to go on."""
        with suppress(TrainingError):  # what was steered since the last update counts, unless it cannot be done
            self._read_steering()
        state = self._state()
        return Checkpoint(
            weights=state.weights,
            optimiser=state.optimiser,
            updates=self.updates,
            seconds=self.seconds,
            seed=self.seed,
            retreats=self.retreats,
            history=tuple(self.history),
            run=self.fingerprint,
            steered=self._steered,
            epoch=as_array(self._epoch, self.recipe.model.latent),
            sound=None if self._sound.updates == self.updates else self._sound,
            best=self.best,
        )

    def _resume_from(self, saved: Checkpoint) -> None:
        self.updates, self.seconds, self.seed, self.retreats = saved.updates, saved.seconds, saved.seed, saved.retreats
        self.history, self.best, self._epoch = list(saved.history), saved.best, from_array(saved.epoch)
        state = GoodState(saved.weights, saved.optimiser, saved.updates)
        self._return_to(state)
        self._sound = saved.sound or state
        self._steered = saved.steered
        self.steering.go_back_to(saved.steered)
        self.measures.trained_before = saved.seconds
        self._tell("resumed")

    def _read_steering(self) -> IntArray:
        """Take over what is steered now; returns the windows of the next update."""
        now, refused = self.steering.heard(self._steered if self.updates else None, self.draws.check)
        self.note = "; ".join(filter(None, (self.note, refused)))
        try:
            now.check()
            self._check_alone(now)
            epoch, batch = divmod(self.updates, self.updates_per_epoch)
            windows = self.draws.some(self.seed, epoch, now.window_weights, batch * self.batch, self.batch)
        except TrainingError:
            self.steering.go_back_to(self._steered)  # so that the run can go on from its checkpoint
            raise
        self._take_over(now)
        return windows

    def _take_over(self, now: Steered) -> None:
        """Steer so from now on, and tell what that changed; the weights it begins with are no change."""
        before, rates = self._steered, (self.learning_rate, self.kl_weight)
        self._steered = now
        for what, was, is_ in zip(
            ("learning rate", "KL weight"), rates, (self.learning_rate, self.kl_weight), strict=True
        ):
            if was != is_:
                self._tell(what, was, is_)
        if self.updates:
            for what, count in windows_changed(before.window_weights, now.window_weights):
                self._tell(what, after=count)

    def _tell(self, what: str, before: float = math.nan, after: float = math.nan) -> None:
        self.steering.applied.append(Change(round(self.seconds, 3), self.updates, what, before, after))

    def _check_alone(self, now: Steered) -> None:
        """Raises: TrainingError if one of several processes is steered away from the others."""
        if self.group.size > 1 and self.updates and not now.is_as(self._steered):
            raise TrainingError("a training by several processes cannot be steered")

    def update(self) -> Update:
        """One gradient step."""
        settings = self.recipe.training
        windows, mine = self._read_steering(), self.group.share(self.batch)
        learnt = self._augmenting(self.corpus.windows(windows), self.seed, self.updates)
        x = torch.from_numpy(learnt[mine]).float()
        source = torch.Generator().manual_seed(self.seed * 1_000_003 + self.updates)
        noise = torch.randn(self.batch, self.recipe.model.latent, generator=source)[mine]

        figures = self._gradients(x, noise, settings.teacher_forcing_at(self.done), self.kl_weight, len(x) / self.batch)
        self.group.add_up([*(weight.grad for weight in self.vrae.weights.values() if weight.grad is not None), figures])
        norm = torch.nn.utils.clip_grad_norm_(self.vrae.weights.values(), settings.clip or math.inf)
        self.whole = False
        for optimiser in self.optimisers:
            optimiser.step(self.learning_rate / settings.learning_rate)
        self.updates += 1
        self.whole = True
        update = Update(figures[0].item(), figures[1:].cpu(), float(norm))
        self._epoch.append(update)
        return update

    def _watch(self) -> str:
        """At the end of an epoch, or of several short ones, remember a sound state or leave a collapsed one.

        Returns a note if it did the latter: training does not recover by itself.
        """
        if len(self._epoch) * self.batch < FEWEST_WATCHED:
            return ""
        figures = figures_of(self._epoch, self.corpus.window)[:3]
        now = judged(figures[0], self.history, len(self._epoch))
        self._epoch = []
        self.history.append(figures)
        if now.is_sound:
            self._sound = self._state()
        if not now.has_collapsed:
            return ""
        if self.retreats == MOST_RETREATS:
            raise TrainingError(
                f"the bound keeps collapsing, now from {now.best:.2f} to {figures[0]:.2f}: try other settings"
            )
        self.retreats += 1
        self._return_to(self._sound)
        return (
            f"the bound fell from {now.best:.2f} to {figures[0]:.2f}: back to update {self._sound.updates}, "
            f"now with {0.5**self.retreats:g} of the learning rate"
        )

    def _remember_best(self, model: TrainedModel, measured: Measured, ends_epoch: bool) -> None:
        if self.measures.held_out:
            bound = measured.held_out_bound
        elif ends_epoch and self._epoch:
            return  # it is not watched yet
        elif ends_epoch and not self.recipe.training.teacher_forcing_at(self.done):  # which flatters
            bound = self.history[-1][0]
        else:
            return
        if math.isfinite(bound) and (self.best is None or bound > self.best.bound):
            self.best = Best(bound, model.weights, model.about)

    def _state(self) -> GoodState:
        return GoodState(self.vrae.numpy_weights(), moments_of(self.optimisers), self.updates)

    def _return_to(self, state: GoodState) -> None:
        """Take weights and moments from a state; the clock and the count of updates go on."""
        self._take_weights(state.weights)
        restore_moments(self.optimisers, state.optimiser)

    def _take_weights(self, weights: Mapping[str, FloatArray]) -> None:
        for name, weight in self.vrae.weights.items():
            weight.data.copy_(torch.tensor(weights[name]).view(weight.shape))  # in place: a recorded update reads there

    def _step(self, since: list[Update], seconds: float, ends_epoch: bool, over: bool) -> TrainingStep:
        """Look back on the updates since the last step, which took so many seconds."""
        note, self.note = "; ".join(filter(None, (self.note, self._watch() if ends_epoch else ""))), ""
        model, measured = None, Measured()
        if ends_epoch or over:
            model = self.snapshot()
            if self.group.is_first:  # which alone writes down what is measured
                if over or self.measures.due(self.seconds):
                    measured = self.measures.measure(model)
                self._remember_best(model, measured, ends_epoch)
        return TrainingStep(
            done=self.done,
            epoch=self.updates // self.updates_per_epoch,
            updates=self.updates,
            seconds=self.seconds,
            learning_rate=self.learning_rate,
            teacher_forcing=self.recipe.training.teacher_forcing_at(self.done),
            model=model,
            note=note,
            kl_weight=self.kl_weight,
            windows_per_second=self.batch * len(since) / seconds if seconds > 0 else math.nan,
            **figures_of(since, self.corpus.window)._asdict(),
            **measured._asdict(),
        )
