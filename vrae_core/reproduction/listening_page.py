"""Paths between two songs to listen to: the sound, the notes and the rolls of each, and a page that has them all."""

from __future__ import annotations

import html
from collections.abc import Generator
from pathlib import Path

import numpy as np

from vrae_core.audio.file import writing_sound
from vrae_core.corpus.windows import Corpus
from vrae_core.errors import SoundError
from vrae_core.latent.path import LatentPath, Manner, prepared, timing, usual_rate
from vrae_core.midi.export import USUAL_TEMPO, write_midi
from vrae_core.model.trained import TrainedModel
from vrae_core.music.piece_time import PieceTime
from vrae_core.music.pieces import morphing
from vrae_core.music.score import make_score
from vrae_core.music.sound import usual_sound
from vrae_core.piano_roll import FloatArray, IntArray
from vrae_core.pictures.path import StripRoll, save_path_strip
from vrae_core.progress import Progress
from vrae_core.reproduction.path_chart import End
from vrae_core.safe_files import write_atomically

PAGE = "paths.html"
WINDOWS = 4  # on the way; one of each end is heard before and after
_ROLLS = 7

_TEMPLATE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }}
section {{ margin: 2.5rem 0; }}
h2 {{ font-size: 1.1rem; }}
img {{ width: 100%; background: #fff; border-radius: 6px; }}
audio {{ width: 100%; margin: .5rem 0; }}
</style>
</head>
<body>
<h1>{title}</h1>
<p>{text}</p>
{sections}
</body>
</html>
"""
_SECTION = """<section>
<h2>{heading}</h2>
{audio}<img src="{stem}.png" alt="Rolls on the way: {heading}" loading="lazy">
<p><a href="{stem}.mid">MIDI file</a></p>
</section>
"""


def write_listening_page(
    folder: Path, model: TrainedModel, corpus: Corpus, mu: FloatArray, pairs: IntArray
) -> Generator[Progress, None, str]:
    """Write a page of the ways between pairs of windows, (n, 2), as the instrument plays them; returns what is missing.

    mu: (N, J).  Without FluidSynth there are the MIDI files alone.  Raises: FileError.
    """
    sections, silent = [], ""
    for number, (start, end) in enumerate(pairs.tolist()):
        yield Progress(number, len(pairs), "playing the ways")
        stem, ends = f"path-{number + 1:02}", (End.of(corpus, start), End.of(corpus, end))
        heading = f"{ends[0].text} → {ends[1].text}"
        zs = yield from _heard_on_the_way(model, mu[[start, end]])
        tempos = np.full(len(zs), USUAL_TEMPO, np.float32)
        if model.config.steps_per_beat:
            tempos = np.linspace(corpus.tempos()[start], corpus.tempos()[end], len(zs), dtype=np.float32)
        problem = yield from _write_piece(folder / stem, model, zs, tempos)
        silent = silent or problem
        _draw(folder / f"{stem}.png", model, zs, ends, heading)
        audio = "" if problem else f'<audio controls preload="none" src="{stem}.wav"></audio>\n'
        sections.append(_SECTION.format(heading=html.escape(heading), audio=audio, stem=stem))
    text = (
        "Each begins with a window of one song, goes over to a window of another, and ends with that. Is there music "
        "on the way, and does it have something of both?"
    )
    page = _TEMPLATE.format(title=f"{len(pairs)} ways from song to song", text=text, sections="".join(sections))
    write_atomically(folder / PAGE, page.encode())
    return silent


def _heard_on_the_way(model: TrainedModel, ends: FloatArray) -> Generator[Progress, None, FloatArray]:
    """A z a step, (steps, J): the window of the one end, the way, and the window of the other."""
    window = model.config.window
    manner = Manner(usual_seconds=WINDOWS * window / usual_rate(model.config.grid))
    path = yield from prepared(LatentPath(ends, (None, None), manner), model)
    along = (yield from timing(path, model)).along[:-1]
    return np.concatenate([ends[:1].repeat(window, 0), path.at(along), ends[1:].repeat(window, 0)])


def _write_piece(stem: Path, model: TrainedModel, zs: FloatArray, tempos: FloatArray) -> Generator[Progress, None, str]:
    """Write what is played as MIDI, and as sound if there is FluidSynth; returns why there is none."""
    sound, grid = usual_sound(model.config.parts), model.config.grid
    time = PieceTime(grid.played_per_beat, tempos)
    probabilities = yield from morphing(model, zs)
    tracks = make_score(probabilities, model.pitches, sound, model.threshold).tracks(sound, time.seconds)
    write_midi(stem.with_suffix(".mid"), tracks, time.tempo_map, seconds=float(time.seconds[-1]))
    try:
        from vrae_core.audio.synthesizer import SAMPLE_RATE, render_notes  # noqa: PLC0415 - FluidSynth may not be there

        samples = yield from render_notes(tracks)
        yield from writing_sound(stem.with_suffix(".wav"), samples, SAMPLE_RATE)
    except SoundError as problem:
        return str(problem)
    return ""


def _draw(file: Path, model: TrainedModel, zs: FloatArray, ends: tuple[End, End], title: str) -> None:
    """The rolls at some places on the way, both ends among them."""
    chosen = np.linspace(0, len(zs) - 1, _ROLLS).round().astype(int)
    names = {0: ends[0].text, _ROLLS - 1: ends[1].text}
    panels = [
        StripRoll(roll, f"{place / (_ROLLS - 1):.2f}", names.get(place, ""), is_point=place in names)
        for place, roll in enumerate(model.decode(zs[chosen]))
    ]
    save_path_strip(file, panels, model.pitches, model.threshold, title, model.config.grid)
