"""MIDI files written byte by byte."""

from __future__ import annotations

import pytest

from vrae_core.midi.song import read_song

TEMPO = b"\x00\xff\x51\x03"  # without its three bytes of microseconds a beat
END = b"\x00\xff\x2f\x00"


def midi(*tracks, file_format=1, count=None, division=480, end=END):
    """A file of tracks given as event bytes."""
    header = b"".join(n.to_bytes(2, "big") for n in (file_format, len(tracks) if count is None else count, division))
    chunks = [b"MTrk" + len(track + end).to_bytes(4, "big") + track + end for track in tracks]
    return b"MThd\0\0\0\6" + header + b"".join(chunks)


def number(value):
    """A variable-length quantity."""
    digits = [value & 0x7F]
    while value := value >> 7:
        digits.insert(0, 0x80 | value & 0x7F)
    return bytes(digits)


def note(pitch=60, ticks=480, channel=0, wait=0):
    """A note-on after ``wait`` ticks and its note-off."""
    return number(wait) + bytes((0x90 | channel, pitch, 90)) + number(ticks) + bytes((0x80 | channel, pitch, 0))


def times(song):
    return [(round(n.start, 6), round(n.end, 6), n.pitch) for n in song.notes]


@pytest.fixture
def read(tmp_path):
    """Read bytes as a file named song.mid."""

    def read_bytes(data):
        (tmp_path / "song.mid").write_bytes(data)
        return read_song(tmp_path / "song.mid")

    return read_bytes
