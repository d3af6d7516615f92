"""Parts: which track is the melody, which plays chords, bass and drums, and what is left out."""

from vrae_core.columns import Part
from vrae_core.midi.parts import parts_of_tracks
from vrae_core.midi.song import Song, SongTrack
from vrae_core.piano_roll import Note

HIGH, MIDDLE, LOW = (76, 79, 77), (60, 64, 62), (40, 43, 38)


def parts(*tracks: tuple[str, int, tuple[int, ...]], kit: bool = False, at_once: int = 1) -> tuple[Part | None, ...]:
    """Of tracks as (name, program, pitches), each playing a note a beat, or every ``at_once`` of them together."""
    notes, said = [], []
    for number, (name, program, pitches) in enumerate(tracks):
        said.append(SongTrack(name, number, program))
        for place, pitch in enumerate(pitches * 4):
            beat = place // (at_once if number == 1 else 1)
            notes.append(Note(beat / 2, beat / 2 + 0.5, pitch, 90, number))
    if kit:
        said.append(SongTrack("", 9, 0, is_drums=True))
    return parts_of_tracks(Song("A song", tuple(sorted(notes)), 120.0, tracks=tuple(said)))


def test_a_trio_is_told_apart_by_its_registers():
    assert parts(("", 0, HIGH), ("", 0, MIDDLE), ("", 0, LOW), at_once=3) == (Part.MELODY, Part.CHORDS, Part.BASS)


def test_drums_are_the_drums_whatever_else_plays():
    assert parts(("", 0, HIGH), ("", 33, LOW), kit=True) == (Part.MELODY, Part.BASS, Part.DRUMS)
    assert parts(kit=True) == (Part.DRUMS,)


def test_an_instrument_that_plays_alone_is_everybody():
    assert parts(("Piano", 0, MIDDLE)) == (Part.ALL,)
    assert parts(("Piano", 0, MIDDLE), kit=True) == (Part.ALL, Part.DRUMS)


def test_a_program_of_a_bass_or_a_name_makes_a_bass_however_high_it_is():
    assert parts(("", 0, LOW), ("", 33, MIDDLE)) == (Part.MELODY, Part.BASS)
    assert parts(("Slap bass", 0, (55, 57)), ("", 0, LOW), ("", 0, HIGH))[0] is Part.BASS


def test_a_bass_is_found_in_a_longer_word_but_no_bassoon():
    assert parts(("BassHard", 81, LOW), ("", 0, LOW), ("", 0, HIGH))[0] is Part.BASS
    assert parts(("Bassoon", 70, MIDDLE), ("", 0, MIDDLE), ("", 0, HIGH))[0] is Part.CHORDS


def test_a_bass_clarinet_and_a_bass_drum_are_called_so_but_are_no_bass():
    for name in ("Bass drum roll", "Bass clarinet"):
        assert parts((name, 0, HIGH), ("", 0, MIDDLE), ("", 0, LOW))[0] is Part.MELODY


def test_a_track_that_calls_itself_the_melody_is_it_even_below_another():
    assert parts(("Lead guitar", 27, MIDDLE), ("", 48, HIGH), ("", 33, LOW)) == (Part.MELODY, Part.CHORDS, Part.BASS)


def test_noises_and_silent_tracks_are_left_out():
    assert parts(("", 0, HIGH), ("Gun", 127, HIGH), ("", 0, ()), ("", 33, LOW)) == (Part.MELODY, None, None, Part.BASS)


def test_a_flourish_does_not_lead():
    long, short = HIGH * 6, (96,)
    found = parts(("", 0, short), ("", 0, long), ("", 33, LOW * 6))
    assert found == (Part.CHORDS, Part.MELODY, Part.BASS)


def test_where_nothing_is_low_there_is_no_bass():
    assert parts(("", 0, MIDDLE), ("", 0, HIGH)) == (Part.CHORDS, Part.MELODY)


def test_a_song_of_no_file_has_no_tracks_to_tell_apart():
    assert parts_of_tracks(Song("Made", (Note(0, 1, 60),), 120.0)) == ()
