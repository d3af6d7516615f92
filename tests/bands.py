"""Songs of one voice, of a band with its drums, and as people play; and models in musical time that nobody trained."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vrae_core.corpus.cutting import choose_pitches
from vrae_core.corpus.sampling import Grid
from vrae_core.midi.beats import Meter, Tempo, TempoMap
from vrae_core.midi.song import Song, SongTrack
from vrae_core.model.file import weight_shapes
from vrae_core.model.recipes import ModelConfig
from vrae_core.model.trained import TrainedModel
from vrae_core.piano_roll import FloatArray, Note

STEPS_PER_BEAT, WINDOW = 4, 16  # a window is a bar of 4/4
FLUTE, HARP, FRETLESS, JAZZ_KIT = 73, 46, 35, 32


def scale_song(name: str, lowest: int, seconds: float = 20.0, step: int = 2) -> Song:
    """Half-second notes that climb a scale of whole tones and begin again."""
    notes = [Note(t / 2, t / 2 + 0.4, lowest + step * (t % 6)) for t in range(int(seconds * 2))]
    return Song(name, tuple(notes), 120.0, ())


def make_band(name: str, tempo: float = 120.0, bars: int = 12, tempos: Sequence[Tempo] = ()) -> Song:
    """Flute, harp, bass and drums in 4/4: the melody in quarters, the others on the first beat, a kick on each."""
    tempo_map = TempoMap(tuple(tempos) or (Tempo(0.0, tempo),))

    def note(beat: float, beats: float, pitch: int, track: int, velocity: int) -> Note:
        start, end = tempo_map.seconds_at([beat, beat + beats]).tolist()
        return Note(start, end, pitch, velocity, track)

    melody = [note(beat, 0.9, 72 + 2 * (beat % 6), 0, 100) for beat in range(4 * bars)]
    chords = [note(4 * bar, 3.9, pitch, 1, 60) for bar in range(bars) for pitch in (55, 59, 62)]
    bass = [note(4 * bar, 1.9, 40 + bar % 3, 2, 80) for bar in range(bars)]
    drums = [note(beat, 0.1, 38 if beat % 2 else 36, 3, 110) for beat in range(4 * bars)]
    tracks = (
        SongTrack("Flute", 0, FLUTE),
        SongTrack("Harp", 1, HARP),
        SongTrack("Bass", 2, FRETLESS),
        SongTrack("Drums", 9, JAZZ_KIT, True),
    )
    return Song(
        name,
        tuple(sorted(melody + chords + bass)),
        tempo,
        tempo_map=tempo_map,
        meters=(Meter(0.0, 4, 4),),
        tracks=tracks,
        drums=tuple(drums),
    )


def played(
    seed: int = 0, usual: float = 100, drift: float = 12, beats: int = 200, late: float = 0.3
) -> tuple[FloatArray, Song]:
    """Somebody plays without a metronome: when the beats are, and the song, whose file says 120 all the time."""
    source = np.random.default_rng(seed)
    tempos = usual + drift * np.sin(np.arange(beats) / 23) + source.normal(0, 1.5, beats)
    times = late + np.concatenate([[0], np.cumsum(60 / tempos)])
    notes, drums = [], []
    for beat in range(beats):
        length = times[beat + 1] - times[beat]
        for part in (0, 0.5) if source.random() < 0.8 else (0, 0.25, 0.5, 0.75):
            at = times[beat] + part * length + source.normal(0, 0.008)
            notes.append(Note(max(0, at), at + 0.2, int(source.integers(60, 80)), 90 if part else 105))
        notes.append(Note(times[beat], times[beat] + 0.4, 40 + beat % 5, 95, 1))
        drums.append(Note(times[beat] + abs(source.normal(0, 0.005)), times[beat] + 0.1, (36, 38)[beat % 2], 100, 2))
    tracks = (SongTrack("lead", 0, 0), SongTrack("bass", 1, 33), SongTrack("kit", 9, 0, is_drums=True))
    song = Song(
        "Played", tuple(sorted(notes)), 120.0, tempo_map=TempoMap(), meters=(Meter(0, 4, 4),), tracks=tracks,
        drums=tuple(sorted(drums)),
    )  # fmt: skip
    return times[:-1], song


def make_band_model(songs: Sequence[Song], latent: int = 2, parts: bool = True) -> TrainedModel:
    """One that makes some notes."""
    config = ModelConfig(
        window=WINDOW,
        hop=WINDOW,
        latent=latent,
        hidden=8,
        encoder_hidden=6,
        z_every_step=True,
        steps_per_beat=STEPS_PER_BEAT,
        parts=parts,
    )
    pitches = choose_pitches(songs, grid=Grid(STEPS_PER_BEAT, parts))
    source = np.random.default_rng(0)
    shapes = weight_shapes(config, len(pitches))
    weights = {name: source.normal(0, 0.6, shape).astype(np.float32) for name, shape in shapes.items()}
    return TrainedModel(config, pitches, weights, 0.6, {"recipe": "chance"})
