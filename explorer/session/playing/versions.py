"""What is heard of a window: the song's own notes, the model's, or what the two do not share."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import NamedTuple, Protocol

from explorer.audio.phrase import Phrase
from explorer.session.playing.decoded import Decoded, PieceSettings
from explorer.session.songs.atlas import Atlas
from vrae_core.music.difference import Difference
from vrae_core.music.pieces import roll_from_probabilities
from vrae_core.music.score import Score


class Version(StrEnum):
    """What a window is heard as."""

    ORIGINAL = "original"
    MODEL = "model"
    DIFFERENCE = "difference"


class Scored(NamedTuple):
    """The notes of what is heard, and what the model's are beside the song's where a window's own point is heard."""

    score: Score
    version: Version
    difference: Difference | None
    original: Phrase | None = None  # what is played in place of the score: the song as its file has it


class Through(Protocol):
    """Another model to hear the same through: a window, a point or a path."""

    def carry(
        self, heard: Decoded, atlas: Atlas, settings: PieceSettings
    ) -> tuple[Decoded, Atlas, PieceSettings]: ...  # all three as they are if it has no answer


def scored(
    heard: Decoded, atlas: Atlas, settings: PieceSettings, version: Version, through: Through | None = None
) -> Scored:
    """Make notes of what is heard; of anything but a window's own point there is only the model's version."""
    if through is not None:
        heard, atlas, settings = through.carry(heard, atlas, settings)
    difference = _compare(heard, atlas, settings)
    if difference is None or version is Version.MODEL:
        return Scored(settings.score(heard.probabilities), Version.MODEL, difference)
    if version is Version.ORIGINAL:
        return Scored(settings.score_of_song(difference.original), version, difference, _original(heard, atlas))
    roll, velocities = difference.difference()
    like = settings.score_of_song(roll)
    return Scored(replace(like, probabilities=heard.probabilities, velocities=velocities), version, difference)


def _original(heard: Decoded, atlas: Atlas) -> Phrase | None:
    """A window's song, or a song played through, as its file has it."""
    if heard.original is not None or heard.window is None:
        return heard.original
    return atlas.original(heard.window, atlas.corpus.window if heard.windows is None else heard.own_steps)


def _compare(heard: Decoded, atlas: Atlas, settings: PieceSettings) -> Difference | None:
    """The model's notes beside the song's, neither moved to a scale."""
    if heard.window is None:
        return None
    begins = int(atlas.corpus.offsets[heard.window])
    original = atlas.corpus.roll[begins : begins + (atlas.corpus.window if heard.windows is None else heard.own_steps)]
    if len(heard.probabilities) > len(original):  # the decoder has run on
        return None
    model = roll_from_probabilities(heard.probabilities, settings.threshold, settings.temperature, settings.seed)
    return Difference(original[: len(model)], model)
