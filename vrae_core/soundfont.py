"""SoundFonts: the one that comes with us, and a safe look at any other."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

from vrae_core.errors import SoundError
from vrae_core.fluidsynth_library import load_fluidsynth

_PROBE = "import sys; from vrae_core.soundfont import _probe; _probe(sys.argv[1])"
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
            raise SoundError(f"{path.name} is not a file")
        with path.open("rb") as file:
            start = file.read(12)
    except OSError as problem:
        raise SoundError(f"{path.name} cannot be opened: {problem.strerror}") from None
    if start[:4] != b"RIFF" or start[8:] != b"sfbk":
        raise SoundError(f"{path.name} is not a SoundFont")
    _try_in_another_process(str(path.absolute()), found.st_mtime_ns, found.st_size)


@lru_cache
def _try_in_another_process(path: str, changed: int, size: int) -> None:
    """Cached for a file that has not changed, by its time and size."""
    name = os.path.basename(path)
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
        raise SoundError(f"{name} is damaged: FluidSynth hangs on it") from None
    reasons = {_FAILED_TO_LOAD: "cannot be loaded by FluidSynth", _SILENT: "holds no instrument that sounds"}
    if status:
        raise SoundError(f"{name} {reasons.get(status, 'is damaged: FluidSynth crashes on it')}")


def _probe(path: str) -> None:
    """Load a SoundFont and play every program over the whole range; ends the process with a status."""
    synth = load_fluidsynth().Synth(channels=16)
    if synth.sfload(path, 1) < 0:
        sys.exit(_FAILED_TO_LOAD)
    loudest = 0
    for program in range(128):
        synth.program_change(0, program)
        for pitch in range(24, 109, 12):
            synth.noteon(0, pitch, 100)
        loudest = max(loudest, int(abs(synth.get_samples(1024).astype(int)).max()))
        synth.all_sounds_off(0)
    sys.exit(0 if loudest > 10 else _SILENT)
