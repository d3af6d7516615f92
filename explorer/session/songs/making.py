"""The jobs of the library: reading models and songs, and making the map of them."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from explorer.session.songs.atlas import Atlas
from explorer.session.songs.files import files_among
from explorer.session.songs.sources import SongSource, as_in_file, read_sources
from vrae_core.corpus.cutting import build_corpus
from vrae_core.corpus.windows import Corpus
from vrae_core.errors import CorpusError, VraeError
from vrae_core.latent.map import Projection, default_cache_folder, encode_corpus, natural_projection, project
from vrae_core.latent.tsne import PERPLEXITY
from vrae_core.midi.song import Song, read_song
from vrae_core.model.kept_posteriors import keep_posterior, load_posterior, posterior_file
from vrae_core.model.trained import UNSIGNED, Posterior, TrainedModel
from vrae_core.piano_roll import BoolArray
from vrae_core.progress import Progress, Step

_COMPARED_AT_ONCE = 65_536  # steps of two rolls
FIRST_SHOWN, GROWTH = 40, 4  # of very many songs the dots of the first are shown at once, then of four times as many


class Made(NamedTuple):
    """What came of opening something."""

    model: TrainedModel | None
    songs: tuple[Song, ...]
    atlas: Atlas | None
    complaints: tuple[str, ...]  # about files and songs
    skipped: tuple[str, ...] = ()  # those of them that stay true the next time, and need no saying twice


class Part(NamedTuple):
    """What is there already of very many songs, to be shown until all are."""

    made: Made


class Found(NamedTuple):
    """A model, what it is called, its file if it has one, and the songs to show it with."""

    model: TrainedModel
    name: str
    path: Path | None
    songs: tuple[Song, ...]
    complaints: tuple[str, ...] = ()


def make_of(
    finding: Generator[Step, None, Found], songs: tuple[Song, ...]
) -> Generator[Step | Part, None, tuple[Found, Made]]:
    """Make the atlas of what a job finds; ``songs`` are shown if it finds none."""
    found = yield from finding
    made = yield from make(found.model, None, found.songs or songs, ())
    return found, made._replace(complaints=found.complaints + made.complaints)


def at_hand(found: Found) -> Generator[Step, None, Found]:
    """The job of finding what is there already."""
    yield Progress(0, 1)
    return found


def make_of_folders(
    model: TrainedModel | None,
    model_path: Path | None,
    songs: tuple[Song, ...],
    song_paths: Sequence[Path],
    before: Atlas | None,
) -> Generator[Step | Part, None, Made]:
    """Make the atlas with the files that are named, and the MIDI files inside the folders that are."""
    files, complaints = yield from files_among(song_paths)
    made = yield from make(model, model_path, songs, files, before, in_parts=True)
    return made._replace(complaints=(*complaints, *made.complaints))


def make_of_sources(
    model: TrainedModel | None, model_path: Path | None, sources: Sequence[SongSource]
) -> Generator[Step | Part, None, Made]:
    """Read songs again and make the atlas of them and no others, by ``model`` if no other can be read."""
    songs, complaints = yield from read_sources(sources)
    made = yield from make(model, model_path, songs, ())
    if made.atlas is None and model_path is not None and model is not None:
        complaints += made.complaints
        made = yield from make(model, None, songs, ())
    return made._replace(complaints=complaints + made.complaints)


def make(
    model: TrainedModel | None,
    model_path: Path | None,
    songs: tuple[Song, ...],
    song_paths: Sequence[Path],
    before: Atlas | None = None,
    in_parts: bool = False,
) -> Generator[Step | Part, None, Made]:
    """Read what is to be read and make the atlas, if there is a model and a song.

    A model file that cannot be read leaves ``model``, and the songs are still read.
    before: the atlas of ``songs`` by ``model``, whose map the songs that are read join.  in_parts: of very many, what
    is there already is yielded.
    """
    complaints: tuple[str, ...] = ()
    anything_new = not song_paths
    if model_path is not None:
        yield Progress(0, 1, f"Reading {model_path.name}")
        try:
            model, before = TrainedModel.load(model_path), None
            anything_new = True
            if not model.signed:
                complaints = (f"{model_path} {UNSIGNED}",)
        except VraeError as error:
            complaints = (str(error),)
            anything_new = False
    shown, parts = before, _in_parts(song_paths) if in_parts else [song_paths]
    for number, part in enumerate(parts, 1):
        read, unreadable = yield from read_songs(part)
        there = (*songs, *(as_in_file(song) for song in songs if song.parts or song.estimated_beats))
        known = [song for song in read if song in there]
        complaints += unreadable + tuple(f"{song.name} is on the map already" for song in known)
        songs += tuple(song for song in read if song not in known)
        anything_new = anything_new or len(read) > len(known)
        if number < len(parts) and model is not None and anything_new and songs:
            with suppress(CorpusError):  # none of these can be used, but others may
                projection = quick_projection(model) if shown is None else shown.map.projection
                shown, _ = yield from make_atlas(model, songs, projection, shown)
                yield Part(Made(model, songs, shown, ()))
    if model is None or not songs or not anything_new:
        return Made(model, songs, None, complaints)
    try:
        projection = quick_projection(model) if before is None else before.map.projection
        atlas, skipped = yield from make_atlas(model, songs, projection, before, shown)
    except CorpusError as error:
        return Made(model, songs, None, (*complaints, str(error)))
    return Made(model, songs, atlas, complaints + skipped, skipped)


def _in_parts(paths: Sequence[Path]) -> list[Sequence[Path]]:
    """Files in parts after each of which the map is drawn, each larger than all before it."""
    parts, end = [], 0
    while end < len(paths):
        begin, end = end, max(FIRST_SHOWN, GROWTH * end)
        parts.append(paths[begin:end])
    return parts


def read_songs(paths: Sequence[Path]) -> Generator[Progress, None, tuple[tuple[Song, ...], tuple[str, ...]]]:
    """Read MIDI files: the songs of those that can be used, and one sentence for each of the others."""
    songs, complaints = [], []
    for done, path in enumerate(paths):
        yield Progress(done, len(paths), f"Reading {path.name}")
        try:
            songs.append(read_song(path))
        except VraeError as error:
            complaints.append(str(error))
    return tuple(songs), tuple(complaints)


def make_atlas(
    model: TrainedModel,
    songs: Sequence[Song],
    projection: Projection,
    known: Atlas | None = None,
    encoded: Atlas | None = None,
) -> Generator[Step, None, tuple[Atlas, tuple[str, ...]]]:
    """Cut songs into windows, encode them and draw the map; also one sentence for each song left out.

    Every song gives as many windows as it has.  known: an atlas of the first of these songs, whose map the others join.
    encoded: one of more of them, if there is one, whose windows need not be encoded again.
    Raises: CorpusError if no song can be used.
    """
    yield Progress(0, 1, "Cutting songs into windows")
    config = model.config
    hop = max(config.hop, config.window // 4)  # a model trained on a window at every step needs no such crowd of dots
    corpus = build_corpus(
        songs, config.window, hop, cap=None, equal_share=False, pitches=model.pitches, to_the_end=True, grid=config.grid
    )
    first = _first_of(encoded or known, model, corpus)
    posterior = yield from _encoded(model, corpus, first)
    latent_map = yield from project(posterior.mu, projection, known=None if known is None else known.map)
    atlas = Atlas(model, corpus, posterior, latent_map)
    return replace(atlas, songs=tuple(atlas.songs_of(songs))).prepared(), corpus.skipped


def _first_of(atlas: Atlas | None, model: TrainedModel, corpus: Corpus) -> Atlas | None:
    """The atlas, if its windows are the first of a corpus, by the same model."""
    if atlas is None or atlas.model is not model:
        return None
    before = atlas.corpus
    same = np.array_equal(corpus.offsets[: len(before)], before.offsets)
    return atlas if same and _begins_with(corpus.roll, before.roll) else None


def _begins_with(roll: BoolArray, first: BoolArray) -> bool:
    """Whether a roll's first steps are these; a piece at a time, for what is compared takes as much memory again."""
    pieces = [slice(begin, begin + _COMPARED_AT_ONCE) for begin in range(0, len(first), _COMPARED_AT_ONCE)]
    return len(first) <= len(roll) and all(np.array_equal(roll[: len(first)][piece], first[piece]) for piece in pieces)


