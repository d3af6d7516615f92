"""The sound of some windows, a short MP3 each: the one format that every browser plays."""

from __future__ import annotations

from collections.abc import Generator
from io import BytesIO

import numpy as np

from vrae_core.audio.synthesizer import render_notes
from vrae_core.errors import SoundError
from vrae_core.midi.export import Track
from vrae_core.piano_roll import FloatArray, IntArray
from vrae_core.progress import Progress

USUAL_CLIPS = 240  # a clip of 2.5 s takes 29 kB of the page: some 7 MB together
MOST_CLIPS = 5000
CLIP_RATE = 22_050  # frames a second
_TAIL = 0.5  # seconds for the last notes to die away
_COMPRESSION = 0.7  # 56 kbit/s; beyond it LAME leaves out what a player needs to know of its padding


def spread_out(points: FloatArray, count: int) -> Generator[Progress, None, IntArray]:
    """At most ``count`` of the points (N, 2), such that none of the others is far from one of them.

    The farthest point from all that are chosen is chosen next (Gonzalez 1985: no choice has less than half its
    greatest gap), so small groups are not forgotten.  In the order they were chosen.
    """
    if len(points) <= count:
        return np.arange(len(points))
    away = np.full(len(points), np.inf)
    farthest = int(np.square(points - np.median(points, axis=0)).sum(axis=1).argmin())
    chosen: list[int] = []
    while len(chosen) < count and away[farthest] > 0:
        yield Progress(len(chosen), count, "choosing what to hear")
        chosen.append(farthest)
        np.minimum(away, np.square(points - points[farthest]).sum(axis=1), out=away)
        farthest = int(away.argmax())
    return np.array(chosen, np.int64)


def clip(tracks: list[Track], seconds: float) -> Generator[Progress, None, bytes]:
    """Tracks as an MP3 file, mono, half a second longer than the ``seconds`` that the window lasts.

    Raises: SoundError without FluidSynth, libsndfile, or its MP3.
    """
    rendered = yield from render_notes(tracks, _TAIL, CLIP_RATE)
    sound = np.zeros(round((seconds + _TAIL) * CLIP_RATE))
    sound[: len(rendered)] = rendered.mean(axis=1)[: len(sound)] / 32768
    file = BytesIO()
    try:
        import soundfile  # noqa: PLC0415  (late, for it needs its library)

        with soundfile.SoundFile(
            file, "w", CLIP_RATE, 1, "MPEG_LAYER_III",
            format="MP3", compression_level=_COMPRESSION, bitrate_mode="CONSTANT",
        ) as writer:  # fmt: skip
            writer.write(sound)
    except (ImportError, OSError, ValueError, TypeError) as problem:
        raise SoundError("libsndfile 1.2 with MP3 is not installed, which makes the page's clips") from problem
    except soundfile.SoundFileError as problem:
        raise SoundError(f"libsndfile cannot write MP3: {problem}") from problem
    return file.getvalue()
