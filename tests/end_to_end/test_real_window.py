"""A real window on a real X server, used with mouse and keyboard; the MIDI file it saved is read back."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from vrae_core.corpus.cutting import choose_pitches
from vrae_core.midi.export import Track, write_midi
from vrae_core.midi.song import Song, read_song
from vrae_core.model.file import weight_shapes
from vrae_core.model.recipes import ModelConfig
from vrae_core.model.trained import TrainedModel
from vrae_core.piano_roll import Note

DRIVER, DRAG_OUT, DROP_TARGET = (
    Path(__file__).parent / name for name in ("drive_window.py", "drag_out.py", "drop_target.py")
)
MILLION = Path(__file__).parent / "look_at_a_million.py"


@pytest.fixture
def files(tmp_path: Path) -> tuple[TrainedModel, list[str]]:
    """A model that nobody trained, and three songs."""
    songs = [
        Song(name, tuple(Note(t / 2, t / 2 + 0.4, lowest + 2 * (t * step % 7)) for t in range(60)), 120.0)
        for name, lowest, step in (("Low", 40, 1), ("Middle", 55, 2), ("High", 70, 3))
    ]
    for song in songs:
        write_midi(tmp_path / f"{song.name}.mid", [Track(song.name, 0, song.notes)])
    config = ModelConfig(window=20, hop=10, latent=2, hidden=8, encoder_hidden=6, z_every_step=True)
    pitches = choose_pitches(songs)
    source = np.random.default_rng(0)
    weights = {n: source.normal(0, 0.6, s).astype(np.float32) for n, s in weight_shapes(config, len(pitches)).items()}
    model = TrainedModel(config, pitches, weights, 0.5)
    model.save(tmp_path / "chance.safetensors")
    return model, [str(tmp_path / "chance.safetensors"), *(str(tmp_path / f"{song.name}.mid") for song in songs)]


def environment(display: str, folder: Path) -> dict[str, str]:
    """The test's own, with the real screen, and with nothing of the user's."""
    places = {f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("CONFIG", "CACHE", "DATA", "STATE")}
    tree = {"PYTHONPATH": str(Path(__file__).parents[2])}  # this one, whichever is installed
    return os.environ | places | tree | {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "OMP_NUM_THREADS": "1"}


def test_one_clicks_drags_draws_a_path_and_saves_the_midi_file_one_heard(screen, files, tmp_path):
    model, paths = files
    run = subprocess.run(
        [sys.executable, str(DRIVER), str(tmp_path), *paths],
        env=environment(screen, tmp_path), capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    heard = np.load(tmp_path / "expected.npy")
    roll = read_song(tmp_path / "path.mid").roll[:, [pitch - 21 for pitch in model.pitches]]
    assert (roll == heard[: len(roll)]).all()
    assert not heard[len(roll) :].any()


def test_a_million_dots_are_seen_where_they_are_panned_zoomed_hovered_over_and_clicked(screen, tmp_path):
    run = subprocess.run(
        [sys.executable, str(MILLION)],
        env=environment(screen, tmp_path), capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    assert "Traceback" not in run.stderr


def test_what_is_heard_is_dragged_out_onto_another_program_twice(screen, files, tmp_path):
    model, paths = files
    (tmp_path / "temporary files").mkdir()
    surroundings = environment(screen, tmp_path) | {"TMPDIR": str(tmp_path / "temporary files")}
    target = subprocess.Popen(
        [sys.executable, str(DROP_TARGET), "1210", "100", "200", "500"],
        env=surroundings, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert target.stdout is not None
    assert target.stdout.readline() == "ready\n"
    try:
        source = subprocess.run(
            [sys.executable, str(DRAG_OUT), "1250", "350", *paths],
            env=surroundings, capture_output=True, text=True, timeout=240, check=False,
        )  # fmt: skip
    finally:
        target.terminate()
        told, _ = target.communicate(timeout=60)
    assert source.returncode == 0, source.stdout + source.stderr
    drops = [json.loads(line) for line in told.splitlines()]
    assert [drop["name"] for drop in drops] == ["Low 0-02.5.mid", "Low 0-04.5.mid"]
    for drop, line in zip(drops, source.stdout.splitlines(), strict=True):
        assert {"text/uri-list", "audio/midi"} <= set(drop["formats"])
        assert drop["data"] == drop["file"]
        (tmp_path / drop["name"]).write_bytes(bytes.fromhex(drop["file"]))
        heard = np.array(json.loads(line), bool)
        roll = read_song(tmp_path / drop["name"]).roll[:, [pitch - 21 for pitch in model.pitches]]
        assert (roll == heard[: len(roll)]).all()
    assert not list((tmp_path / "temporary files").glob("vrae-explorer-*")), "they stay until the program ends"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_closes_the_window_cleanly(screen, files, tmp_path, number):
    process = subprocess.Popen(
        [sys.executable, "-m", "explorer", *files[1]],
        env=environment(screen, tmp_path),
        stderr=subprocess.PIPE,
        text=True,
    )
    search = ["xdotool", "search", "--sync", "--onlyvisible", "--name", "VRAE Explorer"]
    subprocess.run(search, env=environment(screen, tmp_path), timeout=240, check=True, stdout=subprocess.DEVNULL)
    time.sleep(1)  # in the middle of opening things
    process.send_signal(number)
    _, errors = process.communicate(timeout=240)
    assert process.returncode == 0, errors
    assert "Traceback" not in errors
