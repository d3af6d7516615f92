"""What was heard last, as a session keeps it, and how it is decoded again."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

import numpy as np

from explorer.session.files.contents import HeardState
from explorer.session.path.drawing import Drawing
from explorer.session.path.pieces import along_path, along_song, from_point
from explorer.session.playing.decoded import Decoded
from explorer.session.playing.playback import Playback
from explorer.session.songs.atlas import Atlas
from vrae_core.errors import VraeError
from vrae_core.latent.path import LatentPath
from vrae_core.music.piece_recipe import Kind
from vrae_core.names import unique_names
from vrae_core.progress import Progress


def heard_state(playback: Playback) -> HeardState | None:
    """What is heard, or None if nothing is that can be made again."""
    heard = playback.heard
    if heard is None or playback.atlas is None:
        return None
    if heard.windows is not None:
        place = _song_position(playback.atlas, int(heard.windows[0]))
        return HeardState("song", heard.zs[:1], place, playback.chosen_version)
    if heard.points is not None:
        return HeardState("path", heard.points, heard.parameters, playback.chosen_version)
    if len(heard.zs) > 1:
        return None
    kind: Kind = "point" if heard.own_steps == playback.atlas.model.config.window else "medley"
    return HeardState(kind, heard.zs[:1], {"steps": heard.own_steps}, playback.chosen_version)


def decoding(atlas: Atlas, heard: HeardState) -> Generator[Progress, None, Decoded]:
    """Decode what was heard.  Raises: VraeError, at once, for a senseless path or a song that is not there."""
    if heard.kind == "song":
        return along_song(atlas, _window_of(atlas, heard.parameters))
    if heard.kind != "path":
        return from_point(atlas, heard.points, heard.parameters["steps"])
    path = LatentPath.from_plain({**heard.parameters, "points": heard.points.tolist()}, atlas.model.config.latent)
    return along_path(atlas, Drawing(atlas.map).with_path(path), heard.parameters)


def _song_position(atlas: Atlas, window: int) -> dict[str, Any]:
    """The song of a window, and the step at which that begins."""
    corpus = atlas.corpus
    return {"song": unique_names(corpus.names)[corpus.song_of[window]], "start": int(corpus.start_of[window])}


def _window_of(atlas: Atlas, position: Mapping[str, Any]) -> int:
    """The window that ``_song_position`` gave.  Raises: VraeError if it is not on the map."""
    corpus, names = atlas.corpus, unique_names(atlas.corpus.names)
    if position["song"] in names:
        of_song = corpus.song_of == names.index(position["song"])
        found = np.flatnonzero(of_song & (corpus.start_of == position["start"]))
        if len(found):
            return int(found[0])
    raise VraeError(f"{position['song']} is not on the map, or begins elsewhere")
