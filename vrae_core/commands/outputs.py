"""What the subcommands write: pieces, JSON, and a check beforehand that a file can be written at all."""

from __future__ import annotations

import argparse
import json
import math
import os
from pathlib import Path
from typing import Any

import numpy as np

from vrae_core.audio.file import SOUND_FORMATS, is_sound_file, writing_sound
from vrae_core.commands.inputs import AsPlayed, warn
from vrae_core.commands.running import run_with_bar
from vrae_core.errors import FileError
from vrae_core.midi.export import USUAL_TEMPO, write_midi
from vrae_core.model.trained import TrainedModel
from vrae_core.music.piece_recipe import Kind, PieceRecipe, recipe_text
from vrae_core.music.piece_time import PieceTime, usual_time
from vrae_core.music.score import make_score
from vrae_core.music.sound import usual_sound
from vrae_core.piano_roll import FloatArray
from vrae_core.safe_files import READ_ONLY, is_read_only

PIECE_SUFFIXES = (".mid", ".midi", *SOUND_FORMATS)


def check_writable(path: str, suffixes: tuple[str, ...] = ()) -> None:
    """Refuse an output file before the work is done rather than after.

    Raises: FileError if the suffix is none of those, or the file may only be read, is a folder, or in one that is not
    there.
    """
    if suffixes and Path(path).suffix.lower() not in suffixes:
        *first, last = suffixes
        raise FileError(path, f"must end in {', '.join(first) + ' or ' if first else ''}{last}")
    if os.path.isdir(path):
        raise FileError(path, "cannot be written: it is a folder")
    if is_read_only(path):
        raise FileError(path, READ_ONLY)
    folder = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(folder):
        raise FileError(path, "cannot be written: its folder does not exist")
    if not os.access(folder, os.W_OK):
        raise FileError(path, "cannot be written: its folder allows no new files")


def write_piece(
    probabilities: FloatArray,
    model: TrainedModel,
    args: argparse.Namespace,
    z: FloatArray | None = None,
    near: AsPlayed | None = None,
) -> None:
    """Turn probabilities (steps, P) into the MIDI or sound file that ``add_piece``'s arguments ask for.

    z: the one latent point (J,) that was decoded, for the MIDI file to say what it was made from.
    near: how the songs that it is made of are played, where a step is a part of a beat and they are known.
    """
    sound = usual_sound(model.config.parts)
    if near is not None and model.config.parts:
        sound = sound.played_by(near.programs)
    time = _time_of(len(probabilities), model, args.tempo, None if near is None else near.time)
    times, seconds = time.seconds, float(time.seconds[-1])
    threshold = model.threshold if args.threshold is None else args.threshold
    score = make_score(probabilities, model.pitches, sound, threshold, args.temperature, args.seed)
    if not score.roll.any():
        warn(f"no probability reaches the threshold of {threshold:g}, so the piece is silent: try a lower --threshold")
    tracks = score.tracks(sound, times)
    if is_sound_file(args.output):
        from vrae_core.audio.synthesizer import SAMPLE_RATE, render_notes  # noqa: PLC0415 - FluidSynth may not be there

        samples = run_with_bar(render_notes(tracks), "rendering")
        run_with_bar(writing_sound(args.output, samples, SAMPLE_RATE), "writing")
    else:
        text = "" if z is None else recipe_text(_recipe(z, len(probabilities), model, threshold, args))
        tempo = time.tempo_map if model.config.steps_per_beat else args.tempo or USUAL_TEMPO
        write_midi(args.output, tracks, tempo, text, meters=time.meters, seconds=seconds)
    print(f"{args.output}: {count(sum(len(track.notes) for track in tracks), 'note')}, {seconds:.1f} s")


def _time_of(steps: int, model: TrainedModel, tempo: float | None, time: PieceTime | None) -> PieceTime:
    """When the steps of a piece are: a step of 50 ms lasts as long at any tempo."""
    grid = model.config.grid
    if not grid.steps_per_beat:
        return PieceTime(grid.played_per_beat, np.full(steps, USUAL_TEMPO, np.float32))
    return (usual_time(model) if time is None else time).lasting(steps).at(tempo)


def _recipe(z: FloatArray, steps: int, model: TrainedModel, threshold: float, args: argparse.Namespace) -> PieceRecipe:
    kind: Kind = "point" if steps == model.config.window else "medley"
    return PieceRecipe(
        model=model.digest,
        model_name=Path(args.model).stem,
        kind=kind,
        points=z[None],
        parameters={"steps": steps},
        threshold=threshold,
        temperature=args.temperature,
        seed=args.seed,
        tempo=args.tempo if model.config.steps_per_beat else USUAL_TEMPO,  # the speed: --tempo leaves 50 ms as they are
        sound=usual_sound(model.config.parts),
    )


def count(n: int, thing: str) -> str:
    """ "1 song", "2 songs"."""
    return f"{n} {thing}" if n == 1 else f"{n} {thing}s"


def print_json(value: Any) -> None:
    """Print a value as JSON."""
    print(json_text(value))


def json_text(value: Any) -> str:
    """A value as JSON; a number that JSON has no word for (NaN, ∞) becomes null."""
    return json.dumps(_finite(value), indent=2, ensure_ascii=False)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
