"""Saving what is seen, to print or to pass on: the map, the training's curves, the path's rolls, a page of the map."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from explorer.qt.jobs import Jobs
from explorer.qt.labels import counted
from explorer.qt.messages import Messages
from explorer.session.map.colouring import Colouring
from explorer.session.map.selection import Selection
from explorer.session.path.drawing import Drawing
from explorer.session.path.path import DrawnPath
from explorer.session.playing.decoded import PieceSettings
from explorer.session.playing.playback import Playback
from explorer.session.songs.atlas import Atlas
from explorer.session.songs.library import Library
from explorer.session.training.training import Training
from vrae_core.latent.colours import Meaning
from vrae_core.pictures.curves import save_curve_picture
from vrae_core.pictures.map import DrawnLine, save_map_picture
from vrae_core.pictures.path import StripRoll, places_along, save_path_strip
from vrae_core.pictures.web_page.page import MapShown, saving_page
from vrae_core.progress import Progress
from vrae_core.runs.changes import ChangeMark
from vrae_core.runs.history import HistoryRow

Saving = Generator[Progress, None, Path]


class Pictures:
    """Each verb writes one file, whole or not at all, and then says so."""

    def __init__(
        self,
        messages: Messages,
        jobs: Jobs,
        library: Library,
        colouring: Colouring,
        playback: Playback,
        path: DrawnPath,
        selection: Selection,
        training: Training,
    ) -> None:
        self._messages, self._jobs, self._library = messages, jobs, library
        self._colouring, self._playback = colouring, playback
        self._path, self._selection, self._training = path, selection, training

    def title(self) -> str:
        """What the map is of, in a few words."""
        atlas = self._library.atlas
        count = 0 if atlas is None else len(atlas.corpus.names)
        return f"{counted(count, 'song')}, {self._library.model_name}"

    def save_map(self, file: Path) -> None:
        """Save the map as a picture, PNG or SVG, in the window's colours and greys, with the path."""
        atlas = self._library.atlas
        if atlas is None:
            return
        lit = self._library.lit.windows()
        if self._selection.windows is not None:
            lit = lit & self._selection.windows
        drawn = DrawnLine(self._path.drawing.line, self._path.on_map) if len(self._path.points) > 1 else None
        self._start(file, _save_map(file, atlas, self.title(), lit, drawn, self._colouring.meaning))

    def save_page(self, file: Path) -> None:
        """Save the map as a web page that plays; its clips sound as the window does now."""
        atlas, shown = self._library.atlas, self._colouring.meaning
        if atlas is not None:
            others = [each for each in self._colouring.known if each is not shown]
            page = MapShown(
                atlas.model,
                atlas.corpus,
                atlas.posterior.mu,
                atlas.map.points,
                self.title(),
                shown,
                others,
                self._library.lit.mask.copy(),
                self._library.song_colours.safe,
            )
            self._start(file, _save_page(file, page, self._playback.piece_settings()))

    def save_strip(self, file: Path) -> None:
        """Save the rolls along the path as a picture, PNG or SVG."""
        if self._library.atlas is not None and len(self._path.points) > 1:
            threshold = self._playback.piece_settings().threshold
            self._start(file, _save_strip(file, self._library.atlas, self._path.drawing, threshold))

    def save_curve(self, file: Path) -> None:
        """Save the curves of the training as a picture, PNG or SVG."""
        training = self._training
        title = f"{training.name}, {counted(len(training.names), 'song')}"
        self._start(file, _save_curve(file, tuple(training.rows), tuple(training.marks), title))

    def _start(self, file: Path, job: Saving) -> None:
        self._jobs.save(file, f"Saving {file.name}", job, self._messages.say_saved)


def _save_map(
    file: Path,
    atlas: Atlas,
    title: str,
    lit: npt.NDArray[np.bool_],
    drawn: DrawnLine | None,
    meaning: Meaning | None,
) -> Saving:
    yield Progress(0, 1, "Drawing the map")
    shown, corpus = atlas.map, atlas.corpus
    save_map_picture(file, shown.points, corpus.song_of, corpus.names, title, shown.axis_names, lit, drawn, meaning)
    return file


def _save_page(file: Path, shown: MapShown, settings: PieceSettings) -> Saving:
    yield from saving_page(file, shown, settings.score, settings.sound, settings.tempo)
    return file


def _save_strip(file: Path, atlas: Atlas, drawing: Drawing, threshold: float) -> Saving:
    yield Progress(0, 1, "Decoding the path")
    path = drawing.path
    places = places_along(path)
    zs = path.at(places)
    panels = [
        StripRoll(
            probabilities, _number(place, len(path.points)), _what_is_at(atlas, z), is_point=float(place).is_integer()
        )
        for place, z, probabilities in zip(places.tolist(), zs, atlas.model.decode(zs), strict=True)
    ]
    yield Progress(1, 2, "Drawing the rolls")
    title = f"Path of {len(path.points)} points"
    save_path_strip(file, panels, atlas.model.pitches, threshold, title, atlas.corpus.grid)
    return file


def _number(place: float, points: int) -> str:
    """A place on the path as the map numbers its points, from 1; a closed path ends at the first."""
    return f"{place % points + 1:g}" if place == round(place) else f"{place + 1:.2f}"


def _what_is_at(atlas: Atlas, z: npt.NDArray[np.float32]) -> str:
    """The window at a latent point, or the one it is nearest to."""
    [window], [away] = atlas.map.nearest_in_z(z)
    return atlas.title(int(window)) if away < 1e-6 else f"near {atlas.title(int(window))}"


def _save_curve(file: Path, rows: Sequence[HistoryRow], marks: Sequence[ChangeMark], title: str) -> Saving:
    yield Progress(0, 1, "Drawing the curves")
    figures = [(row.seconds / 60, row.lower_bound, row.reconstruction, row.kl) for row in rows]
    save_curve_picture(file, figures, "minutes", title, [(mark.seconds / 60, mark.words) for mark in marks])
    return file
