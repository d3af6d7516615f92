"""The colours of songs."""

from __future__ import annotations

import re

from vrae_core.palette import song_colour


def test_every_song_has_a_colour_of_its_own_on_screen_and_on_paper() -> None:
    colours = [song_colour(i) for i in range(60)]
    assert len({c.screen for c in colours}) == len({c.paper for c in colours}) == 60
    assert all(re.fullmatch("#[0-9a-f]{6}", text) for colour in colours for text in colour)


def test_paper_colours_are_dark_enough_for_white_and_screen_colours_light_enough_for_black() -> None:
    def luminance(colour: str) -> float:
        r, g, b = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
        return 0.2126 * r**2.2 + 0.7152 * g**2.2 + 0.0722 * b**2.2

    for index in range(60):
        colour = song_colour(index)
        assert luminance(colour.paper) < 0.45
        assert luminance(colour.screen) > 0.2
