"""When the notes of a file end, and which of them are drum hits."""

from __future__ import annotations

from pathlib import Path

import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vrae_core.midi.song import Song, read_song

SUSTAIN, SOSTENUTO, RESET = 64, 66, 121
Timed = tuple[int, mido.Message]


def on(tick: int, pitch: int = 60, channel: int = 0) -> Timed:
    """A key is struck."""
    return tick, mido.Message("note_on", note=pitch, velocity=80, channel=channel)


def off(tick: int, pitch: int = 60, channel: int = 0) -> Timed:
    """A key is let go."""
    return tick, mido.Message("note_off", note=pitch, channel=channel)


def control(tick: int, number: int, value: int, channel: int = 0) -> Timed:
    """A controller is moved."""
    return tick, mido.Message("control_change", control=number, value=value, channel=channel)


def sent(tick: int, data: str) -> Timed:
    """A system exclusive message."""
    return tick, mido.Message("sysex", data=bytes.fromhex(data))


END = [on(1920, 90), off(2400, 90)]  # what follows at 2 s


def song(path: Path, *tracks: list[Timed]) -> Song:
    """A file at 480 ticks a beat of which 120 last a minute: 960 ticks a second."""
    file = mido.MidiFile(ticks_per_beat=480)
    for track in tracks:
        now, messages = 0, mido.MidiTrack()
        for tick, message in sorted(track, key=lambda timed: timed[0]):
            messages.append(message.copy(time=tick - now))
            now = tick
        file.tracks.append(messages)
    file.save(path)
    return read_song(path)


def heard(path: Path, *tracks: list[Timed], pitch: int = 60) -> list[tuple[float, float]]:
    """When a key sounds."""
    return [(round(n.start, 3), round(n.end, 3)) for n in song(path, *tracks).notes if n.pitch == pitch]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "song.mid"


# --- pedals


def test_a_key_let_go_under_the_sustain_pedal_sounds_until_it_comes_up(file: Path) -> None:
    assert heard(file, [control(0, SUSTAIN, 127), on(0), off(240), control(1920, SUSTAIN, 0), *END]) == [(0, 2)]


def test_struck_again_under_the_pedal_it_is_two_notes(file: Path) -> None:
    keys = [on(0), off(240), on(960), off(1200)]
    assert heard(file, [control(0, SUSTAIN, 127), *keys, control(1920, SUSTAIN, 0), *END]) == [(0, 1), (1, 2)]


def test_a_pedal_holds_its_channel_in_all_tracks_and_no_other(file: Path) -> None:
    pedal = [control(0, SUSTAIN, 64), control(1920, SUSTAIN, 63)]
    others = [on(0, 64, channel=1), off(240, 64, channel=1)]
    assert heard(file, pedal, [on(0), off(240), *END], others) == [(0, 2)]
    assert heard(file, pedal, [on(0), off(240), *END], others, pitch=64) == [(0, 0.25)]


def test_another_track_on_the_channel_that_strikes_the_key_ends_what_the_pedal_holds(file: Path) -> None:
    pedal = [control(0, SUSTAIN, 127), control(1920, SUSTAIN, 0)]
    assert heard(file, pedal, [on(0), off(240), *END], [on(960), off(1200)]) == [(0, 1), (1, 2)]


def test_only_from_64_on_a_pedal_is_down(file: Path) -> None:
    assert heard(file, [control(0, SUSTAIN, 63), on(0), off(240), *END]) == [(0, 0.25)]


def test_a_key_that_is_still_down_when_the_pedal_comes_up_sounds_on(file: Path) -> None:
    assert heard(file, [control(0, SUSTAIN, 127), on(0), control(480, SUSTAIN, 0), off(960), *END]) == [(0, 1)]


def test_a_pedal_put_down_after_the_key_was_let_go_is_too_late(file: Path) -> None:
    assert heard(file, [on(0), off(240), control(240, SUSTAIN, 127), control(960, SUSTAIN, 0), *END]) == [(0, 0.25)]


def test_what_a_pedal_that_never_comes_up_holds_ends_with_the_last_note_and_that_is_told(file: Path) -> None:
    held = [control(0, SUSTAIN, 127), on(0), off(240), *END]
    assert heard(file, held) == [(0, 2.5)]
    assert song(file, held).warnings == (
        "1 note held by a pedal that never comes up, and so ended with the last note",
    )  # fmt: skip


@pytest.mark.parametrize("number", [120, 123, 124, 125, 126, 127])
def test_all_notes_off_ends_what_is_held_by_key_or_pedal(file: Path, number: int) -> None:
    under_a_pedal = [control(0, SUSTAIN, 127), on(0), off(240), control(960, number, 0), *END]
    assert heard(file, under_a_pedal) == [(0, 1)]
    by_key = song(file, [on(0), control(960, number, 0), *END])
    assert [(note.start, note.end) for note in by_key.notes] == [(0, 1), (2, 2.5)]
    assert by_key.warnings == ()


def test_all_notes_off_is_of_one_channel_and_a_long_note_it_ends_was_meant(file: Path) -> None:
    drone = [on(0), control(9600, 123, 0, channel=1), control(19200, 123, 0), *END]
    assert heard(file, drone) == [(0, 20)]


def test_resetting_the_controllers_lifts_the_pedals(file: Path) -> None:
    assert heard(file, [control(0, SUSTAIN, 127), on(0), off(240), control(960, RESET, 0), *END]) == [(0, 1)]


def test_the_sostenuto_pedal_holds_only_the_keys_it_caught(file: Path) -> None:
    pedal = [control(120, SOSTENUTO, 127), control(1920, SOSTENUTO, 0)]
    keys = [on(0), off(240), on(480, 64), off(600, 64)]
    assert heard(file, [*pedal, *keys, *END]) == [(0, 2)]
    assert heard(file, [*pedal, *keys, *END], pitch=64) == [(0.5, 0.625)]


