"""The application in a process of its own, asked from the test what it shows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

OBEY_LINES = Path(__file__).with_name("obey_lines.py")
REPOSITORY = Path(__file__).parents[2]
PATIENCE = 240.0  # seconds; nothing here takes as many
OPENED = "session.library.atlas is not None and not session.jobs.running"


def places(folder: Path) -> dict[str, str]:
    """Nothing of the user's, and this tree, whichever is installed."""
    own = {f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("CONFIG", "CACHE", "DATA", "STATE")}
    return own | {"PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1"}


class WindowProcess:
    """Start it with files; ask it; wait until something holds; see how it ends."""

    def __init__(self, folder: Path, *files: object, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(OBEY_LINES), *map(str, files)],
            env=os.environ | {"QT_QPA_PLATFORM": "offscreen"} | places(folder) | environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def ask(self, expression: str) -> Any:
        """What an expression of `window` and `session` gives."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{expression}\n")
        self.process.stdin.flush()
        return self.told()

    def told(self) -> Any:
        """The next line."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read() if self.process.stderr is not None else ""
        return json.loads(line)

    def wait_until(self, expression: str) -> None:
        """Wait until an expression holds."""
        deadline = time.monotonic() + PATIENCE
        while not self.ask(f"bool({expression})"):
            assert time.monotonic() < deadline, self.ask("window.messages.sentences")
            time.sleep(0.05)

    def opened(self) -> WindowProcess:
        """This, once its map is there."""
        assert self.told() == "ready"
        self.wait_until(OPENED)
        return self

    def tell(self, expression: str) -> None:
        """Have something done that may end the process."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{expression}\n")
        self.process.stdin.flush()

    def ended(self) -> tuple[int, str]:
        """Its exit status, and what it said on its standard error."""
        _, errors = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, errors
