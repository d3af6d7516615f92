"""The eight bundled songs: what the corpus, the models and a listener rely on."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pretty_midi
import pytest

from assets.songs.arranger import Event, arrange, separate
from assets.songs.drums import CRASH, HAT, PATTERNS, SNARE, hits
from assets.songs.score import Score, read_score
from assets.songs.textures import harmony
from assets.songs.write_songs import SCORES, SONGS, write_songs
from vrae_core.columns import DRUM_KINDS
from vrae_core.midi.song import Song, read_song
from vrae_core.piano_roll import STEPS_PER_SECOND

SONG_PATHS = sorted(SONGS.glob("*.mid"))
WINDOW_SECONDS = 2.5
WITH_DRUMS = ("1-Korobeiniki", "3-The-Entertainer", "6-Galop-infernal")
LEARNT = {  # digests of the notes and tempos that the bundled models of 20 Hz were trained on
    "1-Korobeiniki": "d07f0585510e6322",
    "2-Sailors-Hornpipe": "e07cb8b5ddf8396a",
    "3-The-Entertainer": "7989c7e86e11bf72",
    "4-Mountain-King": "b72bb53cda9ccb52",
    "5-Blue-Danube": "96d9849e78470d31",
    "6-Galop-infernal": "e9dd32812d87e063",
    "7-Minuet-in-G": "f865554e4a47c88d",
    "8-My-Bonnie": "331c2c73c106ac6a",
}

each_song = pytest.mark.parametrize("path", SONG_PATHS, ids=lambda path: path.stem)


@pytest.fixture(scope="module")
def songs() -> dict[Path, Song]:
    return {path: read_song(path) for path in SONG_PATHS}


@pytest.fixture(scope="module")
def voices() -> dict[Path, list[pretty_midi.Instrument]]:
    return {path: pretty_midi.PrettyMIDI(str(path)).instruments for path in SONG_PATHS}


def score_of(path: Path) -> Score:
    return read_score(SCORES / f"{path.stem}.txt")


def test_there_are_eight_songs_and_each_has_a_score() -> None:
    assert len(SONG_PATHS) == 8
    assert [path.stem for path in SONG_PATHS] == sorted(path.stem for path in SCORES.glob("*.txt"))


def test_the_script_writes_the_committed_files_byte_for_byte(tmp_path: Path) -> None:
    for written in write_songs(tmp_path):
        assert written.read_bytes() == (SONGS / written.name).read_bytes(), written.name


@each_song
def test_a_song_is_read_without_a_warning(songs: dict[Path, Song], path: Path) -> None:
    assert songs[path].warnings == ()


@each_song
def test_a_song_lasts_about_three_minutes_and_gives_enough_windows(songs: dict[Path, Song], path: Path) -> None:
    assert 165 <= songs[path].seconds <= 200
    assert songs[path].seconds // WINDOW_SECONDS >= 66


@each_song
def test_every_note_begins_and_ends_on_a_step(songs: dict[Path, Song], path: Path) -> None:
    times = [time for note in songs[path].notes for time in (note.start, note.end)]
    assert all(abs(time * STEPS_PER_SECOND - round(time * STEPS_PER_SECOND)) < 1e-6 for time in times)


@each_song
def test_bars_are_those_of_the_score_and_the_last_is_full(songs: dict[Path, Song], path: Path) -> None:
    score, song = score_of(path), songs[path]
    assert score.beats_a_bar == {"3-The-Entertainer": 2, "6-Galop-infernal": 2}.get(
        path.stem, 3 if path.stem in ("5-Blue-Danube", "7-Minuet-in-G", "8-My-Bonnie") else 4
    )
    starts = [tempo.beat / score.beats_a_bar for tempo in song.tempo_map.tempos] if song.tempo_map else []
    assert starts == pytest.approx(np.rint(starts)), "a tempo changes between two bar lines"
    written = sum(score.themes[section.theme].length for section in score.form) / score.bar
    assert song.bar_at(song.seconds - 0.1) in (written - 1, written)


@each_song
def test_a_pitch_is_silent_for_a_step_before_it_sounds_again(songs: dict[Path, Song], path: Path) -> None:
    sounding_until: dict[int, float] = {}
    for note in sorted(songs[path].notes):
        assert note.start - sounding_until.get(note.pitch, -1) > 0.9 / STEPS_PER_SECOND
        sounding_until[note.pitch] = note.end


@each_song
def test_a_song_has_at_least_three_voices_and_drums_only_where_its_score_says_so(
    voices: dict[Path, list[pretty_midi.Instrument]], path: Path
) -> None:
    assert len([voice for voice in voices[path] if voice.notes and not voice.is_drum]) >= 3
    assert any(voice.is_drum for voice in voices[path]) == (path.stem in WITH_DRUMS) == (score_of(path).drums != "off")


@each_song
def test_the_notes_and_tempos_are_those_that_the_bundled_models_learnt(songs: dict[Path, Song], path: Path) -> None:
    assert digest(songs[path]) == LEARNT[path.stem]


def digest(song: Song) -> str:
    notes = [
        (*(round(time * STEPS_PER_SECOND) for time in (note.start, note.end)), note.pitch, note.velocity)
        for note in song.notes
    ]
    assert song.tempo_map is not None
    tempos = [(round(beat), round(tempo, 3)) for beat, tempo in song.tempo_map.tempos]
    return hashlib.sha256(song.roll.tobytes() + repr((notes, tempos)).encode()).hexdigest()[:16]


@pytest.mark.parametrize("stem", WITH_DRUMS)
def test_drums_are_on_the_grid_and_end_before_the_tune(stem: str, songs: dict[Path, Song]) -> None:
    song = songs[SONGS / f"{stem}.mid"]
    assert [track.name for track in song.tracks if track.is_drums] == ["drums"]
    assert {note.pitch for note in song.drums} <= {kind.note for kind in DRUM_KINDS}
    times = np.array([time for note in song.drums for time in (note.start, note.end)]) * STEPS_PER_SECOND
    assert times == pytest.approx(np.rint(times), abs=1e-6)
    assert max(note.end for note in song.drums) < song.seconds


@each_song
def test_a_song_keeps_one_key_and_ends_on_its_tonic(songs: dict[Path, Song], path: Path) -> None:
    notes, scale = songs[path].notes, score_of(path).scale
    in_key = sum(note.end - note.start for note in notes if note.pitch % 12 in scale)
    assert in_key >= 0.85 * sum(note.end - note.start for note in notes)
    end = max(note.end for note in notes)
    assert min(note.pitch for note in notes if note.end > end - 0.1) % 12 == scale[0]


@each_song
def test_the_voices_stay_in_their_registers(voices: dict[Path, list[pretty_midi.Instrument]], path: Path) -> None:
    for voice in (each for each in voices[path] if not each.is_drum):
        lowest, highest = {"lead": (55, 88), "second": (43, 85), "harmony": (48, 69), "bass": (35, 58)}[voice.name]
        assert all(lowest <= note.pitch <= highest for note in voice.notes), voice.name


def test_the_songs_together_need_few_pitches(songs: dict[Path, Song]) -> None:
    assert len({note.pitch for song in songs.values() for note in song.notes}) <= 55


def score_from(text: str, folder: Path) -> Score:
    settings = """
        title = Try
        key = C major
        tempo = 150
        step = 4
        bar = 4
        beat = 2
        touch = legato
        harmony = 52 66
        programs = 80 80 80 38
    """
    path = folder / "try.txt"
    path.write_text(settings + text, encoding="utf-8")
    return read_score(path)


def test_a_tie_prolongs_a_note_over_the_bar_line(tmp_path: Path) -> None:
    score = score_from("\n[A]\nC | c4:3 d4\nC | ~:2 -:2\n[form]\nA", tmp_path)
    assert [(note.start, note.length) for note in score.themes["A"].voices["lead"]] == [(0, 3), (3, 3)]


def test_a_bar_of_the_wrong_length_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"try\.txt: theme A, bar 2: 'c4:3' lasts 3 units, not 4"):
        score_from("\n[A]\nC | c4:4\nC | c4:3\n[form]\nA", tmp_path)


def test_an_unknown_option_in_the_form_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"try\.txt: the form's line 'A horns=loud'"):
        score_from("\n[A]\nC | c4:4\n[form]\nA horns=loud", tmp_path)


def test_an_unknown_drum_pattern_is_named(tmp_path: Path) -> None:
    score = score_from("\n[A]\nC | c4:4\n[form]\nA drums=horns", tmp_path)
    with pytest.raises(ValueError, match="drums=horns is not known"):
        arrange(score)


def test_drums_play_a_sections_own_pattern_or_the_songs_and_no_note_gives_way_to_them(tmp_path: Path) -> None:
    form = "\n[A]\nC | c2:4\n[form]\nA bass=octaves\nA bass=octaves drums=off\nA bass=octaves drums=crash level=loud"
    silent, drummed = (arrange(score_from(text + form, tmp_path)) for text in ("drums = off", "drums = galop"))
    drums = drummed.pop("drums")
    assert drummed == {voice: silent[voice] for voice in drummed}
    assert {hit.start // 16 for hit in drums} == {0, 2}
    assert [hit for hit in drums if hit.start >= 16] == [Event(32, 35, 36, 110), Event(32, 35, 49, 94)]


def test_a_section_opens_with_its_crash_and_closes_with_its_fill() -> None:
    played = hits("galop", 12)
    assert [hit.start for hit in played if hit.drum == CRASH] == [0]
    assert [hit.start for hit in played if hit.drum == SNARE] == [1, 3, 5, 7, 8, 9, 10, 11]
    assert [hit.start for hit in played if hit.drum == HAT] == [0, 2, 4, 6]


@pytest.mark.parametrize("name", PATTERNS)
def test_the_lines_of_a_pattern_fill_whole_beats_and_its_fill_is_of_one_length(name: str) -> None:
    pattern = PATTERNS[name]
    assert {len(line) for line in pattern.repeated.values()} <= {4, 8}
    assert len({len(line) for line in pattern.fill.values()}) <= 1


def test_the_harmony_moves_to_the_nearest_inversion(tmp_path: Path) -> None:
    score = score_from("\n[A]\nC | -:4\nF | -:4\n[form]\nA", tmp_path)
    notes, _ = harmony(score.themes["A"], "held", score, [], before=(55, 60, 64))
    assert [note.pitch for note in notes] == [55, 60, 64, 57, 60, 65]


def test_a_voice_gives_way_where_another_sounds_its_pitch() -> None:
    lead, chord = Event(0, 8, 60, 100), Event(4, 6, 60, 70)
    again = Event(8, 12, 60, 100)
    separated = separate({"lead": [lead, again], "second": [], "harmony": [chord], "bass": []})
    assert separated["lead"] == [lead._replace(end=7), again]
    assert separated["harmony"] == []
