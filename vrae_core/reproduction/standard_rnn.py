"""A standard RNN that learns to predict the next step or to name the song, started as usual or from a trained VRAE."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from vrae_core.corpus.windows import Corpus
from vrae_core.model.fast_loops import native_precision
from vrae_core.model.trained import CHUNK, TrainedModel
from vrae_core.model.vrae import VRAE
from vrae_core.piano_roll import IntArray
from vrae_core.progress import Progress

BATCH = 64
CLIP = 1.0  # largest norm of the gradient
_PREDICTS = ("decoder.input", "decoder.recurrent", "decoder.bias", "output.weight", "output.bias")
_READS = ("encoder.input", "encoder.recurrent", "encoder.bias")

Curve = list[float]
Learning = Generator[Progress, None, Curve]


def after_a_window(corpus: Corpus) -> Corpus:
    """The windows that a whole window of the same song goes before."""
    return corpus.take(np.flatnonzero(corpus.start_of >= corpus.window))


def learn_next_step(
    model: TrainedModel,
    train: Corpus,
    test: Corpus,
    marks: Sequence[int],
    *,
    warm_weights: bool,
    warm_state: bool,
    learning_rate: float = 1e-3,
    seed: int = 0,
) -> Learning:
    """Teach an RNN with the model's cell p(x_t | x_<t), told the true past; returns how well it knows ``test``.

    warm_weights: those of the decoder.  warm_state: its first state, from μ of the window before; usually it is
    zero.  A standard RNN does not hear z at every step, so for a decoder that does, z stays 0, its prior's mean.
    Every window must have one before it, as `after_a_window` chooses them.

    marks: after how many updates to measure, rising.  Returns: Σ log p of a step of ``test``, in nats, at each.
    """
    torch.set_num_threads(1)
    rnn = _standard_rnn(model, train, _PREDICTS, warm_weights, seed)
    x, state = _after_the_window_before(model, train, warm_state)
    given = _after_the_window_before(model, test, warm_state)

    def log_likelihood(x: Tensor, state: Tensor) -> Tensor:
        logits = rnn.predict(x, state, rnn.weights["decoder.bias"])
        return -functional.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(dim=2)  # (n, T)

    def measure() -> float:
        parts = zip(*map(in_batches, given), strict=True)
        return float(torch.cat([log_likelihood(*part) for part in parts]).mean())

    def loss(chosen: IntArray) -> Tensor:
        return -log_likelihood(x[chosen], state[chosen]).mean()

    return (yield from learn(rnn, loss, measure, len(train), marks, learning_rate, seed))


def learn_songs(
    model: TrainedModel,
    corpus: Corpus,
    labelled: IntArray,
    marks: Sequence[int],
    *,
    warm_weights: bool,
    learning_rate: float = 1e-3,
    seed: int = 0,
) -> Learning:
    """Teach an RNN, with a linear read-out of its last h, to which song each of the ``labelled`` windows belongs.

    warm_weights: those of the encoder.  The read-out begins at zero, and the state as the encoder's does.

    marks: after how many updates to measure, rising.  Returns: the share of all other windows named rightly, at each.
    """
    torch.set_num_threads(1)
    rnn = _standard_rnn(model, corpus, _READS, warm_weights, seed)
    songs = len(corpus.names)
    rnn.weights["song.weight"] = torch.zeros(songs, model.config.encoder_hidden, requires_grad=True)
    rnn.weights["song.bias"] = torch.zeros(songs, requires_grad=True)
    x, song_of = torch.from_numpy(corpus.windows()).float(), torch.from_numpy(corpus.song_of)
    others = np.setdiff1d(np.arange(len(corpus)), labelled)

    def scores(x: Tensor) -> Tensor:
        return functional.linear(rnn.read(x), rnn.weights["song.weight"], rnn.weights["song.bias"])  # (n, songs)

    def measure() -> float:
        found = torch.cat([scores(part).argmax(dim=1) for part in in_batches(x[others])])
        return float((found == song_of[others]).float().mean())

    def loss(chosen: IntArray) -> Tensor:
        return functional.cross_entropy(scores(x[labelled[chosen]]), song_of[labelled[chosen]])

    return (yield from learn(rnn, loss, measure, len(labelled), marks, learning_rate, seed))


def learn(
    rnn: VRAE,
    loss_of: Callable[[IntArray], Tensor],
    measure: Callable[[], float],
    examples: int,
    marks: Sequence[int],
    learning_rate: float,
    seed: int,
) -> Learning:
    """Adam over batches of shuffled examples; the measure after each of ``marks`` updates."""
    optimiser = torch.optim.Adam(rnn.weights.values(), lr=learning_rate)
    source = np.random.default_rng(seed)
    waiting = source.permutation(examples)
    curve: Curve = []
    for update in range(marks[-1] + 1):
        if update in marks:
            with torch.no_grad():
                curve.append(measure())
        yield Progress(update, marks[-1])
        if update == marks[-1]:
            break
        if len(waiting) < min(BATCH, examples):
            waiting = source.permutation(examples)
        chosen, waiting = waiting[:BATCH], waiting[BATCH:]
        optimiser.zero_grad()
        torch.autograd.backward(loss_of(chosen))
        torch.nn.utils.clip_grad_norm_(rnn.weights.values(), CLIP)
        optimiser.step()
    return curve


def _standard_rnn(model: TrainedModel, train: Corpus, names: Sequence[str], warm: bool, seed: int) -> VRAE:
    """One half of a VRAE: with the trained weights, or with those that a training begins with."""
    weights = _in_torch(model).weights
    if not warm:
        weights = VRAE.new(model.config, train.windows().mean(axis=(0, 1)).astype(np.float32), seed).weights
    return VRAE(model.config, {name: weights[name].requires_grad_() for name in names}, native_precision())


def _in_torch(model: TrainedModel) -> VRAE:
    return VRAE(model.config, {name: torch.tensor(weight) for name, weight in model.weights.items()})


def _after_the_window_before(model: TrainedModel, corpus: Corpus, warm: bool) -> tuple[Tensor, Tensor]:
    """Windows (n, T, P), and the decoder's first state by μ of the window before, or zeros."""
    before = replace(corpus, offsets=corpus.offsets - corpus.window, start_of=corpus.start_of - corpus.window)
    with torch.no_grad():
        state, _ = _in_torch(model).start(torch.from_numpy(model.encode(before.windows()).mu))
    return torch.from_numpy(corpus.windows()).float(), state if warm else torch.zeros_like(state)


def in_batches(x: Tensor) -> list[Tensor]:
    return [x[i : i + CHUNK] for i in range(0, len(x), CHUNK)]
