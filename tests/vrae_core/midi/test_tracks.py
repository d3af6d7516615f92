"""Tracks read by columns against the same read event by event, and the notes made of both."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vrae_core.midi import plain_sounding
from vrae_core.bundled import bundled_songs
from vrae_core.midi.channels import CONTROLLERS, Messages
from vrae_core.midi.chunks import read_header, track_bodies, unwrapped
from vrae_core.midi.events import NOTE_ON, SYSEX
from vrae_core.midi.sounding import sounding
from vrae_core.midi.tracks import _read_patiently, read_sound_track, read_track

MOST = 10**6
END = b"\0\xff\x2f\0"


def assert_same(found, expected):
    assert [column.tolist() for column in found[:4]] == [column.tolist() for column in expected[:4]]
    assert found[4:] == expected[4:]


def both(body):
    """What is read fast and what patiently, with its warnings."""
    warnings = []
    return read_sound_track(body), _read_patiently(body, MOST, warnings.append), warnings


def bodies():
    for path in bundled_songs():
        data = unwrapped(path.read_bytes(), print)
        yield from (body.data for body in track_bodies(data, read_header(data, print).length, print))


def test_the_tracks_of_the_songs_are_read_alike():
    for body in bodies():
        fast, patient, warnings = both(body)
        assert not warnings
        assert_same(fast, patient)


@pytest.mark.parametrize(
    "body",
    [
        b"\0\x90\x3c\x40\x10\x3c\0" + END,  # the status stays
        b"\0\xc0\x05\0\x90\x3c\x40\x81\x48\x80\x3c\0" + END,  # a program, and a time of two bytes
        b"\0\xb0\x40\x7f\0\xf0\x03\x01\x02\xf7\x05\x40\0" + END,  # a pedal around a system exclusive message
        b"\x83\xff\xff\x7f\x90\x3c\x40" + END + bytes(5),  # the longest time, and zeros after the end
        b"\0\xff\x21\x01\x02\x05\xf7\x01\0\0\x90\x3c\x40" + END,  # a port; what continues a message is passed over
        END,
    ],
)
def test_sound_tracks_are_read_by_columns(body):
    fast, patient, warnings = both(body)
    assert not warnings
    assert_same(fast, patient)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\0\x90\x3c\x40",  # no end
        b"\0\x90\x3c" + END,  # a byte is missing
        b"\0\x3c\x40" + END,  # no status
        b"\0\x90\x3c\xc8" + END,  # a value over 127
        b"\x83\xff\xff\xff\x7f\x90\x3c\x40" + END,  # a time of five bytes
        b"\0\xf1\x02\0\x90\x3c\x40" + END,  # a system message
        b"\0\xff\x58\x04\0\0\0\0" + END,  # an impossible time signature
        b"\0\x90\x3c\x40\0\xff\x01\x7fabc",  # a text that is cut
        END + b"abc",
    ],
)
def test_whatever_needs_repair_is_left_to_the_patient_reader(body):
    fast, patient, warnings = both(body)
    assert fast is None
    assert warnings
    assert_same(read_track(body, MOST, warnings.append), patient)


def test_a_damaged_track_is_never_read_otherwise_than_patiently():
    source, tracks = random.Random(3), [body[:300] + END for body in bodies()]
    sound = 0
    for _ in range(3000):
        body = bytearray(source.choice(tracks))
        for _ in range(source.choice([1, 1, 3])):
            at = source.randrange(len(body))
            body[at : at + source.choice([0, 1, 1, 2])] = source.randbytes(source.choice([0, 1, 1, 2]))
        fast, patient, warnings = both(bytes(body))
        if fast is not None:
            sound += 1
            assert not warnings
            assert_same(fast, patient)
    assert sound > 100


def test_more_events_than_allowed_are_told_without_reading_on():
    body = b"\0\x90\x3c" + b"\xc8\0\x3c" * 50  # every one needs repair
    assert _read_patiently(body, 3, lambda _: None) is None


# few keys, channels and times, so that much happens to the same
SENT = st.tuples(
    st.integers(0, 30),
    st.integers(0, 1),
    st.sampled_from([0, 0, 1, 9]),
    st.sampled_from([0x80, 0x90, 0x90, 0xB0, 0xC0, SYSEX]),
    st.integers(0, 3),
    st.sampled_from([0, 1, 64, 127]),
)
SYSTEMS = [
    bytes.fromhex(data) for data in ("4110421240100115001b", "4110421240111501", "4310 4c08 0007 01 00", "7e7f0901")
]


@settings(max_examples=400, deadline=None)
@given(st.lists(SENT, max_size=40))
def test_the_notes_are_those_of_the_rules_read_one_message_after_another(sent):
    controllers = sorted(CONTROLLERS)
    sent = [
        (tick, track, channel, kind, controllers[first * 2] if kind == 0xB0 else first + 60 * (kind <= NOTE_ON), second)
        for tick, track, channel, kind, first, second in sent
    ]
    sent = [
        (*most, SYSEX, min(first, 3), 0) if kind == SYSEX else (*most, kind, first, second)
        for *most, kind, first, second in sent
    ]
    table = np.array(sent, np.int64).reshape(-1, 6)
    found = sounding(Messages(*table.T, SYSTEMS), [40, 35], 16)
    plain = plain_sounding.sounding(
        [
            plain_sounding.Message(*most, kind, SYSTEMS[first] if kind == SYSEX else bytes([first, second]))
            for *most, kind, first, second in sent
        ],
        [40, 35],
        16,
    )
    notes = [
        (*note, tuple(found.instruments[place]))
        for *note, place in zip(*(column.tolist() for column in found.notes), strict=True)
    ]
    assert sorted(notes) == sorted((*note[:4], tuple(note.instrument)) for note in plain.notes)
    assert (found.never_released, found.under_a_pedal) == (plain.never_released, plain.under_a_pedal)
    assert found.instruments == sorted(set(found.instruments))
