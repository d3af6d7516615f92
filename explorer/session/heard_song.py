"""A song that is played through, as a session file says it: by its name and where in it the music began."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from explorer.atlas import Atlas
from explorer.session.selection import told_apart
from vrae_core.errors import VraeError


def as_how(atlas: Atlas, window: int) -> dict[str, Any]:
    """The song of a window, and the step at which that begins."""
    corpus = atlas.corpus
    return {"song": told_apart(corpus.names)[corpus.song_of[window]], "start": int(corpus.start_of[window])}


def window_of(atlas: Atlas, how: Mapping[str, Any]) -> int:
    """The window that ``as_how`` told of.  Raises: VraeError if it is not on the map."""
    corpus, names = atlas.corpus, told_apart(atlas.corpus.names)
    if how["song"] in names:
        of_song = corpus.song_of == names.index(how["song"])
        found = np.flatnonzero(of_song & (corpus.start_of == how["start"]))
        if len(found):
            return int(found[0])
    raise VraeError(f"{how['song']} is not on the map, or begins elsewhere")
