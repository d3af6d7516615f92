"""What the application remembers of its user between two runs: one small JSON file."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import platformdirs

from vrae_core.errors import FileError
from vrae_core.music.sound import Sound
from vrae_core.safe_files import read_bounded, write_atomically

LARGEST_FILE = 1 << 20  # bytes; a real one has a few hundred
MOST_RECENT_MODELS = 8  # and as many songs, and sessions


@dataclass
class Preferences:
    """The user's settings; assign, then ``save``."""

    theme: str = "dark"  # or "light"
    volume: float = 0.8  # 0–1
    tempo: float = 150.0  # beats per minute
    sound: Sound = field(default_factory=Sound)
    threshold: float | None = None  # None: the model's own
    last_folder: str = ""
    recent_models: list[str] = field(default_factory=list)  # newest first
    sound_mode: str = "safe"  # or "low latency"
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
    midi_knobs: list[int] = field(default_factory=lambda: [16, 17])  # the controllers of x and y, 0–119
    safe_colours: bool = False  # of songs, for colour-blind eyes
    marker_shapes: bool = False
    hover_to_listen: bool = False

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
        with suppress(OSError):  # write_atomically says in plain words what is wrong with the folder
            path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, json.dumps(dataclasses.asdict(self), indent=2).encode())


def preferences_path() -> Path:
    """Where this system keeps the file."""
    return Path(platformdirs.user_config_dir("vrae-explorer", appauthor=False)) / "preferences.json"


def state_folder() -> Path:
    """Where this system keeps what is on its way: the session that is open."""
    return Path(platformdirs.user_state_dir("vrae-explorer", appauthor=False))


def load_preferences(path: Path | None = None) -> Preferences:
    """Read the file; whatever is missing, broken or out of range in it has its default value."""
    preferences = Preferences()
    try:
        stored = json.loads(read_bounded(path or preferences_path(), LARGEST_FILE))
    except (FileError, ValueError, RecursionError):
        return preferences
    if isinstance(stored, dict):
        for name, is_valid in _VALID.items():
            if name in stored and is_valid(stored[name]):
                setattr(preferences, name, stored[name])
        with suppress(ValueError):
            preferences.sound = Sound.from_plain(stored.get("sound"))
    return preferences


def _newest_first(path: str | Path, recent: list[str]) -> list[str]:
    newest = str(path)
    return [newest, *(other for other in recent if other != newest)][:MOST_RECENT_MODELS]


def _is_number(low: float, high: float, value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


def _are_paths(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(path, str) for path in value)


_VALID: dict[str, Callable[[Any], bool]] = {
    "theme": lambda value: value in ("dark", "light"),
    "volume": lambda value: _is_number(0, 1, value),
    "tempo": lambda value: _is_number(40, 300, value),
    "threshold": lambda value: value is None or _is_number(0, 1, value),
    "last_folder": lambda value: isinstance(value, str),
    "recent_models": _are_paths,
    "recent_songs": _are_paths,
    "recent_sessions": _are_paths,
    "reopens_session": lambda value: isinstance(value, bool),
    "sound_mode": lambda value: value in ("safe", "low latency"),
    "map_threads": lambda value: isinstance(value, str),  # Layers knows which
    "map_ellipses": lambda value: isinstance(value, str),
    "map_field": lambda value: isinstance(value, str),
    "midi_output": lambda value: isinstance(value, str),
    "midi_input": lambda value: isinstance(value, str),
    "midi_internal": lambda value: isinstance(value, bool),
    "midi_clock": lambda value: isinstance(value, bool),
    "midi_keys_start": lambda value: isinstance(value, bool),
    "safe_colours": lambda value: isinstance(value, bool),
    "marker_shapes": lambda value: isinstance(value, bool),
    "hover_to_listen": lambda value: isinstance(value, bool),
    "runs_folder": lambda value: isinstance(value, str),
    "midi_knobs": lambda value: (
        isinstance(value, list)
        and len(value) == 2
        and all(isinstance(knob, int) and _is_number(0, 119, knob) for knob in value)
    ),
}
