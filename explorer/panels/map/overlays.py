"""What helps to read the map: song threads, posteriors, a decoded field, a word where the data end.

It listens to the session and draws on the map's view; that the map itself changes it sees by the same signals.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QWidget

from explorer.panels.map.view.field import FieldLayer, FieldLegend, value_range
from explorer.panels.map.view.lines import Ellipses, Head, MapLine, MapLines, see_through
from explorer.panels.map.view.view import MapView
from explorer.qt.background import NewestWins
from explorer.session.map.layers import Field, Layers
from explorer.session.map.selection import Selection
from explorer.session.playing.decoded import Decoded
from explorer.session.playing.playback import Playback
from explorer.session.songs.atlas import Atlas
from explorer.session.songs.library import Library
from vrae_core.latent.field import Area
from vrae_core.latent.posterior_shape import covariances, is_linear, samples
from vrae_core.latent.song_thread import places_along, song_windows
from vrae_core.piano_roll import FloatArray

MOST_THREADS, LONGEST_THREAD = 12, 2_000  # songs, and windows of one song: a longer one is cut around what is heard
NEAR = (4, 8)  # windows before and after the one heard whose part of the thread is strong
MOST_ELLIPSES = 200
SAMPLES = 48  # of a posterior, in place of an ellipse
BACK = 0.85  # a point that was far is so until its farness is below this: a hand that trembles makes nothing flicker
FAR_WORDS = "Far from any song"
REACH = 24  # pixels that the mark of the point heard reaches
MARGIN = 16  # pixels between the legend and the edges of the map


class _Sampled(NamedTuple):
    """Posteriors whose samples are asked for."""

    atlas: Atlas
    windows: tuple[int, ...]


class MapReading(QObject):
    """The layers between the glow of the songs and their dots, and the legend of the field."""

    def __init__(
        self,
        view: MapView,
        library: Library,
        playback: Playback,
        selection: Selection,
        layers: Layers,
        field: Field,
        bars: Sequence[QWidget],
    ) -> None:
        super().__init__(view)
        self._bars = bars  # that may lie over the map's lower edge
        self._view, self._library, self._playback = view, library, playback
        self._selection, self._layers, self._field = selection, layers, field
        self.field, self.legend = FieldLayer(view.plane), FieldLegend(view)
        self.threads, self.head = MapLines(view.plane, -5), Head(view.plane, 5)
        self.ellipses = Ellipses(view.plane)
        self._sampler = NewestWins(_sample)
        self._sampler.answered.connect(self._sampled)
        self._threaded: tuple[object, ...] = ()  # what the threads that are shown were drawn for
        self._drawn_on: Atlas | None = None
        self._drawn: list[int] = []  # the windows whose posteriors are shown
        self._hovered = -1
        self._is_far = self._is_settling = False
        self._gesture: object = None  # that the word on what is far was of
        view.installEventFilter(self)
        for bar in bars:
            bar.installEventFilter(self)
        view.hovered.connect(self._hover)
        view.area_changed.connect(self._look)
        library.atlas_changed.connect(self._show_atlas)
        library.dots_moved.connect(self._settle)
        for signal in (library.lit.changed, selection.changed, playback.heard_changed, layers.changed):
            signal.connect(self._show)
        playback.moved.connect(self._move)
        for signal in (layers.changed, field.changed):
            signal.connect(self._show_field)
        self._show_atlas()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.PaletteChange and watched is self._view:
            self._threaded = ()
            self._show()
            self._show_field()
        elif event.type() in (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide):
            self._place_legend()
        return False

    # --- what the session says

    def _show_atlas(self) -> None:
        self._is_settling, self._hovered, self._threaded = False, -1, ()
        self._look()
        self._show()

    def _settle(self) -> None:
        """While the dots move nothing here has a place."""
        if not self._is_settling:
            self._is_settling = True
            self._show()

    def _show(self) -> None:
        self._warn()
        self._show_threads()
        self._show_ellipses()
        self._move()
        self._place_legend()

    def _hover(self, window: int) -> None:
        self._hovered = window
        self._show_ellipses()

    @property
    def _atlas(self) -> Atlas | None:
        """The atlas whose dots are where it says."""
        return None if self._is_settling else self._library.atlas

    @property
    def _heard(self) -> Decoded | None:
        return self._playback.heard

    @property
    def _position(self) -> float:
        return self._playback.player.position

    def _window_heard(self) -> int | None:
        """The window that is heard, or else the one that is nearest, unless that is far."""
        atlas, heard = self._atlas, self._heard
        if atlas is None or heard is None:
            return None
        window = heard.window_at(self._position)
        if window is None and not heard.arrivals and not self._is_far:
            window = int(atlas.map.nearest(heard.place_at(self._position), 1)[0][0])
        return window

    # --- threads

    def _show_threads(self) -> None:
        atlas, choice = self._atlas, self._layers.threads
        window = self._window_heard() if choice != "off" else None
        lit = np.flatnonzero(self._library.lit.mask)
        most = {"off": 0, "heard": 1, "lit": MOST_THREADS}[choice]
        songs = lit.tolist() if atlas is not None and len(lit) <= most else []
        heard = -1 if atlas is None or window is None else int(atlas.corpus.song_of[window])
        asked = (atlas, tuple(songs), window)
        if asked == self._threaded:
            return
        self._threaded = asked
        curves = []
        if atlas is not None:
            ink = self._view.palette().color(QPalette.ColorRole.Text)
            curves = [_thread(atlas, song, -1, see_through(ink, 0.35), 1.0) for song in songs if song != heard]
            if window is not None:
                colour = atlas.colour_of(window)
                curves.append(_thread(atlas, heard, window, see_through(colour, 0.4), 1.1))
                curves.append(_thread(atlas, heard, window, see_through(colour, 0.95), 2.0, *NEAR))
        self.threads.show(curves)

    def _move(self, _step: float = 0.0) -> None:
        """The head on the thread is where the song is; of a song played through the cursor itself runs along."""
        atlas, heard, playback = self._atlas, self._heard, self._playback
        if heard is not None and len(heard.zs) > 1:
            self._warn()
        point, colour = None, "#ffffff"
        if atlas is not None and heard is not None and heard.windows is not None:
            self._show_threads()
            self._show_ellipses()
        elif (
            atlas is not None
            and heard is not None
            and heard.window is not None
            and self._layers.threads != "off"
            and playback.player.position > 0
        ):
            song = int(atlas.corpus.song_of[heard.window])
            step = min(playback.player.position, atlas.corpus.window) + atlas.corpus.start_of[heard.window]
            point, colour = places_along(atlas.corpus, atlas.map.points, song, step), atlas.colour_of(heard.window)
        if self._is_elsewhere(point):
            self.head.show(point, colour, self._view.palette())

    def _is_elsewhere(self, point: FloatArray | None) -> bool:
        """Whether the head would be drawn half a pixel or more from where it is: each move paints the map anew."""
        shown = self.head.points
        if point is None or not len(shown):
            return (point is None) == bool(len(shown))
        return bool(np.abs(point - shown[0]).max() >= 0.5 * self._view.map_per_pixel())

    # --- posteriors

    def _show_ellipses(self) -> None:
        atlas, choice = self._atlas, self._layers.ellipses
        windows = [] if atlas is None else self._windows_of(choice)
        if (atlas, windows) == (self._drawn_on, self._drawn):
            return
        self._drawn_on, self._drawn = atlas, windows
        if atlas is None or not windows:
            self.ellipses.clear()
        elif is_linear(atlas.map):
            shapes = covariances(atlas.map, atlas.posterior.sigma[windows])
            self.ellipses.show(atlas.map.points[windows], shapes, [atlas.colour_of(window) for window in windows])
        else:
            self._sampler.ask(_Sampled(atlas, tuple(windows)))

    def _windows_of(self, choice: str) -> list[int]:
        """The windows whose posteriors are to be seen."""
        atlas = self._atlas
        assert atlas is not None
        if choice == "off":
            return []
        heard = None if self._heard is None else self._heard.window_at(self._position)
        windows = dict.fromkeys(each for each in (heard, self._hovered) if each is not None and each >= 0)
        if choice == "lit" and is_linear(atlas.map):
            lit = self._library.lit.windows()
            selected = self._selection.windows
            if selected is not None and len(selected) == len(lit):  # else it is yet to hear of this atlas
                lit = lit & selected
            if lit.sum() <= MOST_ELLIPSES:
                windows |= dict.fromkeys(np.flatnonzero(lit).tolist())
        return [window for window in windows if window < len(atlas.corpus)]

    def _sampled(self, asked: _Sampled, points: FloatArray) -> None:
        if asked.atlas is self._atlas and list(asked.windows) == self._drawn:
            colours = np.repeat([asked.atlas.colour_of(window) for window in asked.windows], SAMPLES)
            self.ellipses.show_samples(points, colours.tolist())

    # --- the field

    def _look(self) -> None:
        """Another part of the map is seen."""
        seen = self._view.plane.viewRect()
        self._place_legend()
        self._field.look_at(Area(seen.left(), seen.top(), seen.width(), seen.height()))

    def _show_field(self) -> None:
        measure, field = self._layers.field, self._field.field
        if measure == "off" or self._library.atlas is None:
            self.legend.hide()
            self.field.show_field(None, measure, self._view.palette())
            return
        self.field.show_field(field, measure, self._view.palette())
        self.legend.show_range(measure, None if field is None else value_range(field.of(measure)))
        self._place_legend()

    def _place_legend(self) -> None:
        """In the lower right corner, or in the left one while the point that is heard lies there; above any bar."""
        heard, room = self._heard, self._view.size()
        left, top = room.width() - self.legend.width() - MARGIN, room.height() - self.legend.height() - MARGIN
        in_the_way = [bar for bar in self._bars if bar.isVisible() and bar.geometry().right() > left - MARGIN]
        top = min([top, *(bar.geometry().top() - self.legend.height() - MARGIN // 2 for bar in in_the_way)])
        if heard is not None and self._atlas is not None:
            at = self._view.to_pixels(heard.place_at(self._position))
            if at.x() > left - REACH and at.y() > top - REACH:
                left = MARGIN
        self.legend.move(left, top)

    # --- where the data end

    def _warn(self) -> None:
        atlas, heard, gesture = self._atlas, self._heard, self._playback.gesture
        if gesture is not self._gesture:
            self._gesture, self._is_far = gesture, False
        if atlas is None or heard is None or heard.window_at(self._position) is not None:
            self._is_far = False
        else:
            farness = atlas.farness(heard.place_at(self._position), heard.z_at(self._position))
            self._is_far = farness > (BACK if self._is_far else 1)
        self._view.marks.set_warning(FAR_WORDS if self._is_far else "")


def _thread(
    atlas: Atlas,
    song: int,
    window: int,
    colour: QColor,
    width: float,
    before: int = LONGEST_THREAD // 2,
    after: int = LONGEST_THREAD // 2,
) -> MapLine:
    """The line through a song's windows, from so many before one of them to so many after it."""
    mine = song_windows(atlas.corpus, song)
    middle = max(window, mine.start)
    return MapLine(
        atlas.map.points[max(mine.start, middle - before) : min(mine.stop, middle + after + 1)], colour, width
    )


def _sample(asked: _Sampled) -> FloatArray:
    """In a thread: a t-SNE map has to look for the place of each sample."""
    atlas = asked.atlas
    mu, sigma = atlas.posterior
    return np.concatenate([samples(atlas.map, mu[i], sigma[i], SAMPLES, i) for i in asked.windows])