def _encoded(model: TrainedModel, corpus: Corpus, first: Atlas | None) -> Generator[Step, None, Posterior]:
    """Encode those windows that ``first`` has not, unless their posterior is kept from before."""
    if first is not None and len(first.corpus) == len(corpus):
        return first.posterior
    file = posterior_file(default_cache_folder("posteriors"), model, corpus)
    posterior = load_posterior(file, len(corpus), model.config.latent)
    if posterior is None:
        begin = 0 if first is None else len(first.corpus)
        posterior = yield from encode_corpus(model, corpus.take(np.arange(begin, len(corpus))))
        if first is not None:
            posterior = Posterior(*map(np.concatenate, zip(first.posterior, posterior, strict=True)))
        keep_posterior(file, posterior)
    return posterior


def map_corpus(model: TrainedModel, corpus: Corpus, projection: Projection) -> Generator[Step, None, Atlas]:
    """Encode windows that are cut already, and draw the map."""
    posterior = yield from _encoded(model, corpus, None)
    latent_map = yield from project(posterior.mu, projection)
    return Atlas(model, corpus, posterior, latent_map).prepared()


def redraw(
    atlas: Atlas, projection: Projection, perplexity: float = PERPLEXITY, refit: bool = False
) -> Generator[Step, None, Atlas]:
    """The same windows drawn in another way, or in the same way ``refit`` to all of them."""
    latent_map = yield from project(atlas.posterior.mu, projection, perplexity=perplexity, refit=refit)
    return replace(atlas, map=latent_map).prepared()


def quick_projection(model: TrainedModel) -> Projection:
    """How a model's map is drawn at once: as it usually is, but PCA where that would take long."""
    usual = natural_projection(model.config.latent)
    return "PCA" if usual == "t-SNE" else usual
