"""Contrast, as WCAG 2 computes it: 4.5 for words, 3 for dots, in both themes."""

from __future__ import annotations

import re
from itertools import product

import pytest

from explorer.qt.theme import _STYLESHEET, DARK, LIGHT, Theme
from vrae_core.latent.colours import GREY, PART_COLOURS, song_colour

SURFACES = ("ground", "panel", "raised")
WORDS = ("text", "muted", "faint", "accent", "good", "warning", "bad")
ON_COLOUR = (("on_accent", "accent"), ("on_chosen", "chosen"))
SONGS = 200
both_themes = pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])


def luminance(colour: str) -> float:
    linear = []
    for at in (1, 3, 5):
        share = int(colour[at : at + 2], 16) / 255
        linear.append(share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4)
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_21_of_black_on_white_and_1_of_a_colour_on_itself() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#777777") == 1
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@both_themes
def test_words_can_be_read_on_every_surface(theme: Theme) -> None:
    pairs = [*product(WORDS, SURFACES), *ON_COLOUR]
    least = {pair: contrast(getattr(theme, pair[0]), getattr(theme, pair[1])) for pair in pairs}
    assert {pair: ratio for pair, ratio in least.items() if ratio < 4.5} == {}


@both_themes
def test_words_can_be_read_on_what_the_stylesheet_puts_them(theme: Theme) -> None:
    rules = re.findall(r"\{([^}]*)\}", _STYLESHEET.template)
    for rule in rules:
        ink = re.search(r"(?<![-\w])color: \$(\w+)", rule)
        ground = re.search(r"(?<![-\w])background: \$(\w+)", rule)
        if ink and ground:
            assert contrast(getattr(theme, ink[1]), getattr(theme, ground[1])) >= 4.5, rule
    assert len(rules) > 50


@both_themes
@pytest.mark.parametrize("safe", [False, True], ids=["usual", "safe"])
def test_the_dots_of_every_song_stand_out_from_the_map_and_the_legend(theme: Theme, safe: bool) -> None:
    dots = [song_colour(song, safe).on(theme is DARK) for song in range(SONGS)] + [GREY]
    faint = {dot for dot, surface in product(dots, ("ground", "panel")) if contrast(dot, getattr(theme, surface)) < 3}
    assert faint == set()


@both_themes
def test_the_parts_stand_out_from_the_roll_and_its_key(theme: Theme) -> None:
    pairs = product([colour.on(theme is DARK) for colour in PART_COLOURS.values()], ("ground", "panel"))
    assert [pair for pair in pairs if contrast(pair[0], getattr(theme, pair[1])) < 3] == []
