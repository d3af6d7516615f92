"""A session file that is damaged, or hostile, costs what is damaged."""

from __future__ import annotations

import contextlib
import json
import random
from pathlib import Path

import numpy as np
import pytest
from doses import with_junk

from explorer.session.files.session_file import SUFFIX, read_session
from tests.explorer.conftest import hear_window
from tests.explorer.session.files.conftest import open_again, save, set_everything
from vrae_core.errors import FileError


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is not a session: its text is damaged"),
        (b"\xff\xfe", "is not a session: its text is damaged"),
        (b"[" * 100_000, "is not a session: its text is damaged"),
        (b'{"version": ' + b"9" * 5000 + b"}", "is not a session: its text is damaged"),
        (b"[]", "is not a session"),
        (b'{"format": "vrae-session"}', "is not a session: it names no version"),
        (b'{"format": "vrae-session", "version": true}', "is not a session: it names no version"),
        (b'{"format": "vrae-session", "version": 2}', "is a session of version 2, and this program reads version 1"),
        (b" " * ((16 << 20) + 1), "the limit is 16.0 MB"),
    ],
)
def test_what_is_no_session_of_ours_is_refused_in_words_and_changes_nothing(kept, tmp_path, qtbot, data, sentence):
    file = tmp_path / f"odd{SUFFIX}"
    file.write_bytes(data)
    atlas = kept.library.atlas
    kept.keeping.open(file)
    qtbot.waitUntil(lambda: bool(kept.problems) and not kept.jobs.running)
    assert sentence in kept.problems[0]
    assert kept.library.atlas is atlas


@pytest.mark.parametrize("part", ["model", "map", "view", "player", "heard", "drawing", "training"])
@pytest.mark.parametrize("junk", [None, [[]], {}, {"points": "x", "projection": [0, 0], "tempo": 1e300}])
def test_a_damaged_part_costs_that_part_only(kept, tmp_path, qtbot, part, junk):
    if part == "heard" and junk is None:
        pytest.skip("nothing heard is no damage")
    set_everything(kept, qtbot)
    file = save(kept, qtbot, tmp_path / f"mine{SUFFIX}")
    values = json.loads(file.read_bytes())
    file.write_text(json.dumps(values | {part: junk}))
    kept.playback.set_tempo(222)
    kept.path.clear()
    kept.library.lit.light_all()
    open_again(kept, qtbot, file)
    assert len(kept.problems) >= 1
    assert (part == "player") == (kept.playback.player.tempo == 222)
    assert (part in ("drawing", "model")) == (kept.path.points == ())
    assert (part != "map") == (kept.library.lit.grey == ("Middle",))


@pytest.mark.parametrize("seed", range(15))
def test_mutated_sessions_are_read_or_refused_in_words_and_the_session_goes_on(kept, tmp_path, qtbot, seed):
    set_everything(kept, qtbot)
    hear_window(kept, qtbot, 3)
    file = save(kept, qtbot, tmp_path / f"mine{SUFFIX}")
    source = random.Random(seed)
    data = file.read_bytes()
    for _ in range(source.randint(1, 4)):
        data = with_junk(data, source)
    file.write_bytes(data)
    kept.keeping.open(file)
    qtbot.waitUntil(lambda: not kept.jobs.running)
    assert not [sentence for sentence in kept.problems if "fault" in sentence], kept.problems
    hear_window(kept, qtbot, 5)
    assert np.isfinite(kept.playback.heard.probabilities).all()


def test_mutated_bytes_are_read_or_refused_in_words(kept, tmp_path, qtbot):
    set_everything(kept, qtbot)
    file = save(kept, qtbot, tmp_path / f"mine{SUFFIX}")
    good, source = file.read_bytes(), random.Random(0)
    for _ in range(300):
        data = bytearray(good)
        for _change in range(source.randint(1, 5)):
            data[source.randrange(len(data))] = source.randrange(256)
        file.write_bytes(data[: source.choice([len(data), source.randrange(len(data))])])
        with contextlib.suppress(FileError):  # nothing else may come of it
            read_session(file)


@pytest.mark.parametrize("left", [3, {"d": 3}, {"d" * 65: {}}, {"d": {"path": {"points": [[1], [1, 2]]}}}])
def test_damaged_drawings_of_other_models_cost_a_sentence_and_nothing_else(kept, tmp_path, qtbot, left):
    file = save(kept, qtbot, tmp_path / f"mine{SUFFIX}")
    values = json.loads(file.read_bytes())
    file.write_text(json.dumps(values | {"left": left}))
    open_again(kept, qtbot, file)
    assert len(kept.problems) == 1
    assert "damaged" in kept.problems[0]
    assert kept.path.left == {}


@pytest.mark.parametrize("damage", [{"parts": ["violin"]}, {"parts": 3}, {"estimated_beats": "yes"}])
def test_a_session_that_says_nonsense_of_a_song_loses_that_song_only(kept, tmp_path, damage, qtbot):
    file = save(kept, qtbot, tmp_path / f"mine{SUFFIX}")
    values = json.loads(file.read_bytes())
    values["songs"][1] |= damage
    file.write_text(json.dumps(values))
    contents = read_session(file)
    assert [Path(song.path).stem for song in contents.songs] == ["Low", "High"]
    assert contents.complaints == ("One of the session's songs is damaged and left out",)
