"""Turn a score into the notes of four voices: lead, second, harmony and bass.

All times here are whole 50 ms steps.  The lead plays what is written; the other voices are worked out
from the chord symbols in the textures that the form asks for (see `scores/README.md`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import combinations, product

from assets.songs.score import Chord, PlacedChord, PlacedNote, Score, Section, Theme

VOICES = ("lead", "second", "harmony", "bass")
VELOCITY = {"lead": 104, "second": 84, "harmony": 68, "bass": 92}
LEVEL = {"quiet": -20, "normal": 0, "loud": 10}
LOWEST_BASS, HIGHEST_BASS = 36, 52
SEMITONE_CLASHES = (1, 11, 13)  # a minor second, major seventh or minor ninth


@dataclass(frozen=True, order=True)
class Event:
    """One sounding note: start and end in steps."""

    start: int
    end: int
    pitch: int
    velocity: int


Parts = dict[str, list[Event]]


@dataclass
class Clock:
    """Where a section lies in time: its first step and the steps in a unit."""

    origin: int
    steps_in_unit: int
    beat: int  # units in a beat

    def at(self, units: float) -> int:
        """The step of a place in the section; a ValueError if it falls between two steps."""
        steps = units * self.steps_in_unit
        if abs(steps - round(steps)) > 1e-6:
            raise ValueError(f"{units:g} units are {steps:g} steps: not on the 50 ms grid")
        return self.origin + round(steps)


@dataclass
class Arranger:
    """Plays a score section by section; keeps what must run on over the seams (voicing, bass note)."""

    score: Score
    parts: Parts = field(default_factory=lambda: {voice: [] for voice in VOICES})
    voicing: tuple[int, ...] = ()
    now: int = 0  # step at which the next section starts

    def play(self, section: Section) -> None:
        """Add one section of the form."""
        theme = self.score.themes[section.theme]
        options = section.options
        clock = Clock(self.now, int(options.get("step", self.score.settings["step"])), self.score.number("beat"))
        loudness = LEVEL[options.get("level", "normal")]
        lead_option = options.get("lead", "+0")
        lead = [] if lead_option == "off" else _shifted(theme.voices.get("lead", ()), int(lead_option))
        second = self._second(theme, lead, options.get("second", "written"))
        bass = self._bass(theme, clock, options.get("bass", "off"))
        made = {
            "lead": lead,
            "second": second,
            "harmony": self._harmony(theme, clock, options.get("harmony", "off"), lead + second + bass),
            "bass": bass,
        }
        for voice, notes in made.items():
            touch = options.get("touch", self.score.settings["touch"]) if voice in ("lead", "second") else "plain"
            velocity = VELOCITY[voice] + loudness
            self.parts[voice] += _events(notes, clock, touch, velocity, self.score.number("bar"))
        self.now = clock.at(theme.length)

    def _second(self, theme: Theme, lead: list[PlacedNote], option: str) -> list[PlacedNote]:
        if option == "written":
            return list(theme.voices.get("second", ()))
        if option.startswith("written"):
            return _shifted(theme.voices.get("second", ()), int(option.removeprefix("written")))
        if option == "octave":
            return _shifted(tuple(lead), -12)
        if option in ("thirds", "sixths"):
            return [
                replace(note, pitch=companion(note.pitch, _chord_at(theme, note.start), self.score.scale, option))
                for note in lead
            ]
        if option == "line":
            return self._guide_line(theme, lead)
        if option == "off":
            return []
        raise ValueError(f"second={option} is not known")

    def _guide_line(self, theme: Theme, lead: list[PlacedNote]) -> list[PlacedNote]:
        """One long note a chord, moving as little as it can, clear of the lead."""
        notes: list[PlacedNote] = []
        last = 64
        for placed in theme.chords:
            here = PlacedNote(placed.start, placed.length, 0)
            against = [note for note in lead if _together(note, here) > 1e-6]

            def cost(pitch: int, against: list[PlacedNote] = against, last: int = last) -> tuple[float, int, int]:
                rub = sum(note.length for note in against if abs(note.pitch - pitch) in (0, *SEMITONE_CLASHES))
                return rub, abs(pitch - last) or 3, pitch  # rather a small step than the same note again

            last = min((p for p in range(57, 73) if p % 12 in placed.chord.tones), key=cost)
            notes.append(replace(here, pitch=last))
        return notes

    def _harmony(self, theme: Theme, clock: Clock, option: str, others: list[PlacedNote]) -> list[PlacedNote]:
        if option == "off":
            return []
        name, _, shift = option.partition("+")
        beat = clock.beat
        notes: list[PlacedNote] = []
        for placed in _merged(theme.chords) if name == "held" else theme.chords:
            self.voicing = self._nearest_voicing(placed.chord)
            chord_notes = [p + int(shift or 0) for p in self.voicing]
            for start, length, which in _pattern(name, placed.length, beat, placed.start % self.score.number("bar")):
                picked = chord_notes if which is None else [chord_notes[which % len(chord_notes)]]
                notes += [PlacedNote(placed.start + start, length, p) for p in picked]
        return [n for n in notes if not _collides(n, others, beat / 2)]

    def _nearest_voicing(self, chord: Chord) -> tuple[int, ...]:
        """Three tones within the harmony's range, as near as can be to the voicing before."""
        low, high = (int(part) for part in self.score.settings["harmony"].split())
        tones = chord.tones
        groups = [tones] if len(tones) == 3 else [g for g in combinations(tones, 3) if tones[1] in g and tones[3] in g]
        best: tuple[float, tuple[int, ...]] | None = None
        centre = (low + high) / 2
        for group in groups:
            for pitches in product(*([p for p in range(low, high + 1) if p % 12 == tone] for tone in group)):
                voicing = tuple(sorted(pitches))
                if voicing[-1] - voicing[0] > 12 or min(b - a for a, b in zip(voicing, voicing[1:], strict=False)) < 2:
                    continue
                moves = sum(abs(a - b) for a, b in zip(voicing, self.voicing, strict=False))
                cost = moves + 0.3 * abs(sum(voicing) / 3 - centre)
                if best is None or (cost, voicing) < best:
                    best = (cost, voicing)
        if best is None:
            raise ValueError(f"no voicing of {chord} between {low} and {high}")
        return best[1]

    def _bass(self, theme: Theme, clock: Clock, option: str) -> list[PlacedNote]:
        if option == "off":
            return []
        if option == "written":
            return list(theme.voices["bass"])
        beat, bar = clock.beat, self.score.number("bar")
        notes: list[PlacedNote] = []
        chords = _merged(theme.chords) if option == "roots" else theme.chords
        for placed, following in zip(chords, [*chords[1:], chords[0]], strict=True):
            root, fifth = _bass_pitch(placed.chord.bass), _fifth_below_or_above(placed.chord)
            end, half = placed.length, beat / 2
            if option == "roots":
                pattern = [(0.0, end, root)]
            elif option == "fifths":
                beats = [float(b * beat) for b in range(max(1, int(end // beat)))]
                pattern = [(b, half, root if i % 2 == 0 else fifth) for i, b in enumerate(beats)]
            elif option == "octaves":
                low = root - 12 if root - 12 >= 35 else root
                pattern = [(i * half, half, low + 12 * (i % 2)) for i in range(int(end / half))]
            elif option == "walk":
                pattern = _walk(placed.chord, following.chord, root, int(end // beat), beat, self.score.scale)
            elif option == "waltz":
                odd_bar = int(placed.start // bar) % 2 == 1
                pattern = [(0.0, float(beat), fifth if odd_bar and len(theme.chords) > 1 and
                            _same_as_before(theme, placed.start) else root)]
            elif option == "pedal":
                pattern = [(0.0, end, _bass_pitch(self.score.scale[0]))]
            else:
                raise ValueError(f"bass={option} is not known")
            notes += [PlacedNote(placed.start + start, length, p) for start, length, p in pattern]
        return notes


def companion(pitch: int, chord: Chord, scale: tuple[int, ...], kind: str) -> int:
    """The note a third (or sixth) below: of the chord where the pitch itself is, else of the scale."""
    near = 3 if kind == "thirds" else 8
    if pitch % 12 in chord.tones:
        return next(p for p in range(pitch - near, pitch - near - 12, -1) if p % 12 in chord.tones)
    local = {tone for tone in scale if not _is_altered(tone, chord, scale)} | set(chord.tones)
    return next(p for p in range(pitch - near, pitch - near - 12, -1) if p % 12 in local)


def _is_altered(tone: int, chord: Chord, scale: tuple[int, ...]) -> bool:
    """Whether the chord raises or lowers this tone of the scale (G becomes G# over E7 in A minor)."""
    foreign = [t for t in chord.tones if t not in scale]
    return tone not in chord.tones and any((tone - t) % 12 in (1, 11) for t in foreign)


def _shifted(notes: tuple[PlacedNote, ...], semitones: int) -> list[PlacedNote]:
    return [replace(note, pitch=note.pitch + semitones) for note in notes]


def _merged(chords: tuple[PlacedChord, ...]) -> tuple[PlacedChord, ...]:
    """The same chord in bar after bar as one long one, for voices that hold it."""
    merged: list[PlacedChord] = []
    for placed in chords:
        if merged and merged[-1].chord == placed.chord:
            merged[-1] = replace(merged[-1], length=merged[-1].length + placed.length)
        else:
            merged.append(placed)
    return tuple(merged)


def _chord_at(theme: Theme, time: float) -> Chord:
    return next(c.chord for c in reversed(theme.chords) if c.start <= time + 1e-6)


def _same_as_before(theme: Theme, start: float) -> bool:
    here = next(i for i, c in enumerate(theme.chords) if c.start == start)
    return here > 0 and theme.chords[here - 1].chord == theme.chords[here].chord


def _together(one: PlacedNote, other: PlacedNote) -> float:
    """For how many units two notes sound at the same time; not above 0 if they don't."""
    return min(one.start + one.length, other.start + other.length) - max(one.start, other.start)


def _collides(note: PlacedNote, others: list[PlacedNote], short: float) -> bool:
    """Whether a harmony note doubles another voice's or rubs against one that is more than passing."""
    for other in others:
        together = _together(note, other)
        if together <= 1e-6:
            continue
        if note.pitch == other.pitch:
            return True
        rubs = abs(note.pitch - other.pitch) in SEMITONE_CLASHES
        if rubs and (together >= min(note.length, short) or other.start == note.start):
            return True
    return False


def _pattern(name: str, length: float, beat: int, place: float) -> list[tuple[float, float, int | None]]:
    """A harmony texture over one chord: (start, length, which tone or None for all) in units."""
    half = beat / 2
    halves = [i * half for i in range(round(length / half))]
    beats = [float(b) for b in range(0, int(length), beat)]
    orders = {"arpeggio": (0, 1, 2, 1), "alberti": (0, 2, 1, 2), "rising": (0, 1, 2), "falling": (2, 1, 0)}
    if name == "held":
        return [(0.0, length, None)]
    if name == "offbeats":
        return [(b + half, half / 2 if half >= 2 else half, None) for b in beats]
    if name == "afterbeats":
        length_of_one = half if half >= 1 else float(beat)
        return [(b, length_of_one, None) for b in beats if place + b > 0]
    if name == "pulse":
        return [(b, half, None) for b in beats]
    if name in orders:
        order = orders[name]
        return [(start, half, order[i % len(order)]) for i, start in enumerate(halves)]
    raise ValueError(f"harmony={name} is not known")


def _bass_pitch(tone: int) -> int:
    return LOWEST_BASS + (tone - LOWEST_BASS) % 12


def _fifth_below_or_above(chord: Chord) -> int:
    """The other bass note of an alternating bass: the fifth, or the root where the bass is not the root."""
    tone = chord.tones[2] if chord.bass == chord.tones[0] else chord.tones[0]
    root = _bass_pitch(chord.bass)
    above = root + (tone - root) % 12
    return above - 12 if above - 12 >= LOWEST_BASS else above


def _walk(
    chord: Chord, following: Chord, root: int, beats: int, beat: int, scale: tuple[int, ...]
) -> list[tuple[float, float, int]]:
    """Root, third, fifth, then a step of the scale into the next root."""
    third = root + (chord.tones[1] - root) % 12
    fifth = root + (chord.tones[2] - root) % 12
    target = min((p for p in range(LOWEST_BASS - 2, HIGHEST_BASS + 3) if p % 12 == following.bass), key=lambda p: abs(p - fifth))
    step = 1 if target < fifth else -1
    approach = next(p for p in range(target + step, target + 3 * step, step) if p % 12 in (*scale, *chord.tones))
    line = [root, third, fifth, approach][:beats] if beats >= 4 else [root, fifth if beats > 2 else approach, approach]
    return [(float(i * beat), float(beat), line[i]) for i in range(min(beats, len(line)))]


def _events(
    notes: list[PlacedNote], clock: Clock, touch: str, velocity: int, bar: int
) -> list[Event]:
    """Notes on the grid.  `touch` sets how much of its written length a note sounds."""
    events = []
    for note in notes:
        start, full = clock.at(note.start), clock.at(note.start + note.length) - clock.at(note.start)
        sounding = {
            "legato": full,
            "plain": full - 1 if full >= 3 else full,
            "staccato": max(1, full // 2),
        }[touch]
        accent = 6 if note.start % bar == 0 else 0
        events.append(Event(start, start + sounding, note.pitch, min(velocity + accent, 120)))
    return events


def arrange(score: Score) -> Parts:
    """All four voices of a score, free of notes that would run into each other on one pitch."""
    arranger = Arranger(score)
    for section in score.form:
        arranger.play(section)
    return separate(arranger.parts)


def separate(parts: Parts) -> Parts:
    """Leave a step of silence before a pitch sounds again, in whichever voice.

    The piano roll knows no voices: two notes on one pitch must not overlap or touch.  The lead keeps
    its notes; a lower voice that would strike a pitch already sounding leaves that note out.
    """
    kept: Parts = {voice: [] for voice in VOICES}
    at_pitch: dict[int, list[tuple[Event, str]]] = {}
    for voice in ("lead", "second", "bass", "harmony"):
        for event in sorted(parts[voice]):
            sounding = at_pitch.setdefault(event.pitch, [])
            if not any(other.start <= event.start < other.end for other, _ in sounding):
                sounding.append((event, voice))
    for notes in at_pitch.values():
        notes.sort()
        for (event, voice), (following, _) in zip(notes, [*notes[1:], (None, "")], strict=True):
            last = event.end if following is None else min(event.end, following.start - 1)
            kept[voice].append(replace(event, end=max(event.start + 1, last)))
    return {voice: sorted(events) for voice, events in kept.items()}
