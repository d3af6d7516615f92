"""What the card beside the mouse says of a window."""

from __future__ import annotations

import math

from explorer.atlas import Atlas
from explorer.session.hovering import Hovering
from vrae_core.piano_roll import notes_from_roll


def window_facts(atlas: Atlas, window: int, hovering: Hovering) -> str:
    """Its bar, σ, notes and how well the model gives it back: two lines; what is not known yet is left open."""
    bar, f1 = hovering.bar(window), hovering.frame_f1(window)
    notes = len(notes_from_roll(atlas.roll(window), atlas.corpus.pitches))
    place = [] if bar is None else [f"bar {bar}"]
    given_back = "F1 …" if f1 is None else "F1 –" if math.isnan(f1) else f"F1 {f1:.2f}"
    sigma = float(atlas.posterior.sigma[window].mean())
    return "  ·  ".join([*place, f"{notes} notes", f"σ {sigma:.2f}", given_back])
