"""The same model as anybody would write it in PyTorch: layers of torch.nn, autograd and Adam; to be compared with."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from vrae_core.model.recipes import ModelConfig
from vrae_core.piano_roll import FloatArray

_LAYER = {"tanh": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
_CELL = {"tanh": nn.RNNCell, "gru": nn.GRUCell, "lstm": nn.LSTMCell}


class PlainVrae(nn.Module):
    """A recurrent layer reads a window, a cell in a loop writes it; z enters beside x where the recipe says so."""

    def __init__(self, config: ModelConfig, pitches: int) -> None:
        super().__init__()
        self.config = config
        beside = config.latent if config.z_every_step else 0
        self.reader = _LAYER[config.cell](pitches, config.encoder_hidden, batch_first=True)
        self.mean = nn.Linear(config.encoder_hidden, config.latent)
        self.log_sigma = nn.Linear(config.encoder_hidden, config.latent)
        self.begin = nn.Linear(config.latent, config.hidden * (2 if config.cell == "lstm" else 1))
        self.writer = _CELL[config.cell](pitches + beside, config.hidden)
        self.show = nn.Linear(config.hidden, pitches)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """μ and log σ, each (n, J), of windows x (n, T, P)."""
        outputs, _ = self.reader(x.flip(1) if self.config.reversed_input else x)
        return self.mean(outputs[:, -1]), self.log_sigma(outputs[:, -1])

    def decode(self, z: Tensor, steps: int) -> Tensor:
        """Logits (n, steps, P) of z (n, J), each step fed the probabilities of the one before."""
        state = torch.tanh(self.begin(z))
        held = state.chunk(2, dim=1) if self.config.cell == "lstm" else state
        logits: list[Tensor] = []
        while len(logits) < steps:
            if logits:
                heard = torch.sigmoid(logits[-1])
                held = self.writer(torch.cat([heard, z], dim=1) if self.config.z_every_step else heard, held)
            logits.append(self.show(held[0] if self.config.cell == "lstm" else held))
        return torch.stack(logits, dim=1)

    def loss(self, x: Tensor) -> Tensor:
        """The negative lower bound of windows x (n, T, P), nats a window."""
        mu, log_sigma = self.encode(x)
        logits = self.decode(mu + log_sigma.exp() * torch.randn_like(mu), x.shape[1])
        wrong = functional.binary_cross_entropy_with_logits(logits, x, reduction="sum") / len(x)
        kl = (0.5 * (mu**2 + (2 * log_sigma).exp() - 1) - log_sigma).sum(dim=1).mean()
        return wrong + kl


class PlainTraining:
    """Updates of such a model by Adam."""

    def __init__(self, config: ModelConfig, pitches: int, clip: float | None) -> None:
        self._model = PlainVrae(config, pitches)
        self._adam = torch.optim.Adam(self._model.parameters(), lr=1e-3)
        self._clip = clip

    def update(self, x: FloatArray) -> None:
        """Learn from windows x (n, T, P)."""
        self._adam.zero_grad()
        self._model.loss(torch.from_numpy(x)).backward()  # type: ignore[no-untyped-call]
        if self._clip:
            nn.utils.clip_grad_norm_(self._model.parameters(), self._clip)
        self._adam.step()
