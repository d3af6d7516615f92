"""A PulseAudio server of a test's own, whose one device is a null sink that can be recorded."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

RATE = 44100
PLAY_ALOUD = Path(__file__).with_name("play_aloud.py")
REPOSITORY = Path(__file__).parents[2]


class SoundServer:
    """Start it, record what it plays, kill it, start it again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        socket = folder / "socket"  # a socket's path must be short, so this is no tmp_path
        self._command = [
            *("pulseaudio", "-n", "--daemonize=no", "--disable-shm=yes", "--enable-memfd=no", "--exit-idle-time=-1"),
            *("--use-pid-file=no", "--log-level=error"),
            *("-L", f"module-native-protocol-unix socket={socket} auth-anonymous=1"),
            *("-L", f"module-null-sink sink_name=null rate={RATE}"),
        ]
        own = {"HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), "PULSE_SERVER": f"unix:{socket}"}
        self.environment = os.environ | own | {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(REPOSITORY)}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        (self._folder / "socket").unlink(missing_ok=True)
        with (self._folder / "log").open("wb") as output:
            self._process = subprocess.Popen(self._command, env=self.environment, stdout=output, stderr=output)
        deadline = time.monotonic() + 20
        while subprocess.run(["pactl", "info"], env=self.environment, capture_output=True, check=False).returncode:
            assert time.monotonic() < deadline, (self._folder / "log").read_text()
            time.sleep(0.05)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def play_aloud(self, *arguments: str) -> subprocess.Popen[str]:
        """Run the program that plays; it writes a line at each thing that happens."""
        command = [sys.executable, str(PLAY_ALOUD), *arguments]
        return subprocess.Popen(
            command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def record(self, path: Path) -> subprocess.Popen[bytes]:
        """Record what is heard, one channel of 16 bits, until the process returned is terminated."""
        with path.open("wb") as file:
            what = ["--device=null.monitor", "--raw", "--format=s16le", f"--rate={RATE}", "--channels=1"]
            return subprocess.Popen(["parec", *what], env=self.environment, stdout=file)
