"""Songs of a band with its drums, and models in musical time that nobody trained."""

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
from vrae_core.piano_roll import Note

STEPS_PER_BEAT, WINDOW = 4, 16  # a window is a bar of 4/4
FLUTE, HARP, FRETLESS, JAZZ_KIT = 73, 46, 35, 32


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
