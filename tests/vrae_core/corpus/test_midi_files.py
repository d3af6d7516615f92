"""Which files are MIDI files, and where they are in folders."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import pytest

from vrae_core.corpus.midi_files import DEEPEST, is_midi, midi_files_in


def found(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in chain.from_iterable(midi_files_in(folder))]


@pytest.mark.parametrize("name", ["a.mid", "a.MID", "a.midi", "a.rmi", "a.Kar", "my song.b.KAR"])
def test_midi_files_are_known_by_their_suffix_in_whatever_case(name: str) -> None:
    assert is_midi(Path("folder", name))


@pytest.mark.parametrize("name", ["a.txt", "a.mid.bak", "mid", ".mid", ".hidden.mid", "._a.mid"])
def test_other_files_hidden_ones_and_those_that_a_mac_leaves_beside_are_none(name: str) -> None:
    assert not is_midi(Path("folder", name))


def test_folders_are_searched_with_all_that_is_in_them_in_the_same_order_each_time(tmp_path: Path) -> None:
    for name in ("z.mid", "a/z.kar", "a/b/c.rmi", "b/a.midi", "A.mid", ".hidden/a.mid", "b/._a.midi", "b/read me.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert found(tmp_path) == found(tmp_path) == ["A.mid", "z.mid", "a/z.kar", "a/b/c.rmi", "b/a.midi"]
    assert found(tmp_path / "b" / "none") == []


def test_links_to_files_are_followed_and_links_to_folders_lead_nowhere(tmp_path: Path) -> None:
    elsewhere, album = tmp_path / "elsewhere", tmp_path / "album"
    for folder in (elsewhere, album):
        folder.mkdir()
        (folder / "a.mid").touch()
    (album / "b.mid").symlink_to(elsewhere / "a.mid")
    (album / "folder").symlink_to(elsewhere, target_is_directory=True)
    (album / "loop").symlink_to(album, target_is_directory=True)
    assert found(album) == ["a.mid", "b.mid"]


def test_very_deep_folders_are_left_alone(tmp_path: Path) -> None:
    deepest = tmp_path.joinpath(*"d" * DEEPEST)
    (deepest / "d").mkdir(parents=True)
    (deepest / "a.mid").touch()
    (deepest / "d" / "b.mid").touch()
    assert [Path(name).name for name in found(tmp_path)] == ["a.mid"]
