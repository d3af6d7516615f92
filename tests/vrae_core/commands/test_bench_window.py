"""`vrae bench window`."""

from __future__ import annotations

import pytest

from vrae_core.commands import bench_window
from vrae_core.progress import Progress


def test_what_opening_and_switching_cost_is_a_table(vrae, monkeypatch):
    figures = {"first": 0.31, "all": 4.5, "cpu": 3.25, "waits": 12.4, "mb": 301.6}
    told = [
        {"what": "open songs", "dots": 12_345, "held": False} | figures,
        {"what": "switch to 20d", "dots": 12_345, "held": True} | figures,
    ]

    def measured_before(_songs):
        yield Progress(0, 1)
        return told

    monkeypatch.setattr(bench_window, "_measured", measured_before)
    ran = vrae("bench", "window")
    assert ran.status == 0, ran.err
    head, first, second = ran.out.splitlines()
    assert head.split() == ["dots", "first", "all", "CPU", "waits", "MB", "held"]
    assert first.split() == ["open", "songs", "12,345", "0.31", "4.50", "3.25", "12", "302", "no"]
    assert second.split()[-1] == "yes"


def test_a_window_that_cannot_be_opened_is_told_in_one_sentence(vrae, monkeypatch):
    pytest.importorskip("PySide6")
    monkeypatch.setattr(bench_window, "_MODULE", "explorer.no_such_module")
    ran = vrae("bench", "window")
    assert ran.status == 1
    assert ran.err.startswith("vrae: the window that was to be measured did not go on: ")


def test_a_song_that_is_missing_is_told_before_a_window_is_opened(vrae, tmp_path):
    ran = vrae("bench", "window", tmp_path / "missing.mid")
    assert (ran.status, ran.err.strip()) == (1, f"vrae: {tmp_path / 'missing.mid'} does not exist")
