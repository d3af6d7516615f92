"""Windows in latent space, and maps of them that take no time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vrae_core.latent import tsne
from vrae_core.latent.map import project
from vrae_core.progress import finish


def songs_like(n: int = 60, latent: int = 5, seed: int = 0) -> np.ndarray:
    """Three strings of windows, each wandering near its own centre."""
    random = np.random.default_rng(seed)
    centres = random.normal(0, 2, (3, latent))
    walks = np.cumsum(random.normal(0, 0.1, (3, n // 3, latent)), axis=1)
    return (centres[:, None] + walks).reshape(-1, latent).astype(np.float32)


@pytest.fixture
def quick_tsne(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tsne, "_EARLY_ITERATIONS", 50)
    monkeypatch.setattr(tsne, "_ITERATIONS", 100)


@pytest.fixture
def draw(tmp_path: Path, quick_tsne: None):  # type: ignore[no-untyped-def]
    return lambda mu, projection, **options: finish(project(mu, projection, cache_folder=tmp_path / "maps", **options))
