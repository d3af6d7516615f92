"""A resumable checkpoint: weights, optimiser, progress and history in one safetensors file, written atomically."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import safetensors
import safetensors.numpy

from vrae_core import safe_files
from vrae_core.corpus import Windows
from vrae_core.errors import ModelFileError
from vrae_core.model_file import LARGEST_FILE, digest, read_metadata
from vrae_core.piano_roll import FloatArray
from vrae_core.recipes import Recipe

FORMAT = "vrae-checkpoint"


@dataclass(frozen=True)
class Checkpoint:
    """Where a run stood: enough to go on as if it had never stopped."""

    weights: Mapping[str, FloatArray]
    optimiser: Mapping[str, FloatArray]  # two moments a weight: "<weight>/<moment>"
    updates: int
    seconds: float  # spent training so far
    seed: int
    retreats: int  # times the learning rate was halved after a collapse
    history: tuple[tuple[float, ...], ...]  # one row an epoch: lower bound, reconstruction, KL
    run: str  # what is trained on what; see `run_fingerprint`


def run_fingerprint(recipe: Recipe, corpus: Windows) -> str:
    """What must be the same for a run to go on: the recipe and every cell of the corpus."""
    settings = json.dumps(asdict(recipe) | {"pitches": corpus.pitches}, sort_keys=True)
    sha = hashlib.sha256(settings.encode())
    for part in corpus.cells():
        sha.update(part)
    return sha.hexdigest()


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint, atomically.  Raises FileError."""
    tensors = {f"weight:{name}": value for name, value in checkpoint.weights.items()}
    tensors |= {f"optimiser:{name}": value for name, value in checkpoint.optimiser.items()}
    state = {
        "updates": checkpoint.updates,
        "seconds": checkpoint.seconds,
        "seed": checkpoint.seed,
        "retreats": checkpoint.retreats,
        "history": checkpoint.history,
        "run": checkpoint.run,
    }
    metadata = {"format": FORMAT, "state": json.dumps(state), "sha256": digest(tensors)}
    safe_files.write_atomically(path, safetensors.numpy.save(tensors, metadata))


def load(path: Path, run: str) -> Checkpoint:
    """Read a checkpoint of the run with this fingerprint.  Raises ModelFileError."""
    data = safe_files.read_bounded(path, 3 * LARGEST_FILE, ModelFileError)
    metadata = read_metadata(path, data)
    if metadata.get("format") != FORMAT:
        raise ModelFileError(path, "is not a checkpoint of a training run")
    try:
        tensors = safetensors.numpy.load(data)
        state = json.loads(metadata["state"])
        if digest(tensors) != metadata["sha256"]:
            raise ModelFileError(path, "is damaged: its weights are not those that were saved")
        checkpoint = Checkpoint(
            weights=_with_prefix(tensors, "weight:"),
            optimiser=_with_prefix(tensors, "optimiser:"),
            updates=int(state["updates"]),
            seconds=float(state["seconds"]),
            seed=int(state["seed"]),
            retreats=int(state["retreats"]),
            history=tuple(tuple(float(x) for x in row) for row in state["history"]),
            run=str(state["run"]),
        )
    except (safetensors.SafetensorError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelFileError(path, f"is damaged: {error}") from error
    if checkpoint.run != run:
        raise ModelFileError(path, "belongs to a run with other songs or another recipe; start anew under another name")
    return checkpoint


def _with_prefix(tensors: Mapping[str, FloatArray], prefix: str) -> dict[str, FloatArray]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
