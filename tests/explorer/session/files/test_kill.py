"""A process that is killed loses at most the last seconds of its session; another one finds the rest."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from explorer.session.files.keeping import SECONDS_TO_AUTOSAVE

# What a person does and sees, in a process of its own: the application as it is started, with a script as its hand.
SCRIPT = """
import json, os, signal, sys
from PySide6.QtCore import QTimer
from explorer import __main__ as application
from explorer.session.files.earlier import AUTOSAVE
from explorer.session.files.state import DECODING

said = []  # all warnings and errors, for those that are shown leave after a while

def tell(window):
    session = window.session
    drawing = session.path.as_plain()
    roll = session.playback.roll
    print(json.dumps({
        "songs": [song.name for song in session.library.songs], "drawing": drawing,
        "tempo": session.playback.player.tempo, "heard": None if roll is None else roll.astype(int).tolist(),
        "said": said,
    }), flush=True)

def is_open(session):
    # Not all jobs: one of them times this machine for a training, which takes minutes where that is busy.
    return session.library.atlas is not None and not session.library.busy and not session.jobs.is_running(DECODING)

def is_measured(session):  # which of the songs the model knows: the others are heard as they are
    return session.notes_right.of_song is not None

def use(window):
    session = window.session
    yield lambda: is_open(session) and is_measured(session)
    for index in (0, 9, 20):
        session.path.add(session.path.point_at(session.library.atlas.map.points[index]))
    session.path.keep()
    session.playback.set_tempo(97)
    session.playback.play_window(30)
    yield lambda: session.playback.heard is not None
    tell(window)
    autosave = session.keeping.folder / AUTOSAVE
    yield lambda: autosave.exists() and not session.keeping._timer.isActive() and not session.jobs.is_running(AUTOSAVE)
    os.kill(os.getpid(), signal.SIGKILL)

def look(window):
    session = window.session
    yield lambda: is_open(session)
    yield lambda: session.playback.heard is None or is_measured(session)
    tell(window)
    window.close()
    yield lambda: False

def begin(window):
    window.session.messages.said.connect(lambda sentence, kind: said.append(sentence) if kind != "note" else None)
    steps = (use if sys.argv[1] == "use" else look)(window)
    awaited = [lambda: True]
    def go_on():
        if awaited[0]():
            awaited[0] = next(steps)
    window.timer = QTimer(window, interval=20)
    window.timer.timeout.connect(go_on)
    window.timer.start()

sys.exit(application.main(["vrae-explorer", *sys.argv[2:]], begin))
"""


@pytest.fixture
def run(tmp_path):
    places = {f"XDG_{name}_HOME": str(tmp_path / name.lower()) for name in ("CONFIG", "CACHE", "DATA", "STATE")}
    environment = os.environ | places | {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(Path(__file__).parents[4])}

    def start(*arguments):
        command = [sys.executable, "-c", SCRIPT, *map(str, arguments)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=400, check=False)

    return start


def test_after_kill_9_another_process_opens_the_session_as_it_was(run, songs, make_model, write_song, tmp_path):
    make_model().save(tmp_path / "chance.safetensors")
    killed = run("use", tmp_path / "chance.safetensors", *(write_song(song) for song in songs))
    assert killed.returncode == -9, killed.stderr
    before = json.loads(killed.stdout)
    assert SECONDS_TO_AUTOSAVE <= 5
    again = run("look")
    assert again.returncode == 0, again.stderr
    after = json.loads(again.stdout)
    assert after == before
    assert after["songs"] == ["Low", "Middle", "High"]
    assert len(after["drawing"]["paths"]) == 1
    assert any(map(any, after["heard"]))


def test_a_broken_autosave_does_not_keep_the_application_from_starting(run, tmp_path):
    folder = tmp_path / "state" / "vrae-explorer"
    folder.mkdir(parents=True)
    (folder / "autosave.vrae-session").write_bytes(b"\0" * 1000)
    first = run("look")
    assert first.returncode == 0, first.stderr
    told = json.loads(first.stdout)
    assert len(told["songs"]) == 8
    assert [sentence for sentence in told["said"] if "The last session cannot be opened" in sentence]
    assert (folder / "set aside.vrae-session").read_bytes() == b"\0" * 1000
    second = json.loads(run("look").stdout)
    assert len(second["songs"]) == 8
    assert not [sentence for sentence in second["said"] if "last session" in sentence]
