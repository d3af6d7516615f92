"""What the subcommands write: pieces, JSON, and a check beforehand that a file can be written at all."""

from __future__ import annotations

import argparse
import json
import math
import os
from pathlib import Path
from typing import Any

from vrae_core.commands.inputs import warn
from vrae_core.commands.progress_bar import run_with_bar
from vrae_core.errors import FileError
from vrae_core.midi_export import Track, write_midi
from vrae_core.piano_roll import STEP_SECONDS, FloatArray
from vrae_core.pieces import notes_from_probabilities
from vrae_core.trained_model import TrainedModel

PIECE_SUFFIXES = (".mid", ".midi", ".wav")
_SQUARE_LEAD = 80  # General MIDI, counted from 0: the nearest to a game console


def check_writable(path: str, suffixes: tuple[str, ...] = ()) -> None:
    """Refuse an output file before the work is done rather than after.

    Raises: FileError if the suffix is none of those, or the file is a folder or in one that is not there.
    """
    if suffixes and Path(path).suffix.lower() not in suffixes:
        *first, last = suffixes
        raise FileError(path, f"must end in {', '.join(first) + ' or ' if first else ''}{last}")
    if os.path.isdir(path):
        raise FileError(path, "cannot be written: it is a folder")
    folder = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(folder):
        raise FileError(path, "cannot be written: its folder does not exist")
    if not os.access(folder, os.W_OK):
        raise FileError(path, "cannot be written: its folder allows no new files")


def write_piece(probabilities: FloatArray, model: TrainedModel, args: argparse.Namespace) -> None:
    """Turn probabilities (steps, P) into the .mid or .wav file that ``add_piece``'s arguments ask for."""
    threshold = model.threshold if args.threshold is None else args.threshold
    notes = notes_from_probabilities(probabilities, model.pitches, threshold, args.temperature, args.seed)
    if not notes:
        warn(f"no probability reaches the threshold of {threshold:g}, so the piece is silent: try a lower --threshold")
    track = Track("VRAE Explorer", _SQUARE_LEAD, notes)
    if Path(args.output).suffix.lower() == ".wav":
        from vrae_core.synthesizer import SAMPLE_RATE, render_notes  # noqa: PLC0415 - FluidSynth may not be there
        from vrae_core.wav_file import write_wav  # noqa: PLC0415

        write_wav(args.output, run_with_bar(render_notes([track]), "rendering"), SAMPLE_RATE)
    else:
        write_midi(args.output, [track])
    print(f"{args.output}: {count(len(notes), 'note')}, {len(probabilities) * STEP_SECONDS:.1f} s")


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
