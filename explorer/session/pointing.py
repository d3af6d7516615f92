"""Decoding what is pointed at, and handing it to the player from the thread that decodes it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import NamedTuple

import numpy as np

from explorer.atlas import Atlas
from explorer.phrase import Phrase
from explorer.session.gesture import Gesture
from explorer.session.heard import Heard, PieceSettings
from explorer.session.versions import Scored, Version, scored
from vrae_core.piano_roll import FloatArray
from vrae_core.pieces import BEGINNING
from vrae_core.score import Score


@dataclass(frozen=True, eq=False)
class Pointed:
    """A place on the map that is to be heard, and all that is needed for it."""

    atlas: Atlas
    at: FloatArray  # (2,) on its map
    window: int | None  # whose own place it is, if it is one's
    gesture: Gesture
    settings: PieceSettings
    version: Version  # that is wanted if it is a window's own place


class Decoded(NamedTuple):
    """What the player was given."""

    heard: Heard
    scored: Scored


def decode(pointed: Pointed) -> Decoded | None:
    """Decode what is pointed at and hand it to the player; None if the hand has left it meanwhile.

    A press is handed over in two parts, that it may be heard at once: its beginning, in a phrase that is silent from
    there on, and a few milliseconds later the whole.  Phrases never change: the whole is another, with the same start.
    """
    atlas, model, gesture = pointed.atlas, pointed.atlas.model, pointed.gesture
    z = atlas.posterior.mu[pointed.window] if pointed.window is not None else atlas.map.z_at(pointed.at)
    steps = islice(model.decoding(z[None]), model.config.window)
    decoded: list[FloatArray] = []
    is_press = not gesture.begun
    if is_press and (pointed.window is None or pointed.version is Version.MODEL):
        decoded += islice(steps, BEGINNING)
        beginning = pointed.settings.score(np.concatenate(decoded))
        gesture.hand_over(phrase_of(beginning).then_silence(model.config.window - len(decoded)))
    for row in steps:
        if is_press and gesture.is_overtaken(pointed):  # a drag is not: a quick one would stay unheard
            return None
        decoded.append(row)
    heard = Heard(np.concatenate(decoded), model.pitches, z[None], pointed.at[None], pointed.window)
    notes = scored(heard, atlas, pointed.settings, pointed.version)
    return Decoded(heard, notes) if gesture.hand_over(phrase_of(notes.score)) else None


def phrase_of(score: Score) -> Phrase:
    """What the player needs of a score."""
    return Phrase(score.roll, score.pitches, score.velocities, score.voices)


def on_map(heard: Heard, before: Atlas, atlas: Atlas) -> Heard:
    """The same on another map of its model: its z lie elsewhere there, and windows have other numbers."""
    if atlas is before:
        return heard
    places = np.array([atlas.map.point_of(z) for z in heard.zs])
    window = heard.window if before.corpus is atlas.corpus else window_at(atlas, places[0])
    return replace(heard, places=places, window=window)


def window_at(atlas: Atlas, place: FloatArray) -> int | None:
    """The window whose own place on the map this is, if it is one's."""
    windows, distances = atlas.map.nearest(place, 1)
    return int(windows[0]) if distances[0] < 1e-6 * (1 + atlas.extent) else None
