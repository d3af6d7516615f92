"""The colours and shapes of a map's dots: those of their songs, or what else is shown of them."""

from __future__ import annotations

from PySide6.QtGui import QPalette

from explorer.atlas import Atlas
from explorer.widgets.map_view import MapView
from vrae_core.colour_meaning import Meaning
from vrae_core.piano_roll import IntArray


def colour_dots(view: MapView, atlas: Atlas, meaning: Meaning | None, shape_of: IntArray | None) -> None:
    """Colour the dots of an atlas by what they mean, or by song, once the view has them."""
    if len(view.points) != len(atlas.corpus):
        return
    if meaning is None or len(meaning.colour_of) != len(atlas.corpus):
        view.dots.recolour(atlas.corpus.song_of, atlas.colours)
    else:
        dark = view.palette().color(QPalette.ColorRole.Base).lightness() < 128
        view.dots.recolour(meaning.colour_of, meaning.colours(dark, atlas.safe_colours))
    view.dots.set_shapes(shape_of)
