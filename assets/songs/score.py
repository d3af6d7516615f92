"""Read a score: the plain-text notation of `scores/*.txt`, which `scores/README.md` describes."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from vrae_core.piano_roll import STEPS_PER_SECOND

LETTERS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
ACCIDENTALS = {"": 0, "#": 1, "b": -1}
CHORD_INTERVALS = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "7": (0, 4, 7, 10),
    "6": (0, 4, 7, 9),
    "dim": (0, 3, 6),
    "aug": (0, 4, 8),
}
SCALES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}
WRITTEN_VOICES = ("lead", "second", "bass")  # the columns right of the chords


@dataclass(frozen=True)
class Chord:
    """A chord symbol as pitch classes: its tones, the root first, and its bass."""

    tones: tuple[int, ...]
    bass: int


@dataclass(frozen=True)
class PlacedChord:
    """A chord at its place: start and length in units from the start of its theme."""

    start: float
    length: float
    chord: Chord


@dataclass(frozen=True)
class PlacedNote:
    """A note at its place: start and length in units from the start of its theme, MIDI pitch."""

    start: float
    length: float
    pitch: int


@dataclass(frozen=True)
class Theme:
    """A block of bars: its length in units, its chords, and the notes of the voices written out in it."""

    length: float
    chords: tuple[PlacedChord, ...]
    voices: dict[str, tuple[PlacedNote, ...]]

    def chord_at(self, start: float) -> Chord:
        """The chord that sounds at a place."""
        return next(placed.chord for placed in reversed(self.chords) if placed.start <= start)

    def transposed(self, semitones: int) -> Theme:
        """The theme in another key."""

        def moved(chord: Chord) -> Chord:
            return Chord(tuple((tone + semitones) % 12 for tone in chord.tones), (chord.bass + semitones) % 12)

        voices = {
            voice: tuple(replace(note, pitch=note.pitch + semitones) for note in notes)
            for voice, notes in self.voices.items()
        }
        return Theme(self.length, tuple(replace(p, chord=moved(p.chord)) for p in self.chords), voices)


@dataclass(frozen=True)
class Section:
    """One line of the form: a theme and how it is played.  `drums`, `step` and `touch`: None is the score's own."""

    theme: str
    lead: str = "+0"
    second: str = "written"
    harmony: str = "off"
    bass: str = "off"
    level: str = "normal"
    drums: str | None = None
    step: str | None = None
    touch: str | None = None


@dataclass(frozen=True)
class Score:
    """A whole score.  `scale` holds its pitch classes; `bar` and `beat` are in units; the tempo is at `step`."""

    title: str
    scale: tuple[int, ...]
    beats_per_minute: float
    step: int
    bar: int
    beat: int
    touch: str
    drums: str
    harmony_range: tuple[int, int]
    programs: tuple[int, ...]
    themes: dict[str, Theme]
    form: tuple[Section, ...]

    @property
    def beats_a_bar(self) -> int:
        """Quarter notes in a bar."""
        quarter = STEPS_PER_SECOND * 60 / self.beats_per_minute
        return round(self.bar * self.step / quarter)


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
    """`D7/F#` -> its pitch classes and its bass."""
    match = re.fullmatch(r"([A-G][#b]?)(m|7|6|dim|aug|)(?:/([A-G][#b]?))?", symbol)
    if match is None:
        raise ValueError(f"{symbol!r} is not a chord symbol such as C, Am, G7 or D/F#")
    root = pitch_class(match[1])
    tones = tuple((root + interval) % 12 for interval in CHORD_INTERVALS[match[2]])
    return Chord(tones, pitch_class(match[3]) if match[3] else root)


def read_score(path: Path) -> Score:
    """Parse one score file; a mistake in it is a ValueError that names the file and the place."""
    settings, blocks = _split(path)
    try:
        bar, transpose = int(settings["bar"]), int(settings.get("transpose", "0"))
        tonic, mode = settings["key"].split()
        low, high = settings["harmony"].split()
        form = tuple(_section(line) for line in blocks.pop("form"))
        return Score(
            title=settings["title"],
            scale=tuple((pitch_class(tonic) + transpose + interval) % 12 for interval in SCALES[mode]),
            beats_per_minute=float(settings["tempo"]),
            step=int(settings["step"]),
            bar=bar,
            beat=int(settings["beat"]),
            touch=settings["touch"],
            drums=settings.get("drums", "off"),
            harmony_range=(int(low), int(high)),
            programs=tuple(int(program) for program in settings["programs"].split()),
            themes={name: _theme(name, lines, bar).transposed(transpose) for name, lines in blocks.items()},
            form=form,
        )
    except KeyError as error:
        raise ValueError(f"{path.name}: {error} is missing or unknown") from error
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error


def _split(path: Path) -> tuple[dict[str, str], dict[str, list[str]]]:
    """The settings, and the lines of each [block]; `= A 1-15` is replaced by those bars of theme A."""
    settings: dict[str, str] = {}
    blocks: dict[str, list[str]] = {}
    block: list[str] | None = None
    for raw in path.read_text(encoding="utf-8").splitlines():
        line = raw.partition(";")[0].strip()
        if header := re.fullmatch(r"\[(\S+)\]", line):
            block = blocks.setdefault(header[1], [])
        elif block is None and line:
            name, _, value = line.partition("=")
            settings[name.strip()] = value.strip()
        elif block is not None and (copied := re.fullmatch(r"= (\S+) (\d+)-(\d+)", line)):
            block += blocks[copied[1]][int(copied[2]) - 1 : int(copied[3])]
        elif block is not None and line:
            block.append(line)
    return settings, blocks


def _section(line: str) -> Section:
    theme, *options = line.split()
    try:
        return Section(theme, **dict(option.split("=") for option in options))
    except (TypeError, ValueError) as error:
        raise ValueError(f"the form's line {line!r} has an option that is not known") from error


def _theme(name: str, lines: list[str], bar: int) -> Theme:
    chords: list[PlacedChord] = []
    voices: dict[str, list[PlacedNote]] = {voice: [] for voice in WRITTEN_VOICES}
    for index, line in enumerate(lines):
        symbols, *columns = (column.strip() for column in line.split("|"))
        try:
            share = bar / len(symbols.split())
            for i, symbol in enumerate(symbols.split()):
                chords.append(PlacedChord(index * bar + i * share, share, chord(symbol)))
            for voice, text in zip(WRITTEN_VOICES, columns, strict=False):
                _read_bar(text, index * bar, bar, voices[voice])
        except (IndexError, ValueError, ZeroDivisionError) as error:
            raise ValueError(f"theme {name}, bar {index + 1}: {error}") from error
    return Theme(len(lines) * bar, tuple(chords), {voice: tuple(notes) for voice, notes in voices.items()})


def _read_bar(text: str, start: float, bar: int, notes: list[PlacedNote]) -> None:
    """Append one bar's notes; `~` prolongs the note before it, over a bar line too."""
    place = start
    for token in text.split():
        names, _, length_text = token.partition(":")
        length = float(length_text or 1)
        if names == "~":
            last = notes.pop()
            notes.append(replace(last, length=place + length - last.start))
        elif names != "-":
            notes += [PlacedNote(place, length, pitch(name)) for name in names.split("+")]
        place += length
    if text and place != start + bar:
        raise ValueError(f"{text!r} lasts {place - start:g} units, not {bar}")
