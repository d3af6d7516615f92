"""`vrae encode`: windows to latent space, as a table."""

from __future__ import annotations

import argparse

import numpy as np

from vrae_core.commands.arguments import add_model, add_output, add_songs, describe
from vrae_core.commands.inputs import all_windows, open_model, read_songs
from vrae_core.commands.outputs import check_writable, count
from vrae_core.commands.running import run_with_bar
from vrae_core.latent.map import encode_corpus
from vrae_core.latent.table import writing_table

_TEXT = """\
Writes one row a window: song, window (counted from 0), start_s (seconds into the song), and the
posterior's mean and standard deviation in each latent dimension, mu_0 ... and sigma_0 ...
A song's last window ends with the song, however near to the one before; a training does without it.

example:
  vrae encode 20d my-songs/*.mid -o latents.csv"""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = describe(subparsers, "encode", "write where every window of the songs lies in latent space", _TEXT, run)
    add_model(parser)
    add_songs(parser)
    add_output(parser, "CSV", "the table to write")


def run(args: argparse.Namespace) -> int:
    check_writable(args.output, (".csv",))
    model = open_model(args.model)
    corpus = all_windows(read_songs(args.midi), model, to_the_end=True)
    posterior = run_with_bar(encode_corpus(model, corpus), "encoding")
    table = writing_table(args.output, corpus, posterior, model.config.hop, np.arange(len(corpus)))
    run_with_bar(table, "writing")
    print(f"{args.output}: {count(len(corpus), 'window')} of {count(len(corpus.names), 'song')}")
    return 0
