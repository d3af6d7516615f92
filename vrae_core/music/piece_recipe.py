"""What a piece was made from, as a text event of its MIDI file: enough for the same model to make it again.

The text is ``vrae-piece`` and a JSON object; the latent points are in it as the bytes of their float32 numbers, so
that they come back exactly.  Whatever is read may come from anyone, and is checked before anything is made of it.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from msgspec import Meta

from vrae_core.errors import RecipeError, VraeError
from vrae_core.json_values import Share, Whole, converted, parsed
from vrae_core.midi.chunks import UnusableFileError, read_header, track_bodies, unwrapped
from vrae_core.midi.events import META, TEXT, track_events
from vrae_core.midi.export import FASTEST_TEMPO, SLOWEST_TEMPO
from vrae_core.midi.song import MOST_BYTES
from vrae_core.music.pieces import HIGHEST_TEMPERATURE
from vrae_core.music.sound import Sound
from vrae_core.piano_roll import FloatArray
from vrae_core.safe_files import read_bounded

Kind = Literal["point", "path", "medley"]

MARK, VERSION = "vrae-piece", 1
LONGEST_TEXT = 1 << 20  # bytes; 1,000 points of 20 numbers have 107,000
LONGEST_PIECE = 216_000  # steps: an hour at 300 beats a minute of twelve steps, two at 150
MOST_POINTS = 1_000
FARTHEST = 1e6  # of any coordinate of z
HIGHEST_SEED = (1 << 63) - 1


@dataclass(frozen=True, eq=False)
class PieceRecipe:
    """Everything that decides a piece's notes.

    A point is decoded to ``parameters["steps"]`` steps, and so is a medley, which is longer than a window; of a path
    ``parameters`` are whatever the path says of itself (plain JSON values, for it alone to read and to check).
    """

    model: str  # the SHA-256 of its weights
    model_name: str  # what it was called, for people
    kind: Kind
    points: FloatArray  # (k, J), the latent points: one, or those of a path
    parameters: Mapping[str, Any]
    threshold: float
    temperature: float
    seed: int
    tempo: float | None  # beats per minute; at 150 a step of 50 ms lasts as long; None: that of the songs
    sound: Sound  # its scale moves notes, its instruments play them

    @property
    def steps(self) -> int:
        """Of a point or a medley, how many steps it has.  Raises: VraeError if it does not say a sensible number."""
        steps = self.parameters.get("steps")
        if type(steps) is not int or not 1 <= steps <= LONGEST_PIECE:
            raise VraeError(f"A piece must have between 1 and {LONGEST_PIECE:,} steps, not {str(steps)[:20]}.")
        return steps


def recipe_text(recipe: PieceRecipe) -> str:
    """A recipe as the text to put into a MIDI file, in one line of ASCII."""
    points = np.ascontiguousarray(recipe.points, "<f4")
    values = {
        "version": VERSION,
        "model": recipe.model,
        "model_name": recipe.model_name,
        "kind": recipe.kind,
        "points": len(points),
        "z": base64.b64encode(points.tobytes()).decode("ascii"),
        "how": dict(recipe.parameters),
        "threshold": recipe.threshold,
        "temperature": recipe.temperature,
        "seed": recipe.seed,
        "tempo": recipe.tempo,
        "sound": recipe.sound.as_plain(),
    }
    return f"{MARK} {json.dumps(values, separators=(',', ':'))}"


def read_recipe(path: str | os.PathLike[str]) -> PieceRecipe | None:
    """The recipe in a MIDI file, or None if it has none (or is no MIDI file, which its reader will say).

    Raises: FileError if the file cannot be read, RecipeError if the recipe is damaged or of a later version.
    """
    text = _marked_text(read_bounded(path, MOST_BYTES))
    if text is None:
        return None
    if len(text) > LONGEST_TEXT:
        raise RecipeError(path, "says what it was made from, but at too great a length")
    try:
        return _checked(parsed(text))
    except ValueError as error:
        raise RecipeError(path, f"says what it was made from, but that is damaged: {str(error)[:100]}") from None


def _marked_text(data: bytes) -> bytes | None:
    mark = f"{MARK} ".encode()
    if mark not in data:
        return None
    try:
        data = unwrapped(data, _ignore)
        header = read_header(data, _ignore)
    except UnusableFileError:
        return None
    for body in track_bodies(data, header.length, _ignore):
        for event in track_events(body.data, _ignore):
            if event.status == META and event.meta == TEXT and event.data.startswith(mark):
                return event.data[len(mark) :]
    return None


def _ignore(_warning: str) -> None:
    """The damage in a file is told by whoever reads its notes."""


@dataclass(frozen=True)
class _WrittenRecipe:
    """A recipe as it is written."""

    model: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
    model_name: str
    kind: Kind
    points: Annotated[int, Meta(ge=1, le=MOST_POINTS)]
    z: str
    how: dict[str, Any]
    threshold: Share
    temperature: Annotated[float, Meta(ge=0, le=HIGHEST_TEMPERATURE)]
    seed: Whole
    tempo: Annotated[float, Meta(ge=SLOWEST_TEMPO, le=FASTEST_TEMPO)] | None
    sound: Any


def _checked(values: Any) -> PieceRecipe:
    """Raises: ValueError for anything out of place."""
    if "version" not in converted(values, dict[str, Any]):
        raise ValueError("version is missing")
    if values["version"] != VERSION:
        raise ValueError(f"it is of version {str(values['version'])[:20]}, and this program reads version {VERSION}")
    written = converted(values, _WrittenRecipe)
    points = _points(written.points, base64.b64decode(written.z, validate=True))
    if (written.kind == "path") != (len(points) > 1):
        raise ValueError(f"a {written.kind} of {len(points)} points")
    return PieceRecipe(
        model=written.model,
        model_name="".join(letter for letter in written.model_name[:80] if letter.isprintable()),
        kind=written.kind,
        points=points,
        parameters=written.how,
        threshold=written.threshold,
        temperature=written.temperature,
        seed=written.seed,
        tempo=written.tempo,
        sound=Sound.from_plain(written.sound),
    )


def _points(count: int, data: bytes) -> FloatArray:
    if not data or len(data) % (4 * count):
        raise ValueError("its points are not complete")
    points = np.frombuffer(data, "<f4").reshape(count, -1).astype(np.float32)
    if not (np.abs(points) <= FARTHEST).all():  # NaN is not, either
        raise ValueError("its points are no sensible numbers")
    return points
