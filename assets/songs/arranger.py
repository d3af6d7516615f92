"""Play a score: section after section, four voices and maybe drums, every note on the 50 ms grid."""

from __future__ import annotations

from typing import NamedTuple

from assets.songs.drums import hits
from assets.songs.score import PlacedNote, Score, Section
from assets.songs.textures import Voicing, bass, harmony, second_voice, shifted

VOICES = ("lead", "second", "harmony", "bass")
PRECEDENCE = ("lead", "second", "bass", "harmony")  # who keeps a pitch that two voices want
VELOCITY = {"lead": 104, "second": 84, "harmony": 68, "bass": 92}
LEVEL = {"quiet": -20, "normal": 0, "loud": 10}
DOWNBEAT_ACCENT = 6


class Event(NamedTuple):
    """A sounding note: start and end in 50 ms steps."""

    start: int
    end: int
    pitch: int
    velocity: int


Parts = dict[str, list[Event]]


def arrange(score: Score) -> Parts:
    """All four voices of a score, and its drums if it has any, in the order of time."""
    parts: Parts = {voice: [] for voice in VOICES}
    now = 0
    voicing: Voicing = ()
    for section in score.form:
        theme = score.themes[section.theme]
        lead = shifted(theme.voices["lead"], int(section.lead))
        second = second_voice(theme, lead, section.second, score.scale)
        low = bass(theme, section.bass, score)
        chords, voicing = harmony(theme, section.harmony, score, lead + second + low, voicing)
        for voice, notes in zip(VOICES, (lead, second, chords, low), strict=True):
            parts[voice] += _events(notes, voice, section, score, now)
        now += _steps(theme.length, section, score)
    drums = _drums(score)
    return separate(parts) | ({"drums": drums} if drums else {})


def tempos(score: Score) -> list[tuple[int, float]]:
    """The first tempo of a score, and wherever another section changes it: (50 ms steps, quarter notes a minute)."""
    found: list[tuple[int, float]] = []
    now = 0
    for section in score.form:
        tempo = score.beats_per_minute * score.step / int(section.step or score.step)
        if not found or found[-1][1] != tempo:
            found.append((now, tempo))
        now += _steps(score.themes[section.theme].length, section, score)
    return found


def _events(notes: list[PlacedNote], voice: str, section: Section, score: Score, now: int) -> list[Event]:
    touch = (section.touch or score.touch) if voice in ("lead", "second") else "plain"
    events = []
    for note in notes:
        start, end = (_steps(units, section, score) for units in (note.start, note.start + note.length))
        accent = DOWNBEAT_ACCENT if note.start % score.bar == 0 else 0
        velocity = VELOCITY[voice] + LEVEL[section.level] + accent
        events.append(Event(now + start, now + start + _sounding(end - start, touch), note.pitch, velocity))
    return events


def _drums(score: Score) -> list[Event]:
    """The hits of a score's drums, a step shorter than a unit each."""
    events, now = [], 0
    for section in score.form:
        length = score.themes[section.theme].length
        for hit in hits(section.drums or score.drums, length):
            start, end = (now + _steps(units, section, score) for units in (hit.start, hit.start + 1))
            events.append(Event(start, end - 1, hit.drum, hit.velocity + LEVEL[section.level]))
        now += _steps(length, section, score)
    return events


def _steps(units: float, section: Section, score: Score) -> int:
    """Units as 50 ms steps; a ValueError if they end between two steps."""
    steps = units * int(section.step or score.step)
    if steps != int(steps):
        raise ValueError(f"{score.title}, theme {section.theme}: {units:g} units are {steps:g} steps of 50 ms")
    return int(steps)


def _sounding(steps: int, touch: str) -> int:
    """How much of a written length sounds."""
    match touch:
        case "legato":
            return steps
        case "plain":
            return steps - 1 if steps >= 3 else steps
        case "staccato":
            return max(1, steps // 2)
        case _:
            raise ValueError(f"touch={touch} is not known")


def separate(parts: Parts) -> Parts:
    """Leave at least a step of silence before a pitch sounds again, in whichever voice.

    A piano roll knows no voices, so two notes on one pitch must neither overlap nor touch.  A note that
    would start while a voice of higher precedence sounds the same pitch is left out; others end earlier.
    """
    at_pitch: dict[int, list[tuple[Event, str]]] = {}
    for voice in PRECEDENCE:
        for event in sorted(parts[voice]):
            sounding = at_pitch.setdefault(event.pitch, [])
            if not any(other.start <= event.start < other.end for other, _ in sounding):
                sounding.append((event, voice))
    separated: Parts = {voice: [] for voice in VOICES}
    for notes in at_pitch.values():
        notes.sort()
        next_starts = [following.start for following, _ in notes[1:]]
        for (event, voice), next_start in zip(notes, [*next_starts, notes[-1][0].end + 1], strict=True):
            separated[voice].append(event._replace(end=max(event.start + 1, min(event.end, next_start - 1))))
    return {voice: sorted(events) for voice, events in separated.items()}
