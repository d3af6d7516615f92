"""Medleys (paper, section 3.3): the decoder runs on for 1,000 steps from one z; how far before the music ends?"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import asdict

import numpy as np

from vrae_core.corpus.attributes import density
from vrae_core.corpus.windows import Corpus
from vrae_core.latent.map import encode_corpus
from vrae_core.midi.song import Song
from vrae_core.piano_roll import STEP_SECONDS, BoolArray, IntArray
from vrae_core.pictures.file import save_picture
from vrae_core.progress import Progress
from vrae_core.reproduction import medley_charts, music
from vrae_core.reproduction.endings import ending
from vrae_core.reproduction.experiment import Experiment, Figures, Options, stage
from vrae_core.reproduction.listening import decoded, model_and_windows
from vrae_core.reproduction.medley_charts import Medleys
from vrae_core.reproduction.music import Float64Array

STEPS = 1000
PER_GROUP = 16  # medleys of each kind of start
_SAMPLE = 200  # windows of the songs to compare with
_COMPARED_AT_ONCE = 1024


def medley(songs: Sequence[Song], options: Options) -> Generator[Progress, None, Figures]:
    """Play on for 1,000 steps from encoded windows and from z ~ N(0, 1), and measure what becomes of the music."""
    model, corpus = model_and_windows(songs, options)
    chance = np.random.default_rng(options.seed)
    mu = (yield from stage(encode_corpus(model, corpus), 0.0, 0.1)).mu
    starts = _start_windows(corpus, chance)
    everywhere = model.cut(songs, 1)
    groups: dict[str, Medleys] = {}
    for name, z, first in (
        ("encoded", mu[starts], 0.1),
        ("random", chance.standard_normal((PER_GROUP, mu.shape[1])).astype(np.float32), 0.4),
    ):
        rolls = yield from stage(decoded(model, z, STEPS), first, first + 0.1, "playing on")
        groups[name] = yield from stage(measured(rolls, everywhere), first + 0.1, first + 0.3)
    reference = yield from stage(_reference(everywhere, chance), 0.7, 0.95)

    yield Progress(0.96, 1, "drawing")
    named = {"encoded": "from an encoded window", "random": "from random z"}
    shown = {named[name]: group for name, group in groups.items()}
    titles = {
        named["encoded"]: [f"from {corpus.names[song]}" for song in corpus.song_of[starts]],
        named["random"]: [f"from random z, number {number + 1}" for number in range(PER_GROUP)],
    }
    save_picture(
        options.folder / "medleys.png",
        medley_charts.TITLE,
        lambda: medley_charts.draw_curves(shown, corpus.window, reference),
    )
    save_picture(
        options.folder / "medley-rolls.png",
        medley_charts.ROLLS_TITLE,
        lambda: medley_charts.draw_rolls(shown, titles, corpus.window, corpus.names),
    )
    figures: Figures = {name: _figures(group, corpus.names) for name, group in groups.items()}
    for name, group in groups.items():
        for number, roll in enumerate(group.rolls[: len(corpus.names)]):
            figures[name]["medleys"][number]["file"] = f"{name}-{number + 1}.mid"
            music.save_roll(options.folder / f"{name}-{number + 1}.mid", roll, corpus.pitches, corpus.grid)
    for start, row in zip(starts, figures["encoded"]["medleys"], strict=True):
        row |= {"song": corpus.names[corpus.song_of[start]], "seconds": corpus.start_seconds(int(start))}
    return {
        "model": dict(model.about) | {"digest": model.digest},
        "steps": STEPS,
        "block": corpus.window,
        **figures,
        "songs": reference,
        "skipped": list(corpus.skipped),
        "findings": [_finding(named[name], figures[name]) for name in groups],
    }


def measured(rolls: BoolArray, songs: Corpus) -> Generator[Progress, None, Medleys]:
    """Measure medleys (n, steps, P) block by block; ``songs`` holds every window to compare with."""
    length = songs.window
    count = rolls.shape[1] // length
    blocks = rolls[:, : count * length].reshape(len(rolls), count, length, -1)
    flat = blocks.reshape(-1, *blocks.shape[2:])
    sounding = music.sounds(blocks)
    index, f1 = yield from nearest(flat, songs)
    similarity = np.full(sounding.shape, np.nan)
    if count > 1:
        same = (blocks[:, 1:] == blocks[:, :-1]).all(axis=(2, 3))
        similarity[:, 1:] = np.where(same, 1.0, music.f1_each(blocks[:, 1:], blocks[:, :-1]))
    return Medleys(
        rolls,
        [ending(roll, length) for roll in rolls],
        similarity,
        density(flat, songs.pitches).reshape(sounding.shape),
        np.where(sounding, 1 - f1.reshape(sounding.shape), np.nan),
        np.where(sounding, songs.song_of[index].reshape(sounding.shape), -1),
    )


def nearest(
    rolls: BoolArray, songs: Corpus, other_than: IntArray | None = None
) -> Generator[Progress, None, tuple[IntArray, Float64Array]]:
    """The window of the songs most like each roll (n, T, P): its index (n,) and the frame F1 with it (n,).

    other_than: (n,) for each roll a song whose windows do not count.  F1 is 0 where there is nothing alike.
    """
    cells = rolls.reshape(len(rolls), -1).astype(np.float32)
    count = cells.sum(axis=1)
    index, best = np.zeros(len(rolls), np.int64), np.zeros(len(rolls))
    for first in range(0, len(songs), _COMPARED_AT_ONCE):
        yield Progress(first, len(songs), "looking for the nearest windows")
        rows = slice(first, first + _COMPARED_AT_ONCE)
        others = songs.windows(rows).reshape(-1, cells.shape[1]).astype(np.float32)
        f1 = 2 * (cells @ others.T) / np.maximum(count[:, None] + others.sum(axis=1), 1)
        if other_than is not None:
            f1[other_than[:, None] == songs.song_of[rows]] = 0
        place = f1.argmax(axis=1)
        score = f1[np.arange(len(f1)), place]
        index = np.where(score > best, first + place, index)
        best = np.maximum(best, score)
    return index, best


def _reference(songs: Corpus, chance: np.random.Generator) -> Generator[Progress, None, dict[str, dict[str, float]]]:
    """The same measures of the songs themselves, on windows drawn by chance.

    songs: every window, one step apart, so that the one that follows is T places on.
    """
    drawn = chance.choice(len(songs), min(_SAMPLE, len(songs)), replace=False)
    x, song_of = songs.windows(drawn), songs.song_of[drawn]
    apart = yield from nearest(x, songs, other_than=song_of)
    follower = np.minimum(drawn + songs.window, len(songs) - 1)
    followed = songs.start_of[follower] - songs.start_of[drawn] == songs.window
    similarity = music.f1_each(x[followed], songs.windows(follower[followed]))
    return {
        "note_density": music.spread(density(x, songs.pitches)),
        "self_similarity": music.spread(similarity),
        "distance_to_nearest_of_other_songs": music.spread(1 - apart[1]),
    }


def _start_windows(corpus: Corpus, chance: np.random.Generator) -> IntArray:
    """Windows to start from, of each song in turn."""
    songs = np.arange(PER_GROUP) % len(corpus.names)
    return np.array([chance.choice(np.flatnonzero(corpus.song_of == song)) for song in songs], np.int64)


def _figures(group: Medleys, names: Sequence[str]) -> Figures:
    rows = []
    silences = music.longest_silence(group.rolls)
    for number, end in enumerate(group.endings):
        visited = [int(song) for song in group.song[number] if song >= 0]
        rows.append(
            asdict(end)
            | {
                "longest_silence_seconds": round(float(silences[number]) * STEP_SECONDS, 2),
                "self_similarity": group.self_similarity[number].tolist()[1:],
                "note_density": group.density[number].tolist(),
                "distance": group.distance[number].tolist(),
                "nearest_song": [names[song] if song >= 0 else None for song in group.song[number]],
                "songs_visited": len(set(visited)),
            }
        )
    count = len(group.endings)
    return {
        "medleys": rows,
        "dies_out": sum(end.dies_out is not None for end in group.endings) / count,
        "freezes": sum(end.freezes is not None for end in group.endings) / count,
        "loops": sum(end.loops is not None for end in group.endings) / count,
        "goes_on_for_steps": music.spread([end.goes_on_for for end in group.endings]),
        "longest_silence_seconds": music.spread(silences * STEP_SECONDS),
        "distance": music.spread(group.distance[np.isfinite(group.distance)]),
        "self_similarity": music.spread(group.self_similarity[:, 1:].ravel()),
        "songs_visited": music.spread([row["songs_visited"] for row in rows]),
    }


def _finding(start: str, figures: Figures) -> str:
    lasts, visited, distance = figures["goes_on_for_steps"], figures["songs_visited"], figures["distance"]
    return (
        f"{len(figures['medleys'])} medleys {start}: {figures['dies_out']:.0%} die out, "
        f"{figures['freezes']:.0%} freeze, {figures['loops']:.0%} fall into a loop; "
        f"music goes on for {lasts['median']:.0f} of {STEPS} steps in the median "
        f"({lasts['p5']:.0f} to {lasts['p95']:.0f}), comes near {visited['mean']:.1f} songs, and lies "
        f"{distance['mean']:.2f} ± {distance['sd']:.2f} from the nearest window (1 − F1); longest silence "
        f"{figures['longest_silence_seconds']['median']:.1f} s in the median"
    )


MEDLEY = Experiment(
    medley,
    "1,000 steps from one latent point: how long the music lasts",
    """\
the paper (section 3.3): the decoder can run on past the window it was trained on, and plays a medley of the
songs. Here 16 medleys of 1,000 steps (50 s) start from encoded windows and 16 from random z ~ N(0, 1).

to look for, block by block of one window:
  self-similarity     frame F1 with the block before; near 1 the music stands still or goes round
  note density        onsets a second, against the songs' own
  distance            1 − frame F1 to the nearest window anywhere in the songs, and whose it is: a medley
                      comes near several songs
  how it ends         dies out: silent to the end; freezes: nothing changes for two windows; loop: a pattern
                      repeats to the end, all but exactly (frame F1 0.9)
A model that hears z at every step (as the bundled ones) tends to stay with one song; the paper's, which hears
it once at the start, may wander or forget: compare them with --model.

writes:
  medleys.png       the four curves, mean and spread of both kinds of start
  medley-rolls.png  three of each kind, each block in the colour of the song it is nearest to
  encoded-N.mid, random-N.mid   as many of each kind as there are songs, to listen to
  figures.json      everything for each medley and in the mean

example:
  vrae reproduce medley
  vrae reproduce medley --model reproduction/figure-1/model.safetensors -o medley-as-in-the-paper""",
    ("model",),
)
