"""What `vrae train` and `vrae runs resume` share: training in a run folder, and telling how it goes."""

from __future__ import annotations

import argparse
import json
import math
import signal
import sys
import threading
from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from vrae_core.clock import clock
from vrae_core.commands.arguments import add_json, number, whole
from vrae_core.commands.inputs import packed_file, pieces_of, printable, read_music, warn, warn_of_skipped
from vrae_core.commands.running import new_bar, stop_asked_for
from vrae_core.corpus.benchmark import read_rolls
from vrae_core.corpus.packed import SUFFIX, is_packed
from vrae_core.corpus.windows import Rolled, Windows
from vrae_core.errors import FileError
from vrae_core.midi.song import read_song
from vrae_core.model.trained import TrainedModel
from vrae_core.runs.control import obeying
from vrae_core.runs.folder import RunFolder
from vrae_core.runs.history import HistoryRow
from vrae_core.runs.settings import RunSettings
from vrae_core.runs.tensorboard import check_installed, recorded
from vrae_core.runs.train import corpus_of, train_in
from vrae_core.runs.windows import PACKED, packed_windows
from vrae_core.training.distributed import Group
from vrae_core.training.steering import Steering

if TYPE_CHECKING:
    from vrae_core.training.train import TrainingStep

_SECONDS_BETWEEN_LINES = 5.0
_FIGURES = (*HistoryRow._fields, "teacher_forcing")
ROLLS = "rolls"  # where run.json says which benchmark's pieces are learnt


def add_training_options(parser: argparse.ArgumentParser) -> None:
    """How long, how fast, and what is told of it."""
    length = parser.add_mutually_exclusive_group()
    length.add_argument(
        "--epochs", type=whole(1), metavar="N", help="times through all windows (default: the recipe's)"
    )
    length.add_argument("--minutes", type=number(0.01), metavar="M", help="length of the training by the clock instead")
    parser.add_argument("--threads", type=whole(1, 256), default=1, metavar="N", help="of the processor (default: 1)")
    parser.add_argument(
        "--device",
        choices=("cpu", "cuda"),
        default="cpu",
        help="cuda: a graphics card for each process, experimental: it has never run on one (default: cpu)",
    )
    parser.add_argument(
        "--tensorboard", action="store_true", help="write TensorBoard's files into the run's folder as well"
    )
    add_json(parser, "print each line of figures as a JSON object")


def check_options(args: argparse.Namespace) -> None:
    """Refuse before the work what would fail after it.  Raises: TrainingError."""
    if args.tensorboard:
        check_installed()


def music_of(run: RunFolder, settings: RunSettings, args: argparse.Namespace) -> Sequence[Rolled]:
    """What a run learns, in its own order: read from the files given, or else from where it was read before.

    Nothing of a packed file, which stays on the disk.
    Raises: VraeError if something cannot be read, or other songs are given.
    """
    if PACKED in settings.extra or any(map(is_packed, args.midi)):
        if args.rolls or PACKED not in settings.extra or not all(map(is_packed, args.midi)):
            raise FileError(
                run.path, f"learns from {'' if PACKED in settings.extra else 'songs, not from '}a {SUFFIX} file"
            )
        return []
    if args.midi or args.rolls:
        given = {song.name: song for song in read_music(args)}
        names = [song.name for song in settings.songs]
        if set(given) != set(names):
            differing = sorted(set(given) ^ set(names))[0]
            verb = "does not learn" if differing in given else "also learns"
            raise FileError(run.path, f"{verb} {differing}; give it the songs it was begun with, or none to read them")
        return [given[name] for name in names]
    if ROLLS in settings.extra:
        return pieces_of(read_rolls(Path(settings.extra[ROLLS]["file"])), str(settings.extra[ROLLS]["split"]))
    if nowhere := [song.name for song in settings.songs if not song.path]:
        raise FileError(run.path, f"does not say where {nowhere[0]} can be read; name its MIDI files")
    return [replace(read_song(song.path), name=song.name) for song in settings.songs]


def corpus_for(settings: RunSettings, songs: Sequence[Any]) -> Windows:
    """The windows that a run learns from; a sentence on stderr for each song that gives none.  Raises: CorpusError."""
    corpus: Windows
    if PACKED in settings.extra:
        corpus = packed_windows(str(settings.extra[PACKED]), settings.recipe)
        if not corpus.file.signed:
            warn(f"{corpus.file.path} was packed before files were signed: were it damaged, nobody would know")
    elif ROLLS in settings.extra:
        corpus = replace(settings.recipe, min_pitch_share=0.0).cut(songs)  # the benchmark charges for every pitch
    else:
        corpus = corpus_of(settings, songs)
    warn_of_skipped(corpus.skipped)
    return corpus


