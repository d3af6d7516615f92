"""A recipe in a file of its own: JSON that people can read, edit and pass on."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from vrae_core.errors import FileError
from vrae_core.presets import Plan
from vrae_core.recipes import Recipe, recipe_from_plain
from vrae_core.safe_files import read_bounded, write_atomically
from vrae_core.setting_words import SETTINGS, problems_of

FORMAT, VERSION = "vrae-recipe", 1
_LARGEST = 64 << 10  # bytes; a recipe takes one or two thousand


def write_recipe(path: Path, recipe: Recipe) -> None:
    """Write a recipe, atomically.  Raises: FileError."""
    values = {"format": FORMAT, "version": VERSION, **asdict(recipe)}
    write_atomically(path, json.dumps(values, indent=1, ensure_ascii=False).encode())


def read_recipe(path: Path) -> Recipe:
    """Read a recipe all of whose settings are within their bounds.  Raises: FileError."""
    try:
        values = json.loads(read_bounded(path, _LARGEST))
        if not isinstance(values, dict) or values.get("format") != FORMAT:
            raise FileError(path, "is not a recipe for a training")
        if values.get("version") != VERSION:
            raise FileError(path, f"is of version {str(values.get('version'))[:20]}; this program reads {VERSION}")
        recipe = recipe_from_plain(values)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise FileError(path, f"is not a recipe that can be used: {error}") from None
    for setting, problem in problems_of(Plan(recipe)).items():
        raise FileError(path, f"is not a recipe that can be used: {SETTINGS[setting].title.lower()} {problem}")
    return recipe
