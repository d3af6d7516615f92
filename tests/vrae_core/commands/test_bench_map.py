"""`vrae bench map`."""

import json

import pytest

from vrae_core.commands import bench_map
from vrae_core.progress import Progress

KINDS = ["pan", "zoom", "hover", "pan while dots move"]


def test_the_figures_fit_each_other_and_make_a_table(vrae, monkeypatch):
    pytest.importorskip("PySide6")
    told = json.loads(vrae("bench", "map", "--dots", 20, "--json").out)
    assert told["platform"]
    assert [row["what"] for row in told["rows"]] == KINDS
    for row in told["rows"]:
        assert 0 < row["median"] <= row["p95"] <= row["max"]
        assert (row["scatter_ratio"] is not None) == (row["what"] in ("pan", "zoom"))

    def measured_before(_dots):
        yield Progress(0, 1)
        return told["platform"], told["rows"]

    monkeypatch.setattr(bench_map, "_measured", measured_before)
    ran = vrae("bench", "map")
    head, *rows = ran.out.splitlines()
    assert ran.status == 0, ran.err
    assert "ms a frame" in head
    assert [row[12:31].strip() for row in rows] == KINDS
    assert [row.split()[0] for row in rows] == ["20"] * len(KINDS)


def test_a_window_that_cannot_be_opened_is_told_in_one_sentence(vrae, monkeypatch):
    monkeypatch.setattr(bench_map, "_MODULE", "explorer.no_such_module")
    ran = vrae("bench", "map", "--dots", 5)
    assert ran.status == 1
    assert ran.err.startswith("vrae: the window that was to be measured did not go on: ")
    assert len(ran.err.splitlines()) == 1


def test_a_job_that_is_closed_ends_the_window(monkeypatch):
    started = []
    popen = bench_map.subprocess.Popen
    monkeypatch.setattr(bench_map.subprocess, "Popen", lambda *a, **k: started.append(popen(*a, **k)) or started[0])
    job = bench_map._measured([1000])
    next(job)
    next(job)
    job.close()
    assert started[0].returncode not in (None, 0)
