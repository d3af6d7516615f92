"""Times and lengths as people write them."""

from __future__ import annotations

import math


def clock(seconds: float, decimals: int = 1) -> str:
    """A time in a piece, or a length: 42.5 → "0:42.5", 3725 → "1:02:05.0".

    seconds: at least 0.  decimals: of a second, 0 or 1; half of one is rounded up.
    """
    parts = 10**decimals
    minutes, rest = divmod(int(seconds * parts + 0.5), 60 * parts)
    hours, minutes = divmod(minutes, 60)
    start = f"{hours}:{minutes:02}" if hours else f"{minutes}"
    return f"{start}:{rest / parts:0{3 + decimals if decimals else 2}.{decimals}f}"


def duration(seconds: float) -> str:
    """How long something lasts, to the second and with its unit: 42.5 → "0:42 min", 3725 → "1:02:05 h"."""
    text = clock(seconds, 0)
    return f"{text} {'h' if text.count(':') == 2 else 'min'}"


def place_in_words(bar: int, beat: float) -> str:
    """A place in a song's bars, both counted from 1: "bar 12" on a bar line, else "bar 12, beat 3"."""
    return f"bar {bar}" if beat == 1 else f"bar {bar}, beat {beat:g}"


def bars_in_words(beats: float, meter: tuple[int, int]) -> str:
    """So many quarter notes in bars of a meter, as 3 and 8 for 3/8: "1 bar", "2 bars", or "3 beats" if not whole.

    A meter of 0 beats has no bars.
    """
    numerator, denominator = meter
    counted = beats * denominator / 4
    bars = counted / numerator if numerator else 0.5
    count, unit = (bars, "bar") if bars == int(bars) else (round(counted, 1), "beat")
    return f"{count:g} {unit}" if count == 1 else f"{count:g} {unit}s"


def seconds_left(seconds: float, done: float) -> float:
    """What is left of work of which a share ``done`` took so many seconds; NaN before anything is done."""
    return seconds / done - seconds if done > 0 else math.nan
