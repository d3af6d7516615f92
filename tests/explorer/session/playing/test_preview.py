"""Hearing a song of the training's list, or one of its tracks: in its own time, with its instruments and drums."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.bands import FLUTE, HARP, JAZZ_KIT, make_band
from vrae_core.columns import Part
from vrae_core.corpus.sampling import PAPER_GRID, Grid
from vrae_core.midi.beats import Tempo
from vrae_core.midi.quantising import Quantising
from vrae_core.midi.song import Song, read_song
from vrae_core.piano_roll import Note
from vrae_core.runs.songs import SongToTrain

BARS = Grid(12, True)


@pytest.fixture
def heard(session, qtbot):
    """Hears a song, or the track of a number, and says when notes begin, with channel, pitch and velocity."""

    def heard(song: Song, how: SongToTrain | None = None, grid: Grid = BARS, track: int | None = None):
        if track is None:
            session.preview.toggle(song, how or SongToTrain.of(song), grid)
        else:
            session.preview.toggle_track(song, track)
        qtbot.waitUntil(lambda: session.loan.key is not None)
        session.playback.player.render(64)
        phrase = session.playback.player.sequencer.phrase
        session.preview.stop()
        return phrase, _begun(phrase)

    return heard


def _begun(phrase):
    lasting = 60 / phrase.steps_per_beat / np.broadcast_to(phrase.tempos, len(phrase)).astype(float)
    begins = np.concatenate([[0], np.cumsum(lasting)])
    steps, columns = np.nonzero(np.diff(np.pad(phrase.roll.astype(int), ((1, 0), (0, 0))), axis=0) == 1)
    return [
        (begins[step], *divmod(phrase.pitches[column], 128), int(phrase.velocities[step, column]))
        for step, column in zip(steps, columns, strict=True)
    ]


def _written(band: Song):
    channels = {0: 0, 1: 1, 2: 2, 3: 9}
    return [(note.start, channels[note.track], note.pitch, note.velocity) for note in (*band.notes, *band.drums)]


def _near(notes, wanted, most: float = 0.002) -> bool:
    """Whether these are the notes, at times that are no more than so many seconds off."""
    one, other = (
        [note[1:] for note in sorted(each, key=lambda n: (round(n[0], 2), n[1:]))] for each in (notes, wanted)
    )
    times = np.sort([note[0] for note in notes]) - np.sort([note[0] for note in wanted])
    return one == other and np.abs(times).max() <= most


def test_a_song_is_heard_through_its_changes_of_tempo_with_its_velocities_instruments_and_drums(heard):
    band = make_band("Band", tempos=(Tempo(0.0, 97.0), Tempo(7.0, 113.0), Tempo(20.0, 61.0)))
    phrase, notes = heard(band)
    assert _near(notes, _written(band))
    assert (phrase.programs[0], phrase.programs[1], phrase.programs[9]) == (FLUTE, HARP, JAZZ_KIT)
    assert {round(tempo) for tempo in phrase.tempos.tolist()} == {97, 113, 61}


def test_a_song_without_beats_is_heard_as_it_was_played(heard):
    band = replace(make_band("Band", 101.0), tempo_map=None, meters=())
    assert _near(heard(band)[1], _written(band), 0.007)


def test_it_is_heard_as_it_is_learnt_higher_and_without_the_tracks_that_are_left_out(heard):
    band = make_band("Band")
    parts = (Part.MELODY, None, Part.BASS, Part.DRUMS)
    _, notes = heard(band, SongToTrain("Band", semitones=3, parts=parts))
    assert {channel for _, channel, _, _ in notes} == {0, 2, 9}
    assert notes[0][1:] in [(0, 75, 100), (2, 43, 80), (9, 36, 110)]
    assert {pitch for _, channel, pitch, _ in notes if channel == 9} == {36, 38}


def test_a_song_that_is_left_out_for_want_of_beats_is_heard_all_the_same(heard):
    band = replace(make_band("Band", 101.0), tempo_map=None, meters=())
    assert heard(band)[1] == heard(band, grid=Grid())[1]


@pytest.mark.parametrize(("track", "channel"), [(0, 0), (3, 9)])
def test_a_track_is_heard_alone_from_its_first_note(heard, track, channel):
    late = tuple(Note(n.start + 8, n.end + 8, *n[2:]) for n in make_band("Band", 90.0).notes)
    band = replace(make_band("Band", 90.0), notes=late)
    _, notes = heard(band, track=track)
    own = [note for note in (*band.notes, *band.drums) if note.track == track]
    wanted = [(note.start - own[0].start, channel, note.pitch, note.velocity) for note in own]
    assert _near(notes, wanted, 0.01)


def test_drums_alone_are_heard_too(heard):
    band = make_band("Band")
    assert len(heard(replace(band, notes=()))[1]) == len(band.drums)


def test_an_endless_song_is_heard_as_far_as_there_is_room(heard):
    band = make_band("Band")
    last = band.notes[-1]._replace(start=14_000.0, end=14_000.5)
    phrase, notes = heard(replace(band, notes=(*band.notes, last)))
    assert len(notes) >= len(band.notes)
    assert phrase.roll.size <= 1 << 23


def test_a_quantised_song_is_heard_on_its_beats(heard, songs, write_song):
    late = tuple(n._replace(start=n.start + 0.06, end=n.end + 0.06) for n in songs[0].notes)
    song = read_song(write_song(replace(songs[0], notes=late)))
    how = replace(SongToTrain.of(song), quantising=Quantising("1/16", 100))
    _, notes = heard(song, how, PAPER_GRID)
    assert [(round(start, 3), pitch) for start, _, pitch, _ in notes] == [(n.start, n.pitch) for n in songs[0].notes]


# --- on loan


@pytest.fixture
def song(explored):
    """The first song of the map."""
    return explored.library.songs[0]


def test_a_song_is_heard_as_it_is_taught_and_the_player_given_back(explored, song, qtbot):
    explored.playback.play_window(2)
    qtbot.waitUntil(lambda: explored.playback.score is not None)
    explored.playback.player.render(64)
    higher = SongToTrain("Low", semitones=5)
    explored.preview.toggle(song, higher)
    qtbot.waitUntil(lambda: explored.preview.song is song)
    explored.playback.player.render(64)
    heard = _begun(explored.playback.player.sequencer.phrase)
    assert [(round(start, 3), pitch) for start, _, pitch, _ in heard] == [(n.start, n.pitch + 5) for n in song.notes]
    explored.preview.toggle(song, higher)
    assert explored.preview.song is None
    explored.playback.player.render(64)
    assert (explored.playback.player.sequencer.phrase.roll == explored.playback.score.roll).all()
    assert explored.playback.player.state == "playing"
    assert explored.playback.player.at_end is explored.playback.at_end


def test_what_is_heard_on_the_map_ends_a_preview(explored, song, qtbot):
    explored.preview.toggle(song, SongToTrain.of(song))
    qtbot.waitUntil(lambda: explored.preview.song is not None)
    explored.playback.play_window(1)
    assert explored.preview.song is None
    qtbot.waitUntil(lambda: explored.playback.score is not None)


@pytest.mark.parametrize("verb", ["stop", "toggle", "panic", "clear"])
def test_the_transport_ends_a_preview_and_then_plays_what_was_heard_before(explored, song, qtbot, verb):
    explored.playback.play_window(2)
    qtbot.waitUntil(lambda: explored.playback.score is not None)
    explored.preview.toggle(song, SongToTrain.of(song))
    qtbot.waitUntil(lambda: explored.preview.song is not None)
    getattr(explored.playback, verb)()
    qtbot.waitUntil(lambda: explored.preview.song is None)
    assert explored.playback.player.state == ("paused" if verb == "toggle" else "stopped")
    assert explored.playback.player.at_end is explored.playback.at_end


def test_a_song_without_a_note_on_the_piano_is_not_heard(explored, song, qtbot):
    explored.preview.toggle(Song("Mute", (Note(0, 1, 3),), 120.0), SongToTrain("Mute"))
    qtbot.waitUntil(lambda: not explored.jobs.running)
    assert explored.preview.song is None
