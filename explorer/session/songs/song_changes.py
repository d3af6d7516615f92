"""Which songs the map shows: added or in place of others, removed, renamed, the examples brought back."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from explorer.qt.messages import Messages
from explorer.session.songs.atlas import Atlas
from explorer.session.songs.library import Library
from explorer.session.songs.making import Found, read_songs
from vrae_core.bundled import bundled_models, bundled_songs
from vrae_core.latent.map import LatentMap, project
from vrae_core.midi.song import Song
from vrae_core.model.trained import Posterior, TrainedModel
from vrae_core.progress import Progress, Step

LONGEST_NAME = 200


class SongChanges:
    """Whatever takes songs away is said with a button that brings them back."""

    def __init__(self, messages: Messages, library: Library) -> None:
        self._messages, self._library = messages, library
        library.opened.connect(self._tell_opened)

    # --- what has been opened

    def _tell_opened(self, before: tuple[Song, ...], replaced: bool) -> None:
        """Say whether the new songs were added or took the others' place, and offer the other of the two."""
        library = self._library
        if replaced:
            sentence = f"{_songs(len(library.songs))} in place of the example songs."
            self._messages.offer(sentence, "Bring the examples back", self.show_examples)
            return
        new = library.songs[len(before) :]
        if len(new) > 1:  # of one that joins it is said what it is like
            sentence = (
                f"{_songs(len(new))} added to the {len(before)} that {'was' if len(before) == 1 else 'were'} there."
            )
            self._messages.offer(sentence, "Show only the new ones", partial(self.show_only, new))

    def show_only(self, songs: tuple[Song, ...]) -> None:
        """Show songs that are known already in place of those that are there."""
        library, before = self._library, self._library.songs
        model = library.model
        if model is None:
            return
        found = Found(model, library.model_name, library.model_path, songs)
        names = songs[0].name if len(songs) == 1 else _songs(len(songs))

        def done(_found: Found, _before: tuple[Song, ...]) -> None:
            self._messages.offer(f"{names} alone.", "Show all again", partial(self._bring_back, found, before))

        library.show("Opening songs", _at_hand(found), done)

    def show_examples(self) -> None:
        """Show the songs that come with VRAE Explorer, by a model that knows them, in place of those that are there."""
        library, before = self._library, self._library.songs
        now = None
        if library.model is not None:
            now = Found(library.model, library.model_name, library.model_path, before)
        finding = _examples(now, {library.name_of(path): path for path in bundled_models().values()})

        def done(_found: Found, _before: tuple[Song, ...]) -> None:
            if now is not None and before:
                back = partial(self._bring_back, now, before)
                self._messages.offer("The example songs.", "Show the songs from before", back)

        library.show("Opening the example songs", finding, done)

    def _bring_back(self, found: Found, songs: tuple[Song, ...]) -> None:
        self._library.show("Opening songs", _at_hand(found._replace(songs=songs)), lambda _found, _before: None)

    # --- what is done to one

    def remove(self, number: int) -> None:
        """Take a song from the map; its file stays where it is."""
        library, atlas = self._library, self._library.atlas
        if atlas is None or library.model is None:
            return
        if len(atlas.corpus.names) == 1:
            self._messages.say("It is the only song on the map: open another, then remove this one.")
            return
        shown, before = atlas.songs_of(library.songs), library.songs
        left = tuple(song for song in before if song is not shown[number])
        found = Found(library.model, library.model_name, library.model_path, before)
        name = atlas.corpus.names[number]
        library.take(f"Removing {name}", without_song(atlas, number), left)
        self._messages.offer(f"{name} is removed from the map.", "Undo", partial(self._bring_back, found, before))

    def rename(self, number: int, name: str) -> None:
        """Call a song something else; its file keeps its name."""
        library, atlas, named = self._library, self._library.atlas, " ".join(name.split())[:LONGEST_NAME]
        if atlas is None or not named or named == atlas.corpus.names[number]:
            return
        renamed = atlas.songs_of(library.songs)[number]
        songs = tuple(replace(song, name=named) if song is renamed else song for song in library.songs)
        names = (*atlas.corpus.names[:number], named, *atlas.corpus.names[number + 1 :])
        library.take("Renaming", _ready(replace(atlas, corpus=replace(atlas.corpus, names=names))), songs)


def without_song(atlas: Atlas, number: int) -> Generator[Step, None, Atlas]:
    """The atlas of the other songs, by the posteriors that are known; a t-SNE map keeps its places."""
    corpus, latent_map = atlas.corpus, atlas.map
    stay = corpus.song_of != number
    rest = corpus.without_song(number)
    posterior = Posterior(atlas.posterior.mu[stay], atlas.posterior.sigma[stay])
    if latent_map.projection == "t-SNE":
        drawn = LatentMap(latent_map.points[stay], posterior.mu, "t-SNE", latent_map.perplexity)
    else:
        drawn = yield from project(posterior.mu, latent_map.projection)
    return replace(atlas, corpus=rest, posterior=posterior, map=drawn).prepared()


def _ready(atlas: Atlas) -> Generator[Step, None, Atlas]:
    yield Progress(0, 1)
    return atlas.prepared()


def _at_hand(found: Found) -> Generator[Step, None, Found]:
    yield Progress(0, 1)
    return found


def _examples(now: Found | None, models: Mapping[str, Path]) -> Generator[Step, None, Found]:
    """The example songs, with the model that is shown if it comes with them too, else with one that does."""
    songs, complaints = yield from read_songs(bundled_songs())
    if now is not None and (now.path in models.values() or not models):
        return now._replace(songs=songs, complaints=complaints)
    name = "eight-songs-bars" if "eight-songs-bars" in models else next(iter(models))
    return Found(TrainedModel.load(models[name]), name, models[name], songs, complaints)


def _songs(count: int) -> str:
    return "one song" if count == 1 else f"{count:,} songs"
