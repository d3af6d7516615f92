"""Preferences survive a restart, and a broken file does no harm."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from explorer.preferences import MOST_RECENT_MODELS, Preferences, load_preferences, preferences_path
from vrae_core.errors import FileError
from vrae_core.music.sound import Sound, Voice

OWN = Sound((Voice(3), Voice(127, 0.25), Voice(0, 0.5)), split=False, expressive=False, scale="dorian", tonic=11)


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "preferences.json"
    kept = Preferences("light", 0.25, 96.0, OWN, 0.4, str(tmp_path), ["a.safetensors", "b.safetensors"], "low latency")
    kept.midi_output, kept.midi_input, kept.midi_knobs = "Synth 24:0", "Knobs 28:0", [74, 71]
    kept.midi_internal, kept.midi_clock, kept.midi_keys_start = False, True, False
    kept.save(path)
    assert load_preferences(path) == kept


def test_no_file_means_the_defaults(tmp_path: Path) -> None:
    assert load_preferences(tmp_path / "preferences.json") == Preferences()


@pytest.mark.parametrize(
    "junk", [b"", b"\xff\xfe", b"{", b"[1, 2]", b"null", b"[" * 100_000, b'{"volume": ' + b"9" * 5000 + b"}"]
)
def test_a_broken_file_means_the_defaults(tmp_path: Path, junk: bytes) -> None:
    path = tmp_path / "preferences.json"
    path.write_bytes(junk)
    assert load_preferences(path) == Preferences()


def test_each_bad_value_alone_is_replaced_by_its_default(tmp_path: Path) -> None:
    path = tmp_path / "preferences.json"
    bad = {
        "theme": "pink",
        "volume": float("nan"),
        "tempo": True,
        "sound": {"voices": [1, 2, 3]},
        "threshold": "high",
        "last_folder": None,
        "recent_models": ["a", 1],
        "recent_songs": "a",
        "recent_sessions": {},
        "reopens_session": 1,
        "sound_mode": "fast",
        "midi_output": 3,
        "midi_input": ["a"],
        "midi_internal": "yes",
        "midi_clock": 1,
        "midi_keys_start": None,
        "midi_knobs": [16, 120],
        "unknown": 1,
    }
    path.write_text(json.dumps(bad))
    assert load_preferences(path) == Preferences()
    path.write_text(json.dumps(bad | {"tempo": 200}))
    assert load_preferences(path) == Preferences(tempo=200)


@pytest.mark.parametrize(
    "wrong",
    [
        {"scale": "pink"},
        {"scale": ["major"]},
        {"tonic": 12},
        {"tonic": "C"},
        {"voices": [{"program": 128, "level": 1}] * 3},
        {"voices": [{"program": 0, "level": float("nan")}] * 3},
        {"voices": [{"program": 0, "level": 1}] * 2},
        {"voices": 7},
    ],
)
def test_a_sound_that_is_none_is_replaced_by_the_default(tmp_path: Path, wrong: dict[str, object]) -> None:
    path = tmp_path / "preferences.json"
    Preferences(sound=OWN).save(path)
    stored = json.loads(path.read_bytes())
    stored["sound"] |= wrong
    path.write_text(json.dumps(stored))
    assert load_preferences(path) == Preferences()


def test_a_folder_in_the_place_of_the_file_means_the_defaults(tmp_path: Path) -> None:
    assert load_preferences(tmp_path) == Preferences()


def test_a_file_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot be written"):
        Preferences().save(tmp_path / "file" / "preferences.json")


def test_recent_models_are_newest_first_and_few() -> None:
    preferences = Preferences()
    for number in range(20):
        preferences.remember_model(f"{number}.safetensors")
    preferences.remember_model("15.safetensors")
    assert preferences.recent_models[:2] == ["15.safetensors", "19.safetensors"]
    assert len(set(preferences.recent_models)) == MOST_RECENT_MODELS


def test_the_file_lies_where_the_system_keeps_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("platformdirs.user_config_dir", lambda *_, **__: str(tmp_path))
    assert preferences_path() == tmp_path / "preferences.json"
