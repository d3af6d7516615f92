"""What is compared: the program's main work against what people would use otherwise."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Sequence
from functools import partial
from typing import Any

import numpy as np

from vrae_core.benchmarks.in_turns import Compared, Work, compared
from vrae_core.benchmarks.midi_readers import by_pretty_midi, by_symusic
from vrae_core.benchmarks.needed import needed
from vrae_core.bundled import bundled_models
from vrae_core.corpus.cutting import build_corpus
from vrae_core.latent import tsne
from vrae_core.midi.song import Song, read_song
from vrae_core.model.recipes import RECIPES
from vrae_core.model.trained import TrainedModel
from vrae_core.progress import Progress, finish

Rows = Generator[Progress, None, list[Compared]]
_SIDE = 1024  # of the matrices of sgemm
_AT_ONCE = 256
_ENCODED = 4000  # windows
_DECODED = {1: 20, 64: 2, 512: 1}  # z, and how often in a turn
_STEPS = 50
_DRAWN = 1500


def update(recipe_name: str, songs: Sequence[Song], rounds: int) -> Rows:
    """One update of a recipe, against a plain loop of the same layers, and against as many operations of sgemm."""
    import torch  # noqa: PLC0415 - slow to load

    from vrae_core.benchmarks.flops import flops_of_update  # noqa: PLC0415
    from vrae_core.benchmarks.plain_torch import PlainTraining  # noqa: PLC0415
    from vrae_core.training.run import TrainingRun  # noqa: PLC0415

    torch.set_num_threads(1)
    recipe = RECIPES[recipe_name]
    corpus = build_corpus(
        songs, recipe.model.window, recipe.model.hop, cap=None, equal_share=False, grid=recipe.model.grid
    )
    run = TrainingRun.begin(corpus, recipe, 0, None)
    run.last_update = 10**6
    plain = PlainTraining(recipe.model, len(corpus.pitches), recipe.training.clip)
    x = corpus.windows(np.arange(run.batch)).astype(np.float32)
    left, right = torch.rand(_SIDE, _SIDE), torch.rand(_SIDE, _SIDE)
    products = round(flops_of_update(recipe, len(corpus.pitches), run.batch) / (2 * _SIDE**3))

    def sgemm() -> None:
        for _ in range(products):
            torch.mm(left, right)

    against: dict[str, Work] = {
        "plain PyTorch loop, Adam": partial(plain.update, x),
        "its products by float32 sgemm": sgemm,
    }
    return (yield from compared(f"update of {recipe_name}", rounds, run.update, against))


def encode(songs: Sequence[Song], rounds: int) -> Rows:
    """Every window, hop 1."""
    import torch  # noqa: PLC0415

    from vrae_core.benchmarks.plain_torch import PlainVrae  # noqa: PLC0415

    torch.set_num_threads(1)
    model = _model()
    corpus = build_corpus(songs, model.config.window, 1, cap=None, equal_share=False, pitches=model.pitches)
    corpus = corpus.take(np.arange(min(_ENCODED, len(corpus))))
    plain = PlainVrae(model.config, len(model.pitches))

    def by_layers() -> None:
        with torch.inference_mode():
            for first in range(0, len(corpus), _AT_ONCE):
                plain.encode(torch.from_numpy(corpus.windows(slice(first, first + _AT_ONCE))).float())

    ours = partial(model.encode_cut, corpus.roll, corpus.offsets, corpus.window)
    return (
        yield from compared(f"encode {len(corpus):,} windows, hop 1", rounds, ours, {"nn.GRU over windows": by_layers})
    )


def decode(rounds: int) -> Rows:
    """Some z, 50 steps each."""
    import torch  # noqa: PLC0415

    from vrae_core.benchmarks.plain_torch import PlainVrae  # noqa: PLC0415

    torch.set_num_threads(1)
    model = _model()
    plain = PlainVrae(model.config, len(model.pitches))
    rows = []
    for count, times in _DECODED.items():
        z = np.random.default_rng(0).standard_normal((count, model.config.latent)).astype(np.float32)

        def ours(z: Any = z, times: int = times) -> None:
            for _ in range(times):
                model.decode(z, _STEPS)

        def by_cells(z: Any = z, times: int = times) -> None:
            with torch.inference_mode():
                for _ in range(times):
                    torch.sigmoid(plain.decode(torch.from_numpy(z), _STEPS))

        what = f"decode {count} z, {times} times" if times > 1 else f"decode {count} z"
        rows += yield from compared(what, rounds, ours, {"GRUCell, inference mode": by_cells})
    return rows


def read(paths: Sequence[str], rounds: int) -> Rows:
    """MIDI files to rolls."""
    others = {
        "pretty_midi, with a loop": partial(by_pretty_midi, paths),
        "symusic, with a loop": partial(by_symusic, paths),
    }
    needed("symusic")
    return (
        yield from compared(f"read {len(paths)} MIDI files", rounds, lambda: [read_song(p).roll for p in paths], others)
    )


def draw(rounds: int) -> Rows:
    """t-SNE of 1,500 points of 20 dimensions, in clouds."""
    manifold = needed("sklearn.manifold")
    source = np.random.default_rng(0)
    mu = (
        source.standard_normal((10, 20))[source.integers(0, 10, _DRAWN)] * 2 + source.standard_normal((_DRAWN, 20))
    ).astype(np.float32)
    start = 1e-4 * (mu[:, :2] / mu[:, 0].std()).astype(np.float64)

    def ours() -> None:
        with contextlib.suppress(StopIteration):
            finish(tsne.fit(mu, start, tsne.TSNE_SEED, tsne.PERPLEXITY))

    by_sklearn = partial(lambda: manifold.TSNE(n_jobs=1, random_state=0).fit_transform(mu))
    return (yield from compared(f"t-SNE {_DRAWN:,} × 20", max(1, rounds // 2), ours, {"scikit-learn": by_sklearn}))


def _model() -> TrainedModel:
    return TrainedModel.load(bundled_models()["20d"])
