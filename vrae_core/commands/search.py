"""`vrae search`: the windows of songs that are like something."""

from __future__ import annotations

import argparse
import csv
import os
import re
import sys
from collections.abc import Sequence

from vrae_core.clock import clock
from vrae_core.commands.arguments import add_json, add_model, add_songs, describe, whole
from vrae_core.commands.inputs import all_windows, open_model, printable, read_songs, warn
from vrae_core.commands.outputs import count, print_json
from vrae_core.commands.running import run_with_bar
from vrae_core.corpus.windows import Corpus
from vrae_core.errors import VraeError
from vrae_core.latent.map import LatentMap, encode_corpus, project
from vrae_core.midi.song import Song, read_song
from vrae_core.model.trained import TrainedModel
from vrae_core.tasks.query import PhraseNote, excerpt, passage, phrase
from vrae_core.tasks.search import Hit, find, find_pieces, named, nearest_in_z

_TEXT = """\
One of three things is looked for in the songs' windows:
  --name TEXT     songs in whose name all these words occur
  --phrase NOTES  notes as PITCH:STEP, a step being one of the model's, 50 ms or a part of a beat: a name
                  with its octave (C4 is middle C, F#3, Bb5) or a MIDI number. Ranked by how many are struck.
  --like FILE     windows like any that a MIDI file is cut into; FILE@SECONDS: like the one window
                  that begins there. In sound (F1 of the notes struck, 1 at best, laid at every
                  step of every song) or in z (distance of the posteriors' means, 0 at best).

--transpose also finds what is higher or lower by any interval. If FILE is itself among the
songs, FILE@SECONDS leaves out what overlaps with it, so that what repeats is found.

example:
  vrae search 2d --name "bonnie"
  vrae search 2d --phrase "C4:0 E4:8 G4:16" --transpose
  vrae search 20d songs/*.mid --like songs/one.mid@12.5 --in z --top 5 --json

exit status: 0 if something was found, 1 if not"""

_NOTE = re.compile(r"([A-Ga-g])([#b]?)(-?\d)|(\d{1,3})", re.ASCII)
_SEMITONES = dict(zip("CDEFGAB", (0, 2, 4, 5, 7, 9, 11), strict=True))
_COLUMNS = ("song", "window", "start_s", "score", "shared", "of", "at_s", "semitones", "sought_at_s")


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = describe(subparsers, "search", "find windows by name, by a phrase, or by example", _TEXT, run)
    add_model(parser)
    add_songs(parser)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--name", metavar="TEXT", help="songs of this name")
    what.add_argument("--phrase", metavar="NOTES", help='a phrase, as in "C4:0 E4:8 G4:16"')
    what.add_argument("--like", metavar="FILE[@SECONDS]", help="windows like those of a MIDI file")
    parser.add_argument(
        "--in", dest="space", choices=("sound", "z"), default="sound", help="where --like compares (default: sound)"
    )
    parser.add_argument("--transpose", action="store_true", help="in any key, where notes are compared")
    parser.add_argument("--top", type=whole(1), default=10, metavar="N", help="how many windows (default: 10)")
    output_format = parser.add_mutually_exclusive_group()
    add_json(output_format, "print the windows as JSON")  # type: ignore[arg-type]
    output_format.add_argument(
        "--csv", action="store_true", help="print the windows as a table of comma-separated values"
    )


def run(args: argparse.Namespace) -> int:
    notes = parse_phrase(args.phrase) if args.phrase is not None else []  # said before any work is done
    model = open_model(args.model)
    songs = read_songs(args.midi)
    corpus = all_windows(songs, model, to_the_end=True)
    if args.name is not None:
        windows = named(corpus, args.name).tolist()
        hits = [Hit(window, 1.0, 0, 0, corpus.start_seconds(window)) for window in windows[: args.top]]
    elif args.phrase is not None:
        hits = run_with_bar(find(corpus, phrase(notes), args.transpose, args.top), "searching")
    else:
        hits = _like(args, model, songs, corpus)
    rows = [_row(corpus, hit, model.config.hop) for hit in hits]
    if args.json:
        print_json([dict(zip(_COLUMNS, row, strict=True)) for row in rows])
    elif args.csv:
        csv.writer(sys.stdout, lineterminator="\n").writerows([_COLUMNS, *rows])
    elif args.name is not None:
        _print_songs(corpus, windows)
    else:
        for hit in hits:
            print(_line(corpus, hit, args.like is not None and "@" not in args.like))
    if not hits:
        warn("nothing was found")
    return 0 if hits else 1


