"""A PulseAudio server of a test's own, whose one device is a null sink that can be recorded."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np

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
        self.own = {"HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), "PULSE_SERVER": f"unix:{socket}"}
        self.environment = os.environ | self.own | {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(REPOSITORY)}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        (self._folder / "socket").unlink(missing_ok=True)
        with (self._folder / "log").open("wb") as output:
            self._process = subprocess.Popen(self._command, env=self.environment, stdout=output, stderr=output)
        deadline = time.monotonic() + 120
        while subprocess.run(["pactl", "info"], env=self.environment, capture_output=True, check=False).returncode:
            assert time.monotonic() < deadline, (self._folder / "log").read_text()
            time.sleep(0.05)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def hang(self) -> None:
        """Let it answer nothing more, as if it had been stopped in a debugger."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """The end of that."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def ask(self, *words: str) -> None:
        """Give the server a command of pactl's."""
        subprocess.run(["pactl", *words], env=self.environment, check=True, stdout=subprocess.DEVNULL)

    def play_aloud(self, *arguments: str) -> subprocess.Popen[str]:
        """Run the program that plays; it writes a line at each thing that happens."""
        command = [sys.executable, str(PLAY_ALOUD), *arguments]
        return subprocess.Popen(
            command,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def record(self, path: Path) -> subprocess.Popen[bytes]:
        """Record what is heard, one channel of 16 bits, until the process returned is terminated."""
        with path.open("wb") as file:
            what = ["--device=null.monitor", "--raw", "--format=s16le", f"--rate={RATE}", "--channels=1"]
            return subprocess.Popen(["parec", *what], env=self.environment, stdout=file)

    def listen(self) -> Listener:
        """Hear what is heard, and when, until the listener is told to stop."""
        return Listener(self.environment)


class Listener:
    """Records what the null sink plays, with the moment of each sample on the machine's clock."""

    def __init__(self, environment: dict[str, str]) -> None:
        what = [
            "--device=null.monitor",
            "--raw",
            "--format=s16le",
            f"--rate={RATE}",
            "--channels=1",
            "--latency-msec=2",
        ]
        self._process = subprocess.Popen(["parec", *what], env=environment, stdout=subprocess.PIPE, bufsize=0)
        self._chunks: list[tuple[float, np.ndarray]] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        while data := os.read(self._process.stdout.fileno(), 1 << 16):
            self._chunks.append((time.monotonic(), np.frombuffer(data, np.int16)))

    def stop(self) -> tuple[np.ndarray, np.ndarray]:
        """(times, samples) of all that was heard, in seconds and as whole numbers."""
        self._process.terminate()
        self._process.wait()
        self._thread.join()
        self._process.stdout.close()
        times = np.concatenate([at - np.arange(len(samples))[::-1] / RATE for at, samples in self._chunks])
        return times, np.concatenate([samples for _, samples in self._chunks]).astype(int)
