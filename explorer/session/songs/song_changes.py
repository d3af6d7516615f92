"""Which songs the map shows: added or in place of others, removed, renamed, with other parts or beats."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol

from explorer.qt.jobs import Jobs
from explorer.qt.messages import Messages, Undoable
from explorer.session.songs.atlas import Atlas
from explorer.session.songs.library import Library
from explorer.session.songs.making import Found, at_hand, read_songs
from explorer.session.songs.recutting import cut_anew, found_beats, with_missing_beats
from explorer.session.songs.sources import place_of
from vrae_core.bundled import BASE, bundled_models, bundled_songs
from vrae_core.columns import Part
from vrae_core.latent.map import LatentMap, project
from vrae_core.midi.quantising import keeps_to_its_beats
from vrae_core.midi.song import Song
from vrae_core.model.trained import Posterior, TrainedModel
from vrae_core.progress import Progress, Step

LONGEST_NAME = 200


class SongChanges:
    """Whatever takes songs away is said with a button that brings them back."""

    def __init__(self, messages: Messages, jobs: Jobs, library: Library, undo_stack: UndoStack) -> None:
        self._messages, self._jobs, self._library, self._undo_stack = messages, jobs, library, undo_stack
        self._offered: set[str] = set()  # names of songs off their beats that it was said of already
        library.opened.connect(self._tell_opened)
        library.atlas_changed.connect(self._offer_beats)

    # --- what has been opened

    def _tell_opened(self, before: tuple[Song, ...], replaced: bool) -> None:
        """Say whether the new songs were added or took the others' place, and offer the other of the two."""
        library = self._library
        new = library.songs if replaced else library.songs[len(before) :]
        opening = f"opening {new[0].name if len(new) == 1 else _songs(len(new))}"
        on_map = [id(song) for song in (library.atlas.songs_of(library.songs) if library.atlas is not None else ())]
        count, there = (sum(id(song) in on_map for song in songs) for songs in (new, before))
        if replaced:
            done = self._undo_stack.done(opening, self.show_examples)
            sentence = f"{_songs(count)} in place of the example songs."
            self._messages.offer_back(sentence, "Bring the examples back", done)
            return
        self._undo_stack.done(opening, partial(self._hide, new), partial(self._put_back, len(before), new))
        if count and len(new) > 1:  # of one that joins it is said what it is like
            sentence = f"{_songs(count)} added to the {there} that {'was' if there == 1 else 'were'} there."
            self._messages.offer(sentence, "Show only the new ones", partial(self.show_only, new))

    def _offer_beats(self) -> None:
        """Offer to estimate the beats of songs whose files have none, or none that the notes keep to."""
        library = self._library
        counts = library.model is not None and library.model.config.steps_per_beat > 0
        off = () if library.atlas is None else library.atlas.off_beat
        asked = [song for song in library.songs if counts and place_of(song) not in library.beats_kept]
        without = [song for song in asked if song.tempo_map is None]
        about = without or [song for song in asked if song.name in off]
        if {song.name for song in about} - self._offered:
            self._offered |= {song.name for song in about}
            few = len(about) == 1
            which, whose = (about[0].name, "its") if few else (_songs(len(about)), "their")
            why = f"{'is' if few else 'are'} left out of the map: {whose} beats"
            if not without:
                why = f"{'keeps' if few else 'keep'} to no beats of {whose} file{'' if few else 's'}: beats"
            sentence = f"{which} {why} can be estimated from {whose} notes."
            refuse = partial(library.keep_beats, about)

            def stands() -> bool:
                there = [song for song in library.songs if any(_same(song, each) for each in about)]
                return any(place_of(song) not in library.beats_kept and not song.estimated_beats for song in there)

            estimate = partial(self._estimate_missing, about)
            self._messages.offer(sentence, "Estimate the beats", estimate, refuse, stands)

    def _estimate_missing(self, songs: Sequence[Song]) -> None:
        self._library.keep_beats(songs)  # of one that has too few notes for beats too
        self._library.in_turn(partial(self._estimate_missing_now, songs))

    def _estimate_missing_now(self, songs: Sequence[Song]) -> None:
        if (now := self._now()) is not None:
            numbers = [number for number, song in enumerate(now.songs) if any(_same(song, each) for each in songs)]
            self._library.show_now("Finding beats", with_missing_beats(now, numbers), lambda _found, _before: None)

    def show_only(self, songs: tuple[Song, ...]) -> None:
        """Show songs that are known already in place of those that are there."""
        names = songs[0].name if len(songs) == 1 else _songs(len(songs))

        def done(_found: Found, before: tuple[Song, ...]) -> None:
            back, again = partial(self._show, lambda _now: before), partial(self._show, lambda _now: songs)
            change = self._undo_stack.done(f"showing {names} alone", back, again)
            self._messages.offer_back(f"{names} alone.", "Show all again", change)

        self._show(lambda _now: songs, done)

    def show_examples(self) -> None:
        """Show the songs that come with VRAE Explorer, by a model that knows them, in place of those that are there."""
        self._library.in_turn(self._show_examples)

    def _show_examples(self) -> None:
        library, now = self._library, self._now()
        maps = [path for called, path in bundled_models().items() if called != BASE]
        finding = _examples(now, {library.name_of(path): path for path in maps})

        def back(before: Found) -> None:
            library.show("Opening songs", at_hand(before), lambda _found, _before: None)

        def done(_found: Found, before: tuple[Song, ...]) -> None:
            if now is not None and before:
                change = self._undo_stack.done("showing the example songs", partial(back, now))
                self._messages.offer_back("The example songs.", "Show the songs from before", change)

        library.show_now("Opening the example songs", finding, done)

    def _show(
        self,
        change: Callable[[tuple[Song, ...]], tuple[Song, ...]],
        done: Callable[[Found, tuple[Song, ...]], None] = lambda _found, _before: None,
    ) -> None:
        """Show other songs in their turn, by the model that is shown then; ``change`` is given those of then."""

        def begin() -> None:
            if (now := self._now()) is not None:
                self._library.show_now("Opening songs", at_hand(now._replace(songs=change(now.songs))), done)

        self._library.in_turn(begin)

    def _now(self) -> Found | None:
        library = self._library
        model = library.model
        return None if model is None else Found(model, library.model_name, library.model_path, library.songs)

    # --- what is done to one

    def remove(self, number: int) -> None:
        """Take a song from the map; its file stays where it is."""
        song = self.shown(number)
        if song is not None:
            self._library.in_turn(partial(self._remove, song, self._tell_removed))

    def _remove(self, song: Song, done: Callable[[Song, str, int], None]) -> None:
        library, atlas, number = self._library, self._library.atlas, self._number(song)
        if atlas is None or library.model is None or number is None:
            return
        if len(atlas.corpus.names) == 1:
            self._messages.say("It is the only song on the map: open another, then remove this one.")
            return
        place = next(place for place, each in enumerate(library.songs) if _same(each, song))
        gone, name = library.songs[place], atlas.corpus.names[number]
        left = (*library.songs[:place], *library.songs[place + 1 :])
        library.take(f"Removing {name}", without_song(atlas, number), left)
        done(gone, name, place)

    def _tell_removed(self, gone: Song, name: str, place: int) -> None:
        again = partial(self._library.in_turn, partial(self._remove, gone, lambda *_: None))
        done = self._undo_stack.done(f"removing {name}", partial(self._put_back, place, (gone,)), again)
        self._messages.offer_back(f"{name} is removed from the map.", "Undo", done)

    def _put_back(self, place: int, songs: tuple[Song, ...]) -> None:
        """Show songs again where they were, but for those that are there."""

        def with_them(now: tuple[Song, ...]) -> tuple[Song, ...]:
            gone = tuple(song for song in songs if not any(_same(song, each) for each in now))
            return (*now[:place], *gone, *now[place:])

        self._show(with_them)

    def _hide(self, songs: tuple[Song, ...]) -> None:
        """Show songs no more, unless there would be none."""

        def without_them(now: tuple[Song, ...]) -> tuple[Song, ...]:
            return tuple(each for each in now if not any(_same(song, each) for song in songs)) or now

        self._show(without_them)

    def rename(self, number: int, name: str) -> None:
        """Call a song something else; its file keeps its name."""
        song, named = self.shown(number), " ".join(name.split())[:LONGEST_NAME]
        if song is not None and named:
            self._library.in_turn(partial(self._rename, song, named, self._let_undo_name))

    def _let_undo_name(self, song: Song, before: str, after: str) -> None:
        def call(name: str) -> None:
            self._library.in_turn(partial(self._rename, song, name, lambda *_: None))

        self._undo_stack.done(f"renaming {before}", partial(call, before), partial(call, after))

    def _rename(self, song: Song, name: str, done: Callable[[Song, str, str], None]) -> None:
        library, atlas, number = self._library, self._library.atlas, self._number(song)
        if atlas is None or number is None or name == atlas.corpus.names[number]:
            return
        done(song, atlas.corpus.names[number], name)
        songs = tuple(replace(each, name=name) if _same(each, song) else each for each in library.songs)
        names = (*atlas.corpus.names[:number], name, *atlas.corpus.names[number + 1 :])
        library.take("Renaming", _ready(replace(atlas, corpus=replace(atlas.corpus, names=names))), songs)

    def choose_parts(self, number: int, parts: tuple[Part | None, ...]) -> None:
        """Let a song's tracks play these parts; (): those that are found."""
        song = self.shown(number)
        if song is not None and song.parts != parts:
            self._change(song, replace(song, parts=parts), "parts")

    def has_parts(self, number: int) -> bool:
        """Whether the model tells parts apart, and a song has tracks to play them."""
        song, model = self.shown(number), self._library.model
        return model is not None and model.config.parts and song is not None and bool(song.tracks)

    def lacks_beats(self, number: int) -> bool:
        """Whether the model counts beats, and a song's notes keep to none of its file."""
        song, model = self.shown(number), self._library.model
        counts = model is not None and model.config.steps_per_beat > 0
        return counts and song is not None and not (song.estimated_beats or keeps_to_its_beats(song))

    def estimate_beats(self, number: int) -> None:
        """Find a song's beats in its onsets, and count by them instead of by those of its file."""
        song = self.shown(number)
        if song is not None:
            change = partial(self._change, song, what="beats")
            key = f"beats of {id(song)}"  # another may have the same name
            self._jobs.start(f"Finding the beats of {song.name}", found_beats(song), change, key=key)

    def shown(self, number: int) -> Song | None:
        """A song of the map."""
        atlas = self._library.atlas
        return None if atlas is None else atlas.songs_of(self._library.songs)[number]

    def _change(self, before: Song, after: Song, what: str) -> None:
        self.exchange(after)
        changing = f"changing the {what} of {before.name}"
        done = self._undo_stack.done(changing, partial(self.exchange, before), partial(self.exchange, after))
        self._messages.offer_back(f"{before.name} has other {what}: its windows are new.", "Undo", done)

    def _number(self, song: Song) -> int | None:
        """Where a song is on the map, though its name or its parts be others by now."""
        on_map = () if self._library.atlas is None else self._library.atlas.songs_of(self._library.songs)
        return next((number for number, each in enumerate(on_map) if _same(each, song)), None)

    def exchange(self, other: Song) -> None:
        """Show a song of the map with the parts and beats of another that has the same notes."""
        self._library.in_turn(partial(self._exchange, other))

    def _exchange(self, other: Song) -> None:
        library, atlas = self._library, self._library.atlas
        now = next((each for each in library.songs if _same(each, other)), None)
        if atlas is not None and now is not None:
            new = replace(other, name=now.name)
            songs = tuple(new if each is now else each for each in library.songs)
            library.take(f"Cutting {new.name} into windows", cut_anew(atlas, songs, new.name), songs)


