"""The map played in a real window beside a training, and what was heard of it.

A machine that starves every process leaves gaps in any sound, which lengthen the time between two onsets and the rests.
So of what is played several times the best take must be clean, while a note that comes early is a fault in any take;
and a fault of ours, such as a device served from the window's thread, spoils them all.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sound_server import RATE, SoundServer
from test_real_window import environment

DRIVER = Path(__file__).with_name("play_the_map.py")
STEP_MS = 50
LARGEST_GAP_MS, LARGEST_JITTER_MS = 20, 5
RINGS_OUT = 1.0  # seconds after a stop, and its way to the ear
STARVED_MS = 250  # of silence, beyond the music's own, that a machine may cause in a long drag
PATIENCE_SECONDS = 400


class Told(NamedTuple):
    what: str
    at: float
    more: dict[str, Any]


class Heard:
    """The recording, and what the player said about it."""

    def __init__(self, times: np.ndarray, samples: np.ndarray, lines: list[str]) -> None:
        self._times, self._samples = times, np.abs(samples)
        parsed = [json.loads(line) for line in lines]
        self.told = [Told(line.pop("what"), line.pop("at"), line) for line in parsed]
        self.peak = self._samples.max()

    def between(self, start: float, end: float) -> np.ndarray:
        first, last = np.searchsorted(self._times, (start, end))
        return self._samples[first:last]

    def each(self, what: str) -> list[tuple[Told, Told, Told]]:
        """Where something began, the line before that, and the line after."""
        lines = self.told
        return [(lines[i], lines[i - 1], lines[i + 1]) for i in range(len(lines)) if lines[i].what == what]


def test_the_map_is_played_beside_a_training_and_heard_as_it_was_given(
    screen: str, sound_server: SoundServer, tmp_path: Path
) -> None:
    heard = play(screen, sound_server, tmp_path)
    rests_are_the_musics_own(heard)
    a_held_note_has_no_gap(heard)
    a_path_is_heard_at_its_times(heard)
    silence_follows_every_stop(heard)


def play(screen: str, server: SoundServer, folder: Path) -> Heard:
    """Go through the story, and record it."""
    listener = server.listen()
    run = subprocess.run(
        [sys.executable, str(DRIVER)], env=environment(screen, folder) | server.own,
        capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False,
    )  # fmt: skip
    times, samples = listener.stop()
    assert run.returncode == 0, run.stdout + run.stderr
    return Heard(times, samples, run.stdout.splitlines())


def rests_are_the_musics_own(heard: Heard) -> None:
    """From the click to the end of the drag there is sound, but where no note was given."""
    [(click, _, drag)] = heard.each("click")
    [(end, _, _)] = heard.each("drag ends")
    sound = heard.between(click.at, end.at)
    longest = silences_ms(sound, sound.max() / 30).max(initial=0)
    print(
        f"drag of {end.at - drag.at:.0f} s: longest rest {rests_ms(end.more['given']):.0f} ms, heard {longest:.0f} ms"
    )
    assert sound.max() > 100
    assert end.more["places"] > 50, "a drag that changed no music shows nothing"
    assert longest <= rests_ms(end.more["given"]) + STARVED_MS


def a_held_note_has_no_gap(heard: Heard) -> None:
    gaps = [silences_ms(heard.between(hold.at, end.at), 1).max(initial=0) for hold, _, end in heard.each("hold")]
    print("longest gap in each held note, ms:", np.round(gaps, 1))
    assert min(gaps) <= LARGEST_GAP_MS


def a_path_is_heard_at_its_times(heard: Heard) -> None:
    """In the best of its takes: in another the machine may have been busy, or one onset have hidden the next."""
    takes = []
    for path, before, end in heard.each("path"):
        expected = begun_steps(path.more["roll"]) * STEP_MS
        off = deviations_ms(expected, onsets_ms(heard.between(before.at, end.at)))
        print(
            f"path: {len(off)} of {len(expected) - 1} intervals, p5 and p95 {np.quantile(off, (0.05, 0.95)).round(1)}"
        )
        if len(off) > 0.75 * len(expected):
            takes.append(off)
    best = min(takes, key=lambda off: np.quantile(np.abs(off), 0.95))
    assert np.quantile(np.abs(best), 0.95) <= LARGEST_JITTER_MS, best.round(1)
    assert np.quantile(best, 0.25) >= -2, best.round(1)


def silence_follows_every_stop(heard: Heard) -> None:
    for silence, _, end in heard.each("silence"):
        after = heard.between(silence.at + RINGS_OUT, end.at)
        assert len(after) > RATE // 4
        assert after.max() < heard.peak / 100


def silences_ms(sound: np.ndarray, level: float) -> np.ndarray:
    """How long each silence between two louder samples is."""
    lasts = np.diff(np.flatnonzero(sound > level))
    return lasts[lasts > 0.001 * RATE] * 1000 / RATE


def rests_ms(given: list[tuple[int, int]]) -> float:
    """The longest time in which no note sounds, from what the synthesizer was given."""
    longest, sounding, silent_since = 0, 0, None
    for sample, change in given:
        if sounding == 0 and change > 0 and silent_since is not None:
            longest = max(longest, sample - silent_since)
        sounding = max(sounding + change, 0)
        silent_since = sample if sounding == 0 else None
    return longest * 1000 / RATE


def begun_steps(roll: list[list[int]]) -> np.ndarray:
    """The steps in which a note begins."""
    cells = np.array(roll, bool)
    return np.flatnonzero((cells & ~np.pad(cells, ((1, 0), (0, 0)))[:-1]).any(axis=1))


def onsets_ms(sound: np.ndarray) -> np.ndarray:
    """When the sound, in bins of about 1 ms, rises far above what it was in the 8 ms before."""
    width = RATE // 1000
    loud = sound[: len(sound) // width * width].reshape(-1, width).max(axis=1)
    onsets = [-STEP_MS]
    for at in np.flatnonzero(loud > loud.max() / 20):
        if loud[at] > 2.5 * loud[max(at - 8, 0) : at].max(initial=0) and at > onsets[-1] + 0.6 * STEP_MS:
            onsets.append(int(at))
    return np.array(onsets[1:]) * width * 1000 / RATE


def deviations_ms(expected: np.ndarray, heard: np.ndarray) -> np.ndarray:
    """By how much the intervals between onsets are too long; an onset hidden in a louder one's ringing is left out.

    The onsets are followed one by one, so that a gap in the sound is met once and not in all that comes after it.
    """
    found, late = [], heard[0] - expected[0]
    for at in expected:
        nearest = heard[np.abs(heard - at - late).argmin()]
        if abs(nearest - at - late) < STEP_MS / 2:
            found.append((at, nearest))
            late = nearest - at
    meant, came = np.diff(found, axis=0).T
    return came - meant
