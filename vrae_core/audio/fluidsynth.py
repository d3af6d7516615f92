"""Finding the FluidSynth library, which comes from the system, and SoundFonts: ours, and a safe look at others."""

from __future__ import annotations

import contextlib
import ctypes.util
import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import lru_cache
from glob import glob
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any

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


def load_soundfont(synth: Any, path: str | os.PathLike[str]) -> bool:
    """Give one of pyfluidsynth's synthesizers a SoundFont, whose path need not be UTF-8; False if it does not load."""
    return bool(load_fluidsynth().fluid_synth_sfload(synth.synth, os.fsencode(path), 1) >= 0)


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


_PROBE = "import sys; from vrae_core.audio.fluidsynth import _probe; _probe(sys.argv[1])"
_PROBE_SECONDS = 30
_FAILED_TO_LOAD, _SILENT = 3, 4  # the probe's exit statuses


def bundled_soundfont() -> Path:
    """The General MIDI SoundFont that pretty_midi carries, found without importing it.

    Raises: SoundError if it is not there.
    """
    package = importlib.util.find_spec("pretty_midi")
    for folder in (package and package.submodule_search_locations) or ():
        soundfont = Path(folder) / "TimGM6mb.sf2"
        if soundfont.is_file():
            return soundfont
    raise SoundError("There is no SoundFont: install the Python package pretty_midi, which carries one")


def check_soundfont(path: Path) -> None:
    """Try a SoundFont of unknown origin in another process, for a damaged one can crash or hang FluidSynth.

    Raises: SoundError naming the file and the reason if it is not safe to load, or makes no sound.
    """
    try:
        found = path.stat()
        if not path.is_file():  # opening a pipe would wait for ever
            raise SoundError(f"{path} is not a file")
        with path.open("rb") as file:
            start = file.read(12)
    except OSError as problem:
        raise SoundError(f"{path} cannot be opened: {problem.strerror}") from None
    if start[:4] != b"RIFF" or start[8:] != b"sfbk":
        raise SoundError(f"{path} is not a SoundFont")
    _try_in_another_process(str(path.absolute()), found.st_mtime_ns, found.st_size)


@lru_cache
def _try_in_another_process(path: str, changed: int, size: int) -> None:
    """Cached for a file that has not changed, by its time and size."""
    try:
        status = subprocess.run(
            [sys.executable, "-P", "-c", _PROBE, path],
            check=False,
            timeout=_PROBE_SECONDS,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # on Windows
        ).returncode
    except subprocess.TimeoutExpired:
        raise SoundError(f"{path} is damaged: FluidSynth hangs on it") from None
    reasons = {_FAILED_TO_LOAD: "cannot be loaded by FluidSynth", _SILENT: "holds no instrument that sounds"}
    if status:
        raise SoundError(f"{path} {reasons.get(status, 'is damaged: FluidSynth crashes on it')}")


def _probe(path: str) -> None:
    """Load a SoundFont and play every program over the whole range; ends the process with a status."""
    synth = load_fluidsynth().Synth(channels=16)
    if not load_soundfont(synth, path):
        sys.exit(_FAILED_TO_LOAD)
    loudest = 0
    for program in range(128):
        synth.program_change(0, program)
        for pitch in range(24, 109, 12):
            synth.noteon(0, pitch, 100)
        loudest = max(loudest, int(abs(synth.get_samples(1024).astype(int)).max()))
        synth.all_sounds_off(0)
    sys.exit(0 if loudest > 10 else _SILENT)
