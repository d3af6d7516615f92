"""Drum patterns: what each kind of drum plays on each unit of a bar.  `scores/README.md` says how they sound."""

from __future__ import annotations

from dataclasses import dataclass, field

from vrae_core.columns import DRUM_KINDS

KICK, RIM, SNARE, HAT, LOW_TOM, OPEN_HAT, CRASH, HIGH_TOM, RIDE = (kind.note for kind in DRUM_KINDS)
VELOCITY = {"X": 100, "x": 84, "o": 64}  # and a dot is silence

Lines = dict[int, str]  # of each drum, a General MIDI note: a letter a unit


@dataclass(frozen=True)
class Pattern:
    """What is repeated for a whole section, what is added where it begins, and what its last units have instead."""

    repeated: Lines
    opening: Lines = field(default_factory=dict)
    fill: Lines = field(default_factory=dict)


@dataclass(frozen=True)
class Hit:
    """A drum struck: at so many units from the start of its section, a General MIDI note, a velocity."""

    start: int
    drum: int
    velocity: int


PATTERNS = {
    "off": Pattern({}),
    "light": Pattern({KICK: "x...", HAT: "o.x."}, fill={HAT: "o.x.", SNARE: "..oo"}),
    "stamp": Pattern(
        {KICK: "X.x.X.x.", RIM: ".x.x.x.x", LOW_TOM: "x......."},
        opening={CRASH: "o"},
        fill={KICK: "X.X.", LOW_TOM: "x.x.", SNARE: "..xX"},
    ),
    "rock": Pattern(
        {KICK: "X...Xx..", SNARE: "..X...X.", HAT: "xoxoxoxo"},
        opening={CRASH: "x"},
        fill={KICK: "X...", SNARE: "xX..", HIGH_TOM: "..x.", LOW_TOM: "...X"},
    ),
    "rag": Pattern({KICK: "X.......", RIM: "...x..x.", SNARE: "..x...x.", HAT: "....o..."}, fill={SNARE: "o.xo"}),
    "strut": Pattern(
        {KICK: "X...x...", SNARE: "..x...x.", RIDE: "x.oox.oo"},
        opening={CRASH: "o"},
        fill={KICK: "X...", SNARE: "xoxx"},
    ),
    "galop": Pattern(
        {KICK: "x.x.", SNARE: ".o.o", HAT: "o.o."},
        opening={CRASH: "x"},
        fill={KICK: "x.x.", SNARE: "ooxX"},
    ),
    "kicks": Pattern(
        {KICK: "x...x.x.", SNARE: "..x...x.", OPEN_HAT: ".o.o.o.o"},
        opening={CRASH: "x"},
        fill={KICK: "X...", SNARE: "xx..", HIGH_TOM: "..x.", LOW_TOM: "...X"},
    ),
    "crash": Pattern({}, opening={KICK: "X", CRASH: "x"}),
}


def hits(texture: str, length: float) -> list[Hit]:
    """A section's drums, in the order of time; its length is in units.  Raises: ValueError."""
    if texture not in PATTERNS:
        raise ValueError(f"drums={texture} is not known")
    pattern = PATTERNS[texture]
    filled = int(length) - max(map(len, pattern.fill.values()), default=0)
    placed = [
        *_struck(pattern.opening, 0, 1),
        *_struck(pattern.repeated, 0, filled),
        *_struck(pattern.fill, filled, int(length)),
    ]
    return sorted(placed, key=lambda hit: (hit.start, hit.drum))


def _struck(lines: Lines, start: int, end: int) -> list[Hit]:
    """Lines repeated from one unit to another."""
    return [
        Hit(unit, drum, VELOCITY[letter])
        for drum, line in lines.items()
        for unit in range(start, end)
        if (letter := line[(unit - start) % len(line)]) != "."
    ]
