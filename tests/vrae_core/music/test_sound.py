"""How music is to sound: presets, and what comes back from a file."""

import json

import pytest

from vrae_core.music.sound import PRESETS, Sound, Voice

OWN = Sound((Voice(3), Voice(5, 0.6), Voice(7)), expressive=False, scale="minor", tonic=4)


@pytest.mark.parametrize("sound", [Sound(), OWN])
def test_a_sound_comes_back_from_json(sound):
    assert Sound.from_plain(json.loads(json.dumps(sound.as_plain()))) == sound


@pytest.mark.parametrize(
    "change",
    [
        {"voices": []},
        {"voices": 3},
        {"voices": [{"program": 200, "level": 1}] * 3},
        {"voices": [{"program": 1, "level": float("nan")}] * 3},
        {"voices": [{"program": float("inf"), "level": 1}] * 3},
        {"scale": "of whales"},
        {"scale": ["minor"]},
        {"tonic": 12},
        {"tonic": None},
    ],
)
def test_whatever_is_no_sound_is_refused(change):
    with pytest.raises(ValueError, match="no "):
        Sound.from_plain(OWN.as_plain() | change)


@pytest.mark.parametrize("data", [None, 3, "Sound", [], {}])
def test_whatever_is_no_table_is_refused(data):
    with pytest.raises(ValueError, match="no sound"):
        Sound.from_plain(data)


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_known_by_its_voices(name):
    split, voices = PRESETS[name]

    assert Sound(voices, split).preset == name
