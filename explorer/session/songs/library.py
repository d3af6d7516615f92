"""The model, the songs and the map made of them; opening more of them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from explorer.qt.jobs import Jobs
from explorer.qt.messages import Messages
from explorer.session.songs.atlas import Atlas
from explorer.session.songs.lit import LitSongs
from explorer.session.songs.making import Found, Made, Part, make, make_of, make_of_folders, make_of_sources, redraw
from explorer.session.songs.song_colours import SongColours
from explorer.session.songs.sources import Place, SongSource, place_of
from vrae_core.bundled import BARS, BASE, bundled_models, bundled_songs
from vrae_core.latent.map import Dimensions, Projection, natural_projection
from vrae_core.latent.tsne import PERPLEXITY, MapProgress
from vrae_core.midi.song import Song
from vrae_core.model.trained import TrainedModel
from vrae_core.progress import Step

MAKING, DRAWING = "making the map", "drawing the map"  # keys of the two jobs


class OfRun(NamedTuple):
    """A run whose model can be chosen, what that is called, and which songs it learns."""

    folder: Path
    name: str
    songs: frozenset[str] = frozenset()  # their `key_of`
    is_map: bool = False  # it is a learning of people's songs that has gone on to its end


class Library(QObject):
    """Holds one model, the songs and their atlas; reading, encoding and projecting are jobs."""

    atlas_changed = Signal()
    models_changed = Signal()
    songs_changed = Signal()
    dots_moved = Signal(object)  # (N, 2), while a projection settles
    beats_kept_changed = Signal()
    joined = Signal(object, tuple)  # the one song that joined those that were on the map already, and these
    opened = Signal(tuple, bool)  # songs: those of before, and whether the new ones took their place

    def __init__(self, messages: Messages, jobs: Jobs) -> None:
        super().__init__()
        self._messages, self._jobs = messages, jobs
        self.model: TrainedModel | None = None
        self.model_name = ""
        self.model_path: Path | None = None  # None: it is in no file yet
        self.models: dict[str, Path] = {}  # those one can choose from, by name
        self.of_runs: Mapping[Path, OfRun] = {}  # and those of runs that have ended, the newest first
        self.songs: tuple[Song, ...] = ()
        self.atlas: Atlas | None = None
        self.beats_kept: frozenset[Place] = frozenset()  # songs of which was answered whether to estimate their beats
        self.awaits_start = False  # something is to be opened as soon as the window has been painted
        self._changes_songs = False  # whether the job that makes the map does
        self.lit, self.song_colours = LitSongs(), SongColours()
        self.song_colours.changed.connect(self._recolour)
        self._skips_shown: set[str] = set()
        self.projection: Projection = "latent"  # the one asked for; the atlas may still show a quicker one
        self.perplexity = PERPLEXITY  # of t-SNE
        self._awaited: bool | None = None  # a drawing that was asked for and has not come: whether it fits anew

    @property
    def busy(self) -> bool:
        """Whether an atlas is being made, or is about to be."""
        return self.awaits_start or self._jobs.is_running(MAKING)

    def has_map(self) -> bool:
        """Whether there is an atlas to play; a method, to be handed on as it is."""
        return self.atlas is not None

    # --- opening

    def offer_models(self, paths: Iterable[Path]) -> None:
        """Let these models be chosen from."""
        self.models |= {model_name(path): path for path in paths if path not in self.of_runs}
        self.models_changed.emit()

    def offer_models_of_runs(self, models: Mapping[Path, OfRun]) -> None:
        """Let these be chosen from, and no others of runs; the model that is shown is called as its run is."""
        if list(models.items()) == list(self.of_runs.items()):
            return
        if self.model_path in self.of_runs.keys() - models.keys():
            self.model_path = None  # the file may be thrown away: the session keeps one of its own
        self.of_runs = models
        self.models = {name: path for name, path in self.models.items() if path not in models}
        if self.model_path is not None and self.model_path in models:
            self.model_name = models[self.model_path].name
        self.models_changed.emit()

    def name_model(self, name: str) -> None:
        """Call the model that is shown something else."""
        self.model_name = name
        self.models_changed.emit()

    def open(self, model_path: Path | None = None, song_paths: Sequence[Path] = ()) -> None:
        """Open a model, songs or both; songs join those that are there, a model replaces the one that is.

        Songs of one's own take the place of the example songs, and the base that of the map of these.  Of a folder all
        MIDI files are opened, those in its folders too.  What is being opened is awaited; only of models the newest
        counts.
        """
        self.in_turn(partial(self._open, model_path, song_paths), changes_songs=bool(song_paths))

    def _open(self, model_path: Path | None, song_paths: Sequence[Path]) -> None:
        self.awaits_start = False
        before, replaces = self.songs, self.shows_examples and not _examples().issuperset(map(str, song_paths))
        asked, models = model_path, bundled_models()
        if replaces and asked is None and self.model_path is not None and self.model_path == models.get(BARS):
            model_path = models.get(BASE)  # which knows more of music than a model of the examples alone
        name = self.name_of(model_path) if model_path else self.model_name
        title = f"Opening {model_path.name}" if model_path and not song_paths else "Opening songs"

        def made(result: Made) -> None:
            if replaces and (not result.songs or (result.atlas is None and self.atlas is not None)):
                self._messages.complain(result.complaints)  # there is nothing to put in their place
                if asked is not None:
                    self.open(asked)
                return
            self._made(result, name, model_path)
            if before and result.atlas is not None and len(self.songs) > (0 if replaces else len(before)):
                self.opened.emit(before, replaces)

        songs, on_map = ((), None) if replaces else (before, self.atlas)

        def some(progress: object) -> None:
            if isinstance(progress, Part) and progress.made.atlas is not None:
                self._made(progress.made, name, model_path, settled=False)

        job = make_of_folders(self.model, model_path, songs, song_paths, on_map)
        self._jobs.start(title, job, made, key=MAKING, progressed=some)

    def in_turn(self, begin: Callable[[], None], changes_songs: bool = True) -> None:
        """Begin to make a map; one that changes the songs is neither cancelled for another nor cancels it."""

        def begin_it() -> None:
            self._changes_songs = changes_songs
            begin()

        if changes_songs or self._changes_songs:
            self._jobs.after(MAKING, begin_it)
        else:
            begin_it()

    @property
    def shows_examples(self) -> bool:
        """Whether all songs are among those that come with VRAE Explorer."""
        return bool(self.songs) and _examples().issuperset(song.path for song in self.songs)

    def reopen(
        self,
        model_path: Path | None,
        sources: Sequence[SongSource],
        projection: Projection | None,
        done: Callable[[bool], None],
        model_called: str = "",
    ) -> None:
        """Open songs, and a model if one is given, in place of all that is there.

        If that gives no map, nothing changes; ``done`` is told whether it did.  model_called: if not as its file is.
        """
        self.awaits_start = False
        self.beats_kept |= {place_of(source) for source in sources if source.beats_kept}
        name = model_called or (self.name_of(model_path) if model_path else self.model_name)

        def made(result: Made) -> None:
            if result.atlas is None:
                self._messages.complain(result.complaints)
            else:
                self._made(result, name, model_path, refit=True, projection=projection)
            done(result.atlas is not None)

        self._changes_songs = True
        job = make_of_sources(self.model, model_path, sources)
        self._jobs.start("Opening songs", job, made, key=MAKING)

    def show(
        self, title: str, finding: Generator[Step, None, Found], done: Callable[[Found, tuple[Song, ...]], None]
    ) -> None:
        """Show the model and the songs that a job finds in place of those that are there; no songs: those stay.

        If that gives no map, nothing changes; else ``done`` is told what was found, and the songs of before.
        """
        self.in_turn(partial(self.show_now, title, finding, done))

    def show_now(
        self, title: str, finding: Generator[Step, None, Found], done: Callable[[Found, tuple[Song, ...]], None]
    ) -> None:
        """The same for whoever's turn it is: what depends on the songs of now must not go behind what waits."""

        def made(result: tuple[Found, Made]) -> None:
            found, new = result
            before = self.songs
            if new.atlas is None and (found.songs or before):
                self._messages.complain(new.complaints)
                return
            self._made(new, found.name, found.path, refit=True)
            done(found, before)

        self._jobs.start(title, make_of(finding, self.songs), made, key=MAKING)

    def take(self, title: str, job: Generator[Step, None, Atlas], songs: tuple[Song, ...]) -> None:
        """Show the atlas that a job makes of other songs by the same model; songs that were grey stay so.

        The job begins with the atlas of now: call this in turn.
        """
        before, grey = self.atlas, self.lit.grey

        def made(atlas: Atlas) -> None:
            self._made(Made(atlas.model, songs, atlas, ()), self.model_name, self.model_path, refit=True)
            if before is None or not atlas.corpus.has_windows_of(before.corpus):  # else they stayed as they were
                self.lit.set_grey(grey)

        self._jobs.start(title, job, made, key=MAKING)

    def use_model(self, model: TrainedModel, name: str) -> None:
        """Show the same songs through another model."""

        def begin() -> None:
            job = make(model, None, self.songs, ())
            self._jobs.start(f"Opening {name}", job, lambda made: self._made(made, name), key=MAKING)

        self.in_turn(begin, changes_songs=False)

    def add_songs(self, songs: Sequence[Song]) -> None:
        """Take songs that were read elsewhere."""

        def begin() -> None:
            new = tuple(song for song in songs if song not in self.songs)
            job = make(self.model, None, self.songs + new, (), self.atlas)
            self._jobs.start("Opening songs", job, lambda made: self._made(made, self.model_name), key=MAKING)

        self.in_turn(begin)

    def _made(
        self,
        made: Made,
        name: str,
        model_path: Path | None = None,
        refit: bool = False,
        projection: Projection | None = None,
        settled: bool = True,
    ) -> None:
        """settled: whether no more of it is on its way, so that it may be drawn as it is to stay."""
        complaints = tuple(sentence for sentence in made.complaints if sentence not in self._skips_shown)
        self._skips_shown.update(made.skipped)
        self._messages.complain(complaints)
        before = self.songs if self.atlas is not None else ()
        if [(song, song.path) for song in made.songs] != [(song, song.path) for song in self.songs]:
            self.songs = made.songs
            self.songs_changed.emit()
        if made.model is not self.model and (made.atlas is not None or self.atlas is None):
            assert made.model is not None
            self.model, self.model_name, self.model_path = made.model, name, model_path
            if model_path is not None and model_path in self.of_runs:
                self.model_name = self.of_runs[model_path].name
            elif model_path is not None:
                self.models[name] = model_path
            self.models_changed.emit()
            self.projection, self._awaited = natural_projection(made.model.config.latent), None
        if projection is not None and self.model is not None and _can_show(projection, self.model.config.latent):
            self.projection = projection
        if made.atlas is not None:
            self._jobs.cancel(DRAWING)
            self._show(made.atlas)
            if settled and (self._awaited is not None or self.projection != made.atlas.map.projection):
                self._draw(refit=bool(self._awaited))
            if settled and before and not refit and made.songs[:-1] == before:
                self.joined.emit(made.songs[-1], before)

    def name_of(self, path: Path) -> str:
        """What a model is called: as its run, as it was offered, else as its file is."""
        if path in self.of_runs:
            return self.of_runs[path].name
        return next((name for name, offered in self.models.items() if offered == path), model_name(path))

    def _show(self, atlas: Atlas) -> None:
        self.atlas = self.song_colours.on(atlas)
        self.lit.take_atlas(self.atlas)
        self.atlas_changed.emit()
        self.lit.changed.emit()

    # --- drawing

    def set_projection(self, projection: Projection, perplexity: float | None = None) -> None:
        """Draw the same windows in another way."""
        self.projection = projection
        self.perplexity = perplexity or self.perplexity
        self._draw(refit=False)

    def recompute_map(self) -> None:
        """Fit the map to all its windows, those included that have only joined it."""
        self._draw(refit=True)

    def _draw(self, refit: bool) -> None:
        projection = self.projection
        if self.atlas is None:
            return
        self._awaited = refit
        self._jobs.start(
            f"Drawing the map by {projection}" if isinstance(projection, str) else "Drawing the map",
            redraw(self.atlas, projection, self.perplexity, refit),
            self._drawn,
            key=DRAWING,
            progressed=self._drawing,
        )

    def _drawn(self, atlas: Atlas) -> None:
        self._awaited = None
        self._show(atlas)

    def _drawing(self, progress: object) -> None:
        if isinstance(progress, MapProgress) and self.atlas and len(progress.points) == len(self.atlas.corpus):
            self.dots_moved.emit(progress.points)

    def keep_beats(self, songs: Iterable[Song]) -> None:
        """Whether to estimate the beats of these is answered, and is asked no more."""
        self.beats_kept |= {place_of(song) for song in songs if song.path or song.run is not None}
        self.beats_kept_changed.emit()

    def _recolour(self) -> None:
        if self.atlas is not None:
            self._show(self.atlas)


def _examples() -> frozenset[str]:
    return frozenset(str(path) for path in bundled_songs())


def model_name(path: Path) -> str:
    """What to call a model: its file's name."""
    return path.stem


def _can_show(projection: Projection, latent: int) -> bool:
    """Whether a map of J = ``latent`` can be drawn so."""
    if isinstance(projection, Dimensions):
        return max(projection) < latent
    return (projection == "latent") == (latent <= 2)