def test_the_sustain_pedal_takes_over_what_sostenuto_lets_go(file: Path) -> None:
    pedals = [control(120, SOSTENUTO, 127), control(960, SOSTENUTO, 0), control(480, SUSTAIN, 127)]
    assert heard(file, [*pedals, on(0), off(240), control(1920, SUSTAIN, 0), *END]) == [(0, 2)]


# --- lost note-offs


def test_one_lost_note_off_shifts_nothing_that_follows(file: Path) -> None:
    later = [each for i in range(4) for each in (on(1920 + 960 * i), off(2400 + 960 * i))]
    assert heard(file, [on(0), on(480), off(960), *later]) == [
        (0, 0.5), (0.5, 1), (2, 2.5), (3, 3.5), (4, 4.5), (5, 5.5),
    ]  # fmt: skip
    assert song(file, [on(0), on(480), off(960), *later]).warnings == ("1 note never released, and so ended early",)


def test_where_as_much_is_released_as_struck_the_first_struck_is_the_first_released(file: Path) -> None:
    assert heard(file, [on(0), on(480), off(960), off(1440), *END]) == [(0, 1), (0.5, 1.5)]


def test_a_key_released_without_being_struck_means_nothing(file: Path) -> None:
    assert heard(file, [off(0), on(480), off(960), off(1000), on(1440), off(1920), *END]) == [(0.5, 1), (1.5, 2)]


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.integers(0, 11), st.lists(st.sampled_from([120, 240, 480]), min_size=12, max_size=12))
def test_whichever_note_off_is_lost_all_others_stay_where_they_are(
    tmp_path_factory: pytest.TempPathFactory, lost: int, lengths: list[int]
) -> None:
    file = tmp_path_factory.mktemp("lost") / "song.mid"
    keys = [[on(960 * i), off(960 * i + length)] for i, length in enumerate(lengths)]
    whole = heard(file, [each for key in keys for each in key])
    del keys[lost][1]
    cut = heard(file, [each for key in keys for each in key] + [on(12 * 960, 90), off(13 * 960, 90)])
    assert [key for i, key in enumerate(cut) if i != lost] == [key for i, key in enumerate(whole) if i != lost]
    assert cut[lost] == (lost, lost + 1), "until it is struck again, or its track ends"


# --- drums


@pytest.mark.parametrize("bank", [120, 126, 127])
def test_a_bank_of_drums_makes_any_channel_one_of_drums(file: Path, bank: int) -> None:
    kit = [control(0, 0, bank, channel=10), *(each for i in range(4) for each in (on(i, 36, 10), off(i, 36, 10)))]
    both = song(file, [on(0), off(480)], kit)
    assert [note.pitch for note in both.notes] == [60]
    assert [hit.pitch for hit in both.drums] == [36] * 4
    assert [track.is_drums for track in both.tracks] == [False, True]
    assert both.warnings == ()


def test_a_bank_of_melodies_gives_a_channel_back(file: Path) -> None:
    turns = [control(0, 0, 127), on(0, 36), off(240, 36), control(480, 0, 0), on(480), off(960)]
    assert [note.pitch for note in song(file, turns).notes] == [60]
    tenth = [control(0, 0, 121, channel=9), on(0, 62, 9), off(480, 62, 9)]  # as General MIDI 2 has it
    assert [note.pitch for note in song(file, tenth).notes] == [62]


@pytest.mark.parametrize("data", ["41 10 42 12 40 1A 15 01 10", "43 10 4C 08 0A 07 02"])
def test_a_part_that_gs_or_xg_makes_one_of_drums_is(file: Path, data: str) -> None:
    kit = [on(10, 36, 10), off(20, 36, 10)]
    assert [hit.pitch for hit in song(file, [on(0), off(480)], [sent(0, data), *kit]).drums] == [36]


def test_gs_counts_the_tenth_channel_first(file: Path) -> None:
    off_the_kit = [sent(0, "41 10 42 12 40 10 15 00 1B"), on(10, 62, 9), off(20, 62, 9)]
    assert [note.pitch for note in song(file, off_the_kit).notes] == [62]


def test_a_song_may_be_of_drums_only(file: Path) -> None:
    beaten = song(file, [on(0, 36, 9), off(10, 36, 9)])
    assert (beaten.notes, [hit.pitch for hit in beaten.drums]) == ((), [36])


# --- tracks


def test_every_note_knows_its_track_channel_and_program(file: Path) -> None:
    def named(name: str) -> Timed:
        return 0, mido.MetaMessage("track_name", name=name)

    def program(tick: int, number: int, channel: int) -> Timed:
        return tick, mido.Message("program_change", program=number, channel=channel)

    both = song(
        file,
        [named("Piano"), program(0, 4, 0), on(0), off(480), on(0, 40, 2), off(480, 40, 2)],
        [
            named("Bass"),
            program(0, 33, 1),
            on(0, 30, 1),
            off(480, 30, 1),
            program(480, 38, 1),
            on(480, 31, 1),
            off(960, 31, 1),
        ],
        [named("Kit"), on(0, 36, 9), off(10, 36, 9)],
    )
    tracks = {note.pitch: tuple(both.tracks[note.track]) for note in (*both.notes, *both.drums)}
    assert tracks == {
        60: ("Piano", 0, 4, False),
        40: ("Piano", 2, 0, False),
        30: ("Bass", 1, 33, False),
        31: ("Bass", 1, 38, False),
        36: ("Kit", 9, 0, True),
    }
