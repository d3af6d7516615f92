"""Plays the map in the real window while a model is trained in it, and says when it did what; driven by xdotool.

Usage: play_the_map.py  Opens the bundled 2-D model and songs.  Each line it writes is JSON: what was begun or ended,
when on the machine's clock, and what music there was.  Ends with 0 if everything came about.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator

import numpy as np
from drive_window import Condition, Hand, run_story

from explorer.audio.player import Player, State
from explorer.main_window import MainWindow
from vrae_core.bundled import bundled_models
from vrae_core.music.sound import Sound, Voice

ORGAN, WOODBLOCK = 19, 115  # one sounds evenly for as long as it is held, the other begins sharply
DRAG_SECONDS = 20
HELD_SECONDS = 4
TAKES = 3  # of the held note and of the path
LEGS, MOVES = 40, 15  # of the drag: from dot to dot
QUIET_SECONDS = 2.0  # after a stop


def story(window: MainWindow) -> Iterator[Condition]:
    """What the user does; each yield is what must come about before they go on."""
    session, hand = window.session, Hand(window)
    player, playback = session.playback.player, session.playback
    yield lambda: session.library.atlas is not None and not session.jobs.running and window.audio.audible
    yield from hand.focus()
    yield window.isActiveWindow
    yield from hand.press("ctrl+t")
    yield lambda: session.training.rows
    steps_before = len(session.training.rows)

    playback.set_sound(_alone(ORGAN))
    yield from drag(hand, window)
    for _ in range(TAKES):
        yield from hold(hand, window)

    playback.set_sound(_alone(WOODBLOCK))
    points = session.library.atlas.map.points
    yield from hand.press("2")
    yield lambda: window.map_panel.tool == "path"
    for place in points[_well_apart(points, 2)]:
        before = len(session.path.points)
        yield from hand.click(place)
        yield lambda before=before: len(session.path.points) == before + 1
    for _ in range(TAKES):
        yield from hand.press("Return")
        yield lambda: playback.heard is not None and playback.heard.arrivals and player.state is State.PLAYING
        tell("path", roll=playback.roll.astype(int).tolist())
        yield lambda: player.position > len(playback.roll) - 3
        yield from stop(hand, player, "path")

    assert session.trainer.running, "the training ended before the music"
    assert len(session.training.rows) > steps_before
    yield from hand.press("ctrl+q")
    yield lambda: False  # the application ends now


def drag(hand: Hand, window: MainWindow) -> Iterator[Condition]:
    """A click, and a long drag from dot to dot; tells which notes the synthesizer was given meanwhile."""
    playback, points = window.session.playback, window.session.library.atlas.map.points
    tour = points[_well_apart(points, LEGS)]
    given = _overheard(playback.player)
    tell("click")
    yield from hand.click(tour[0])
    yield lambda: playback.heard is not None and playback.player.position > 3
    tell("drag")
    places: list[np.ndarray] = []
    playback.heard_changed.connect(lambda: places.append(playback.heard.places[0]) if playback.heard else None)
    yield from hand.tour(tour[1:], DRAG_SECONDS / LEGS / MOVES, MOVES)  # elsewhere: not a double click
    near = 3 * window.map_panel.view.map_per_pixel()
    yield lambda: np.linalg.norm(playback.heard.places[0] - tour[-1]) < near
    yield from stop(hand, playback.player, "drag", given=given, places=len(np.unique(places, axis=0)))


def hold(hand: Hand, window: MainWindow) -> Iterator[Condition]:
    """Hold what sounds for some seconds; a press that meets a rest is tried again."""
    playback = window.session.playback
    player = playback.player
    points = window.session.library.atlas.map.points
    yield from hand.click(points[len(points) // 2])
    while True:
        before = player.position
        yield lambda before=before: player.state is State.PLAYING and player.position != before
        yield from hand.press("h")
        yield lambda: player.hold
        yield from wait(0.5)
        if playback.roll[int(player.position)].any():
            break
        yield from hand.press("h")
        yield lambda: not player.hold
    tell("hold")
    yield from wait(HELD_SECONDS)
    yield from stop(hand, player, "hold")


def stop(hand: Hand, player: Player, what: str, **more: object) -> Iterator[Condition]:
    """Stop, and listen to the silence for a while."""
    tell(f"{what} ends", **more)
    yield from hand.press("ctrl+period")
    yield lambda: player.state is State.STOPPED
    tell("silence")
    yield from wait(QUIET_SECONDS)
    tell("silence ends")


def wait(seconds: float) -> Iterator[Condition]:
    until = time.monotonic() + seconds
    yield lambda: time.monotonic() > until


def tell(what: str, **more: object) -> None:
    print(json.dumps({"what": what, "at": time.monotonic(), **more}), flush=True)


def _alone(program: int) -> Sound:
    return Sound((Voice(program),) * 3, split=False, expressive=False)


def _well_apart(points: np.ndarray, count: int) -> list[int]:
    """Dots each of which is far from those before it."""
    chosen = [int(np.argmax(points[:, 0]))]
    while len(chosen) < count:
        distances = np.linalg.norm(points[:, None] - points[chosen], axis=2).min(axis=1)
        chosen.append(int(distances.argmax()))
    return chosen


def _overheard(player: Player) -> list[tuple[int, int]]:
    """What the synthesizer is given from now on: its samples, and 1 where a note begins, -1 where one ends."""
    given: list[tuple[int, int]] = []
    for verb, change in (("note_on_at", 1), ("note_off_at", -1)):
        usual = getattr(player.synthesizer, verb)

        def told(sample: int, *note: int, usual=usual, change=change) -> None:
            given.append((sample, change))
            usual(sample, *note)

        setattr(player.synthesizer, verb, told)
    return given


if __name__ == "__main__":
    sys.exit(run_story([str(bundled_models()["2d"])], story))  # whose steps of 50 ms are measured
