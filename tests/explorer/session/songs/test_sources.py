"""Where songs come from."""

from __future__ import annotations

import pytest

from explorer.session.songs.sources import SongSource
from vrae_core.midi.song import InRun


@pytest.mark.parametrize("name", ["x" * 300, "a\0b", "file/below"])
def test_a_song_whose_place_cannot_even_be_asked_about_is_not_there(tmp_path, name):
    (tmp_path / "file").write_bytes(b"")
    assert not SongSource(str(tmp_path / name)).is_there
    assert not SongSource("", run=InRun(str(tmp_path / name), "Reel")).is_there


def test_a_song_is_there_by_its_file_or_by_its_run(tmp_path):
    (tmp_path / "run.json").write_bytes(b"")
    assert SongSource(str(tmp_path / "run.json")).is_there
    assert SongSource("", run=InRun(str(tmp_path), "Reel")).is_there
