"""What one can say of a window without knowing its song: how dense, high, thick, quick and bright it is.

Every measure takes windows (n, T, P) bool, the P columns and how many seconds each window lasts, (n,) or one number
for all, or None if a step lasts 50 ms; it gives (n,), NaN where there is nothing to measure.  Drums have onsets, and
neither a register nor a key.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from vrae_core.columns import Part, parts_of, pitches_of
from vrae_core.piano_roll import PITCH_CLASSES, STEP_SECONDS, BoolArray, IntArray

Figures = npt.NDArray[np.float64]
Durations = npt.ArrayLike | None  # seconds

# how well each degree of the scale fits a key (Krumhansl & Kessler 1982, table 2; Krumhansl 1990, p. 30)
MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
MINOR_FROM = 12  # keys are counted from C major upwards, and from here on from C minor
HOME_MAJOR, HOME_MINOR = 0, 9  # C and A: the keys without accidentals


class Attribute(NamedTuple):
    """Something that can be measured of windows, and the words for it."""

    name: str
    less: str  # what a window becomes when it falls
    more: str
    unit: str
    measure: Callable[[BoolArray, Sequence[int], Durations], Figures]


def density(windows: BoolArray, columns: Sequence[int], durations: Durations = None) -> Figures:
    """Notes a second; one that sounds at the first step counts as beginning there."""
    begun = windows[:, 0].sum(axis=1) + (windows[:, 1:] & ~windows[:, :-1]).sum(axis=(1, 2))
    return np.asarray(begun / _seconds(windows, durations), np.float64)


def register(windows: BoolArray, columns: Sequence[int], durations: Durations = None) -> Figures:
    """The mean MIDI pitch of all that sounds."""
    tones, pitches = tonal(windows, columns)
    cells = tones.sum(axis=1).astype(np.float64)
    return _share(cells @ np.asarray(pitches, np.float64), cells.sum(axis=1))


def polyphony(windows: BoolArray, columns: Sequence[int], durations: Durations = None) -> Figures:
    """Pitches that sound at once, of the steps at which any does."""
    at_once = tonal(windows, columns)[0].sum(axis=2)
    return _share(at_once.sum(axis=1), (at_once > 0).sum(axis=1))


def onset_rate(windows: BoolArray, columns: Sequence[int], durations: Durations = None) -> Figures:
    """Moments a second at which something is struck; a chord is one.  What sounds at the first step is no onset."""
    struck = (windows[:, 1:] & ~windows[:, :-1]).any(axis=2)
    later = max(1, struck.shape[1]) / windows.shape[1]  # the share of the window that the first step leaves
    return np.asarray(struck.sum(axis=1) / (later * _seconds(windows, durations)), np.float64)


def majorness(windows: BoolArray, columns: Sequence[int], durations: Durations = None) -> Figures:
    """How much better the best major key fits than the best minor one: a difference of two correlations."""
    fits = key_fits(windows, columns)
    return np.asarray(fits[:, :12].max(axis=1) - fits[:, 12:].max(axis=1))


ATTRIBUTES = (
    Attribute("Density", "sparser", "denser", "notes a second", density),
    Attribute("Register", "lower", "higher", "mean MIDI pitch", register),
    Attribute("Polyphony", "thinner", "thicker", "pitches at once", polyphony),
    Attribute("Onsets", "calmer", "quicker", "onsets/s", onset_rate),
    Attribute("Mode", "more minor", "more major", "lead of major", majorness),
)


def tonal(windows: BoolArray, columns: Sequence[int]) -> tuple[BoolArray, tuple[int, ...]]:
    """The cells (…, Q) that have a pitch, which drums have not, and the pitches of their Q columns."""
    kept = np.flatnonzero(parts_of(columns) != Part.DRUMS)
    cells = windows if len(kept) == len(columns) else windows[..., kept]
    return cells, pitches_of([columns[column] for column in kept.tolist()])


def pitch_class_cells(windows: BoolArray, columns: Sequence[int]) -> Figures:
    """How long each pitch class sounds, in cells, from C upwards: (n, 12)."""
    tones, pitches = tonal(windows, columns)
    return np.asarray(tones.sum(axis=1) @ np.eye(12)[np.asarray(pitches, np.int64) % 12])


def key_fits(windows: BoolArray, columns: Sequence[int]) -> Figures:
    """How well each key fits the pitch classes of each window: (n, 24), 12 major from C upwards, then 12 minor.

    Krumhansl & Schmuckler's algorithm (Krumhansl 1990, chapter 4): the correlation of the key's profile with how
    long each pitch class sounds.  NaN where no class sounds longer than another.
    """
    lasting = pitch_class_cells(windows, columns)
    profiles = np.array([np.roll(profile, tonic) for profile in (MAJOR, MINOR) for tonic in range(12)])
    return np.asarray(_normalised(lasting) @ _normalised(profiles).T)


def keys_of(windows: BoolArray, columns: Sequence[int]) -> IntArray:
    """The key that each window's pitch classes fit best: 0–11 major from C upwards, 12–23 minor.  −1 for silence.

    windows: (n, T, P).
    """
    fits = key_fits(windows, columns)
    return np.where(np.isfinite(fits).all(axis=1), np.nan_to_num(fits).argmax(axis=1), -1).astype(np.int64)


def key_name(key: int) -> str:
    """A key in words, as "A minor"; "" for silence."""
    return f"{PITCH_CLASSES[key % 12]} {'minor' if key >= MINOR_FROM else 'major'}" if key >= 0 else ""


def transposed_key(key: int, semitones: int) -> int:
    """The key so many semitones higher; silence stays silence."""
    return (key + semitones) % 12 + (MINOR_FROM if key >= MINOR_FROM else 0) if key >= 0 else key


def semitones_home(key: int) -> int:
    """The smallest way, in semitones (−6 to 5), from a key to C major or A minor; 0 for silence."""
    if key < 0:
        return 0
    home = HOME_MINOR if key >= MINOR_FROM else HOME_MAJOR
    return (home - key % 12 + 6) % 12 - 6


def _seconds(windows: BoolArray, durations: Durations) -> Figures:
    return np.asarray(windows.shape[1] * STEP_SECONDS if durations is None else durations, np.float64)


def _normalised(rows: Figures) -> Figures:
    """Each row without its mean, of length 1; NaN for one that is the same all over."""
    centred = rows - rows.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.asarray(np.divide(centred, lengths, out=np.full_like(centred, np.nan), where=lengths > 1e-9))


def _share(total: npt.ArrayLike, of: npt.ArrayLike) -> Figures:
    whole = np.asarray(of, np.float64)
    return np.asarray(np.divide(total, whole, out=np.full(len(whole), np.nan), where=whole > 0))
