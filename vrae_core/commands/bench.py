"""`vrae bench`: how fast this machine is at what the program does, a benchmark each."""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from itertools import islice
from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from vrae_core.audio.synthesizer import BLOCK, Synthesizer
from vrae_core.bundled import bundled_models
from vrae_core.commands import bench_core, bench_map, bench_train, bench_window
from vrae_core.commands.arguments import add_json, describe, help_format, whole
from vrae_core.commands.inputs import all_windows, open_model, printable, read_songs
from vrae_core.commands.outputs import print_json
from vrae_core.commands.running import run_with_bar
from vrae_core.corpus.cutting import build_corpus
from vrae_core.errors import VraeError
from vrae_core.midi.song import Song
from vrae_core.model.recipes import RECIPES
from vrae_core.model.trained import TrainedModel
from vrae_core.music.pieces import BEGINNING, roll_from_probabilities
from vrae_core.piano_roll import FloatArray
from vrae_core.progress import Progress

_TEXT = """\
Each benchmark prints medians and 95th percentiles in milliseconds, all taken in turns within one run, so that
a machine that is busy with other things slows all of them alike: trust the ratios more than the times.

example:
  vrae bench core
  vrae bench play
  vrae bench map
  vrae bench train
  vrae bench window"""
_PLAY_TEXT = f"""\
What happens between a press on the map and the sound, as the window does it, with the models named or with all
bundled ones. A press is put on a window of the bundled songs; the times count from the press:

  beginning decoded   the first {BEGINNING} steps of z, {BEGINNING * 50 / 1000:g} s of music
  notes handed over   their cells chosen, and the notes of the first step given to FluidSynth's sequencer
  first sample        the notes heard in the samples that FluidSynth renders; a sound device adds its own buffer
  window decoded      the rest of the window behind it, without the rendering

Every press is made twice, alone and beside a training of the recipe {{recipe}} in another thread.

example:
  vrae bench play
  vrae bench play my.safetensors --presses 500 --json"""
_RECIPE = "fast-20d"
_ROUNDS = 5  # how often the training is paused and let go on
_BETWEEN_PRESSES = 0.01  # seconds; a hand is slower, and its presses find the weights out of the cache
_VELOCITY = 90


class PlayFigures(NamedTuple):
    """One line of the table; times in milliseconds."""

    model: str
    until: str
    alone_median: float
    alone_p95: float
    beside_training_median: float
    beside_training_p95: float
    ratio: float  # of the medians


class _Press(NamedTuple):
    """Seconds from a press until each of these."""

    beginning_decoded: float
    notes_handed_over: float
    first_sample: float
    window_decoded: float


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "bench",
        help="measure how fast this machine plays and draws",
        description="Measure how fast this machine is.",
        epilog=_TEXT,
        formatter_class=help_format,
    )
    benchmarks = parser.add_subparsers(title="benchmarks", metavar="BENCHMARK", required=True)
    text = _PLAY_TEXT.format(recipe=_RECIPE)
    play = describe(benchmarks, "play", "how long a press on the map takes to be heard", text, _run_play)
    play.add_argument("models", metavar="MODEL", nargs="*", help="model files or names (default: all bundled models)")
    play.add_argument("--presses", type=whole(_ROUNDS), default=100, metavar="N", help="of each kind (default: 100)")
    add_json(play)
    bench_core.add(benchmarks)
    bench_map.add(benchmarks)
    bench_train.add(benchmarks)
    bench_window.add(benchmarks)


def _run_play(args: argparse.Namespace) -> int:
    names = args.models or sorted(bundled_models(), key=lambda name: (len(name), name))
    models = {name: open_model(name) for name in names}
    rows = run_with_bar(_play(models, read_songs([]), args.presses), "pressing")
    if args.json:
        print_json([row._asdict() for row in rows])
        return 0
    width = max(8, *(len(printable(name)) for name in names))
    print(f"{'':{width}}  {'ms from a press until':21}  alone: median     p95   training: median     p95   ratio")
    for row in rows:
        print(
            f"{printable(row.model):{width}}  {row.until:21}  {row.alone_median:13.2f}  {row.alone_p95:6.2f}"
            f"  {row.beside_training_median:17.2f}  {row.beside_training_p95:6.2f}  {row.ratio:6.2f}"
        )
    return 0