def resume(run: RunFolder, args: argparse.Namespace, again: str) -> tuple[TrainedModel | None, int]:
    """Train a run from where it stands, for longer if that is asked; as `train_run`."""
    settings = run.settings()
    songs = music_of(run, settings, args)
    changed = _with_length(settings, args)
    if args.midi and PACKED in settings.extra:  # which may lie elsewhere by now; the checkpoint knows it by its rows
        changed = replace(changed, extra={**settings.extra, PACKED: packed_file(args.midi)})
    corpus = corpus_for(changed, songs)
    if args.group.is_first:
        run.check_free()
        if changed != settings:
            run.write_settings(changed)
    args.group.wait()
    return train_run(run, corpus, args, again)


def train_run(
    run: RunFolder, corpus: Windows, args: argparse.Namespace, again: str, start_from: TrainedModel | None = None
) -> tuple[TrainedModel | None, int]:
    """Train a run to its end, telling how it goes: its model and exit status 0, or none and the status of a stop.

    again: the words that tell how a run that was stopped goes on.  start_from: what a new run begins with.
    """
    settings = run.settings()
    begun_from: dict[str, Any] = {} if start_from is None else {"start_from": start_from}
    steering, stop = Steering(), threading.Event()
    with stop_asked_for() as asked:
        steps: Generator[TrainingStep, None, TrainedModel | None] = train_in(
            run, corpus, steering=steering, threads=args.threads, group=args.group, **begun_from
        )
        if args.group.size == 1:  # several would have to agree on what is asked, and when
            steps = obeying(run, steps, steering, stop)
        steps = recorded(run.path, steps) if args.tensorboard and args.group.is_first else steps
        model = _follow(steps, asked, args.json, args.group)
    if model is None:
        kept = f"{run.path} holds the run" if run.checkpoint.exists() else f"{run.path} has learnt nothing yet"
        warn(f"stopped; {kept}: {again} goes on")
        return None, 128 + (asked[0] if asked else signal.SIGTERM)  # another process of the group was asked
    if ROLLS in settings.extra and args.group.is_first:
        said = settings.extra[ROLLS]
        pieces = f"{len(corpus.names)} pieces, {said['split']} of {Path(said['file']).name}; their steps are not 50 ms"
        model = replace(model, about={**model.about, "songs": pieces})
        model.save(run.model)
    return model, 0


def _with_length(settings: RunSettings, args: argparse.Namespace) -> RunSettings:
    if args.epochs is None and args.minutes is None:
        return settings
    return replace(settings, epochs=args.epochs, minutes=args.minutes)


def _follow(
    steps: Generator[TrainingStep, None, TrainedModel | None], asked: list[int], as_json: bool, group: Group
) -> TrainedModel | None:
    """Run training to its end, telling how it goes; None if asked to stop before, with the checkpoint written."""
    printed_at = -_SECONDS_BETWEEN_LINES
    with new_bar("training") as bar:
        try:
            while not group.agree(bool(asked)):
                step = next(steps)
                bar.n = step.done
                bar.refresh()
                if step.note:
                    tqdm.write(f"vrae: {printable(step.note)}", file=sys.stderr)
                if monotonic() - printed_at >= _SECONDS_BETWEEN_LINES or step.done >= 1:
                    tqdm.write(_line(step, as_json), file=sys.stdout)
                    sys.stdout.flush()
                    printed_at = monotonic()
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        finally:
            steps.close()
    return None


def _line(step: TrainingStep, as_json: bool) -> str:
    if as_json:
        return json.dumps({name: value if math.isfinite(value) else None for name, value in _figures(step).items()})
    more = f"  teacher forcing {step.teacher_forcing:.0%}" if step.teacher_forcing else ""
    for name, words in (("held_out_bound", "held out"), ("frame_f1", "F1"), ("note_onset_f1", "notes")):
        if math.isfinite(value := _figures(step).get(name, math.nan)):
            more += f"  {words} {value:.4f}"
    return (
        f"{clock(int(step.seconds), 0):>7}  epoch {step.epoch:5}  updates {step.updates:7}"
        f"  bound {step.lower_bound:8.4f}  reconstruction {step.reconstruction:8.4f}  KL {step.kl:.4f}"
        f"  active {step.active_units}{more}"
    )


def _figures(step: TrainingStep) -> dict[str, float]:
    return {name: getattr(step, name) for name in _FIGURES if hasattr(step, name)}
