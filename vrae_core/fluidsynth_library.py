"""Finding the FluidSynth library, which comes from the system and not from Python's packages."""

from __future__ import annotations

import contextlib
import ctypes.util
import os
import sys
from collections.abc import Iterator
from glob import glob
from io import StringIO
from types import ModuleType

from vrae_core.errors import SoundError

LIBRARY_VARIABLE = "FLUIDSYNTH_LIBRARY"  # the library's full path, for systems where nothing else finds it
_LIBRARY_PLACES = {
    "darwin": ("/opt/homebrew/lib/libfluidsynth.dylib", "/opt/local/lib/libfluidsynth.dylib"),
    "win32": (
        r"C:\tools\fluidsynth\bin\*fluidsynth*.dll",
        r"C:\Program Files\FluidSynth\bin\*fluidsynth*.dll",
        r"C:\ProgramData\chocolatey\lib\fluidsynth\tools\**\*fluidsynth*.dll",
    ),
}
_HOW_TO_INSTALL = {
    "darwin": "run `brew install fluidsynth`",
    "win32": "run `choco install fluidsynth`",
}
_LOG_LEVELS = 5  # panic, error, warning, information, debugging


def load_fluidsynth() -> ModuleType:
    """Import pyfluidsynth, silenced: FluidSynth would write its complaints straight to the terminal.

    Raises: SoundError saying what to install if the library cannot be found or loaded.
    """
    try:
        # where the variable CI is set, pyfluidsynth prints where it found the library
        with _also_looking_in(_places()), contextlib.redirect_stdout(StringIO()):
            import fluidsynth  # noqa: PLC0415  (fails where the library is missing)
    except (ImportError, OSError, AttributeError):
        how = _HOW_TO_INSTALL.get(sys.platform, "install the package libfluidsynth3 (Debian, Ubuntu) or fluidsynth")
        raise SoundError(f"FluidSynth is not installed: {how}") from None
    for level in range(_LOG_LEVELS):
        fluidsynth._fl.fluid_set_log_function(level, None, None)
    return fluidsynth  # type: ignore[no-any-return, unused-ignore]


def _places() -> list[str]:
    named = os.environ.get(LIBRARY_VARIABLE)
    if named:
        return [named]
    return [found for place in _LIBRARY_PLACES.get(sys.platform, ()) for found in glob(place, recursive=True)]


@contextlib.contextmanager
def _also_looking_in(places: list[str]) -> Iterator[None]:
    """pyfluidsynth asks ctypes where the library is, and ctypes knows few places: answer for it."""
    if not places:
        yield
        return
    original = ctypes.util.find_library
    ctypes.util.find_library = lambda name: places[0]
    try:
        yield
    finally:
        ctypes.util.find_library = original
