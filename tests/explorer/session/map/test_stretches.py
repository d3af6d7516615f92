"""The selection as stretches of songs, in memory and in a session file."""

from __future__ import annotations

import json

import numpy as np
import pytest

from explorer.session.map.stretches import Stretches


def test_a_selection_is_the_same_after_it_was_written_and_read(explored):
    rng = np.random.default_rng(3)
    for density in (0.02, 0.5, 1.0):
        chosen = rng.random(len(explored.library.atlas.corpus)) < density
        explored.selection.set(chosen)
        runs = explored.selection.runs()
        explored.selection.clear()
        explored.selection.restore(Stretches.from_plain(json.loads(json.dumps(runs.as_plain()))) if runs else None)
        assert (explored.selection.windows is None) == (not chosen.any())
        assert explored.selection.windows is None or (explored.selection.windows == chosen).all()


@pytest.mark.parametrize("text", ["", "x", "3-1", "-1", "9" * 30, "1,2", "1-2-3", "٣-x"])
def test_stretches_that_make_no_sense_are_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 - as for every part of a session file
        Stretches.from_plain({"Low": text})


def test_an_end_that_is_left_out_is_the_beginning():
    assert Stretches.from_plain({"Low": "1-"}).stretches.tolist() == [[0, 1, 1]]


def test_songs_that_are_not_there_are_left_out_of_a_restored_selection(explored):
    explored.selection.restore(Stretches(("Nobody", "High"), np.array([[0, 0, 500], [1, 0, 0]])))
    assert [explored.library.atlas.title(each) for each in explored.selection.indices] == ["High · 0:00.0"]
