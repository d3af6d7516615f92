"""Without a screen there is one sentence and status 2, and never an abort."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

NO_SCREEN = {
    "nothing says where one is": ({}, "neither DISPLAY nor WAYLAND_DISPLAY is set"),
    "nobody answers at the display": ({"DISPLAY": ":4711"}, "could not connect to display :4711"),
    "there is no such plugin": ({"QT_QPA_PLATFORM": "nonsense"}, 'the Qt platform plugin "nonsense"'),
    "nor a Wayland compositor": ({"QT_QPA_PLATFORM": "wayland", "WAYLAND_DISPLAY": "no"}, "wl_display"),
}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a screen")
@pytest.mark.parametrize("case", NO_SCREEN)
def test_one_sentence_says_what_is_missing(case, tmp_path):
    setting, reason = NO_SCREEN[case]
    usual = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
    places = {"PYTHONPATH": str(Path(__file__).parents[3]), "XDG_STATE_HOME": str(tmp_path), "XDG_RUNTIME_DIR": "/tmp"}
    ran = subprocess.run(
        [sys.executable, "-m", "explorer"],
        env=usual | places | setting, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert ran.returncode == 2, ran.stderr
    assert ran.stderr.startswith("VRAE Explorer needs a screen: ")
    assert reason in ran.stderr
    assert ran.stderr.count("\n") == 1
