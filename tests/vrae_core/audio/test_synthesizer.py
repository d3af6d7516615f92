"""Sound, judged by numbers: when notes begin, how high they are, how loud, and that they end."""

from __future__ import annotations

import os
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from vrae_core.audio import fluidsynth as soundfont
from vrae_core.audio.file import writing_sound
from vrae_core.audio.fluidsynth import bundled_soundfont, check_soundfont
from vrae_core.audio.synthesizer import BLOCK, SAMPLE_RATE, Synthesizer, render_notes
from vrae_core.errors import SoundError
from vrae_core.midi.export import Track
from vrae_core.piano_roll import Note
from vrae_core.progress import Progress, finish

PIANO, SQUARE, STRINGS, WOODBLOCK = 0, 80, 48, 115


@pytest.fixture
def synthesizer():
    with Synthesizer() as synthesizer:
        yield synthesizer


def loudness(sound):
    """The greatest sample, as a share of full scale."""
    return np.abs(sound.astype(float)).max(initial=0) / 32767


def onset(sound, start, end):
    """The first frame between two at which the sound rises above a quarter of the greatest there."""
    level = np.abs(sound[start:end].astype(float)).max(axis=1)
    return start + int(np.argmax(level > level.max() / 4))


@pytest.fixture(scope="module")
def rise():
    """Frames from the beginning of a woodblock's first block until it is audible."""
    with Synthesizer() as synthesizer:
        synthesizer.set_program(0, WOODBLOCK)
        synthesizer.note_on_at(0, 0, 84, 110)
        return onset(synthesizer.render(4000), 0, 4000) - BLOCK


def pitch_of(sound, rate=SAMPLE_RATE):
    """The MIDI pitch of the lowest strong partial."""
    spectrum = np.abs(np.fft.rfft(sound.mean(axis=1) * np.hanning(len(sound)), 1 << 17))
    spectrum[: int(60 / rate * (1 << 17))] = 0
    lowest = int(np.argmax(spectrum > spectrum.max() / 3))
    peak = lowest + int(np.argmax(spectrum[lowest : lowest + 40]))
    return 69 + 12 * np.log2(peak * rate / (1 << 17) / 440)


# --- the live synthesizer


def test_without_notes_there_is_silence(synthesizer):
    sound = synthesizer.render(5000)
    assert sound.shape == (5000, 2)
    assert sound.dtype == np.int16
    assert np.abs(sound).max() <= 1  # FluidSynth dithers the last bit
    assert synthesizer.render(0).shape == (0, 2)
    assert synthesizer.now == 5000


@pytest.mark.parametrize("frames", [441, 1000, 2400])
def test_a_scheduled_note_is_heard_one_block_after_its_sample(synthesizer, rise, frames):
    """Give or take a block, wherever in the rendered blocks it falls, also at their first sample."""
    synthesizer.set_program(0, WOODBLOCK)
    chance = np.random.default_rng(frames)
    pause = 12_000 // frames
    rendered, places = [], []
    for number in range(30):
        place = synthesizer.now + (0 if number % 2 else int(chance.integers(frames)))
        synthesizer.note_on_at(place, 0, 84, 110)
        places.append(place)
        rendered += [synthesizer.render(frames) for _ in range(pause)]
    sound = np.concatenate(rendered)
    late = np.array([onset(sound, place, place + 3000) - rise - place for place in places])
    assert late.min() >= 0
    assert late.max() <= 2 * BLOCK


