"""Where a piece that plays on stops being music: it dies out, freezes, or falls into a loop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vrae_core.piano_roll import STEP_SECONDS, BoolArray, IntArray
from vrae_core.reproduction import music

_LONGEST_PERIOD = 4  # windows; a loop is longer than one step and no longer than this
_SAME = 0.9  # frame F1 over a window with the music one period before: a loop, give or take a few cells


@dataclass(frozen=True)
class Ending:
    """Where a medley stops being music, in steps; None where it does not."""

    dies_out: int | None  # silent from here to the end, for a window at least
    freezes: int | None  # from here on the same pitches sound unchanged for two windows at least
    loops: int | None  # from here to the end a pattern is repeated, all but exactly, over two windows at least
    period: int | None  # steps of that pattern
    goes_on_for: int  # until the first of these, or the whole length

    @property
    def text(self) -> str:
        """In a few words."""
        if self.dies_out is None and self.freezes is None and self.loops is None:
            return "goes on to the end"
        when = f"{self.goes_on_for * STEP_SECONDS:.1f} s"
        if self.goes_on_for == self.loops:
            return f"in a loop of {(self.period or 0) * STEP_SECONDS:.2f} s from {when}"
        return f"{'dies out' if self.goes_on_for == self.dies_out else 'freezes'} at {when}"


def ending(roll: BoolArray, window: int) -> Ending:
    """Where a medley (steps, P) dies out, freezes or falls into a loop, for windows of ``window`` steps."""
    steps = len(roll)
    sounding = music.sounding(roll)
    last = steps - int(sounding[::-1].argmax()) if sounding.any() else 0
    dies_out = last if steps - last >= window else None
    freezes = _first_hold(roll, sounding, 2 * window)
    loops, period = _loop(roll, window) if dies_out is None and freezes is None else (None, None)
    ends = [step for step in (dies_out, freezes, loops) if step is not None]
    return Ending(dies_out, freezes, loops, period, min(ends, default=steps))


def _loop(roll: BoolArray, window: int) -> tuple[int, int] | tuple[None, None]:
    """First step and period of the pattern that repeats to the end; the shortest of those that begin about first."""
    steps = len(roll)
    found = []
    for period in range(2, min(_LONGEST_PERIOD * window, steps // 3) + 1):
        now, before = roll[period:], roll[:-period]
        hits, cells = (_over_windows(a, window) for a in (now & before, now.astype(np.int64) + before))
        differs = (2 * hits < _SAME * cells)[::-1]
        begins = len(differs) - int(differs.argmax()) if differs.any() else 0
        if steps - begins >= period + 2 * max(period, window):
            found.append((begins, period))
    if not found:
        return None, None
    earliest = min(found)[0]
    return next(each for each in found if each[0] <= earliest + window)


def _over_windows(cells: BoolArray | IntArray, window: int) -> IntArray:
    """Sums of cells (steps, P) over the window that begins at each step: (steps − window + 1,)."""
    sums = np.concatenate([[0], np.cumsum(cells.sum(axis=1))])
    return np.asarray(sums[window:] - sums[:-window], np.int64)


def _first_hold(roll: BoolArray, sounding: BoolArray, least: int) -> int | None:
    """The first step from which the same pitches sound for ``least`` steps."""
    same = (roll[1:] == roll[:-1]).all(axis=1) & sounding[1:]
    run = 0
    for step, flag in enumerate(same, start=1):
        run = run + 1 if flag else 0
        if run + 1 >= least:
            return step - run
    return None
