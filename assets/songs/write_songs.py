"""Write the eight songs: `python -m assets.songs.write_songs [FOLDER]`.  The same bytes every time."""

from __future__ import annotations

import sys
from pathlib import Path

from assets.songs.arranger import arrange, tempos
from assets.songs.score import read_score
from vrae_core.midi.beats import Meter
from vrae_core.midi.export import Track, stepped, write_midi
from vrae_core.piano_roll import STEP_SECONDS, Note

SONGS = Path(__file__).parent
SCORES = SONGS / "scores"


def write_songs(folder: Path) -> list[Path]:
    """Write one MIDI file a score into the folder; returns their paths."""
    written = []
    for score_path in sorted(SCORES.glob("*.txt")):
        score = read_score(score_path)
        tracks = [
            Track(
                part,
                program,
                [Note(e.start * STEP_SECONDS, e.end * STEP_SECONDS, e.pitch, e.velocity) for e in events],
                is_drums=part == "drums",
            )
            for (part, events), program in zip(arrange(score).items(), score.programs, strict=True)
        ]
        path = folder / f"{score_path.stem}.mid"
        tempo_map = stepped([(step * STEP_SECONDS, tempo) for step, tempo in tempos(score)])
        write_midi(path, tracks, tempo_map, meters=[Meter(0.0, score.beats_a_bar, 4)])
        written.append(path)
    return written


if __name__ == "__main__":
    for song_path in write_songs(Path(sys.argv[1]) if len(sys.argv) > 1 else SONGS):
        print(song_path)
