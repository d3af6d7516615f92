"""What colours stand for: ramps of numbers, words, and their ends in words."""

from __future__ import annotations

import numpy as np
import pytest

from vrae_core.latent.colours import (
    LEVELS,
    FigureName,
    ends_in_words,
    missing_colour,
    of_numbers,
    of_words,
    ramp,
    song_colour,
)

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
