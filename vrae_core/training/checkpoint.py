"""A resumable checkpoint: weights, optimiser, progress and history in one safetensors file, written atomically.

Beside the newest lies the one before, to fall back on should the newest turn out damaged.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
from msgspec import Meta

from vrae_core import safe_files
from vrae_core.corpus.windows import Windows
from vrae_core.errors import ModelFileError
from vrae_core.json_values import Whole, converted, parsed
from vrae_core.model.file import LARGEST_FILE, digest, read_metadata
from vrae_core.model.recipes import Recipe
from vrae_core.piano_roll import FloatArray
from vrae_core.signed_tensors import is_signed, signed_tensors, tensors_of
from vrae_core.training.steering import Steered

FORMAT, VERSION = "vrae-checkpoint", "2"  # 1 had no version, and what `Checkpoint` gives a default
_UNSIGNED_METADATA = frozenset(("format", "version", "state", "sha256"))
_LARGEST = 8  # model files: a state, the sound one before, the best, and room
_EMPTY = np.zeros((0, 1), np.float32)


class GoodState(NamedTuple):
    """A state to go back to after a collapse."""

    weights: Mapping[str, FloatArray]
    optimiser: Mapping[str, FloatArray]
    updates: int


class Best(NamedTuple):
    """The best state so far."""

    bound: float
    weights: Mapping[str, FloatArray]
    about: Mapping[str, str]  # as in the model file


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
    steered: Steered = field(default_factory=Steered)
    epoch: FloatArray = field(default_factory=_EMPTY.copy)  # (updates of this epoch, 1 + J): reconstruction, KL
    sound: GoodState | None = None  # if it is another than this state
    best: Best | None = None


_ADDED_LATER: dict[str, dict[str, Any]] = {  # and what each was before it could be set
    "model": {"steps_per_beat": 0, "parts": False},
    "training": {"other_keys": 0.0, "hybrids": 0.0, "muon_momentum": 0.95},
}


def run_fingerprint(recipe: Recipe, corpus: Windows, held_out: float = 0.0) -> str:
    """What must be the same for a run to go on: the recipe, every cell of the corpus, and what of it is learnt."""
    values = _plain(recipe) | {"pitches": corpus.pitches} | ({"held_out": held_out} if held_out else {})
    sha = hashlib.sha256(json.dumps(values, sort_keys=True).encode())
    for part in corpus.cells():
        sha.update(part)
    return sha.hexdigest()


def _plain(recipe: Recipe) -> dict[str, Any]:
    """The recipe's values, without settings that were added later and change nothing: runs of before go on."""
    values = asdict(recipe)
    for where, before in _ADDED_LATER.items():
        for name, value in before.items():
            if values[where][name] == value:
                del values[where][name]
    return values


def previous_of(path: Path) -> Path:
    """Where the checkpoint before the one at ``path`` lies."""
    return path.with_name(f"{path.stem}.previous{path.suffix}")


def save(path: Path, checkpoint: Checkpoint, *, keep_previous: bool = True) -> None:
    """Write a checkpoint, atomically; the file that was there stays as the previous one.  Raises FileError.

    keep_previous: not if what is there is known to be damaged, for the previous one may be whole.
    """
    tensors = _prefixed("weight:", checkpoint.weights) | _prefixed("optimiser:", checkpoint.optimiser)
    tensors["epoch"] = checkpoint.epoch
    state: dict[str, Any] = {
        "updates": checkpoint.updates,
        "seconds": checkpoint.seconds,
        "seed": checkpoint.seed,
        "retreats": checkpoint.retreats,
        "history": checkpoint.history,
        "run": checkpoint.run,
        "steered": checkpoint.steered[:2],
    }
    if checkpoint.steered.window_weights is not None:
        tensors["window_weights"] = checkpoint.steered.window_weights.astype(np.float32)
    if sound := checkpoint.sound:
        tensors |= _prefixed("sound/weight:", sound.weights) | _prefixed("sound/optimiser:", sound.optimiser)
        state["sound"] = sound.updates
    if best := checkpoint.best:
        tensors |= _prefixed("best/weight:", best.weights)
        state["best"] = (best.bound, dict(best.about))
    metadata = {"format": FORMAT, "version": VERSION, "state": json.dumps(state), "sha256": digest(tensors)}
    data = signed_tensors(tensors, metadata)
    if keep_previous:
        _keep_previous(path)
    safe_files.write_atomically(path, data)