def test_a_note_ends_when_it_is_told_to(synthesizer):
    synthesizer.set_program(0, SQUARE)
    synthesizer.note_on_at(0, 0, 60, 90)
    synthesizer.note_off_at(SAMPLE_RATE // 2, 0, 60)
    sound = synthesizer.render(2 * SAMPLE_RATE)
    assert loudness(sound[SAMPLE_RATE // 4 : SAMPLE_RATE // 2]) > 0.05
    assert loudness(sound[SAMPLE_RATE:]) < 0.005


def test_a_note_struck_again_the_moment_it_ends_sounds_on(synthesizer):
    synthesizer.set_program(0, SQUARE)
    synthesizer.note_on_at(0, 0, 60, 90)
    synthesizer.note_on_at(20_000, 0, 60, 90)
    synthesizer.note_off_at(20_000, 0, 60)
    assert loudness(synthesizer.render(40_000)[-2000:]) > 0.05


def test_all_sounds_off_silences_what_sounds_and_forgets_what_waits(synthesizer):
    synthesizer.set_program(0, SQUARE)
    synthesizer.note_on_at(0, 0, 60, 90)
    synthesizer.note_on_at(9000, 0, 64, 90)
    assert loudness(synthesizer.render(8000)) > 0.05
    synthesizer.all_sounds_off()
    sound = synthesizer.render(3 * SAMPLE_RATE)
    assert loudness(sound[SAMPLE_RATE:]) < 0.0005  # the reverb has died away, the second note never came
    synthesizer.note_on_at(synthesizer.now, 0, 60, 90)
    assert loudness(synthesizer.render(8000)) > 0.05


def test_programs_sound_different(synthesizer):
    sounds = []
    for program in (PIANO, SQUARE):
        synthesizer.set_program(0, program)
        synthesizer.note_on_at(synthesizer.now, 0, 60, 90)
        sounds.append(synthesizer.render(SAMPLE_RATE).astype(float).mean(axis=1))
        synthesizer.all_sounds_off()
    assert np.corrcoef(sounds)[0, 1] < 0.5


def test_thousands_of_notes_leave_nothing_behind(synthesizer):
    synthesizer.set_program(0, SQUARE)
    for number in range(5000):
        synthesizer.note_on_at(synthesizer.now, 0, 30 + number % 60, 90)
        synthesizer.note_off_at(synthesizer.now + 500, 0, 30 + number % 60)
        synthesizer.render(64)
    assert loudness(synthesizer.render(4 * SAMPLE_RATE)[-SAMPLE_RATE:]) < 0.0005


def test_closing_twice_is_harmless():
    synthesizer = Synthesizer()
    synthesizer.close()
    synthesizer.close()


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads the memory in use from /proc")
def test_closing_gives_the_memory_back():
    def memory():
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    before = 0
    for number in range(12):
        with Synthesizer() as synthesizer:
            synthesizer.note_on_at(0, 0, 60, 90)
            synthesizer.render(5000)
        if number == 3:
            before = memory()
    assert memory() - before < 6 << 20  # one SoundFont is 6 MB


def test_nothing_is_printed():
    """FluidSynth writes its complaints to the terminal itself, past Python: look from outside."""
    code = """
from vrae_core.audio.synthesizer import Synthesizer
with Synthesizer() as synthesizer:
    synthesizer.set_program(0, 300)
    synthesizer.set_program(99, 0)
    synthesizer.note_on_at(0, 0, 60, 90)
    synthesizer.render(5000)
"""
    environment = {**os.environ, "CI": "true", "PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


# --- rendering to the end


def scale(program, seconds=0.5):
    pitches = (60, 62, 64, 65, 67, 69, 71, 72)
    return Track("scale", program, [Note(n * seconds, n * seconds + 0.4, p) for n, p in enumerate(pitches)])


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_a_scale_has_its_pitches_at_their_times(rate):
    track = scale(SQUARE)
    sound = finish(render_notes([track], sample_rate=rate))
    assert len(sound) == pytest.approx((track.notes[-1].end + 1) * rate, abs=1)
    for note in track.notes:
        start, end = round(note.start * rate), round(note.end * rate)
        assert pitch_of(sound[start + 2000 : end], rate) == pytest.approx(note.pitch, abs=0.2)


def test_onsets_are_within_a_block_of_their_place(rise):
    chance = np.random.default_rng(0)
    starts = np.cumsum(chance.uniform(0.2, 0.3, 60))
    sound = finish(render_notes([Track("", WOODBLOCK, [Note(s, s + 0.05, 84, 110) for s in starts])]))
    places = np.round(starts * SAMPLE_RATE).astype(int)
    off = np.array([onset(sound, place - 300, place + 3000) - rise - place for place in places])
    assert np.abs(off).max() <= BLOCK


def test_a_note_of_no_length_does_not_hang():
    sound = finish(render_notes([Track("", SQUARE, [Note(0.5, 0.5, 60)])], tail_seconds=3))
    assert loudness(sound) > 0.01
    assert loudness(sound[-SAMPLE_RATE:]) < 0.0005


@pytest.mark.parametrize("program", [PIANO, 4, 24, SQUARE, 81])
def test_dense_chords_do_not_clip(program):
    """Sixteen notes at once, a quarter apart, as loud as decoded music is."""
    chord = [Note(0, 1.5, pitch) for pitch in range(36, 84, 3)]
    assert 0.1 < loudness(finish(render_notes([Track("", program, chord)]))) < 0.9


def test_all_88_keys_at_once_are_rendered_with_bounded_polyphony():
    keys = [Note(0, 1, pitch, 20) for pitch in range(21, 109)]
    sound = finish(render_notes([Track("", STRINGS, keys)] * 3))
    assert loudness(sound[-2000:]) < loudness(sound)


def test_twenty_tracks_share_the_channels_and_none_plays_drums():
    tracks = [Track("", SQUARE, [Note(n * 0.4, n * 0.4 + 0.3, 60 + n)]) for n in range(20)]
    sound = finish(render_notes(tracks))
    for n in range(20):
        start = round((n * 0.4 + 0.05) * SAMPLE_RATE)
        assert pitch_of(sound[start : start + 11_000]) == pytest.approx(60 + n, abs=0.2)


def test_progress_counts_the_seconds_and_closing_stops():
    job = render_notes([Track("", SQUARE, [Note(0, 3.5, 60)])], tail_seconds=0)
    assert [next(job) for _ in range(4)] == [Progress(second, 3.5, "Rendering") for second in range(4)]
    job.close()


def test_no_notes_are_rendered_as_the_silence_after_them():
    assert len(finish(render_notes([], tail_seconds=0.5))) == SAMPLE_RATE // 2


def test_a_wav_file_holds_the_sound(tmp_path):
    sound = finish(render_notes([Track("", SQUARE, [Note(0, 0.2, 60)])], tail_seconds=0.1))
    finish(writing_sound(tmp_path / "sound.wav", sound, SAMPLE_RATE))
    with wave.open(str(tmp_path / "sound.wav")) as file:
        assert file.getparams()[:4] == (2, 2, SAMPLE_RATE, len(sound))
        read = np.frombuffer(file.readframes(len(sound)), "<i2").reshape(-1, 2)
    np.testing.assert_array_equal(read, sound)


# --- what can be missing or hostile


def test_a_missing_library_is_an_error_that_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "fluidsynth", None)
    with pytest.raises(SoundError, match=r"^FluidSynth is not installed: "):
        Synthesizer()


def test_the_library_can_be_named(tmp_path, monkeypatch):
    monkeypatch.delitem(sys.modules, "fluidsynth", raising=False)
    monkeypatch.setenv("FLUIDSYNTH_LIBRARY", str(tmp_path / "nothing.so"))
    with pytest.raises(SoundError, match=r"^FluidSynth is not installed: "):
        Synthesizer()
    monkeypatch.delenv("FLUIDSYNTH_LIBRARY")
    Synthesizer().close()


def test_a_missing_bundled_soundfont_is_an_error(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SoundError, match=r"^There is no SoundFont: "):
        Synthesizer()


def test_finding_the_bundled_soundfont_does_not_import_pretty_midi():
    code = "import sys, vrae_core.audio.fluidsynth as s; s.bundled_soundfont(); print('pretty_midi' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))}
    assert subprocess.check_output([sys.executable, "-c", code], env=environment) == b"False\n"


IN_LATIN_1 = pytest.param(b"\xfcbung.sf2", marks=pytest.mark.skipif(sys.platform != "linux", reason="no such names"))


@pytest.mark.parametrize("name", [b"other.sf2", IN_LATIN_1])
def test_another_soundfont_is_tried_first_and_then_used(tmp_path, name):
    other = tmp_path / os.fsdecode(name)
    other.write_bytes(bundled_soundfont().read_bytes())
    with Synthesizer(other) as synthesizer:
        synthesizer.note_on_at(0, 0, 60, 90)
        assert loudness(synthesizer.render(8000)) > 0.01


def test_a_damaged_soundfont_is_refused(tmp_path):
    whole = bundled_soundfont().read_bytes()
    (tmp_path / "cut.sf2").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SoundError, match=r"^/.*/cut\.sf2 cannot be loaded by FluidSynth$"):
        Synthesizer(tmp_path / "cut.sf2")


def test_what_is_no_soundfont_is_refused(tmp_path):
    (tmp_path / "notes.sf2").write_bytes(b"not a SoundFont")
    with pytest.raises(SoundError, match=r"^/.*/notes\.sf2 is not a SoundFont$"):
        check_soundfont(tmp_path / "notes.sf2")
    with pytest.raises(SoundError, match=r"^/.*/none\.sf2 cannot be opened: "):
        check_soundfont(tmp_path / "none.sf2")


@pytest.mark.skipif(os.name != "posix", reason="pipes of POSIX")
def test_a_pipe_is_no_soundfont(tmp_path):
    os.mkfifo(tmp_path / "pipe.sf2")
    with pytest.raises(SoundError, match=r"^/.*/pipe\.sf2 is not a file$"):
        check_soundfont(tmp_path / "pipe.sf2")


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import os; os.abort()", "is damaged: FluidSynth crashes on it"),
        ("import time; time.sleep(60)", "is damaged: FluidSynth hangs on it"),
        ("raise SystemExit(4)", "holds no instrument that sounds"),
    ],
)
def test_a_soundfont_that_crashes_or_hangs_is_refused(tmp_path, monkeypatch, code, reason):
    (tmp_path / "evil.sf2").write_bytes(b"RIFF\0\0\0\0sfbk")
    monkeypatch.setattr(soundfont, "_PROBE", code)
    monkeypatch.setattr(soundfont, "_PROBE_SECONDS", 1 if "sleep" in code else 30)
    with pytest.raises(SoundError, match=f"^{tmp_path}/evil.sf2 {reason}$"):
        check_soundfont(tmp_path / "evil.sf2")
