"""The shareable model file: safetensors, with everything else as JSON strings in its metadata; never pickle."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from msgspec import Meta

from vrae_core import safe_files
from vrae_core.errors import ModelFileError
from vrae_core.json_values import converted, parsed, refuse_unknown
from vrae_core.model.recipes import GATES, ModelConfig
from vrae_core.piano_roll import FloatArray
from vrae_core.signed_tensors import is_signed, signed_tensors, tensors_of

FORMAT, VERSION = "vrae-model", "1"
LARGEST_FILE = 256 << 20  # bytes; a 500-unit model has 5 MB

_UNSIGNED_METADATA = frozenset(("format", "version", "config", "pitches", "threshold", "about", "sha256"))

Contents = tuple[ModelConfig, tuple[int, ...], dict[str, FloatArray], float, dict[str, str], bool]


def weight_shapes(config: ModelConfig, pitches: int) -> dict[str, tuple[int, ...]]:
    """The shape of every weight, by name, for P ``pitches``.

    H and He are the decoder's and the encoder's units, each times G, the gates of the cell; K is what the
    decoder hears of z: J numbers, or as many as there are context units.
    """
    gates, latent, hidden, encoder = GATES[config.cell], config.latent, config.hidden, config.encoder_hidden
    context = config.context
    heard = context or latent
    state = hidden * (2 if config.cell == "lstm" else 1)  # an LSTM starts from h and c
    shapes: dict[str, tuple[int, ...]] = {
        "encoder.input": (gates * encoder, pitches),
        "encoder.recurrent": (gates * encoder, encoder),
        "encoder.bias": (gates * encoder,),
        "mean.weight": (latent, encoder),
        "mean.bias": (latent,),
        "log_sigma.weight": (latent, encoder),
        "log_sigma.bias": (latent,),
        "start.weight": (state, heard),
        "start.bias": (state,),
        "decoder.input": (gates * hidden, pitches),
        "decoder.recurrent": (gates * hidden, hidden),
        "decoder.bias": (gates * hidden,),
        "output.weight": (pitches, hidden),
        "output.bias": (pitches,),
    }
    if context:
        shapes |= {"context.1.weight": (context, latent), "context.1.bias": (context,)}
        shapes |= {"context.2.weight": (context, context), "context.2.bias": (context,)}
    if config.z_every_step:
        shapes["decoder.latent"] = (gates * hidden, heard)
    return shapes


def digest(weights: Mapping[str, FloatArray]) -> str:
    """SHA-256 over the names and bytes of all weights, in the order of their names."""
    sha = hashlib.sha256()
    for name in sorted(weights):
        sha.update(name.encode())
        sha.update(np.ascontiguousarray(weights[name], "<f4").tobytes())
    return sha.hexdigest()


def write(
    path: Path | str,
    config: ModelConfig,
    pitches: tuple[int, ...],
    weights: Mapping[str, FloatArray],
    threshold: float,
    about: Mapping[str, str],
) -> None:
    """Write a model file, atomically.  Raises FileError."""
    metadata = {
        "format": FORMAT,
        "version": VERSION,
        "config": json.dumps(asdict(config)),
        "pitches": json.dumps(pitches),
        "threshold": repr(float(threshold)),
        "about": json.dumps(dict(about)),  # ASCII: a file's name need not be UTF-8, and safetensors must be
        "sha256": digest(weights),
    }
    tensors = {name: np.ascontiguousarray(weight, np.float32) for name, weight in weights.items()}
    safe_files.write_atomically(path, signed_tensors(tensors, metadata))


def read(path: Path | str) -> Contents:
    """Read and check a model file: what `TrainedModel` holds, and at last whether the file is signed whole.

    Raises: ModelFileError, with the reason, for whatever is not one.
    """
    data = safe_files.read_bounded(path, LARGEST_FILE, ModelFileError)
    metadata = read_metadata(path, data)
    if metadata.get("format") != FORMAT:
        raise ModelFileError(path, "is a safetensors file, but not a VRAE model")
    if metadata.get("version") != VERSION:
        raise ModelFileError(
            path, f"is a model of version {str(metadata.get('version'))[:20]}; this program reads version {VERSION}"
        )
    try:
        settings = _settings(metadata)
    except ValueError as error:
        raise ModelFileError(path, f"has damaged settings: {error}") from None
    weights = _checked_weights(path, data, weight_shapes(settings.config, len(settings.pitches)))
    if digest(weights) != metadata.get("sha256"):
        raise ModelFileError(path, "is damaged: its weights are not those that were saved")
    about = {key: str(value) for key, value in settings.about.items()}
    try:
        signed = is_signed(data, metadata, _UNSIGNED_METADATA)
    except ValueError as error:
        raise ModelFileError(path, f"is damaged: {error}") from None
    return settings.config, settings.pitches, weights, settings.threshold, about, signed


def read_digest(path: Path | str) -> str:
    """The digest that a model file says its weights have.  Raises ModelFileError."""
    return read_metadata(path, safe_files.read_bounded(path, LARGEST_FILE, ModelFileError)).get("sha256", "")


def read_metadata(path: str | os.PathLike[str], data: bytes) -> dict[str, str]:
    """The metadata of safetensors bytes.  Raises ModelFileError if they are none."""
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > len(data) - 8:
        raise ModelFileError(path, "is not a model file (no safetensors header)")
    try:
        header = converted(parsed(data[8 : 8 + length]), dict[str, Any])
        return converted(header.get("__metadata__", {}), dict[str, str])
    except ValueError:
        raise ModelFileError(path, "is not a model file (no safetensors header)") from None


@dataclass(frozen=True)
class _Settings:
    """What a model file says as JSON; a setting of its config that is not there is from before it existed."""

    config: ModelConfig
    pitches: tuple[int, ...]
    threshold: Annotated[float, Meta(gt=0, lt=1)]
    about: dict[str, Any]


def _settings(metadata: Mapping[str, str]) -> _Settings:
    """Raises: ValueError."""
    values: dict[str, Any] = {}
    for name in _Settings.__dataclass_fields__.keys() & metadata.keys():
        try:
            values[name] = parsed(metadata[name])
        except ValueError:
            raise ValueError(f"{name} is not JSON") from None
    settings = converted(values, _Settings)
    refuse_unknown(values["config"], ModelConfig)
    if not settings.pitches or not set(settings.pitches) <= set(settings.config.grid.columns):
        raise ValueError("the pitches are not piano keys" + (" or drums" if settings.config.parts else ""))
    if list(settings.pitches) != sorted(set(settings.pitches)):
        raise ValueError("the pitches are not in order")
    return settings


def _checked_weights(path: Path | str, data: bytes, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, FloatArray]:
    try:
        weights = tensors_of(data)
    except ValueError as error:
        raise ModelFileError(path, f"is damaged: {error}") from None
    if {name: weight.shape for name, weight in weights.items()} != dict(shapes):
        raise ModelFileError(path, "is damaged: its weights do not fit its settings")
    for name, weight in weights.items():
        if weight.dtype != np.float32 or not np.isfinite(weight).all():
            raise ModelFileError(path, f"is damaged: {name} holds something other than finite float32 numbers")
    return weights
