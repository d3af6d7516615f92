"""The colours of songs, one table for the window and for pictures on paper."""

from __future__ import annotations

import colorsys
from typing import NamedTuple


class SongColour(NamedTuple):
    """One song's colour, as #rrggbb."""

    screen: str  # calm, on a dark surface
    paper: str  # the same hue on white


# On paper the lightness of each hue is set apart so that colour-blind eyes can tell them too: the least
# OKLab distance of two is 0.14, and 0.12 as seen with deuteranopia or protanopia (Okabe & Ito's palette: 0.16, 0.08).
_TABLE = (
    SongColour("#5ec8f2", "#05485d"),
    SongColour("#f2a65e", "#7f4700"),
    SongColour("#8fd694", "#27bd48"),
    SongColour("#e57ab0", "#e76ead"),
    SongColour("#c9b458", "#8f7a02"),
    SongColour("#9d8df1", "#613fc0"),
    SongColour("#ee6b6b", "#6e0013"),
    SongColour("#67d0c1", "#31746b"),
)
_GOLDEN_TURN = 0.381966  # of the hue circle: however many songs there are, their hues stay spread


def song_colour(index: int) -> SongColour:
    """The colour of the song at a place in the list of songs, counted from 0; they never run out."""
    if index < len(_TABLE):
        return _TABLE[index]
    extra = index - len(_TABLE)
    hue = (0.04 + extra * _GOLDEN_TURN) % 1
    shade = extra % 3  # neighbours in the list differ in lightness as well
    return SongColour(_hex(hue, (0.74, 0.82, 0.68)[shade], 0.6), _hex(hue, (0.34, 0.42, 0.24)[shade], 0.6))


def _hex(hue: float, lightness: float, saturation: float) -> str:
    return "#" + "".join(f"{round(255 * c):02x}" for c in colorsys.hls_to_rgb(hue, lightness, saturation))
