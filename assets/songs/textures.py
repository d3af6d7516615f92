"""The voices that are worked out from a theme's chords: second voice, harmony and bass.

Everything here is in a score's units and knows nothing of time.  `scores/README.md` says what each
texture is called and how it sounds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations, product

from assets.songs.score import Chord, PlacedChord, PlacedNote, Score, Theme

Voicing = tuple[int, ...]

LOWEST_BASS = 36
LOWEST_OCTAVE_BASS = 35
GUIDE_LINE_PITCHES = range(57, 73)
RUBBING_INTERVALS = (1, 11, 13)  # minor second, major seventh, minor ninth
ARPEGGIOS = {"arpeggio": (0, 1, 2, 1), "alberti": (0, 2, 1, 2), "rising": (0, 1, 2)}  # 0 is the lowest tone


def shifted(notes: Iterable[PlacedNote], semitones: int) -> list[PlacedNote]:
    """The same notes higher or lower."""
    return [replace(note, pitch=note.pitch + semitones) for note in notes]


def second_voice(theme: Theme, lead: list[PlacedNote], texture: str, scale: tuple[int, ...]) -> list[PlacedNote]:
    """The voice that goes with the lead."""
    match texture:
        case "off":
            return []
        case "written":
            return list(theme.voices["second"])
        case "octave":
            return shifted(lead, -12)
        case "thirds" | "sixths":
            nearest = 3 if texture == "thirds" else 8
            return [
                replace(note, pitch=_companion(note.pitch, nearest, theme.chord_at(note.start), scale)) for note in lead
            ]
        case "line":
            return _guide_line(theme, lead)
        case _:
            raise ValueError(f"second={texture} is not known")


def _companion(pitch: int, nearest: int, chord: Chord, scale: tuple[int, ...]) -> int:
    """The first fitting note at least `nearest` semitones below: of the chord under a chord tone, else of the scale.

    A tone of the scale that the chord alters gives way to it: under E7 in A minor, G gives way to G sharp.
    """
    if pitch % 12 in chord.tones:
        fitting = set(chord.tones)
    else:
        altering = [tone for tone in chord.tones if tone not in scale]
        kept = [tone for tone in scale if not any((tone - other) % 12 in (1, 11) for other in altering)]
        fitting = {*kept, *chord.tones}
    return next(below for below in range(pitch - nearest, pitch - nearest - 12, -1) if below % 12 in fitting)


def _guide_line(theme: Theme, lead: list[PlacedNote]) -> list[PlacedNote]:
    """One long note a chord, clear of the lead, moving by the smallest step rather than standing still."""
    line: list[PlacedNote] = []
    last = 64
    for placed in theme.chords:
        here = PlacedNote(placed.start, placed.length, 0)
        against = [note for note in lead if _overlap(note, here) > 0]
        ranked = []
        for pitch in GUIDE_LINE_PITCHES:
            if pitch % 12 in placed.chord.tones:
                rubbing = sum(n.length for n in against if abs(n.pitch - pitch) in (0, *RUBBING_INTERVALS))
                ranked.append((rubbing, abs(pitch - last) or 3, pitch))
        last = min(ranked)[-1]
        line.append(replace(here, pitch=last))
    return line


def harmony(
    theme: Theme, texture: str, score: Score, others: list[PlacedNote], before: Voicing
) -> tuple[list[PlacedNote], Voicing]:
    """Chords in a texture, clear of the other voices' notes.

    before: the voicing that sounded last, () at the start.  Returns: the notes, and the voicing they end on.
    """
    if texture == "off":
        return [], before
    notes: list[PlacedNote] = []
    for placed in _joined(theme.chords) if texture == "held" else theme.chords:
        before = _nearest_voicing(placed.chord, before, score.harmony_range)
        for start, length, tones in _chord_pattern(texture, placed, score):
            notes += [PlacedNote(placed.start + start, length, before[tone]) for tone in tones]
    return [note for note in notes if not any(_disturbs(note, other, score.beat / 2) for other in others)], before


def _nearest_voicing(chord: Chord, before: Voicing, harmony_range: tuple[int, int]) -> Voicing:
    """Three tones in close position, as near as can be to the voicing before; a four-tone chord keeps third and top."""
    low, high = harmony_range
    ranked = []
    for tones in combinations(chord.tones, 3):
        if len(chord.tones) == 4 and not {chord.tones[1], chord.tones[3]} <= set(tones):
            continue
        for pitches in product(*([p for p in range(low, high + 1) if p % 12 == tone] for tone in tones)):
            voicing = tuple(sorted(pitches))
            if voicing[2] - voicing[0] <= 12 and voicing[1] - voicing[0] >= 2 and voicing[2] - voicing[1] >= 2:
                movement = sum(abs(new - old) for new, old in zip(voicing, before, strict=False))
                ranked.append((movement + 0.3 * abs(sum(voicing) / 3 - (low + high) / 2), voicing))
    return min(ranked)[1]


def _chord_pattern(texture: str, placed: PlacedChord, score: Score) -> list[tuple[float, float, tuple[int, ...]]]:
    """A texture over one chord: (start, length, which of its three tones), in units from the chord's start."""
    half, everything = score.beat / 2, (0, 1, 2)
    beats = range(0, int(placed.length), score.beat)
    match texture:
        case "held":
            return [(0, placed.length, everything)]
        case "pulse":
            return [(beat, half, everything) for beat in beats]
        case "offbeats":
            return [(beat + half, half / 2 if half >= 2 else half, everything) for beat in beats]
        case "afterbeats":
            length = half if half >= 1 else score.beat
            return [(beat, length, everything) for beat in beats if (placed.start + beat) % score.bar > 0]
        case "arpeggio" | "alberti" | "rising":
            order = ARPEGGIOS[texture]
            return [(i * half, half, (order[i % len(order)],)) for i in range(round(placed.length / half))]
        case _:
            raise ValueError(f"harmony={texture} is not known")


