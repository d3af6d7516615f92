"""The gradients of one update; on a graphics card the update is recorded once and then replayed.

A recurrent loop is hundreds of small steps, and on a card starting each takes longer than the step itself. A CUDA graph
starts them all at once (https://pytorch.org/docs/stable/notes/cuda.html#cuda-graphs): same inputs' places, same shapes.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor

from vrae_core.errors import TrainingError
from vrae_core.model.vrae import VRAE

_WARM_UPS = 3  # updates before the recording, in which libraries set themselves up


class _Recording(NamedTuple):
    graph: Any
    inputs: tuple[Tensor, ...]  # where the graph reads: x, noise, teacher forcing, KL weight
    figures: Tensor
    gradients: dict[str, Tensor]


class Gradients:
    """Works out an update's gradients into the weights' ``grad``."""

    def __init__(self, vrae: VRAE) -> None:
        self._vrae = vrae
        self._recordings: dict[tuple[Any, ...], _Recording] = {}

    def __call__(self, x: Tensor, noise: Tensor, teacher_forcing: float, kl_weight: float, part: float) -> Tensor:
        """Reconstruction (nats a window) and the KL of each dimension, means over the windows times ``part``: (1 + J,).

        x: (n, T, P); noise: (n, J); both may lie in another memory than the weights.  part: by which the gradients too
        are multiplied.  Raises: TrainingError if the graphics card has too little memory.
        """
        device = next(iter(self._vrae.weights.values())).device
        if device.type != "cuda":
            return self._work_out(x, noise, teacher_forcing, kl_weight, part)
        try:
            return self._replay(x, noise, teacher_forcing, kl_weight, part, device)
        except torch.OutOfMemoryError:
            raise TrainingError(
                f"the graphics card has too little memory for a minibatch of {len(x)} windows: use a smaller one"
            ) from None

    def _work_out(
        self, x: Tensor, noise: Tensor, teacher_forcing: float | Tensor, kl_weight: float | Tensor, part: float
    ) -> Tensor:
        for weight in self._vrae.weights.values():
            weight.grad = None
        bound = self._vrae.bound(x, noise, teacher_forcing)
        reconstruction, kl = (term.mean(dim=0) for term in bound)
        loss = (kl_weight * kl.sum() - reconstruction) / x.shape[1]
        torch.autograd.backward(loss * part)
        return torch.cat([reconstruction.detach()[None], kl.detach()]) * part

    def _replay(
        self, x: Tensor, noise: Tensor, teacher_forcing: float, kl_weight: float, part: float, device: torch.device
    ) -> Tensor:
        forced = teacher_forcing > 0  # another course through the decoder, so another graph
        now = (x, noise, torch.tensor(teacher_forcing), torch.tensor(kl_weight))
        key = (tuple(x.shape), forced, part)
        if key not in self._recordings:
            self._recordings[key] = self._record(tuple(tensor.to(device) for tensor in now), forced, part)
        recording = self._recordings[key]
        for place, tensor in zip(recording.inputs, now, strict=True):
            place.copy_(tensor)
        recording.graph.replay()
        for name, gradient in recording.gradients.items():
            self._vrae.weights[name].grad = gradient
        return recording.figures.clone()

    def _record(self, inputs: tuple[Tensor, ...], forced: bool, part: float) -> _Recording:
        x, noise, teacher_forcing, kl_weight = inputs
        share = teacher_forcing if forced else 0.0
        before = torch.cuda.current_stream()
        beside = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        beside.wait_stream(before)
        with torch.cuda.stream(beside):
            for _ in range(_WARM_UPS):
                self._work_out(x, noise, share, kl_weight, part)
        before.wait_stream(beside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            figures = self._work_out(x, noise, share, kl_weight, part)
        gradients = {name: weight.grad for name, weight in self._vrae.weights.items() if weight.grad is not None}
        return _Recording(graph, inputs, figures, gradients)
