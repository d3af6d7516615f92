"""The songs and models that come with VRAE Explorer."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

BASE = "base"  # the model that people's own songs are opened by, and that learning them begins from
BARS = "bars"  # the map of the bundled songs that a start shows


def bundled_songs() -> list[Path]:
    """The MIDI files of the bundled songs, in their order."""
    return _files("songs", ".mid")


def bundled_models() -> dict[str, Path]:
    """The bundled model files by the short names they go by: the last word of the file's name, "2d" or "20d"."""
    return {path.stem.split("-")[-1]: path for path in _files("models", ".safetensors")}


def _files(folder: str, suffix: str) -> list[Path]:
    found = files("assets") / folder
    if not found.is_dir():
        return []
    paths = []
    for entry in sorted(found.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(suffix):
            with as_file(entry) as path:  # a plain file already: the wheel is always unpacked
                paths.append(path)
    return paths
