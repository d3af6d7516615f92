"""The colours of songs and parts, and what colours stand for: ramps of numbers, words, and their ends in words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest

from vrae_core.columns import TONAL
from vrae_core.latent.colours import (
    LEVELS,
    PART_COLOURS,
    FigureName,
    ends_in_words,
    missing_colour,
    of_numbers,
    of_words,
    ramp,
    song_colour,
)

FloatArray = npt.NDArray[np.float64]

FIGURE = FigureName("Density", "notes a second")


def test_a_ramp_leaves_out_what_lies_far_out_and_keeps_what_is_missing() -> None:
    meaning = of_numbers(FIGURE, np.array([*range(1000), 1e9, np.nan, np.inf], np.float32))
    assert (meaning.low, meaning.high) == pytest.approx((10, 990))
    assert meaning.colour_of[[0, 999, 1000, 1001, 1002]].tolist() == [0, LEVELS - 1, LEVELS - 1, LEVELS, LEVELS]
    assert meaning.missing == 2
    assert meaning.has_ramp


@pytest.mark.parametrize("values", [[], [np.nan], [3.0], [3.0, 3.0, np.nan]])
def test_figures_that_are_missing_or_all_alike_have_colours(values: list[float]) -> None:
    meaning = of_numbers(FIGURE, np.array(values, np.float32))
    assert (meaning.colour_of == LEVELS).tolist() == np.isnan(values).tolist()
    assert (meaning.colour_of >= 0).all()
    assert meaning.has_ramp == (not np.isnan(values).all())


def test_on_the_ends_of_another_a_number_has_the_other_s_colour() -> None:
    first = of_numbers(FIGURE, np.arange(100, dtype=np.float32))
    second = of_numbers(FIGURE, np.array([-50, 30, 500], np.float32), (first.low, first.high))
    assert second.colour_of.tolist() == [0, first.colour_of[30], LEVELS - 1]


def test_words_have_the_colours_of_songs_and_numbers_those_of_a_ramp() -> None:
    words = of_words(FigureName("mood", ""), ("calm", "wild"), np.array([1, -1, 0, 1]))
    assert (words.colour_of.tolist(), words.counts, words.missing) == ([1, 2, 0, 1], (1, 2), 1)
    assert words.colours(True, False) == (song_colour(0).screen, song_colour(1).screen, missing_colour(True))
    assert words.paper_colours == (song_colour(0).paper, song_colour(1).paper, missing_colour(False))
    assert of_numbers(FIGURE, np.zeros(1, np.float32)).paper_colours == (*ramp(False), missing_colour(False))


@pytest.mark.parametrize(
    ("low", "high", "ends"),
    [
        (0, 182.5, ("0", "182")),
        (-2.31, -0.52, ("−2.3", "−0.5")),
        (0.8711, 0.9960, ("0.87", "1.00")),
        (3, 3, ("3", "3")),
    ],
)
def test_the_ends_of_a_ramp_have_as_many_decimals_as_tell_them_apart(
    low: float, high: float, ends: tuple[str, str]
) -> None:
    assert ends_in_words(low, high) == ends


# --- as they are seen


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


def _linear(colours: Sequence[str]) -> FloatArray:
    srgb = np.array([[int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)] for c in colours])
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def _oklab(linear: FloatArray) -> FloatArray:
    lms = linear @ np.array(
        [[0.4122215, 0.2119035, 0.0883025], [0.5363325, 0.6806995, 0.2817188], [0.0514460, 0.1073970, 0.6299787]]
    )
    return np.cbrt(lms.clip(0)) @ np.array(
        [[0.2104543, 1.9779985, 0.0259040], [0.7936178, -2.4285922, 0.7827718], [-0.0040720, 0.4505937, -0.8086758]]
    )


def _least_distance(linear: FloatArray) -> float:
    seen = _oklab(linear.clip(0, 1))
    return float(min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)))


# Machado, Oliveira & Fernandes 2009, severity 1: linear RGB as it is seen.
SEEN = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}


@pytest.mark.parametrize("eyes", list(SEEN))
@pytest.mark.parametrize("dark", [True, False])
def test_the_safe_colours_stay_apart_to_colour_blind_eyes(eyes: str, dark: bool) -> None:
    safe = _linear([song_colour(i, safe=True).on(dark) for i in range(8)])
    assert _least_distance(safe @ SEEN[eyes].T) > 0.1


def test_the_usual_colours_do_not_all_stay_apart_to_colour_blind_eyes() -> None:
    usual = _linear([song_colour(i).screen for i in range(8)])
    assert min(_least_distance(usual @ matrix.T) for matrix in SEEN.values()) < 0.06


@pytest.mark.parametrize("dark", [True, False])
def test_a_ramp_grows_lighter_in_even_steps(dark: bool) -> None:
    y = _linear(ramp(dark)) @ [0.2126, 0.7152, 0.0722]
    steps = np.diff(116 * np.cbrt(y) - 16)  # CIE lightness
    assert len(steps) == LEVELS - 1
    assert steps.mean() > 0.8
    late = steps[LEVELS // 4 :]  # the very dark blues are of little lightness
    assert late.min() > 0
    assert late.std() < 0.5 * late.mean()


@pytest.mark.parametrize("eyes", SEEN)
@pytest.mark.parametrize("dark", [True, False])
def test_any_eyes_tell_the_parts_on_the_keyboard_apart(eyes: str, dark: bool) -> None:
    inks = _linear([PART_COLOURS[part].on(dark) for part in TONAL])
    assert _least_distance(inks @ SEEN[eyes].T) > 0.1
