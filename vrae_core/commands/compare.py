"""`vrae compare`: two models on the same windows."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from vrae_core.commands.arguments import MODEL, add_json, add_songs, describe, whole
from vrae_core.commands.inputs import all_windows, open_model, read_songs
from vrae_core.commands.outputs import check_writable, count, print_json
from vrae_core.commands.running import run_with_bar
from vrae_core.corpus.cutting import same_windows
from vrae_core.corpus.windows import Corpus
from vrae_core.latent.alignment import align
from vrae_core.latent.map import LatentMap, encode_corpus, natural_projection, project
from vrae_core.model.trained import TrainedModel
from vrae_core.pictures.map import MapShare, save_map_pictures
from vrae_core.tasks.two_models import MEANINGS, SHARED_MEANING, SideBySide, View, compare

_TEXT = """\
Both models are shown the same windows: the second's begin where the first's do, each as long and with
the pitches as its model was trained. Bounds count each model's own pitches, so compare them only where
these agree. The last line says how alike the two see the songs, and what chance alone would give.

With -o the two maps are drawn side by side, the second turned, mirrored, scaled and shifted onto the
first (Procrustes); the residual is the share of the first map's spread that this leaves unexplained.

example:
  vrae compare 2d 20d
  vrae compare old.safetensors new.safetensors my-songs/*.mid --json
  vrae compare 2d 20d -o two-maps.png"""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = describe(subparsers, "compare", "measure two models on the same windows", _TEXT, run)
    for name in ("first", "second"):
        parser.add_argument(name, metavar="MODEL", help=MODEL)
    add_songs(parser)
    parser.add_argument(
        "--hop", type=whole(1, 1000), metavar="N", help="steps between two windows' starts (default: a map's)"
    )
    parser.add_argument("-o", "--output", metavar="PICTURE", help="the two maps side by side: a .png or a .svg file")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    if args.output:
        check_writable(args.output, (".png", ".svg"))
    models = open_model(args.first), open_model(args.second)
    names = Path(args.first).stem, Path(args.second).stem
    songs = read_songs(args.midi)
    config = models[0].config
    corpus = all_windows(songs, models[0], args.hop or max(config.hop, config.window // 4))
    corpora = corpus, same_windows(corpus, songs, models[1].config.window, models[1].pitches, models[1].config.grid)
    first, second = (_view(model, its) for model, its in zip(models, corpora, strict=True))
    found = run_with_bar(compare(first, second), "measuring")
    if args.json:
        print_json(found._asdict() | {"first": found.first._asdict(), "second": found.second._asdict()})
    else:
        _print(found, names)
    if args.output:
        _draw(args.output, first, second, names)
    return 0


def _view(model: TrainedModel, corpus: Corpus) -> View:
    return View(model, corpus, run_with_bar(encode_corpus(model, corpus), "encoding").mu)


def _print(found: SideBySide, names: tuple[str, str]) -> None:
    first, second = (name if len(name) <= 14 else name[:13] + "…" for name in names)
    print(f"{'':18}{first:>15}{second:>15}")
    rows = zip(MEANINGS.values(), found.first, found.second, strict=True)
    for (heading, meaning), *values in rows:
        shown = "".join(f"{value:15.3f}" if isinstance(value, float) else f"{value:15}" for value in values)
        print(f"{heading:18}{shown}   {meaning}")
    print(f"{'Shared neighbours':18}{found.shared_neighbours:30.3f}   {SHARED_MEANING}")
    print(f"{'by chance':18}{found.shared_by_chance:30.3f}   the same if neither model knew anything")
    few = "" if found.measured == found.windows else f", {found.measured} of them measured"
    print(f"{count(found.windows, 'window')}{few}")


def _draw(picture: str, first: View, second: View, names: tuple[str, str]) -> None:
    maps = [_map(view) for view in (first, second)]
    laid = align(maps[1].points, maps[0].points)
    panels = [
        MapShare(names[0], maps[0].points, maps[0].axis_names),
        MapShare(f"{names[1]}, laid onto {names[0]}", laid.apply(maps[1].points), None),
    ]
    save_map_pictures(picture, panels, first.corpus.song_of, first.corpus.names, f"{names[0]} and {names[1]}")
    print(f"{picture}: {names[1]} laid onto {names[0]}, residual {laid.residual:.3f}", file=sys.stderr)


def _map(view: View) -> LatentMap:
    return run_with_bar(project(view.mu, natural_projection(view.model.config.latent)), "drawing")
