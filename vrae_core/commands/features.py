"""`vrae features`: how good μ is as features, by linear probes."""

from __future__ import annotations

import argparse
from pathlib import Path

from vrae_core.commands.arguments import add_json, add_model, add_songs, describe
from vrae_core.commands.inputs import all_windows, open_model, printable, read_songs
from vrae_core.commands.outputs import print_json
from vrae_core.commands.running import run_with_bar
from vrae_core.latent.map import encode_corpus
from vrae_core.latent.table import read_table
from vrae_core.tasks.probes import key_labels, labels_of, probe, song_labels

_TEXT = """\
A linear classifier is asked every window's song and its key (as its pitch classes fit the profiles of
Krumhansl & Kessler), and what a CSV file of --labels says of the songs: a column "song", and others
such as "composer". It is given mu, as many principal components of the raw rolls, or the raw rolls.
The figures are shares of held-out windows told rightly. A fifth of every song is held out at a time,
in one stretch; whole songs where each answer belongs to two songs or more. `vrae encode` writes mu.

example:
  vrae features 20d
  vrae features my.safetensors my-songs/ --labels composers.csv --json"""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = describe(subparsers, "features", "measure what a linear classifier can tell from mu", _TEXT, run)
    add_model(parser)
    add_songs(parser)
    parser.add_argument("--labels", metavar="CSV", help='what else to ask: a table with a column "song" and others')
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    table = None if args.labels is None else read_table(Path(args.labels))
    model = open_model(args.model)
    corpus = all_windows(read_songs(args.midi), model)
    labels = {"song": song_labels(corpus), "key": key_labels(corpus)}
    if table is not None:
        labels |= labels_of(table, corpus)
    mu = run_with_bar(encode_corpus(model, corpus), "encoding").mu
    figures = run_with_bar(probe(corpus, mu, labels), "probing")
    if args.json:
        print_json([row._asdict() for row in figures])
        return 0
    print(f"{'label':12}  classes  windows  {'held out':18}  most frequent     mu    pca    raw")
    for row in figures:
        print(
            f"{printable(row.label):12}  {row.classes:7}  {row.windows:7}  {row.held_out:18}  {row.most_frequent:13.3f}"
            f"  {row.mu:.3f}  {row.pca:.3f}  {row.raw:.3f}"
        )
    return 0
