"""Songs packed into files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bands import played
from vrae_core.corpus.packed import PackedRolls
from vrae_core.corpus.packing import packed, packed_song, writing_rolls
from vrae_core.corpus.sampling import Grid, sampled
from vrae_core.midi.song import Song
from vrae_core.piano_roll import Note
from vrae_core.progress import finish

SHORT = Song("Short", (Note(0.0, 0.3, 52), Note(0.1, 0.5, 76)), 120.0)
SILENT = Song("Silent for the model", (Note(0.0, 9.0, 21),), 120.0)
BANDS = [played(seed, 100, 0)[1] for seed in (4, 5)]


def pack(path: Path, songs: list[Song]) -> PackedRolls:
    finish(writing_rolls(path, (packed(song.name, song.roll) for song in songs)))
    return PackedRolls(path)


@pytest.fixture
def songs(two_songs: list[Song]) -> list[Song]:
    return [two_songs[0], SHORT, SILENT, two_songs[1]]


@pytest.fixture
def rolls(tmp_path: Path, songs: list[Song]) -> PackedRolls:
    return pack(tmp_path / "songs.vrae-rolls", songs)


def pack_on(path: Path, songs: list[Song], grid: Grid) -> PackedRolls:
    finish(writing_rolls(path, (packed_song(sampled(song, grid)) for song in songs)))
    return PackedRolls(path)
