"""What the application remembers of its user between two runs: one small JSON file."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import platformdirs
from msgspec import Meta

from vrae_core.errors import FileError
from vrae_core.json_values import Share, parsed, valid_parts
from vrae_core.music.sound import Sound
from vrae_core.safe_files import make_folder, read_bounded, write_atomically

LARGEST_FILE = 1 << 20  # bytes; a real one has a few hundred
MOST_RECENT_MODELS = 8  # and as many songs, and sessions

Pixels = Annotated[int, Meta(ge=-100_000, le=100_000)]
Extent = Annotated[int, Meta(ge=100, le=100_000)]
Controller = Annotated[int, Meta(ge=0, le=119)]


@dataclass
class Preferences:
    """The user's settings; assign, then ``save``."""

    theme: Annotated[str, Meta(pattern=r"^(dark|light)\Z")] = "dark"
    volume: Share = 0.8
    tempo: Annotated[float, Meta(ge=40, le=300)] | None = None  # beats per minute; None: as the songs
    sound: Sound = field(default_factory=Sound)
    threshold: Share | None = None  # None: the model's own
    last_folder: str = ""
    recent_models: list[str] = field(default_factory=list)  # newest first
    sound_mode: Annotated[str, Meta(pattern=r"^(safe|low latency)\Z")] = "safe"
    recent_songs: list[str] = field(default_factory=list)
    recent_sessions: list[str] = field(default_factory=list)
    reopens_session: bool = True  # the last one, at start
    midi_output: str = ""  # the names of ports, "" for none
    midi_input: str = ""
    midi_internal: bool = True  # heard here as well as sent
    midi_clock: bool = False
    midi_keys_start: bool = True
    map_threads: str = "heard"  # what the map shows under and over its dots: one of explorer.session.map.layers.CHOICES
    map_ellipses: str = "off"
    map_field: str = "off"
    runs_folder: str = ""  # "": where this system keeps such things
    midi_knobs: Annotated[list[Controller], Meta(min_length=2, max_length=2)] = field(
        default_factory=lambda: [16, 17]  # of x and y
    )
    safe_colours: bool = False  # of songs, for colour-blind eyes
    marker_shapes: bool = False
    hover_to_listen: bool = False
    window: tuple[Pixels, Pixels, Extent, Extent] | None = None  # where it was left: x, y, width and height
    maximised: bool = False

    def remember_model(self, path: str | Path) -> None:
        """Put a model at the head of the recent ones."""
        self.recent_models = _newest_first(path, self.recent_models)

    def remember_song(self, path: str | Path) -> None:
        """Put a song at the head of the recent ones."""
        self.recent_songs = _newest_first(path, self.recent_songs)

    def remember_session(self, path: str | Path) -> None:
        """Put a session at the head of the recent ones."""
        self.recent_sessions = _newest_first(path, self.recent_sessions)

    def save(self, path: Path | None = None) -> None:
        """Write the file, whole or not at all.

        Raises: FileError if its folder cannot be made or written.
        """
        path = path or preferences_path()
        make_folder(path.parent)
        write_atomically(path, json.dumps(dataclasses.asdict(self), indent=2).encode())


def preferences_path() -> Path:
    """Where this system keeps the file."""
    return Path(platformdirs.user_config_dir("vrae-explorer", appauthor=False)) / "preferences.json"


def state_folder() -> Path:
    """Where this system keeps what is on its way: the session that is open."""
    return Path(platformdirs.user_state_dir("vrae-explorer", appauthor=False))


def load_preferences(path: Path | None = None) -> Preferences:
    """Read the file; whatever is missing, broken or out of range in it has its default value."""
    try:
        return Preferences(**valid_parts(parsed(read_bounded(path or preferences_path(), LARGEST_FILE)), Preferences))
    except (FileError, ValueError):
        return Preferences()


def _newest_first(path: str | Path, recent: list[str]) -> list[str]:
    newest = str(path)
    return [newest, *(other for other in recent if other != newest)][:MOST_RECENT_MODELS]
