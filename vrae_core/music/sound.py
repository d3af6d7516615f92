"""How music is to sound: General MIDI instruments, parts split by register, loudness; presets in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from vrae_core.columns import TONAL
from vrae_core.json_values import converted, refuse_missing
from vrae_core.music.scales import SCALES
from vrae_core.piano_roll import PITCH_CLASSES

FAMILY_SIZE = 8  # the first eight are pianos, the next chromatic percussion, and so on

# fmt: off
INSTRUMENTS = (
    "Acoustic Grand Piano", "Bright Acoustic Piano", "Electric Grand Piano", "Honky-tonk Piano",
    "Electric Piano 1", "Electric Piano 2", "Harpsichord", "Clavi",

    "Celesta", "Glockenspiel", "Music Box", "Vibraphone",
    "Marimba", "Xylophone", "Tubular Bells", "Dulcimer",

    "Drawbar Organ", "Percussive Organ", "Rock Organ", "Church Organ",
    "Reed Organ", "Accordion", "Harmonica", "Tango Accordion",

    "Acoustic Guitar (nylon)", "Acoustic Guitar (steel)", "Electric Guitar (jazz)", "Electric Guitar (clean)",
    "Electric Guitar (muted)", "Overdriven Guitar", "Distortion Guitar", "Guitar Harmonics",

    "Acoustic Bass", "Electric Bass (finger)", "Electric Bass (pick)", "Fretless Bass",
    "Slap Bass 1", "Slap Bass 2", "Synth Bass 1", "Synth Bass 2",

    "Violin", "Viola", "Cello", "Contrabass",
    "Tremolo Strings", "Pizzicato Strings", "Orchestral Harp", "Timpani",

    "String Ensemble 1", "String Ensemble 2", "Synth Strings 1", "Synth Strings 2",
    "Choir Aahs", "Voice Oohs", "Synth Voice", "Orchestra Hit",

    "Trumpet", "Trombone", "Tuba", "Muted Trumpet",
    "French Horn", "Brass Section", "Synth Brass 1", "Synth Brass 2",

    "Soprano Sax", "Alto Sax", "Tenor Sax", "Baritone Sax",
    "Oboe", "English Horn", "Bassoon", "Clarinet",

    "Piccolo", "Flute", "Recorder", "Pan Flute",
    "Blown Bottle", "Shakuhachi", "Whistle", "Ocarina",

    "Lead 1 (square)", "Lead 2 (sawtooth)", "Lead 3 (calliope)", "Lead 4 (chiff)",
    "Lead 5 (charang)", "Lead 6 (voice)", "Lead 7 (fifths)", "Lead 8 (bass + lead)",

    "Pad 1 (new age)", "Pad 2 (warm)", "Pad 3 (polysynth)", "Pad 4 (choir)",
    "Pad 5 (bowed)", "Pad 6 (metallic)", "Pad 7 (halo)", "Pad 8 (sweep)",

    "FX 1 (rain)", "FX 2 (soundtrack)", "FX 3 (crystal)", "FX 4 (atmosphere)",
    "FX 5 (brightness)", "FX 6 (goblins)", "FX 7 (echoes)", "FX 8 (sci-fi)",

    "Sitar", "Banjo", "Shamisen", "Koto",
    "Kalimba", "Bagpipe", "Fiddle", "Shanai",

    "Tinkle Bell", "Agogo", "Steel Drums", "Woodblock",
    "Taiko Drum", "Melodic Tom", "Synth Drum", "Reverse Cymbal",

    "Guitar Fret Noise", "Breath Noise", "Seashore", "Bird Tweet",
    "Telephone Ring", "Helicopter", "Applause", "Gunshot",
)
# fmt: on


DRUM_KITS = {  # by General MIDI's number of the program, on the drums' channel
    0: "Standard kit",
    8: "Room kit",
    16: "Power kit",
    24: "Electronic kit",
    25: "TR-808 kit",
    32: "Jazz kit",
    40: "Brush kit",
    48: "Orchestra kit",
}


@dataclass(frozen=True)
class Voice:
    """An instrument, a General MIDI program counted from 0, and how loud it is among the others, 0–1."""

    program: int
    level: float = 1.0

    def __post_init__(self) -> None:
        if self.program not in range(len(INSTRUMENTS)) or not 0 <= self.level <= 1:
            raise ValueError(f"no instrument is {self.program} at a level of {self.level}")


@dataclass(frozen=True)
class Sound:
    """Everything that decides how a decoded piece sounds, beside which notes are likely enough to be played.

    voices: melody, chords and bass; if the piece is not ``split``, the first plays all of it.
    drums: their kit, and how loud they are.  playing: which of melody, chords, bass and drums are heard.  own: whether
    each part plays with the instrument that it has in the nearest song.
    expressive: whether a note's velocity comes from its probability.  scale: a key of SCALES, or "" for none.

    Raises: ValueError for what lies outside its range.
    """

    voices: tuple[Voice, Voice, Voice] = (Voice(80), Voice(80, 0.7), Voice(87, 0.9))
    split: bool = True
    expressive: bool = True
    scale: str = ""
    tonic: int = 0  # of the scale: 0 is C
    drums: Voice = Voice(0)
    playing: tuple[bool, bool, bool, bool] = (True, True, True, True)
    own: bool = True

    def __post_init__(self) -> None:
        if len(self.voices) != len(TONAL) or (self.scale and self.scale not in SCALES):
            raise ValueError(f"no sound has {len(self.voices)} voices in {self.scale}")
        if self.tonic not in range(len(PITCH_CLASSES)):
            raise ValueError(f"no tonic is {self.tonic}")

    def as_plain(self) -> dict[str, Any]:
        """Lists, numbers and words, for JSON."""
        return {**asdict(self), "voices": [asdict(voice) for voice in self.voices], "playing": list(self.playing)}

    @classmethod
    def from_plain(cls, data: Any) -> Sound:
        """The sound that ``as_plain`` gave, from a source that may hold anything.  Raises: ValueError."""
        try:
            sound = converted(data, cls)
            refuse_missing({"drums": None, "playing": None, "own": None, **data}, cls)  # sounds of before parts
        except ValueError as error:
            raise ValueError(f"this is no sound: {error}") from None
        return sound

    @property
    def band(self) -> tuple[Voice, Voice, Voice, Voice]:
        """Melody, chords, bass and drums."""
        return (*self.voices, self.drums)

    def played_by(self, programs: Sequence[int]) -> Sound:
        """The same with other instruments for melody, chords, bass and drums, as loud as they are."""
        melody, chords, bass, kit = (
            replace(voice, program=program) for voice, program in zip(self.band, programs, strict=True)
        )
        return replace(self, voices=(melody, chords, bass), drums=kit)

    @property
    def preset(self) -> str:
        """The name of the preset that these voices are, or ""."""
        return next((name for name, (split, voices) in PRESETS.items() if self._plays_like(split, voices)), "")

    def _plays_like(self, split: bool, voices: tuple[Voice, Voice, Voice]) -> bool:
        return self.split == split and (self.voices == voices if split else self.voices[0] == voices[0])


def _alone(program: int) -> tuple[bool, tuple[Voice, Voice, Voice]]:
    return False, (Voice(program), Voice(program), Voice(program))


# Levels are such that a melody stands out in the bundled SoundFont, whose instruments differ by a factor of four.
PRESETS: dict[str, tuple[bool, tuple[Voice, Voice, Voice]]] = {
    "Chiptune": (True, Sound().voices),
    "Square lead": _alone(80),
    "Piano": _alone(0),
    "Music box": _alone(10),
    "Church organ": _alone(19),
    "Strings": (True, (Voice(40), Voice(48, 0.8), Voice(43, 0.9))),
    "Chamber trio": (True, (Voice(73), Voice(46, 0.7), Voice(42, 0.8))),
    "Jazz trio": (True, (Voice(11, 0.9), Voice(0), Voice(32))),
    "Choir": (True, (Voice(52), Voice(52, 0.8), Voice(19))),
    "Synth pop": (True, (Voice(81, 0.9), Voice(89, 0.8), Voice(38))),
}

_ONE_INSTRUMENT = Sound(PRESETS["Square lead"][1], split=False, expressive=False)  # the nearest to a game console
_BAND = Sound(PRESETS["Chiptune"][1], expressive=False)


def usual_sound(parts: bool) -> Sound:
    """What a model is heard with where nobody chose an instrument.  parts: whether it is a model of parts."""
    return _BAND if parts else _ONE_INSTRUMENT
