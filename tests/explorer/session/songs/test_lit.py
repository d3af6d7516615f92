"""Greying songs."""

from __future__ import annotations


def test_a_click_greys_a_song_and_a_solo_greys_the_others(explored):
    atlas, lit = explored.library.atlas, explored.library.lit
    lit.toggle(1)
    assert lit.mask.tolist() == [True, False, True]
    assert lit.windows().sum() == atlas.counts[0] + atlas.counts[2]
    lit.solo(2)
    assert lit.mask.tolist() == [False, False, True]
    lit.solo(2)
    assert lit.mask.all()
    lit.toggle(0)
    lit.light_all()
    assert lit.mask.all()
