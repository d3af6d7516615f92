"""A next-step critic: a small RNN that knows what music goes on how, and nothing of the model it judges."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from vrae_core.corpus.windows import Corpus
from vrae_core.model.fast_loops import native_precision
from vrae_core.model.recipes import ModelConfig
from vrae_core.model.vrae import VRAE
from vrae_core.piano_roll import BoolArray, IntArray
from vrae_core.progress import Progress
from vrae_core.reproduction.standard_rnn import in_batches, learn

UPDATES = 400
_UNITS = 128
_LEARNING_RATE = 3e-3
_NEEDED = ("decoder.input", "decoder.recurrent", "decoder.bias", "output.weight", "output.bias")


class Critic:
    """Says how well music goes on as the songs' windows do: log p(x_t | x_<t), which it is taught from them alone."""

    def __init__(self, rnn: VRAE) -> None:
        self._rnn = rnn

    @classmethod
    def taught(cls, corpus: Corpus, seed: int = 0) -> Generator[Progress, None, Critic]:
        """Teach one on every window of the songs."""
        torch.set_num_threads(1)
        config = ModelConfig(window=corpus.window, latent=1, hidden=_UNITS, encoder_hidden=1, cell="gru")
        x = corpus.windows()
        weights = VRAE.new(config, x.mean(axis=(0, 1)).astype(np.float32), seed).weights
        critic = cls(VRAE(config, {name: weights[name] for name in _NEEDED}, native_precision()))

        def loss(chosen: IntArray) -> Tensor:
            return -critic._log_likelihood(torch.from_numpy(x[chosen])).mean()

        yield from learn(critic._rnn, loss, lambda: 0.0, len(x), (UPDATES,), _LEARNING_RATE, seed)
        return critic

    def nats(self, rolls: BoolArray) -> float:
        """−log p of a step of rolls (n, T, P), on average; silent ones included."""
        with torch.no_grad():
            return -float(
                torch.cat([self._log_likelihood(part) for part in in_batches(torch.from_numpy(rolls))]).mean()
            )

    def _log_likelihood(self, rolls: Tensor) -> Tensor:
        """Σ log p of every step, (n, T)."""
        x = rolls.float()
        logits = self._rnn.predict(x, x.new_zeros(len(x), _UNITS), self._rnn.weights["decoder.bias"])
        return -functional.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(dim=2)