class UndoStack(Protocol):
    """Where changes go that can be undone."""

    def done(self, text: str, back: Callable[[], object], again: Callable[[], object] | None = None) -> Undoable: ...


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
    songs = (*atlas.songs[:number], *atlas.songs[number + 1 :])
    return replace(atlas, corpus=rest, posterior=posterior, map=drawn, songs=songs).prepared()


def _same(song: Song, other: Song) -> bool:
    """Whether these are the same notes, whatever they are called and whoever plays them."""
    return song.notes is other.notes and song.drums is other.drums


def _ready(atlas: Atlas) -> Generator[Step, None, Atlas]:
    yield Progress(0, 1)
    return atlas.prepared()


def _examples(now: Found | None, models: Mapping[str, Path]) -> Generator[Step, None, Found]:
    """The example songs, with the model that is shown if it comes with them too, else with one that does."""
    songs, complaints = yield from read_songs(bundled_songs())
    if now is not None and (now.path in models.values() or not models):
        return now._replace(songs=songs, complaints=complaints)
    name = "eight-songs-bars" if "eight-songs-bars" in models else next(iter(models))
    return Found(TrainedModel.load(models[name]), name, models[name], songs, complaints)


def _songs(count: int) -> str:
    return "one song" if count == 1 else f"{count:,} songs"
