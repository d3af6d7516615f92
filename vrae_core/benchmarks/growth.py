"""How the cost of the main work grows with how much there is of it: three sizes, and the power that fits them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from statistics import median
from time import process_time
from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from vrae_core.bundled import bundled_models
from vrae_core.corpus.cutting import build_corpus
from vrae_core.midi.song import Song, read_song
from vrae_core.model.recipes import RECIPES
from vrae_core.model.trained import TrainedModel
from vrae_core.progress import Progress

_SIZES = (1, 2, 4)  # times as much
_ROUNDS = 3


class Growth(NamedTuple):
    """One line: how much there was each time, the seconds of processor time, and p of seconds ∝ size ** p."""

    what: str
    sizes: tuple[int, ...]
    seconds: tuple[float, ...]
    power: float


def growth(paths: Sequence[str], songs: Sequence[Song]) -> Generator[Progress, None, list[Growth]]:
    """Reading files, opening them as windows, encoding windows, hop 1, and an epoch of training."""
    model = TrainedModel.load(bundled_models()["20d"])
    whole = build_corpus(songs, model.config.window, 1, cap=None, equal_share=False, pitches=model.pitches)

    def encoding(count: int) -> object:
        some = whole.take(np.arange(count))
        return model.encode_cut(some.roll, some.offsets, some.window)

    works: dict[str, tuple[int, Callable[[int], object]]] = {
        "read so many files": (len(paths), lambda count: [read_song(paths[i % len(paths)]) for i in range(count)]),
        "cut so many songs": (
            len(songs),
            lambda count: build_corpus([songs[i % len(songs)] for i in range(count)], 50, 50, cap=None),
        ),
        "encode so many windows, hop 1": (min(1000, len(whole) // _SIZES[-1]), encoding),
        "learn so many windows once": (256, _learning(songs)),
    }
    found = []
    with threadpool_limits(1):
        for number, (what, (least, work)) in enumerate(works.items()):
            yield Progress(number, len(works), what)
            sizes = tuple(least * times for times in _SIZES)
            taken = [[_seconds(work, size) for size in sizes] for _ in range(_ROUNDS)]
            seconds = tuple(median(of_size) for of_size in zip(*taken, strict=True))
            power = float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])
            found.append(Growth(what, sizes, seconds, power))
    return found


def _learning(songs: Sequence[Song]) -> Callable[[int], object]:
    import torch  # noqa: PLC0415 - slow to load

    from vrae_core.training.run import TrainingRun  # noqa: PLC0415

    torch.set_num_threads(1)
    recipe = RECIPES["fast-20d"]
    corpus = build_corpus(songs, recipe.model.window, 5, cap=None, equal_share=False)
    run = TrainingRun.begin(corpus, recipe, 0, None)
    run.last_update = 10**6
    return lambda count: [run.update() for _ in range(count // run.batch)]


def _seconds(work: Callable[[int], object], size: int) -> float:
    begun = process_time()
    work(size)
    return process_time() - begun
