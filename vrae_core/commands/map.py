"""`vrae map`: the latent map as a picture, or as a page that plays in a browser."""

from __future__ import annotations

import argparse
import re
from functools import partial
from pathlib import Path

from vrae_core.commands.arguments import add_model, add_output, add_songs, describe, number, whole
from vrae_core.commands.inputs import all_windows, open_model, read_songs
from vrae_core.commands.outputs import check_writable, count
from vrae_core.commands.running import run_with_bar
from vrae_core.errors import VraeError
from vrae_core.latent.colours import Meaning
from vrae_core.latent.map import Dimensions, Projection, encode_corpus, natural_projection, project
from vrae_core.latent.table import WindowTable, read_table
from vrae_core.latent.tsne import MOST_PERPLEXITY, PERPLEXITY, TSNE_SEED
from vrae_core.latent.window_figures import FIGURES, meanings
from vrae_core.model.trained import TrainedModel
from vrae_core.music.score import Score, make_score
from vrae_core.music.sound import usual_sound
from vrae_core.piano_roll import FloatArray
from vrae_core.pictures.map import save_map_picture
from vrae_core.pictures.web_page.clips import MOST_CLIPS, USUAL_CLIPS
from vrae_core.pictures.web_page.page import MapShown, saving_page

_TEXT = """\
Every window of every song becomes a dot in the song's colour and shape, or in that of a figure of the window
or of a column of a table (CSV, as the window opens: a column “song”, and another to look at). A model of one or two
dimensions is drawn as it is, others by t-SNE, whose seed is told so that the map can be made again.

A .html file is a page that needs nothing else: it shows the dots in any browser, offline, and plays short
clips of some of them, as the model plays these windows; every other dot gives the nearest clip.

example:
  vrae map 2d -o map.png
  vrae map 20d my-songs/*.mid -o map.svg --projection PCA
  vrae map 20d -o two.png --projection 3,7
  vrae map 2d -o map.html --clips 100
  vrae map 2d -o density.svg --colour-by density
  vrae map 2d -o mine.png --table mine.csv --colour-by mood"""
SONG = "song"


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = describe(subparsers, "map", "draw every window of the songs as a dot on a map", _TEXT, run)
    add_model(parser)
    add_songs(parser)
    add_output(parser, "FILE", "what to write: a .png, .svg or .html file")
    parser.add_argument(
        "--projection", type=_projection, metavar="HOW", help="latent, t-SNE, PCA, or two dimensions as 3,7"
    )
    parser.add_argument(
        "--colour-by",
        metavar="WHAT",
        help=f"{SONG} (default), {', '.join(FIGURES)}, or a column of the --table",
    )
    parser.add_argument("--table", metavar="CSV", help="a table of windows or songs, to colour by its columns")
    parser.add_argument("--seed", type=whole(0, 2**32 - 1), default=TSNE_SEED, metavar="N", help="of t-SNE")
    parser.add_argument(
        "--perplexity",
        type=number(1, MOST_PERPLEXITY),
        default=PERPLEXITY,
        metavar="P",
        help="of t-SNE: about how many neighbours count for a window (default: %(default)g)",
    )
    parser.add_argument(
        "--clips",
        type=whole(0, MOST_CLIPS),
        default=USUAL_CLIPS,
        metavar="N",
        help=f"windows that an .html file lets one hear, 29 kB each (default: {USUAL_CLIPS})",
    )
    parser.add_argument("--title", metavar="TEXT", help="above the map (default: the model's name)")


def run(args: argparse.Namespace) -> int:
    check_writable(args.output, (".png", ".svg", ".html"))
    what, table = _what_to_colour_by(args)
    model = open_model(args.model)
    corpus = all_windows(read_songs(args.midi), model, to_the_end=True)
    posterior = run_with_bar(encode_corpus(model, corpus), "encoding")
    projection = args.projection or natural_projection(model.config.latent)
    drawn = run_with_bar(project(posterior.mu, projection, args.seed, perplexity=args.perplexity), "drawing")
    shown = _words(drawn.projection)
    if drawn.perplexity is not None:
        shown = f"t-SNE, perplexity {drawn.perplexity:g}, seed {args.seed}"
    found: dict[str, Meaning] = {}
    if table is not None and what in table.columns:
        found = {what: table.meaning(what, corpus)}
    elif what != SONG:
        found = run_with_bar(meanings(what, model, corpus, posterior), "measuring")
    meaning = found.pop(what, None)
    title = args.title or f"{Path(args.model).stem} · {shown}"
    heard = ""
    if Path(args.output).suffix.lower() == ".html":
        page = MapShown(model, corpus, posterior.mu, drawn.points, title, meaning, tuple(found.values()))
        job = saving_page(args.output, page, partial(_score, model), usual_sound(model.config.parts), clips=args.clips)
        heard = f", {run_with_bar(job, 'making clips')} to hear"
    else:
        save_map_picture(
            args.output, drawn.points, corpus.song_of, corpus.names, title, drawn.axis_names, meaning=meaning
        )
    print(f"{args.output}: {count(len(corpus), 'window')} of {count(len(corpus.names), 'song')}, {shown}{heard}")
    return 0


def _what_to_colour_by(args: argparse.Namespace) -> tuple[str, WindowTable | None]:
    """A column of the table, a key of FIGURES or SONG; and the table, if there is one.  Raises: VraeError."""
    table = None if args.table is None else read_table(Path(args.table))
    what = args.colour_by or (SONG if table is None else table.columns[0])
    if table is not None and what in table.columns:
        return what, table
    known = {_folded(SONG): SONG} | {_folded(words): key for key, f in FIGURES.items() for words in (key, f.name)}
    if _folded(what) not in known:
        columns = ", ".join(() if table is None else table.columns)
        raise VraeError(f"there is no {what} to colour by, only {', '.join(filter(None, (SONG, *FIGURES, columns)))}")
    return known[_folded(what)], table


def _folded(words: str) -> str:
    """ "Lower bound", "lower-bound" and "lower_bound" are one."""
    return re.sub(r"[\s_-]+", " ", words).strip().casefold()


def _score(model: TrainedModel, probabilities: FloatArray) -> Score:
    return make_score(probabilities, model.pitches, usual_sound(model.config.parts), model.threshold)


def _words(projection: Projection) -> str:
    if isinstance(projection, Dimensions):
        return f"dimensions {projection.i} and {projection.j}"
    return "latent space" if projection == "latent" else projection


def _projection(text: str) -> Projection:
    for name in ("latent", "t-SNE", "PCA"):
        if text.replace("-", "").casefold() == name.replace("-", "").casefold():
            return name
    pair = re.fullmatch(r"(\d{1,6})\s*,\s*(\d{1,6})", text.strip())
    if pair is None:
        raise argparse.ArgumentTypeError(f"must be latent, t-SNE, PCA or two dimensions as 3,7, not {text}")
    return Dimensions(int(pair[1]), int(pair[2]))
