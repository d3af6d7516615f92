"""How music is to sound: its instruments, its scale, and how loud a note is.  Presets in plain words."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from vrae_core.general_midi import INSTRUMENTS
from vrae_core.scales import SCALES, TONICS
from vrae_core.voices import VOICES


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
    expressive: whether a note's velocity comes from its probability.  scale: a key of SCALES, or "" for none.

    Raises: ValueError for what lies outside its range.
    """

    voices: tuple[Voice, Voice, Voice] = (Voice(80), Voice(80, 0.7), Voice(87, 0.9))
    split: bool = True
    expressive: bool = True
    scale: str = ""
    tonic: int = 0  # of the scale: 0 is C

    def __post_init__(self) -> None:
        if len(self.voices) != len(VOICES) or (self.scale and self.scale not in SCALES):
            raise ValueError(f"no sound has {len(self.voices)} voices in {self.scale}")
        if self.tonic not in range(len(TONICS)):
            raise ValueError(f"no tonic is {self.tonic}")

    def as_plain(self) -> dict[str, Any]:
        """Lists, numbers and words, for JSON."""
        return {**asdict(self), "voices": [asdict(voice) for voice in self.voices]}

    @classmethod
    def from_plain(cls, data: object) -> Sound:
        """The sound that ``as_plain`` gave, from a source that may hold anything.  Raises: ValueError."""
        try:
            voices = tuple(Voice(int(voice["program"]), float(voice["level"])) for voice in data["voices"])  # type: ignore[index]
            split, expressive = bool(data["split"]), bool(data["expressive"])  # type: ignore[index]
            return cls(voices, split, expressive, data["scale"], int(data["tonic"]))  # type: ignore[index, arg-type]
        except (TypeError, KeyError, OverflowError) as error:
            raise ValueError(f"this is no sound ({type(error).__name__}: {error})") from None

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
