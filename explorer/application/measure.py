"""What opening songs and switching models cost: what `vrae bench window` runs as a process of its own.

Usage: python -m explorer.application.measure SONGS MODELS, two files that name one a line.  It writes a line of JSON
for the songs opened with the first of the models, then for every other, for the first, and for each of these again.
"""

from __future__ import annotations

import gc
import json
import resource
import sys
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QTimer

from explorer.application.run import run
from explorer.main_window import MainWindow
from explorer.qt.background import jobs_running
from explorer.session.songs.atlas import Atlas

TICK_MS = 5
SECONDS_TO_LET_GO = 5.0  # at most, once no job runs that may be in the midst of something
SECONDS_BETWEEN_LOOKS = 0.5  # whether it is let go: to look for it keeps all threads waiting
Row = dict[str, object]


class Stopwatch:
    """Seconds since it was made, by the clock and of the processor; the longest work of the thread between ticks."""

    def __init__(self) -> None:
        self._began, self._spent = time.perf_counter(), time.process_time()
        self._worked = time.thread_time()
        self.longest = 0.0

    def tick(self) -> None:
        """The window's loop has come round."""
        now = time.thread_time()
        self.longest, self._worked = max(self.longest, now - self._worked), now

    @property
    def taken(self) -> float:
        return time.perf_counter() - self._began

    @property
    def spent(self) -> float:
        return time.process_time() - self._spent


class Measuring:
    """Goes through the measurements while the window lives; ``go_on`` is called whenever its loop has come round."""

    def __init__(self, window: MainWindow, songs: Sequence[Path], models: Sequence[Path]) -> None:
        self._library = window.session.library
        self._watch = Stopwatch()
        self._rows = self._all(songs, models)

    def go_on(self) -> Row | None:
        """A figure that has become known, or None.  Raises: StopIteration after the last."""
        self._watch.tick()
        return next(self._rows)

    def _all(self, songs: Sequence[Path], models: Sequence[Path]) -> Iterator[Row | None]:
        yield from self._made()
        yield from self._measured("open songs", partial(self._library.open, None, songs))
        in_turn = (*models[1:], models[0])
        for again in ("", " again"):
            for path in in_turn:
                name = path.stem.split("-")[-1]
                yield from self._measured(f"switch to {name}{again}", partial(self._library.open, path))

    def _measured(self, what: str, do: Callable[[], object]) -> Iterator[Row | None]:
        """Do something and tell what it cost until its dots are shown; a t-SNE map that comes then is not awaited."""
        library, shown = self._library, list[float]()
        assert library.atlas is not None
        before = weakref.ref(library.atlas)
        watch = self._watch = Stopwatch()
        told = library.atlas_changed.connect(lambda: shown.append(watch.taken))
        do()
        yield None
        yield from self._made()
        taken, spent, longest = watch.taken, watch.spent, watch.longest
        library.atlas_changed.disconnect(told)
        while (held := self._is_held(before)) and (jobs_running() or watch.taken < taken + SECONDS_TO_LET_GO):
            looked = watch.taken
            while watch.taken < looked + SECONDS_BETWEEN_LOOKS:
                yield None
        yield {
            "what": what,
            "dots": len(library.atlas.corpus),
            "first": shown[0] if shown else taken,
            "all": taken,
            "cpu": spent,
            "waits": 1000 * longest,
            "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "held": held,
        }

    def _made(self) -> Iterator[None]:
        while self._library.atlas is None or self._library.busy:
            yield

    def _is_held(self, atlas: weakref.ref[Atlas]) -> bool:
        """Whether an atlas that is shown no more is still there."""
        if atlas() is not None:
            gc.collect()
        return atlas() not in (None, self._library.atlas)


def main(*listed: str) -> int:
    """Run the application with the songs and the models that two files name."""
    songs, models = ([Path(line) for line in Path(file).read_text("utf-8").splitlines()] for file in listed)
    timer = QTimer(interval=TICK_MS)

    def begin(window: MainWindow) -> None:
        measuring = Measuring(window, songs, models)

        def go_on() -> None:
            try:
                row = measuring.go_on()
            except StopIteration:
                timer.stop()
                window.close_unasked()
            else:
                if row is not None:
                    print(json.dumps(row), flush=True)

        timer.timeout.connect(go_on)
        timer.start()

    return run(sys.argv[0], models[:1], begin)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
