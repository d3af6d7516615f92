"""`vrae interpolate`: a piece that goes from one point of latent space to another."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np

from vrae_core.commands.arguments import add_model, add_piece, add_songs, describe, whole
from vrae_core.commands.inputs import (
    AsPlayed,
    all_windows,
    as_played,
    as_played_near,
    latent_point,
    numbers_of,
    open_model,
    read_songs,
)
from vrae_core.commands.outputs import PIECE_SUFFIXES, check_writable, write_piece
from vrae_core.commands.running import run_with_bar
from vrae_core.corpus.windows import Corpus
from vrae_core.errors import VraeError
from vrae_core.latent.mixing import way
from vrae_core.model.trained import TrainedModel
from vrae_core.music.pieces import interpolate, morphing
from vrae_core.names import comparable
from vrae_core.piano_roll import FloatArray
from vrae_core.pictures.path import MOST_PANELS, StripRoll, save_path_strip

MOST_POINTS = 1000
_TEXT = """\
Each end is a window of a song, SONG:WINDOW with windows counted from 0 as `vrae encode` numbers
them, or a point as numbers. The songs are looked up in the MIDI files, the bundled ones if none
are given. Every point between is decoded to one window, one after the other.
By a model that counts beats the tempo goes from that of the one end to that of the other, in the meter of the first
and with its instruments; a point given as numbers has those of the nearest window if MIDI files are named.
A model of parts goes through mixtures of the music at both ends, as the window does: part by part, the bass first
and the melody last. With --straight it goes on the paper's straight line in z, as any other model does.

example:
  vrae interpolate 20d --from Korobeiniki:3 --to "My Bonnie:10" --points 8 -o journey.mid
  vrae interpolate 2d --from "-1.5,0" --to "1.5,0.2" --spherical -o arc.wav
  vrae interpolate 20d --from Korobeiniki:3 --to "My Bonnie:10" -o journey.mid --strip journey.svg
  vrae interpolate my.safetensors mine.mid yours.mid --from mine:0 --to yours:0 -o between.mid"""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = describe(subparsers, "interpolate", "make a piece that goes from one point to another", _TEXT, run)
    add_model(parser)
    add_songs(parser)
    parser.add_argument("--from", dest="start", required=True, metavar="POINT", help="SONG:WINDOW, or numbers")
    parser.add_argument("--to", dest="end", required=True, metavar="POINT", help="SONG:WINDOW, or numbers")
    parser.add_argument(
        "--points", type=whole(2, MOST_POINTS), default=8, metavar="N", help="points, both ends included (default: 8)"
    )
    line = parser.add_mutually_exclusive_group()
    line.add_argument("--straight", action="store_true", help="the straight line in z, of a model of parts too")
    line.add_argument("--spherical", action="store_true", help="turn at an even rate instead of going straight")
    parser.add_argument(
        "--strip", metavar="PICTURE", help="also draw the rolls at the points side by side: a .png or a .svg file"
    )
    add_piece(parser)


def run(args: argparse.Namespace) -> int:
    check_writable(args.output, PIECE_SUFFIXES)
    if args.strip:
        check_writable(args.strip, (".png", ".svg"))
    model = open_model(args.model)
    corpus = cache(lambda: all_windows(read_songs(args.midi), model, to_the_end=True))  # only read if a song is named
    by_songs = bool(args.midi) and model.config.steps_per_beat > 0
    z0, near0 = _end(args.start, "--from", model, corpus, by_songs)
    z1, near1 = _end(args.end, "--to", model, corpus, by_songs)
    if model.config.parts and not (args.straight or args.spherical):
        line = way(model, z0, z1, np.linspace(0, 1, args.points))
    else:
        line = interpolate(z0, z1, args.points, args.spherical)
    if args.strip:
        _draw_strip(args, model, line)
    steps = np.repeat(line, model.config.window, axis=0)
    near = None
    if known := [near for near in (near0, near1) if near is not None]:
        ends = known[0].time.tempo_at(0), known[-1].time.tempo_at(0)
        tempos = np.linspace(*ends, args.points, dtype=np.float32).repeat(model.config.window)
        near = known[0]._replace(time=replace(known[0].time, tempos=tempos))
    write_piece(run_with_bar(morphing(model, steps), "decoding"), model, args, near=near)
    return 0


def _draw_strip(args: argparse.Namespace, model: TrainedModel, line: FloatArray) -> None:
    """The rolls at the points, or at as many of them as a picture holds."""
    chosen = np.unique(np.linspace(0, len(line) - 1, MOST_PANELS).round().astype(int))
    ends = {0: args.start, len(line) - 1: args.end}
    panels = [
        StripRoll(decoded, f"{i / (len(line) - 1):.2f}", ends.get(i, ""), is_point=i in ends)
        for i, decoded in zip(chosen.tolist(), model.decode(line[chosen]), strict=True)
    ]
    threshold = model.threshold if args.threshold is None else args.threshold
    title = f"From {args.start} to {args.end}"
    save_path_strip(args.strip, panels, model.pitches, threshold, title, model.config.grid)
    print(f"{args.strip}: {len(panels)} rolls")


def _end(
    text: str, option: str, model: TrainedModel, corpus: Callable[[], Corpus], by_songs: bool
) -> tuple[FloatArray, AsPlayed | None]:
    """The point (J,) that a text gives as numbers, or the μ of the window that it names, and how that is played.

    by_songs: a point is played as the nearest window is.
    """
    numbers = numbers_of(text)
    if numbers is not None:
        z = latent_point(numbers, model, option)
        return z, as_played_near(model, corpus(), z) if by_songs else None
    window = _window_named(text, option, corpus())
    mu = model.encode(corpus().windows([window])).mu[0]
    return mu, as_played(corpus(), window)


def _window_named(text: str, option: str, corpus: Corpus) -> int:
    """The window that SONG:WINDOW names."""
    name, colon, number = text.rpartition(":")
    if not colon or not number.strip().isdecimal():
        raise VraeError(f'{option} must be SONG:WINDOW, as "Korobeiniki:3", or numbers, not "{text}"')
    songs = [i for i, known in enumerate(corpus.names) if comparable(known) == comparable(name)]
    if not songs:
        raise VraeError(f'{option} names no song "{name}"; the songs are {", ".join(corpus.names)}')
    windows = np.flatnonzero(corpus.song_of == songs[0])
    if int(number) >= len(windows):
        raise VraeError(f"{corpus.names[songs[0]]} has windows 0 to {len(windows) - 1}, no window {int(number)}")
    return int(windows[int(number)])