def parse_phrase(text: str) -> list[PhraseNote]:
    """Notes as PITCH:STEP, parted by spaces or commas.  Raises: VraeError."""
    notes = []
    for word in re.split(r"[,\s]+", text.strip(" ,")):
        pitch, colon, step = word.partition(":")
        name = _NOTE.fullmatch(pitch)
        if name is None or not colon or not re.fullmatch(r"\d{1,6}", step, re.ASCII):
            raise VraeError(f'a note is written as PITCH:STEP, as in C4:0 or 60:8, not "{printable(word)}"')
        letter, accidental, octave, number = name.groups()
        if number is None:
            sharp = {"": 0, "#": 1, "b": -1}[accidental]
            number = _SEMITONES[letter.upper()] + sharp + 12 * (int(octave) + 1)
        notes.append(PhraseNote(int(step), int(number)))
    return notes


def _like(args: argparse.Namespace, model: TrainedModel, songs: Sequence[Song], corpus: Corpus) -> list[Hit]:
    file, seconds = _file_and_time(args.like)
    song = read_song(file)
    latent_map = _map(model, corpus) if args.space == "z" else None
    if seconds is None:
        return run_with_bar(find_pieces(corpus, latent_map, model, song, args.transpose, args.top), "searching")
    cut = excerpt(song, seconds, corpus, _name_among(songs, song))
    if latent_map is not None:
        return nearest_in_z(latent_map, corpus, model.encode(cut.roll[None]).mu[0], args.top, cut.row)
    query = passage(cut.roll, corpus.pitches, cut.before, cut.row)
    return run_with_bar(find(corpus, query, args.transpose, args.top), "searching")


def _file_and_time(text: str) -> tuple[str, float | None]:
    """FILE or FILE@SECONDS; a file whose own name looks like that is meant if it is there."""
    file, at, seconds = text.rpartition("@")
    if os.path.exists(text) or not at or not re.fullmatch(r"\d{1,7}(\.\d+)?", seconds, re.ASCII):
        return text, None
    return file, float(seconds)


def _name_among(songs: Sequence[Song], song: Song) -> str | None:
    """What a song is called among those that are searched, if it is one of them."""
    return next((each.name for each in songs if each.path == song.path), None)


def _map(model: TrainedModel, corpus: Corpus) -> LatentMap:
    posterior = run_with_bar(encode_corpus(model, corpus), "encoding")
    return run_with_bar(project(posterior.mu, "PCA"), "encoding")


def _row(corpus: Corpus, hit: Hit, hop: int) -> tuple[object, ...]:
    song, window = corpus.names[corpus.song_of[hit.window]], corpus.number_in_song(hit.window, hop)
    start = round(corpus.start_seconds(hit.window), 2)
    return song, window, start, round(hit.score, 4), hit.shared, hit.of, hit.at, hit.semitones, hit.query_at


def _line(corpus: Corpus, hit: Hit, of_file: bool) -> str:
    words = [f"{hit.shared} of {count(hit.of, 'note')}" if hit.of else "in z"]
    if hit.semitones:
        words.append(f"{hit.semitones:+} semitones")
    if of_file:
        words.append(f"like {clock(hit.query_at)} of the file")
    name = printable(corpus.names[corpus.song_of[hit.window]])
    return f"{hit.score:.3f}  {name}, {clock(hit.at)}  ({', '.join(words)})"


def _print_songs(corpus: Corpus, windows: Sequence[int]) -> None:
    songs = [int(corpus.song_of[window]) for window in windows]
    for song in dict.fromkeys(songs):
        print(f"{printable(corpus.names[song])}: {count(songs.count(song), 'window')}")
