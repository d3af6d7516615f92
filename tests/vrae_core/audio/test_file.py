"""What is written as sound is read back."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import soundfile

from vrae_core.audio.file import is_sound_file, writing_sound
from vrae_core.errors import FileError, SoundError
from vrae_core.progress import finish

RATE = 8000


def tone(seconds: float) -> np.ndarray:
    """440 Hz on the left, 660 Hz on the right."""
    time = np.arange(round(seconds * RATE))[:, None] / RATE
    return np.rint(8000 * np.sin(2 * np.pi * time * [440, 660])).astype(np.int16)


@pytest.mark.parametrize("suffix", ["wav", "flac", "FLAC"])
def test_wav_and_flac_give_every_sample_back(tmp_path, suffix):
    sound = tone(25)
    finish(writing_sound(tmp_path / f"sound.{suffix}", sound, RATE))
    read, rate = soundfile.read(tmp_path / f"sound.{suffix}", dtype="int16")
    assert rate == RATE
    np.testing.assert_array_equal(read, sound)


def test_ogg_gives_the_sound_back_as_one_hears_it(tmp_path):
    sound = tone(25)
    finish(writing_sound(tmp_path / "sound.ogg", sound, RATE))
    assert soundfile.info(tmp_path / "sound.ogg").subtype == "VORBIS"
    read, _ = soundfile.read(tmp_path / "sound.ogg", dtype="int16")
    assert read.shape == sound.shape
    for channel in (0, 1):
        assert np.corrcoef(read[:, channel], sound[:, channel])[0, 1] > 0.99


def test_it_says_how_far_it_is_and_stopped_it_leaves_nothing(tmp_path):
    job = writing_sound(tmp_path / "sound.flac", tone(25), RATE)
    assert [next(job).done for _ in range(3)] == [0, 10, 20]
    job.close()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(FileError, match=r"^/.*/sound\.ogg cannot be written: its folder does not exist$"):
        finish(writing_sound(tmp_path / "missing" / "sound.ogg", tone(0.1), RATE))


def test_without_its_library_it_says_which_is_missing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(SoundError, match="libsndfile is not installed"):
        finish(writing_sound(tmp_path / "sound.wav", tone(0.1), RATE))


def test_the_extension_tells_sound_from_notes():
    assert [name for name in ("a.wav", "a.OGG", "b.c.flac", "a.mid", "wav", "a.mp3") if is_sound_file(name)] == [
        "a.wav",
        "a.OGG",
        "b.c.flac",
    ]
