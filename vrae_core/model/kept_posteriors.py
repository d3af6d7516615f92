"""Posteriors kept for next time: to encode many windows takes minutes, to read what came of it milliseconds."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

import numpy as np
import numpy.typing as npt
import safetensors.numpy

from vrae_core.corpus.windows import Corpus
from vrae_core.errors import FileError
from vrae_core.model.trained import Posterior, TrainedModel
from vrae_core.piano_roll import FloatArray
from vrae_core.safe_files import read_bounded, write_atomically

MOST_KEPT = 256 << 20  # bytes; the newest stay
_FEWEST = 256  # windows that are worth a file


def posterior_file(folder: Path, model: TrainedModel, corpus: Corpus) -> Path:
    """Where the posterior of these windows by this model is kept, by what both hold, not by their names."""
    key = hashlib.sha256(f"{model.config} {model.pitches} {corpus.pitches} {corpus.window} {model.digest}".encode())
    for part in corpus.cells():
        key.update(part)
    return folder / f"{key.hexdigest()}.safetensors"


def load_posterior(path: Path, windows: int, latent: int) -> Posterior | None:
    """μ and σ as they were kept; None if there is no such file or it is not as it was written."""
    try:
        stored = safetensors.numpy.load(read_bounded(path, 8 * windows * latent + 4096))
        mu, sigma, digest = stored["mu"], stored["sigma"], stored["sha256"].tobytes()
    except (FileError, safetensors.SafetensorError, KeyError, ValueError):
        return None
    intact = mu.shape == sigma.shape == (windows, latent) and mu.dtype == sigma.dtype == np.float32
    return Posterior(mu, sigma) if intact and digest == _digest(mu, sigma).tobytes() else None


def keep_posterior(path: Path, posterior: Posterior) -> None:
    """Keep a posterior for next time, unless few windows have it; a full or read-only disk costs only the next wait."""
    mu, sigma = (np.ascontiguousarray(each, np.float32) for each in posterior)
    if len(mu) < _FEWEST or mu.nbytes + sigma.nbytes > MOST_KEPT:
        return
    with suppress(OSError, FileError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, safetensors.numpy.save({"mu": mu, "sigma": sigma, "sha256": _digest(mu, sigma)}))
        files = sorted(path.parent.glob("*.safetensors"), key=lambda file: file.stat().st_mtime, reverse=True)
        for old, until in zip(files, np.cumsum([file.stat().st_size for file in files]).tolist(), strict=True):
            if until > MOST_KEPT:
                old.unlink(missing_ok=True)


def _digest(mu: FloatArray, sigma: FloatArray) -> npt.NDArray[np.uint8]:
    return np.frombuffer(hashlib.sha256(mu.tobytes() + sigma.tobytes()).digest(), np.uint8)
