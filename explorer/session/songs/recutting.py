"""The jobs that give songs of the map other beats, or cut one into windows anew."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np

from explorer.session.songs.atlas import Atlas
from explorer.session.songs.making import Found, make_atlas, quick_projection
from vrae_core.errors import CorpusError
from vrae_core.latent.map import LatentMap, project
from vrae_core.latent.tsne import MOST_SETTLED, PERPLEXITY, settle
from vrae_core.midi.beat_estimation import with_estimated_beats
from vrae_core.midi.quantising import keeps_to_its_beats
from vrae_core.midi.song import Song
from vrae_core.progress import Progress, Step


def cut_anew(atlas: Atlas, songs: Sequence[Song], name: str) -> Generator[Step, None, Atlas]:
    """The atlas of the same songs, one of which has other parts or beats; on a t-SNE map the others keep their places.

    Raises: CorpusError if that one is no more to be seen.
    """
    drawn = atlas.map
    made, skipped = yield from make_atlas(
        atlas.model, songs, quick_projection(atlas.model) if drawn.projection == "t-SNE" else drawn.projection
    )
    if name not in made.corpus.names:
        raise CorpusError(next((why for why in skipped if why.startswith(name)), f"{name} has no notes any more"))
    mu, before = made.posterior.mu, atlas.posterior.mu
    number = made.corpus.names.index(name)
    stay, stayed = (corpus.song_of != number for corpus in (made.corpus, atlas.corpus))
    if len(mu) == len(before):
        stay = stayed = np.isclose(mu, before, atol=1e-4).all(axis=1)  # its windows too that sound as they did
    if drawn.projection != "t-SNE" or stay.sum() != stayed.sum():
        return made
    known = LatentMap(drawn.points[stayed], before[stayed], "t-SNE", drawn.perplexity)
    order = np.argsort(~stay, kind="stable")  # as the map wants it: those first that stay
    perplexity = drawn.perplexity or PERPLEXITY
    joined = yield from project(mu[order], "t-SNE", perplexity=perplexity, known=known)
    places, fitted = joined.points, joined.fitted
    if fitted is not None and len(mu) <= MOST_SETTLED:  # of more the map says that it can be fitted anew
        places, fitted = (yield from settle(mu[order], places, fitted, perplexity)), drawn.fitted
    points = np.empty_like(places)
    points[order] = places
    return replace(made, map=LatentMap(points, mu, joined.projection, joined.perplexity, fitted)).prepared()


def found_beats(song: Song) -> Generator[Step, None, Song]:
    """A song with estimated beats.  Raises: CorpusError if it has too few notes to tell."""
    yield Progress(0, 1)
    return with_estimated_beats(song)


def with_missing_beats(found: Found, numbers: Sequence[int]) -> Generator[Step, None, Found]:
    """What was found, with estimated beats where some of its songs have none, or none that their notes keep to."""
    songs = list(found.songs)
    for done, number in enumerate(numbers):
        song = songs[number]
        yield Progress(done, len(numbers), song.name)
        if not (song.estimated_beats or keeps_to_its_beats(song)):
            with suppress(CorpusError):  # it has too few notes, and stays as it is
                songs[number] = with_estimated_beats(song)
    return found._replace(songs=tuple(songs))
