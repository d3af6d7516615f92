"""`vrae denoise`: a song cleaned, and how well that works."""

from __future__ import annotations

import argparse

import numpy as np

from vrae_core.commands.arguments import add_json, add_model, add_songs, describe, number, whole
from vrae_core.commands.inputs import open_model, read_songs
from vrae_core.commands.outputs import check_writable, count, print_json
from vrae_core.commands.running import run_with_bar
from vrae_core.errors import VraeError
from vrae_core.midi.export import write_song
from vrae_core.midi.song import Song
from vrae_core.model.trained import TrainedModel
from vrae_core.tasks.denoising import (
    NOISE_KINDS,
    add_noise,
    check_grid,
    denoise_song,
    measure_denoising,
    model_columns,
    replayed,
)

_TEXT = """\
A cell (a pitch at a step of 50 ms) is changed only where the model knows the music around it and
outweighs what was heard, so music that it does not know stays as it is. Notes come out on whole steps;
loudness, instruments, drums, tempos and meters are the song's own.

With --noise every song (the bundled ones if none is given) is made noisy first: --kind flip turns that
share of all cells over, drop leaves out that share of the notes, add puts in as many wrong ones.
The figures are frame F1, the agreement with the song as it was:
  noisy_f1    the noisy song
  median_f1   cleaned without a model: a median over three steps
  decoded_f1  windows in a row, encoded and decoded, at the model's threshold
  cleaned_f1  what this command does

example:
  vrae denoise 20d played-badly.mid -o clean.mid
  vrae denoise 20d --noise 0.05 --kind flip --json"""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = describe(subparsers, "denoise", "clean a song of wrong notes, and measure how well that works", _TEXT, run)
    add_model(parser)
    add_songs(parser)
    parser.add_argument("-o", "--output", metavar="OUT", help="the cleaned song to write: a .mid file")
    parser.add_argument(
        "--noise", type=number(0, 1), metavar="P", help="make the songs noisy first, and print the figures"
    )
    parser.add_argument("--kind", choices=NOISE_KINDS, default="flip", help="of noise (default: flip)")
    parser.add_argument("--seed", type=whole(0), default=0, metavar="N", help="which draw, with --noise")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    if args.output is None and args.noise is None:
        raise VraeError("give -o to write a cleaned song, or --noise to measure how well cleaning works")
    if args.output is not None:
        check_writable(args.output, (".mid", ".midi"))
    model = open_model(args.model)
    check_grid(model)
    songs = read_songs(args.midi)
    if args.output is not None and len(songs) != 1:
        raise VraeError(f"-o takes one song, not {len(songs)}")
    if args.noise is not None:
        _measure(model, songs, args)
    if args.output is not None:
        _clean(model, songs[0], args)
    return 0


def _measure(model: TrainedModel, songs: list[Song], args: argparse.Namespace) -> None:
    rolls = [song.roll[:, model_columns(model)] for song in songs]
    job = measure_denoising(model, rolls, args.noise, args.kind, args.seed)
    figures = run_with_bar(job, "cleaning")._asdict()
    if args.json:
        print_json({"songs": len(songs), "noise": args.noise, "kind": args.kind} | figures)
        return
    for name, value in figures.items():
        print(f"{name:12}{value:.4f}")


def _clean(model: TrainedModel, song: Song, args: argparse.Namespace) -> None:
    if args.noise is not None:
        song = _noisy(model, song, args)
    cleaned = run_with_bar(denoise_song(model, song), "cleaning")
    write_song(args.output, cleaned)
    steps = len(song.roll)
    after = np.pad(cleaned.roll, ((0, max(0, steps - len(cleaned.roll))), (0, 0)))[:steps]
    silenced, filled = int((song.roll & ~after).sum()), int((after & ~song.roll).sum())
    if not args.json:
        print(f"{args.output}: {count(len(cleaned.notes), 'note')}; {silenced} cells silenced, {filled} filled in")


def _noisy(model: TrainedModel, song: Song, args: argparse.Namespace) -> Song:
    """The song as ``measure_denoising`` makes it noisy."""
    roll = song.roll.copy()
    known = model_columns(model)
    roll[:, known] = add_noise(roll[:, known], args.noise, args.kind, np.random.default_rng(args.seed))
    return replayed(song, roll)