def discard_previous(path: Path) -> None:
    """Throw the checkpoint before the one at ``path`` away, if that one can be read."""
    with suppress(ModelFileError, OSError):
        _read(path)
        previous_of(path).unlink(missing_ok=True)


def load(path: Path, run: str) -> Checkpoint:
    """Read a checkpoint of the run with this fingerprint.  Raises ModelFileError."""
    return _of_run(path, _read(path), run)


def load_newest(path: Path, run: str) -> tuple[Checkpoint, str]:
    """The checkpoint at ``path``, or the one before if that one is damaged or gone, and then a sentence that says so.

    Raises: ModelFileError, about the newest, if neither can be used.
    """
    try:
        newest = _read(path)
    except ModelFileError as damaged:
        with suppress(ModelFileError):
            before = load(previous_of(path), run)
            return before, f"{damaged}; training continues from the checkpoint before it, of update {before.updates:,}"
        raise
    return _of_run(path, newest, run), ""


def is_there(path: Path) -> bool:
    """Whether there is anything to go on from."""
    return path.exists() or previous_of(path).exists()


def _of_run(path: Path, checkpoint: Checkpoint, run: str) -> Checkpoint:
    if checkpoint.run != run:
        raise ModelFileError(path, "belongs to a run with other songs or another recipe; start again with another name")
    return checkpoint


def _read(path: Path) -> Checkpoint:
    data = safe_files.read_bounded(path, _LARGEST * LARGEST_FILE, ModelFileError)
    metadata = read_metadata(path, data)
    if metadata.get("format") != FORMAT:
        raise ModelFileError(path, "is not a checkpoint of a training run")
    if (version := metadata.get("version", "1")) not in ("1", VERSION):
        raise ModelFileError(path, f"is of version {version[:20]}; this program reads up to {VERSION}")
    try:
        tensors = tensors_of(data)
        if digest(tensors) != metadata.get("sha256"):
            raise ModelFileError(path, "is damaged: its weights are not those that were saved")
        is_signed(data, metadata, _UNSIGNED_METADATA)
        return _from_parts(tensors, converted(parsed(metadata.get("state", "")), _State))
    except ValueError as error:
        raise ModelFileError(path, f"is damaged: {error}") from None


@dataclass(frozen=True)
class _State:
    """What a checkpoint says beside its tensors; as JSON."""

    updates: Whole
    seconds: Annotated[float, Meta(ge=0)]
    seed: Whole
    retreats: Whole
    history: tuple[tuple[float, ...], ...]
    run: str
    steered: tuple[float, float] = (1.0, 1.0)
    sound: Whole | None = None
    best: tuple[float, dict[str, Any]] | None = None


def _from_parts(tensors: Mapping[str, FloatArray], state: _State) -> Checkpoint:
    sound, best = None, None
    if state.sound is not None:
        weights, optimiser = (_with_prefix(tensors, f"sound/{kind}:") for kind in ("weight", "optimiser"))
        sound = GoodState(weights, optimiser, state.sound)
    if state.best is not None:
        bound, about = state.best
        best = Best(bound, _with_prefix(tensors, "best/weight:"), {key: str(value) for key, value in about.items()})
    return Checkpoint(
        weights=_with_prefix(tensors, "weight:"),
        optimiser=_with_prefix(tensors, "optimiser:"),
        updates=state.updates,
        seconds=state.seconds,
        seed=state.seed,
        retreats=state.retreats,
        history=state.history,
        run=state.run,
        steered=Steered(*state.steered, tensors.get("window_weights")),
        epoch=tensors.get("epoch", _EMPTY),
        sound=sound,
        best=best,
    )


def _keep_previous(path: Path) -> None:
    """Give the file a second name, so that there is always a checkpoint; move it where files have but one name."""
    if path.is_dir():
        return  # which is nobody's checkpoint: writing there will say so
    link = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        os.link(path, link)
        os.replace(link, previous_of(path))
        with suppress(FileNotFoundError):
            link.unlink()  # replacing a name of a file by another name of it leaves both
    except FileNotFoundError:
        pass  # this is the first
    except OSError:
        with suppress(OSError):
            os.replace(path, previous_of(path))


def _prefixed(prefix: str, arrays: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    return {prefix + name: value for name, value in arrays.items()}


def _with_prefix(tensors: Mapping[str, FloatArray], prefix: str) -> dict[str, FloatArray]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
