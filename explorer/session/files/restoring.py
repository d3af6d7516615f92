"""Bringing back what a MIDI file was made from: its model, its path or its point, and how that became notes."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from explorer.qt.jobs import Jobs
from explorer.qt.messages import Messages
from explorer.session.path.path import DrawnPath
from explorer.session.path.pieces import PIECE, Pieces, from_point
from explorer.session.playing.decoded import PieceSettings
from explorer.session.playing.playback import Playback
from explorer.session.songs.atlas import Atlas
from explorer.session.songs.library import Library
from vrae_core.errors import RecipeError, VraeError
from vrae_core.latent.path import LatentPath
from vrae_core.model.file import read_digest
from vrae_core.model.trained import TrainedModel
from vrae_core.music.piece_recipe import PieceRecipe, read_recipe
from vrae_core.progress import Progress

NO_MAP = "There is no map yet to restore a piece on: open some songs first."


class _Found(NamedTuple):
    """What a MIDI file turned out to be."""

    recipe: PieceRecipe | None = None  # None: a song
    model_is_open: bool = False
    model_path: Path | None = None  # where its model is, if it is not open
    complaint: str = ""


class Restoring:
    """Opens a MIDI file as the piece it is, if it says what it was made from, and as a song otherwise."""

    def __init__(
        self,
        messages: Messages,
        jobs: Jobs,
        library: Library,
        path: DrawnPath,
        pieces: Pieces,
        playback: Playback,
    ) -> None:
        self._messages, self._jobs, self._library = messages, jobs, library
        self._path, self._pieces, self._playback = path, pieces, playback
        self._waiting: tuple[Path, PieceRecipe] | None = None  # for its model to be opened

    def open(self, file: Path, model_path: Path | None = None) -> None:
        """Open a MIDI file, and a model file that came with it."""
        known = [model_path] if model_path is not None else list(self._library.models.values())
        open_model = self._library.model if model_path is None else None
        self._jobs.start(
            f"Opening {file.name}",
            _find(file, open_model, known),
            lambda found: self._found(file, model_path, found),
            key="restore",
        )

    def _found(self, file: Path, model_path: Path | None, found: _Found) -> None:
        if found.complaint:
            self._messages.say(f"{found.complaint}.", "warning")
        recipe, self._waiting = found.recipe, None
        if recipe is None:
            self._library.open(model_path, [file])
        elif not self._library.songs:
            self._messages.say(NO_MAP, "warning")
        elif found.model_is_open:
            self._restore(file, recipe)
        elif found.model_path is not None:
            self._waiting = file, recipe
            self._library.open(found.model_path)
        else:
            called = f"“{recipe.model_name}”" if recipe.model_name else "a model"
            self._messages.say(
                f"{file.name} was made with {called} ({recipe.model[:8]}…), which is not here. Open that model file "
                "and drop the piece again, or open it as a song with File ▸ Open songs.",
                "warning",
            )

    def show_atlas(self, _atlas: Atlas) -> None:
        """Restore the piece that waited for its model to be opened."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None and self._library.model is not None and self._library.model.digest == waiting[1].model:
            self._restore(*waiting)

    def _restore(self, file: Path, recipe: PieceRecipe) -> None:
        atlas = self._library.atlas
        if atlas is None:
            self._messages.say(NO_MAP, "warning")
            return
        try:
            self._begin(atlas, file, recipe)
        except VraeError as error:
            self._messages.say(str(error), "error")
        else:
            self._messages.say(f"{file.name} is restored: the {recipe.kind} it was made from, and its settings.")

    def _begin(self, atlas: Atlas, file: Path, recipe: PieceRecipe) -> None:
        """Raises: VraeError, before anything is changed, for a recipe that this model or this path cannot follow."""
        if recipe.points.shape[1] != atlas.model.config.latent:
            raise VraeError(f"{file.name} says that it was made with this model, but its points are of another.")
        settings = PieceSettings(
            recipe.threshold, recipe.temperature, recipe.seed, recipe.tempo, recipe.sound, atlas.model.pitches
        )
        if recipe.kind == "path":
            path = LatentPath.from_plain(
                {**recipe.parameters, "points": recipe.points.tolist()}, atlas.model.config.latent
            )
            self._path.draw(path)
            self._playback.take_settings(settings)
            self._pieces.play_path()
        else:
            piece = from_point(atlas, recipe.points, recipe.steps)
            self._playback.take_settings(settings)
            play = partial(self._playback.play_piece, atlas=atlas)
            self._jobs.start(f"Decoding {file.name}", piece, play, key=PIECE)


def _find(file: Path, model: TrainedModel | None, known: Iterable[Path]) -> Generator[Progress, None, _Found]:
    """Read a file, and look for its model among the one that is open and those that are known."""
    yield Progress(0, 1, f"Reading {file.name}")
    try:
        recipe = read_recipe(file)
    except RecipeError as error:
        return _Found(complaint=str(error))
    except VraeError:
        return _Found()  # the library says what is wrong with it
    if recipe is None or (model is not None and model.digest == recipe.model):
        return _Found(recipe, recipe is not None)
    for path in known:
        yield Progress(0, 1, f"Searching {path.name}")
        try:
            if read_digest(path) == recipe.model:
                return _Found(recipe, model_path=path)
        except VraeError:
            continue  # moved or damaged meanwhile: not the one
    return _Found(recipe)
