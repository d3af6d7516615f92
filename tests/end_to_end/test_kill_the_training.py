"""A window that is killed while it trains loses nothing: the next one offers to go on, and goes on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from vrae_core.runs.folder import RunFolder

SCRIPT = Path(__file__).with_name("kill_the_training.py")


def window(what: str, screen: str, home: Path) -> tuple[int, dict]:
    folders = {f"XDG_{kind}_HOME": str(home / kind) for kind in ("DATA", "STATE", "CONFIG", "CACHE")}
    environment = {**os.environ, **folders, "DISPLAY": screen, "QT_QPA_PLATFORM": "xcb"}
    done = subprocess.run(
        [sys.executable, str(SCRIPT), what], env=environment, capture_output=True, text=True, timeout=400, check=False
    )
    lines = done.stdout.splitlines()
    assert lines, done.stderr
    return done.returncode, json.loads(lines[-1])


def test_a_killed_window_loses_nothing_and_the_next_one_goes_on_with_its_training(screen, tmp_path):
    code, before = window("train", screen, tmp_path)
    assert code == -9
    run = RunFolder(Path(before["run"]))
    deadline = time.monotonic() + 60
    while run.state == "running" and time.monotonic() < deadline:
        time.sleep(0.1)
    assert run.state == "stopped"  # the process that trains saw that the window is gone, and ended in good order
    kept = [[row.seconds, row.updates] for row in run.rows()]
    assert kept[: len(before["rows"])] == before["rows"]

    code, after = window("go-on", screen, tmp_path)
    assert code == 0
    assert "was interrupted after" in after["offered"]
    assert after["run"] == before["run"]
    assert after["rows"][: len(kept)] == kept
    updates = [count for _, count in after["rows"]]
    assert updates == sorted(set(updates))
    assert after["said"] == []
    assert run.state == "stopped"
    assert run.checkpoint.exists()
