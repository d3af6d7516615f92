"""What a session is made of, and which values it may have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, NamedTuple

from msgspec import Meta

from explorer.audio.player import FASTEST, SLOWEST
from explorer.audio.sequencer import AtEnd
from explorer.session.map.stretches import Stretches
from explorer.session.path.drawing import Drawing
from explorer.session.playing.versions import Version
from explorer.session.songs.sources import SongSource
from vrae_core.json_values import Share, Text, Whole
from vrae_core.latent.map import Dimensions, Projection
from vrae_core.latent.tsne import MOST_PERPLEXITY, PERPLEXITY
from vrae_core.latent.window_figures import FIGURES
from vrae_core.music.piece_recipe import FARTHEST, Kind
from vrae_core.music.pieces import HIGHEST_TEMPERATURE
from vrae_core.music.sound import Sound
from vrae_core.piano_roll import FloatArray
from vrae_core.runs.songs import SongToTrain

MOST_SONGS, LONGEST_PATH = 5000, 4096
COLOURS = ("song", *FIGURES)
TOOLS = ("play", "path", "select", "pan", "lasso")

# Half a pair of surrogates is no text (`Text`), though in a path it may stand for a byte that is none.
FilePath = Annotated[str, Meta(max_length=LONGEST_PATH, pattern=r"^[^\0\ud800-\udc7f\udd00-\udfff]+\Z")]
Digest = Annotated[str, Meta(max_length=64)]
Coordinate = Annotated[float, Meta(ge=-FARTHEST, le=FARTHEST)]
Extent = Annotated[float, Meta(gt=1e-9, le=FARTHEST)]


class ModelSource(NamedTuple):
    """A model: what it is called, where its file is ("" for nowhere), and the SHA-256 of its weights."""

    name: str
    path: str
    digest: str = ""


@dataclass(frozen=True)
class MapState:
    """How the map is drawn and coloured, and the names of the songs that are grey."""

    projection: Projection
    colour_by: str = "song"
    grey: Annotated[tuple[Text, ...], Meta(max_length=MOST_SONGS)] = ()
    perplexity: Annotated[float, Meta(ge=1, le=MOST_PERPLEXITY)] = PERPLEXITY

    def __post_init__(self) -> None:
        if self.colour_by not in COLOURS:
            raise ValueError(f"nothing is coloured by {self.colour_by}")
        drawn = self.projection
        if isinstance(drawn, Dimensions) and not (drawn.i != drawn.j and min(drawn) >= 0 and max(drawn) <= 10_000):
            raise ValueError("projection is of no two dimensions")


@dataclass(frozen=True)
class ViewState:
    """What the window shows: a part of the map (x, y, width, height) or all of it, the tool, the tab."""

    area: tuple[Coordinate, Coordinate, Extent, Extent] | None = None
    tool: str = "play"
    tab: Annotated[int, Meta(ge=0, le=2)] = 0

    def __post_init__(self) -> None:
        if self.tool not in TOOLS:
            raise ValueError(f"there is no tool {self.tool}")


@dataclass(frozen=True)
class PlayerState:
    """Everything that is set below the map."""

    tempo: Annotated[float, Meta(ge=SLOWEST, le=FASTEST)] | None
    volume: Share
    threshold: Share
    temperature: Annotated[float, Meta(ge=0, le=HIGHEST_TEMPERATURE)]
    seed: Whole
    sound: Sound
    at_end: AtEnd


@dataclass(frozen=True, eq=False)
class HeardState:
    """What was heard last: latent points, (k, J), and what was made of them, as in ``PieceRecipe``, or a song."""

    kind: Kind | Literal["song"]
    points: FloatArray
    parameters: Mapping[str, Any]
    chosen: Version | None  # the version that somebody chose to hear; None: nobody has


@dataclass(frozen=True)
class Origin:
    """Of a session that was kept by itself: the file it was opened from or saved to, and whether it has changed."""

    file: FilePath
    changed: bool


@dataclass(frozen=True, eq=False)
class Contents:
    """A session; None for what is damaged.  ``drawing`` is for ``Drawing.from_plain`` to check, which needs the map."""

    model: ModelSource | None
    songs: tuple[SongSource, ...] | None
    map: MapState | None
    view: ViewState | None
    player: PlayerState | None
    heard: HeardState | None
    drawing: Mapping[str, Any] | None
    origin: Origin | None = None
    complaints: tuple[str, ...] = field(default=())
    selection: Stretches | None = None
    training: tuple[SongToTrain, ...] | None = None  # None, too, in a file from before there was a list in it
    left: Mapping[str, Drawing] | None = None  # what is drawn with other models, by their digests
    before: tuple[SongSource, ...] = ()  # whose place those of a run took
