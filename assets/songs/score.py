"""Read a score: the plain-text notation of `scores/*.txt`, described in `scores/README.md`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

LETTERS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
ACCIDENTALS = {"": 0, "#": 1, "b": -1}
CHORD_INTERVALS = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "7": (0, 4, 7, 10),
    "m7": (0, 3, 7, 10),
    "6": (0, 4, 7, 9),
    "dim": (0, 3, 6),
    "aug": (0, 4, 8),
}
SCALES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}
COLUMNS = ("lead", "second", "bass")


@dataclass(frozen=True)
class Chord:
    """A chord symbol: pitch classes with the root first, and the pitch class of the bass."""

    tones: tuple[int, ...]
    bass: int


@dataclass(frozen=True)
class PlacedChord:
    """A chord with the place it sounds at, in units from the start of its theme."""

    start: float
    length: float
    chord: Chord


@dataclass(frozen=True)
class PlacedNote:
    """A written note: start and length in units from the start of its theme, MIDI pitch."""

    start: float
    length: float
    pitch: int


@dataclass(frozen=True)
class Theme:
    """A block of bars: its length in units, its chords and the voices that are written out."""

    length: float
    chords: tuple[PlacedChord, ...]
    voices: dict[str, tuple[PlacedNote, ...]]


@dataclass(frozen=True)
class Section:
    """One line of the form: which theme, and how each voice plays it."""

    theme: str
    options: dict[str, str]


@dataclass(frozen=True)
class Score:
    """A whole score.  `settings` holds the lines above the first theme."""

    settings: dict[str, str]
    themes: dict[str, Theme]
    form: tuple[Section, ...]

    def number(self, name: str) -> int:
        """A setting that is a whole number."""
        return int(self.settings[name])

    @property
    def scale(self) -> tuple[int, ...]:
        """The pitch classes of the key that sounds, tonic first."""
        tonic, mode = self.settings["key"].split()
        first = pitch_class(tonic) + int(self.settings.get("transpose", "0"))
        return tuple((first + step) % 12 for step in SCALES[mode])


def pitch_class(name: str) -> int:
    """`Bb` -> 10."""
    return (LETTERS[name[0].lower()] + ACCIDENTALS[name[1:]]) % 12


def pitch(name: str) -> int:
    """`c4` -> 60."""
    match = re.fullmatch(r"([a-g])([#b]?)(\d)", name)
    if match is None:
        raise ValueError(f"{name!r} is not a pitch such as c4, f#5 or bb3")
    letter, accidental, octave = match.groups()
    return LETTERS[letter] + ACCIDENTALS[accidental] + 12 * (int(octave) + 1)


def chord(symbol: str) -> Chord:
    """`F#m7/C#` -> its pitch classes and bass."""
    match = re.fullmatch(r"([A-G][#b]?)(m7|m|7|6|dim|aug|)(?:/([A-G][#b]?))?", symbol)
    if match is None:
        raise ValueError(f"{symbol!r} is not a chord symbol such as C, Am, G7 or D/F#")
    root = pitch_class(match[1])
    tones = tuple((root + interval) % 12 for interval in CHORD_INTERVALS[match[2]])
    return Chord(tones, pitch_class(match[3]) if match[3] else root)


def read_score(path: Path) -> Score:
    """Parse one score file; a mistake is a ValueError that names the file and the line."""
    settings: dict[str, str] = {}
    blocks: dict[str, list[str]] = {}
    block: list[str] | None = None
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        line = raw.split(";")[0].strip()
        if header := re.fullmatch(r"\[(\S+)\]", line):
            block = blocks.setdefault(header[1], [])
        elif line and block is not None:
            block.append(f"{number}:{line}")
        elif line:
            name, _, value = line.partition("=")
            settings[name.strip()] = value.strip()
    bar = float(settings["bar"])
    form = tuple(_section(line.partition(":")[2]) for line in blocks.pop("form"))
    themes = {}
    for name, lines in blocks.items():
        themes[name] = _transposed(_theme(path, name, lines, bar), int(settings.get("transpose", "0")))
    return Score(settings, themes, form)


def _transposed(theme: Theme, semitones: int) -> Theme:
    def moved(chord: Chord) -> Chord:
        return Chord(tuple((tone + semitones) % 12 for tone in chord.tones), (chord.bass + semitones) % 12)

    chords = tuple(replace(placed, chord=moved(placed.chord)) for placed in theme.chords)
    voices = {
        voice: tuple(replace(note, pitch=note.pitch + semitones) for note in notes)
        for voice, notes in theme.voices.items()
    }
    return Theme(theme.length, chords, voices)


def _section(line: str) -> Section:
    theme, *options = line.split()
    return Section(theme, dict(option.split("=") for option in options))  # type: ignore[arg-type]


def _theme(path: Path, name: str, lines: list[str], bar: float) -> Theme:
    chords: list[PlacedChord] = []
    voices: dict[str, list[PlacedNote]] = {column: [] for column in COLUMNS}
    for index, numbered in enumerate(lines):
        number, _, line = numbered.partition(":")
        symbols, *columns = (part.strip() for part in line.split("|"))
        try:
            names = symbols.split()
            share = bar / len(names)
            chords += [PlacedChord(index * bar + i * share, share, chord(symbol)) for i, symbol in enumerate(names)]
            for column, text in zip(COLUMNS, columns, strict=False):
                _read_bar(text, index * bar, bar, voices[column])
        except (ValueError, ZeroDivisionError) as error:
            raise ValueError(f"{path.name}, line {number} (theme {name}): {error}") from error
    return Theme(len(lines) * bar, tuple(chords), {voice: tuple(notes) for voice, notes in voices.items() if notes})


def _read_bar(text: str, start: float, bar: float, notes: list[PlacedNote]) -> None:
    """Append one bar's notes; `~` prolongs the note before it, over the bar line too."""
    time = start
    for token in text.split():
        names, _, length_text = token.partition(":")
        length = float(length_text or 1)
        if names == "~":
            last = notes.pop()
            notes.append(PlacedNote(last.start, time + length - last.start, last.pitch))
        elif names != "-":
            notes += [PlacedNote(time, length, pitch(name)) for name in names.split("+")]
        time += length
    if text and abs(time - start - bar) > 1e-6:
        raise ValueError(f"the bar {text!r} lasts {time - start:g} units, not {bar:g}")
