"""A trained model in plain NumPy: windows to posteriors, z to probabilities, and the file that holds it.

The equations are the paper's (section 2) as settled in ARCHITECTURE.md; `vrae.py` states them once more
in torch, for training, and a test holds the two together.  `fast_steps.py` goes through the loops faster.
The names and shapes of the weights stand in `file.weight_shapes`.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from vrae_core.corpus.cutting import build_corpus
from vrae_core.corpus.windows import Corpus, Rolled
from vrae_core.midi.song import Song
from vrae_core.model import file as model_file
from vrae_core.model.fast_steps import FastDecoder, FastEncoder, may_saturate
from vrae_core.model.recipes import Cell, ModelConfig
from vrae_core.piano_roll import BoolArray, FloatArray, IntArray

UNSIGNED = "was made before files were signed whole: were a setting of it damaged, nobody would know"
CHUNK = 256  # windows encoded or decoded at once: large enough for the matrix product, small enough for the cache


class Posterior(NamedTuple):
    """The encoder's belief about z, one row a window: mean and standard deviation, each (n, J)."""

    mu: FloatArray
    sigma: FloatArray


@dataclass(frozen=True)
class TrainedModel:
    """A model ready to play: its shape, the pitches it knows and its weights."""

    config: ModelConfig
    pitches: tuple[int, ...]
    weights: Mapping[str, FloatArray]
    threshold: float = 0.5  # probability from which a cell counts as a note; chosen once, on the training windows
    about: Mapping[str, str] = field(default_factory=dict)  # recipe, songs and figures, for people to read
    signed: bool = True  # or else its file is UNSIGNED

    def cut(self, songs: Sequence[Song | Rolled], hop: int | None = None, *, to_the_end: bool = False) -> Corpus:
        """Every window that songs give, as the model was trained to see them or ``hop`` steps apart.

        to_the_end: as in `build_corpus`.  Raises: CorpusError if no song gives any.
        """
        config = self.config
        return build_corpus(
            songs,
            config.window,
            config.hop if hop is None else hop,
            cap=None,
            equal_share=False,
            pitches=self.pitches,
            to_the_end=to_the_end,
            grid=config.grid,
        )

    def encode(self, windows: BoolArray | FloatArray) -> Posterior:
        """Posteriors of windows (n, T, P), T being any number of steps."""
        if windows.dtype == np.bool_:
            n, steps, pitches = windows.shape
            roll = windows.reshape(n * steps, pitches).astype(np.bool_, copy=False)
            return self.encode_cut(roll, np.arange(n) * steps, steps)
        return self._posterior(self._read(windows))

    def encode_cut(self, roll: BoolArray, offsets: IntArray, window: int) -> Posterior:
        """Posteriors of the windows of a roll (steps, P) that begin at some of its rows, (n,).

        The more they overlap the less work they are.
        """
        return self._posterior(self._fast_encoder.read(roll, offsets, window))

    def _posterior(self, h: FloatArray) -> Posterior:
        w = self.weights
        log_sigma = h @ w["log_sigma.weight"].T + w["log_sigma.bias"]
        return Posterior(h @ w["mean.weight"].T + w["mean.bias"], np.exp(log_sigma))

    def _read(self, windows: BoolArray | FloatArray) -> FloatArray:
        """The encoder's last h (n, He) of windows (n, T, P)."""
        w, cell = self.weights, self.config.cell
        x = windows.astype(np.float32).swapaxes(0, 1)  # (time, batch, pitch)
        if self.config.reversed_input:
            x = x[::-1]
        driven = x @ w["encoder.input"].T + w["encoder.bias"]
        recurrent = w["encoder.recurrent"].T
        state = np.zeros((x.shape[1], len(recurrent) * (2 if cell == "lstm" else 1)), np.float32)
        for step in driven:
            state = next_state(cell, step, state, recurrent)
        return state[:, : len(recurrent)]

    def decode(
        self, z: npt.NDArray[np.floating], steps: int | None = None, heard: BoolArray | FloatArray | None = None
    ) -> FloatArray:
        """Probabilities (n, steps, P) of z (n, J), each step fed the probabilities of the one before.

        steps: T if not given; beyond T the decoder runs on freely (paper, section 3.3).
        heard: (n, steps, P) music that is fed back instead, for measuring: teacher forcing.
        """
        length = self.config.window if steps is None else steps
        out = np.empty((len(z), length, len(self.pitches)), np.float32)
        for i in range(0, len(z), CHUNK):
            some = slice(i, i + CHUNK)
            with may_saturate():
                for t, row in enumerate(self._steps(z[some], None if heard is None else heard[some], length)):
                    out[some, t] = row
        return out

    def decoding(
        self, z: npt.NDArray[np.floating], heard: BoolArray | FloatArray | None = None
    ) -> Generator[FloatArray, None, None]:
        """``decode`` one step (n, P) at a time, without end: the first can be heard before the last is known."""
        steps = self._steps(z, heard, None)
        while True:
            with may_saturate():
                row = next(steps)
            yield row

    def _steps(
        self, z: npt.NDArray[np.floating], heard: BoolArray | FloatArray | None, steps: int | None
    ) -> Generator[FloatArray, None, None]:
        w, config = self.weights, self.config
        known: FloatArray = z.astype(np.float32)
        if config.context:
            for layer in ("context.1", "context.2"):
                known = silu(known @ w[f"{layer}.weight"].T + w[f"{layer}.bias"])
        state = np.tanh(known @ w["start.weight"].T + w["start.bias"])
        always = w["decoder.bias"]
        if config.z_every_step:
            always = always + known @ w["decoder.latent"].T
        if config.silent_start:
            state = next_state(config.cell, always, state, w["decoder.recurrent"].T)
        yield from self._fast_decoder.decoding(state, always, heard, steps)

    def _decoding(
        self, state: FloatArray, always: FloatArray, heard: BoolArray | FloatArray | None, steps: int | None
    ) -> Generator[FloatArray, None, None]:
        """The equations of the decoder's loop, which `FastDecoder` goes through faster."""
        w, config = self.weights, self.config
        recurrent, fed_back, shown = (w[name].T for name in ("decoder.recurrent", "decoder.input", "output.weight"))
        for t in count() if steps is None else range(steps):
            row = sigmoid(state[:, : config.hidden] @ shown + w["output.bias"])
            yield row
            fed = row if heard is None else heard[:, t]
            state = next_state(config.cell, always + fed @ fed_back, state, recurrent)

    @cached_property
    def _fast_encoder(self) -> FastEncoder:
        return FastEncoder(self.config.cell, self.weights, self.config.reversed_input)

    @cached_property
    def _fast_decoder(self) -> FastDecoder:
        return FastDecoder(self.config.cell, self.weights)

    def save(self, path: Path | str) -> None:
        """Write the model file, atomically.  Raises FileError."""
        model_file.write(path, self.config, self.pitches, self.weights, self.threshold, self.about)

    @classmethod
    def load(cls, path: Path | str) -> TrainedModel:
        """Read a model file.  Raises ModelFileError for whatever is not one."""
        return cls(*model_file.read(path))

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the weights, which names the model whatever its file is called."""
        return model_file.digest(self.weights)


def next_state(cell: Cell, driven: FloatArray, state: FloatArray, recurrent: FloatArray) -> FloatArray:
    """One step of a cell.

    driven: (n, G·H) what reaches the gates from outside; state: (n, H), or (n, 2 H) for an LSTM's h and c;
    recurrent: (H, G·H).  Gate order: GRU r, u, candidate (r scales the recurrent part, as in cuDNN); LSTM i, f, g, o.
    """
    size = len(recurrent)
    pulled = state[:, :size] @ recurrent
    if cell == "tanh":
        return np.tanh(driven + pulled)
    if cell == "gru":
        gates = sigmoid(driven[..., : 2 * size] + pulled[:, : 2 * size])
        candidate = np.tanh(driven[..., 2 * size :] + gates[:, :size] * pulled[:, 2 * size :])
        return candidate + gates[:, size:] * (state - candidate)  # type: ignore[no-any-return]
    pulled = pulled + driven
    gates = sigmoid(pulled)
    kept = gates[:, size : 2 * size] * state[:, size:]
    c = kept + gates[:, :size] * np.tanh(pulled[:, 2 * size : 3 * size])
    return np.concatenate([gates[:, 3 * size :] * np.tanh(c), c], axis=1)


def sigmoid(x: FloatArray) -> FloatArray:
    """The logistic function, by way of tanh, which does not overflow."""
    share: FloatArray = 0.5 + 0.5 * np.tanh(0.5 * x)
    return share


def silu(x: FloatArray) -> FloatArray:
    """x · sigmoid(x)."""
    return x * sigmoid(x)