def bass(theme: Theme, texture: str, score: Score) -> list[PlacedNote]:
    """The bass voice."""
    if texture == "off":
        return []
    if texture == "written":
        return list(theme.voices["bass"])
    chords = _joined(theme.chords) if texture == "roots" else theme.chords
    notes: list[PlacedNote] = []
    for index, placed in enumerate(chords):
        following = chords[(index + 1) % len(chords)].chord
        repeats = index > 0 and chords[index - 1].chord == placed.chord
        for start, length, pitch in _bass_pattern(texture, placed, following, repeats, score):
            notes.append(PlacedNote(placed.start + start, length, pitch))
    return notes


def _bass_pattern(
    texture: str, placed: PlacedChord, following: Chord, repeats: bool, score: Score
) -> list[tuple[float, float, int]]:
    """A texture over one chord: (start, length, pitch), in units from the chord's start."""
    root, fifth = _bass_pitch(placed.chord.bass), _other_bass_pitch(placed.chord)
    beat, half = score.beat, score.beat / 2
    match texture:
        case "roots":
            return [(0, placed.length, root)]
        case "fifths":
            return [(i * beat, half, (root, fifth)[i % 2]) for i in range(max(1, int(placed.length // beat)))]
        case "octaves":
            low = root - 12 if root - 12 >= LOWEST_OCTAVE_BASS else root
            return [(i * half, half, low + 12 * (i % 2)) for i in range(int(placed.length / half))]
        case "walk":
            line = _walk(placed.chord, following, root, int(placed.length // beat), score.scale)
            return [(i * beat, beat, pitch) for i, pitch in enumerate(line)]
        case "waltz":
            odd_bar = placed.start // score.bar % 2 == 1
            return [(0, beat, fifth if odd_bar and repeats else root)]
        case _:
            raise ValueError(f"bass={texture} is not known")


def _bass_pitch(tone: int) -> int:
    return LOWEST_BASS + (tone - LOWEST_BASS) % 12


def _other_bass_pitch(chord: Chord) -> int:
    """What alternates with the bass note: the chord's fifth, or its root where the fifth or third is the bass."""
    bass_pitch = _bass_pitch(chord.bass)
    tone = chord.tones[2] if chord.bass == chord.tones[0] else chord.tones[0]
    above = bass_pitch + (tone - bass_pitch) % 12
    return above - 12 if above - 12 >= LOWEST_BASS else above


def _walk(chord: Chord, following: Chord, root: int, beats: int, scale: tuple[int, ...]) -> list[int]:
    """Root, third, fifth, then a step into the next chord's bass; two beats leave out third and fifth."""
    third, fifth = (root + (tone - root) % 12 for tone in chord.tones[1:3])
    nearby = range(LOWEST_BASS - 2, LOWEST_BASS + 19)
    target = min((pitch for pitch in nearby if pitch % 12 == following.bass), key=lambda pitch: abs(pitch - fifth))
    side = 1 if target < fifth else -1
    approach = next(p for p in (target + side, target + 2 * side) if p % 12 in (*scale, *chord.tones))
    return [root, third, fifth, approach] if beats >= 4 else [root, approach][:beats]


def _joined(chords: tuple[PlacedChord, ...]) -> list[PlacedChord]:
    """A chord that stands for several bars as one long chord, for voices that hold it."""
    joined: list[PlacedChord] = []
    for placed in chords:
        if joined and joined[-1].chord == placed.chord:
            joined[-1] = replace(joined[-1], length=joined[-1].length + placed.length)
        else:
            joined.append(placed)
    return joined


def _overlap(one: PlacedNote, other: PlacedNote) -> float:
    """For how many units two notes sound together; 0 or less if they don't."""
    return min(one.start + one.length, other.start + other.length) - max(one.start, other.start)


def _disturbs(note: PlacedNote, other: PlacedNote, passing: float) -> bool:
    """Whether a harmony note doubles another voice's, or rubs against one for longer than in passing."""
    overlap = _overlap(note, other)
    if overlap <= 0:
        return False
    rubs = abs(note.pitch - other.pitch) in RUBBING_INTERVALS
    lasting = overlap >= min(note.length, passing) or note.start == other.start
    return note.pitch == other.pitch or (rubs and lasting)
