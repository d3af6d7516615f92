"""Lends each test a sound server."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sound_server import SoundServer


@pytest.fixture
def sound_server() -> Iterator[SoundServer]:
    """A fresh server; skips the test where PulseAudio or its tools are not installed."""
    for program in ("pulseaudio", "pactl", "parec"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed (Debian: pulseaudio, pulseaudio-utils), so nothing can be heard")
    with tempfile.TemporaryDirectory(prefix="vrae") as folder:
        server = SoundServer(Path(folder))
        server.start()
        yield server
        server.kill()
