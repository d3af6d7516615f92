"""The dots of the map: what they look like, which of them is where, and how they are drawn without a wait.

What is painted is the last image of the dots, put where it belongs in the view as it is now; meanwhile a thread draws
the next one (`raster.py`).  Another thread makes the tree that finds the nearest dot, and the glow
(`survey.py`).  So a frame costs the same for any number of dots.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import ceil, floor

import numpy as np
from PySide6.QtCore import QObject, QPointF, QRectF, QSize, QTimer
from PySide6.QtGui import QColor, QImage, QPainter, QPalette

from explorer.panels.map.view import survey as map_survey
from explorer.panels.map.view.painting import Glow, Points
from explorer.panels.map.view.plane import Layer, Plane
from explorer.panels.map.view.raster import MARGIN, Image, RasterFrame, Scene, raster
from explorer.panels.map.view.survey import Corner, Survey
from explorer.qt.background import NewestWins
from vrae_core.piano_roll import BoolArray, FloatArray, IntArray

GREY = 0.28  # how much the dots that are not lit stand out from the ground

REST_MS = 60  # without a change of scale: then dots that were stretched meanwhile are drawn anew
STRETCHED = 1.6  # beyond this they are drawn anew at once


class Dots(QObject):
    """N dots coloured by song or by something else, and the glow of their songs below them.

    Those that are not lit are grey, and count as nothing that one could point at; nor do those without a place,
    a coordinate of which is no number.
    """

    def __init__(self, plane: Plane, palette: QPalette) -> None:
        super().__init__(plane)
        self._palette = palette
        self._scene = Scene()
        self._glowing: Scene | None = None  # the dots in the colours of their songs
        self._bounds: tuple[Corner, Corner] | None = None
        self._known: Survey | None = None  # of the scene as it is, once that is worked out
        self._surveyed: Scene | None = None  # what that has been asked of
        self._glow, self._item = Glow(plane), DotsItem(plane)
        self._surveyor = NewestWins(map_survey.survey)
        self._surveyor.answered.connect(self._show_survey)

    @property
    def points(self) -> Points:
        """Where the N dots are: (N, 2)."""
        return self._scene.points

    @property
    def lit(self) -> BoolArray:
        """Which of the N dots show their colour."""
        return self._scene.lit

    @property
    def bounds(self) -> tuple[Corner, Corner] | None:
        """The lowest and the highest coordinates, each (2,), of the dots that have a place; None without such dots."""
        return self._bounds

    @property
    def threads(self) -> tuple[NewestWins[tuple[Scene, Scene | None]], NewestWins[tuple[Scene, RasterFrame]]]:
        """Which must be cancelled when the dots are gone."""
        return self._surveyor, self._item.drawer

    @property
    def settled(self) -> bool:
        """Whether the dots are seen as they are, and with their glow."""
        return self._item.settled and (self._known is not None or self._surveyed is None)

    def show(self, points: Points, song_of: IntArray, colours: Sequence[str]) -> None:
        """Show N dots, (N, 2), coloured by song; all are lit if there are more or fewer than before."""
        as_before = len(points) == len(self.points)
        lit = self.lit if as_before else np.ones(len(points), bool)
        shape_of = self._scene.shape_of if as_before else None
        self._bounds = map_survey.bounds(points)
        scene = Scene(points, song_of, colours, lit, shape_of)
        self._glowing = scene
        self._change(self._on_surface(scene), other_places=True)

    def move(self, points: Points) -> None:
        """Show the same dots elsewhere, (N, 2), without their glow."""
        self._bounds = map_survey.bounds(points)
        self._glowing = None
        self._glow.clear()
        self._change(replace(self._scene, points=points), other_places=True)

    def recolour(self, colour_of: IntArray, colours: Sequence[str]) -> None:
        """Colour the N dots by something else than their song; the glow stays."""
        self._change(replace(self._scene, colour_of=colour_of, colours=colours))

    def set_shapes(self, shape_of: IntArray | None) -> None:
        """Draw the N dots as other shapes, an index each into ``map_raster.SHAPES``; None: all are circles."""
        self._change(replace(self._scene, shape_of=shape_of))

    def set_lit(self, lit: BoolArray) -> None:
        """Let only some of the N dots keep their colour; the others turn grey."""
        if self._glowing is not None:
            self._glowing = replace(self._glowing, lit=lit)
        self._change(replace(self._scene, lit=lit), other_places=True)

    def set_palette(self, palette: QPalette) -> None:
        """Draw the grey and the edges for other surfaces."""
        self._palette = palette
        self._change(self._on_surface(self._scene))

    def nearest(self, point: FloatArray, within: float) -> int:
        """The lit dot nearest to a map point, if it lies within a map distance of it, else −1."""
        self._survey()
        return map_survey.nearest(self._scene, self._known, point, within)

    def towards(self, point: FloatArray, way: FloatArray, beyond: float) -> int | None:
        """The lit dot nearest to a map point in a direction, within 45° of it and beyond a map distance, or None."""
        self._survey()
        return map_survey.towards(self._scene, self._known, point, way, beyond)

    def _change(self, scene: Scene, other_places: bool = False) -> None:
        self._scene = scene
        if other_places:
            self._known = self._surveyed = None
            if self._glowing is not None:  # while dots move, nobody need know which is nearest before it is asked
                self._survey()
        elif self._known is not None:
            self._known = replace(self._known, scene=scene)
        self._item.show_scene(scene)

    def _survey(self) -> None:
        """Have it worked out, unless it is, what lies where."""
        if self._surveyed is None:
            self._surveyed = self._scene
            self._surveyor.ask((self._scene, self._glowing))

    def _on_surface(self, scene: Scene) -> Scene:
        ground, ink = (
            self._palette.color(role) for role in (QPalette.ColorRole.Base, QPalette.ColorRole.PlaceholderText)
        )
        channels = ((ground.red(), ink.red()), (ground.green(), ink.green()), (ground.blue(), ink.blue()))
        grey = QColor(*(round(below + GREY * (above - below)) for below, above in channels))
        return replace(scene, grey=grey.name(), edge=ground.name())

    def _show_survey(self, request: tuple[Scene, Scene | None], known: Survey) -> None:
        scene, glowing = request
        if scene.points is self._scene.points and scene.lit is self._scene.lit:
            self._known = replace(known, scene=self._scene)
        if glowing is self._glowing:
            self._glow.show_image(known.glow, known.area)


class DotsItem(Layer):
    """Paints the last image of the dots, and asks for the next if it is of another scene or of another part."""

    def __init__(self, plane: Plane) -> None:
        super().__init__(plane, 0)
        self._scene = Scene()
        self._shown: tuple[Scene, RasterFrame] | None = None
        self._asked: tuple[Scene, RasterFrame] | None = None
        self._pixels: Image | None = None  # the image's own memory
        self._image = QImage()
        self._rest = QTimer(self, interval=REST_MS, singleShot=True)
        self._rest.timeout.connect(self.update)
        self._waits = False  # for a rest, to ask for another image
        self._scale = 1.0  # at the last painting
        self.drawer = NewestWins(_draw)
        self.drawer.answered.connect(self._show_image)

    @property
    def settled(self) -> bool:
        """Whether the image is of what it was last asked to be of."""
        drawn = self._shown is not None and self._shown == self._asked and not self._waits
        return drawn and self._shown is not None and self._shown[0] is self._scene

    def show_scene(self, scene: Scene) -> None:
        """Show other dots as soon as they are drawn."""
        self._scene = scene
        self.update()

    def paint(self, painter: QPainter) -> None:
        if not len(self._scene.points):
            return
        self._ask_for(self.plane.viewRect(), self.plane.size, painter.device().devicePixelRatioF())
        if self._shown is not None:
            self._paint_image(painter, self._shown[1])

    def _ask_for(self, area: QRectF, on_screen: QSize, ratio: float) -> None:
        across, down = on_screen.width() * ratio, on_screen.height() * ratio
        if across < 1 or down < 1:
            return
        per_pixel = area.width() / across, area.height() / down
        if self._asked is not None and self._asked[0] is self._scene:
            asked = self._asked[1]
            if _covers(asked, area, per_pixel):
                self._waits = False
                return
            if abs(per_pixel[0] / self._scale - 1) > 1e-6:
                self._scale = per_pixel[0]
                self._rest.start()
            stretched = max(per_pixel[0] / asked.per_pixel[0], asked.per_pixel[0] / per_pixel[0])
            self._waits = self._rest.isActive() and stretched < STRETCHED and _holds(asked, area)
            if self._waits:
                return
        self._waits, self._scale = False, per_pixel[0]
        beside, above = ceil(MARGIN * across), ceil(MARGIN * down)
        self._asked = self._scene, RasterFrame(
            area.left() - beside * per_pixel[0], area.bottom() + above * per_pixel[1], per_pixel,
            ceil(across) + 2 * beside, ceil(down) + 2 * above, ratio,
        )  # fmt: skip
        self.drawer.ask(self._asked)

    def _paint_image(self, painter: QPainter, frame: RasterFrame) -> None:
        """In the screen's own pixels: where the scale is as it was, every pixel of the image is one of the screen."""
        width, height = frame.size
        place = painter.transform().mapRect(QRectF(frame.left, frame.top - height, width, height))
        painter.save()
        painter.resetTransform()
        stretched = place.width() * frame.ratio - frame.width, place.height() * frame.ratio - frame.height
        if max(map(abs, stretched)) < 0.5:
            corner = QPointF(*(floor(at * frame.ratio + 0.5) / frame.ratio for at in (place.left(), place.top())))
            painter.drawImage(corner, self._image)
        else:
            painter.drawImage(place, self._image)
        painter.restore()

    def _show_image(self, request: tuple[Scene, RasterFrame], pixels: Image) -> None:
        self._shown, self._pixels = request, pixels
        high, wide = pixels.shape
        self._image = QImage(pixels.data, wide, high, 4 * wide, QImage.Format.Format_ARGB32_Premultiplied)
        self._image.setDevicePixelRatio(request[1].ratio)
        self.update()


def _draw(request: tuple[Scene, RasterFrame]) -> Image:
    """In the thread."""
    return raster(*request)


def _covers(frame: RasterFrame, area: QRectF, per_pixel: tuple[float, float]) -> bool:
    """Whether an image is of a part of the map at this scale, with some margin left on all sides."""
    same = all(abs(now / then - 1) < 1e-6 for now, then in zip(per_pixel, frame.per_pixel, strict=True))
    return same and _holds(frame, area, MARGIN / 2)


def _holds(frame: RasterFrame, area: QRectF, margin: float = 0.0) -> bool:
    """Whether an image holds a part of the map, and beyond its sides a margin, as a share of it."""
    width, height = frame.size
    spare_x, spare_y = area.width() * margin, area.height() * margin
    return (
        frame.left <= area.left() - spare_x
        and area.right() + spare_x <= frame.left + width
        and frame.top - height <= area.top() - spare_y
        and area.bottom() + spare_y <= frame.top
    )
