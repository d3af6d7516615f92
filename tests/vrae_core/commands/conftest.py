"""A tiny model and two tiny songs as files, and the `vrae` command as a function."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from vrae_core.__main__ import main
from vrae_core.latent import map as latent_map
from vrae_core.midi.export import Track, write_midi
from vrae_core.midi.song import Song
from vrae_core.model.trained import TrainedModel
from vrae_core.piano_roll import Note


class Ran(NamedTuple):
    """What a command did."""

    status: int
    out: str
    err: str


@pytest.fixture
def vrae(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    def run(*words: object) -> Ran:
        try:
            status = main([str(word) for word in words])
        except SystemExit as end:  # argparse's own way out
            status = end.code
        return Ran(status, *capsys.readouterr())

    return run


@pytest.fixture(autouse=True)
def no_map_is_kept_from_test_to_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latent_map, "default_cache_folder", lambda: tmp_path / "cache")


@pytest.fixture
def songs(tmp_path: Path, two_songs: list[Song]) -> list[Path]:
    """Low.mid (20 s) and High.mid (30 s)."""
    paths = []
    for song in two_songs:
        paths.append(tmp_path / f"{song.name}.mid")
        write_midi(paths[-1], [Track(song.name, 0, song.notes)])
    return paths


@pytest.fixture
def late_songs(tmp_path: Path, two_songs: list[Song]) -> list[Path]:
    """The same, in a folder of their own, each note 40 ms behind the beat."""
    paths = []
    (tmp_path / "late").mkdir()
    for song in two_songs:
        paths.append(tmp_path / "late" / f"{song.name}.mid")
        notes = [note._replace(start=note.start + 0.04, end=note.end + 0.04) for note in song.notes]
        write_midi(paths[-1], [Track(song.name, 0, notes)])
    return paths


@pytest.fixture
def model_file(tmp_path: Path, model: TrainedModel) -> Path:
    path = tmp_path / "tiny.safetensors"
    model.save(path)
    return path


@pytest.fixture
def band_files(tmp_path: Path, band_songs: list[Song]) -> list[Path]:
    """Slow.mid and Fast.mid: a lead, chords, a bass and drums."""
    paths = []
    for song in band_songs:
        paths.append(tmp_path / f"{song.name}.mid")
        notes = [[note for note in song.notes if note.track == number] for number in range(3)] + [list(song.drums)]
        tracks = [
            Track(track.name, track.program, own, track.is_drums) for track, own in zip(song.tracks, notes, strict=True)
        ]
        write_midi(paths[-1], tracks, song.tempo_map)
    return paths


@pytest.fixture
def band_model_file(tmp_path: Path, band_model: TrainedModel) -> Path:
    path = tmp_path / "band.safetensors"
    band_model.save(path)
    return path


@pytest.fixture
def bad_files(tmp_path: Path, songs: list[Path]) -> dict[str, Path]:
    """Files that are no songs, by what is wrong with them."""
    paths = {reason: tmp_path / f"{reason}.mid" for reason in ("empty", "junk", "truncated")}
    paths["empty"].write_bytes(b"")
    paths["junk"].write_bytes(b"not a MIDI file at all")
    paths["truncated"].write_bytes(songs[0].read_bytes()[:20])
    return paths | {"missing": tmp_path / "missing.mid"}


@pytest.fixture
def unknown_song(tmp_path: Path) -> Path:
    """A song on two pitches that the tiny model does not know."""
    path = tmp_path / "Unknown.mid"
    write_midi(path, [Track("Unknown", 0, [Note(t, t + 0.9, 100 + t % 2) for t in range(20)])])
    return path