def _play(
    models: dict[str, TrainedModel], songs: Sequence[Song], presses: int
) -> Generator[Progress, None, list[PlayFigures]]:
    """The benchmark as a job: every round presses on every model, alone and beside the training."""
    yield Progress(0, _ROUNDS, "opening songs")
    points = {name: _means(model, songs, presses) for name, model in models.items()}
    taken: dict[tuple[str, bool], list[_Press]] = {(name, beside): [] for name in models for beside in (False, True)}
    with Synthesizer() as synthesizer, _as_the_window_does(), _training(songs) as training_stands:
        for number in range(_ROUNDS):
            for beside in (False, True):
                yield Progress(number, _ROUNDS, "pressing beside a training" if beside else "pressing")
                with nullcontext() if beside else training_stands:
                    for name, model in models.items():
                        for z in points[name][number::_ROUNDS]:
                            time.sleep(_BETWEEN_PRESSES)
                            taken[name, beside].append(_press(model, z, synthesizer))
    return [row for name in models for row in _rows(name, taken[name, False], taken[name, True])]


def _press(model: TrainedModel, z: FloatArray, synthesizer: Synthesizer) -> _Press:
    """What the window does from a press on; see explorer/session/playing/playback.py."""
    pressed = time.perf_counter()
    steps = islice(model.decoding(z[None]), model.config.window)
    beginning = np.concatenate(list(islice(steps, BEGINNING)))
    decoded = time.perf_counter()
    roll = roll_from_probabilities(beginning, model.threshold)
    for column in np.flatnonzero(roll[0]):
        synthesizer.note_on_at(synthesizer.now, 0, model.pitches[column], _VELOCITY)
    handed = time.perf_counter()
    synthesizer.render(2 * BLOCK)  # what is scheduled is heard a block later
    sounded = time.perf_counter()
    for _ in steps:
        pass
    whole = time.perf_counter() - sounded + handed
    synthesizer.all_sounds_off()
    synthesizer.render(BLOCK)
    return _Press(decoded - pressed, handed - pressed, sounded - pressed, whole - pressed)


def _rows(name: str, alone: Sequence[_Press], beside: Sequence[_Press]) -> Iterator[PlayFigures]:
    for until, *times in zip(_Press._fields, zip(*alone, strict=True), zip(*beside, strict=True), strict=True):
        (median, p95), (busy_median, busy_p95) = (np.quantile(np.array(t) * 1000, (0.5, 0.95)).tolist() for t in times)
        yield PlayFigures(name, until.replace("_", " "), median, p95, busy_median, busy_p95, busy_median / median)


def _means(model: TrainedModel, songs: Sequence[Song], count: int) -> FloatArray:
    """The z of windows from all over the songs, (count, J)."""
    corpus = all_windows(songs, model)
    some = np.linspace(0, len(corpus) - 1, count).astype(int)
    return model.encode(corpus.windows(some)).mu


@contextmanager
def _as_the_window_does() -> Iterator[None]:
    """One thread to a product, and the interpreter handed over often (explorer/__main__.py)."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.0005)
    try:
        with threadpool_limits(1):
            yield
    finally:
        sys.setswitchinterval(before)


@contextmanager
def _training(songs: Sequence[Song]) -> Iterator[threading.Lock]:
    """A training in a thread of its own, which stands still while the lock that is yielded is held."""
    from vrae_core.training.train import train  # noqa: PLC0415 - torch takes a second and a half to load

    recipe = RECIPES[_RECIPE]
    corpus = build_corpus(songs, recipe.model.window, recipe.model.hop, grid=recipe.model.grid)
    job = train(corpus, recipe, epochs=10**6)  # it does not end before the presses do
    turn, over = threading.Lock(), threading.Event()

    def work() -> None:
        while not over.is_set():
            with turn:
                next(job)
            time.sleep(0.001)  # or it would have the lock again before anybody else

    next(job)  # the first step loads and allocates
    thread = threading.Thread(target=work, name="training")
    thread.start()
    try:
        yield turn
        if not thread.is_alive():
            raise VraeError("the training beside the presses has failed, so there is nothing to compare with")
    finally:
        over.set()
        thread.join()
        job.close()
