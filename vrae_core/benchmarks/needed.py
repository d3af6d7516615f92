"""The libraries that are compared with, which nothing else needs."""

from __future__ import annotations

import importlib
from typing import Any

from vrae_core.errors import VraeError


def needed(library: str) -> Any:
    """A library.  Raises: VraeError that says how to get it."""
    try:
        return importlib.import_module(library)
    except ImportError:
        package = library.split(".", maxsplit=1)[0]
        raise VraeError(
            f"{package} is not installed, with which this is compared: pip install 'vrae-explorer[bench]'"
        ) from None
