"""The session as a whole: each of its parts hears of a new atlas, whatever befalls another."""

from __future__ import annotations

import numpy as np


def test_a_part_that_fails_leaves_none_of_the_others_with_the_old_atlas(explored, make_model, qtbot, monkeypatch):
    def fail(_atlas):
        raise ValueError("broken")

    for part in (explored.colouring, explored.path, explored.comparing):
        monkeypatch.setattr(part, "show_atlas", fail)
    explored.library.use_model(make_model(seed=3), "another")
    qtbot.waitUntil(lambda: explored.library.model_name == "another" and not explored.jobs.running)
    atlas = explored.library.atlas
    assert explored.playback.atlas is atlas
    assert explored.latent._atlas is atlas
    assert explored.arithmetic._atlas is atlas
    assert explored.problems == ["A fault in VRAE Explorer: ValueError: broken"] * 3


def test_every_part_that_shows_an_atlas_is_told_of_each(explored):
    shown = {id(part) for part in explored._atlas_parts}
    parts = [part for part in vars(explored).values() if hasattr(part, "show_atlas")]
    assert [part for part in parts if id(part) not in shown] == []
    assert len(shown) == len(parts)


def test_next_and_previous_go_through_the_song_that_is_heard_and_no_farther(explored, qtbot):
    def heard_once(verb):
        with qtbot.waitSignal(explored.playback.heard_changed):
            verb()
        return explored.playback.heard.window

    corpus = explored.library.atlas.corpus
    last = int(np.flatnonzero(corpus.song_of == 0)[-1])
    assert heard_once(explored.song_windows.hear_next) == 0
    assert heard_once(explored.song_windows.hear_next) == 1
    assert heard_once(explored.song_windows.hear_previous) == 0
    assert heard_once(lambda: explored.playback.play_window(last)) == last
    gesture = explored.playback.gesture
    explored.song_windows.hear_next()
    assert explored.playback.gesture is gesture
