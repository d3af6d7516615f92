"""Beats for a song whose file counts none, or none that its notes keep to: found from when the notes begin.

By dynamic programming over the strength of onsets (Ellis 2007, Beat tracking by dynamic programming): beats shall fall
on strong onsets, and be as far apart as they usually are.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from vrae_core.errors import CorpusError
from vrae_core.midi.beats import MOST_CHANGES, Meter, Tempo, TempoMap, Times
from vrae_core.midi.quantising import keeps_to_its_beats
from vrae_core.midi.song import Song
from vrae_core.piano_roll import Notes

_RATE = 100  # frames a second
_WIDTH = 0.02  # seconds, of the bell that each onset becomes
_USUAL, _OCTAVES = 0.6, 1.0  # seconds between beats that are likeliest, and how many octaves off is unlikely
_SLOWEST, _FASTEST = 1.5, 0.25  # seconds between beats
_TIGHTNESS = 100.0  # how much an uneven beat costs, against onsets of strength 1
FEWEST_ONSETS = 8


def with_beats(song: Song, estimate: bool) -> Song:
    """The song with beats that can be counted: its own if its notes keep to them, else estimated ones.

    Raises: CorpusError, in a sentence that names the song, if they are not to be estimated.
    """
    if keeps_to_its_beats(song):
        return song
    if not estimate:
        why = "has no beats in its file" if song.tempo_map is None else "does not keep to the beats of its file"
        raise CorpusError(f"{song.name} {why}, and is left out unless they are estimated")
    return with_estimated_beats(song)


def with_estimated_beats(song: Song) -> Song:
    """The song with beats that were found in its onsets, in bars of four; nobody knows where its bars begin.

    Raises: CorpusError if it has too few onsets to tell.
    """
    heard = Notes.joined(song.notes, song.drums)
    if len(heard) < FEWEST_ONSETS:
        raise CorpusError(f"{song.name} has too few notes to find its beats")
    beats = _beats(_strength(heard.starts, heard.velocities))
    tempo_map = _tempo_map(beats)
    usual = float(np.median([tempo.beats_per_minute for tempo in tempo_map.tempos]))
    meters = (Meter(0.0, 4, 4),)
    return replace(song, tempo_map=tempo_map, meters=meters, beats_per_minute=usual, estimated_beats=True)


def _strength(starts: Times, velocities: np.ndarray) -> Times:
    """(frames,) how much begins, of standard deviation 1."""
    frames = np.zeros(int(starts.max() * _RATE) + 2 * _RATE)
    np.add.at(frames, np.rint(starts * _RATE).astype(np.int64), np.sqrt(velocities / 127))
    reach = np.arange(-0.1, 0.1 + 1 / _RATE, 1 / _RATE)
    smooth: Times = np.convolve(np.sqrt(frames), np.exp(-0.5 * (reach / _WIDTH) ** 2), "same")
    return smooth / max(float(smooth.std()), 1e-9)


def _period(strength: Times) -> float:
    """Frames between two beats, where they are about as far apart as people like them."""
    size = 1 << (2 * len(strength) - 1).bit_length()
    spectrum = np.fft.rfft(strength - strength.mean(), size)
    alike = np.fft.irfft(np.abs(spectrum) ** 2, size)
    lags = np.arange(int(_FASTEST * _RATE), int(_SLOWEST * _RATE))
    likely = np.exp(-0.5 * (np.log2(lags / (_USUAL * _RATE)) / _OCTAVES) ** 2)
    return float(lags[np.argmax(alike[lags] * likely)])


def _beats(strength: Times) -> Times:
    """When the beats are, in seconds."""
    period = _period(strength)
    back = np.arange(-round(2 * period), -round(period / 2) + 1)
    cost = -_TIGHTNESS * np.log(-back / period) ** 2
    first = -int(back[0])
    score = np.concatenate([np.zeros(first), strength])
    before = np.full(len(score), -1)
    for frame in range(first, len(score)):
        reached = cost + score[frame + back[0] : frame + back[-1] + 1]
        best = int(np.argmax(reached))
        if reached[best] > 0:
            score[frame] += reached[best]
            before[frame] = frame + back[best]
    frame = len(score) - 1 - int(np.argmax(score[::-1][: round(2.5 * period)]))
    found = []
    while frame >= first:
        found.append(frame - first)
        frame = int(before[frame])
    return np.array(found[::-1], np.float64) / _RATE


def _tempo_map(beats: Times) -> TempoMap:
    """A tempo for each beat.  The song begins on a beat: the first, or as many before it as there is time for."""
    usual = float(np.median(np.diff(beats))) if len(beats) > 1 else _USUAL
    earlier = round(float(beats[0]) / usual)
    lead_in = np.linspace(0, beats[0], earlier, endpoint=False) if earlier else np.zeros(1)
    times = np.concatenate([lead_in, beats if earlier else beats[1:]])
    stride = -(-len(times) // MOST_CHANGES)
    numbers = np.arange(0, len(times), stride)
    if len(numbers) < 2:
        return TempoMap((Tempo(0.0, 60 / usual),))
    tempos = 60 * np.diff(numbers) / np.diff(times[numbers])
    return TempoMap(tuple(Tempo(float(n), float(tempo)) for n, tempo in zip(numbers, tempos, strict=False)))
