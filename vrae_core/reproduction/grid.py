"""What a step is: 50 ms, as in the paper, or a part of a beat; what is lost of songs when they are put on either."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from time import process_time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vrae_core.columns import Part
from vrae_core.corpus.cutting import build_corpus
from vrae_core.corpus.sampling import Grid, SampledSong, sampled
from vrae_core.errors import CorpusError
from vrae_core.midi.beats import Tempo, TempoMap
from vrae_core.midi.song import Song
from vrae_core.model.evaluation import evaluate
from vrae_core.model.onsets import Onsets, note_onsets
from vrae_core.model.recipes import RECIPES, Recipe
from vrae_core.piano_roll import Notes
from vrae_core.pictures.file import save_picture
from vrae_core.progress import Progress, passed_through
from vrae_core.reproduction import charts
from vrae_core.reproduction.experiment import Experiment, Figures, Options, stage

if TYPE_CHECKING:
    from matplotlib.figure import Figure


GRIDS = (Grid(), *(Grid(steps) for steps in (4, 6, 8, 12, 24)))
_HEADS = ("onsets moved", "> 10 ms", "made uneven", "notes lost", "onset F1")
_COLOURS = (charts.QUIET, charts.FIRST, charts.SECOND)
TEMPOS = (None, 113.0, 97.0)  # beats a minute that songs are played at; None: as they are
_FAST = RECIPES["fast-20d"]
LEARNT = (  # windows of 2.5 s, and of four beats
    replace(_FAST, model=replace(_FAST.model, window=50, hop=50)),
    replace(_FAST, model=replace(_FAST.model, window=48, hop=48, steps_per_beat=12)),
)
_HEARD = 0.010  # seconds that an onset is moved by and more: several times what a drummer is off
_EVEN = 0.005  # seconds by which two gaps between onsets may differ and be one
_LONGEST_GAP = 1.0  # seconds; beyond it nobody hears whether the next is even
_WRITTEN_ON = 0.5  # milliseconds that onsets are moved by on a grid that songs were written on, at most


class GridFigures(NamedTuple):
    """What becomes of songs on a grid."""

    played: str  # at which tempo
    grid: str
    moved_ms: float  # how far onsets are moved, root mean square
    moved_more: float  # share of the onsets that are moved by more than 10 ms
    uneven: float  # of two gaps between onsets that are even, how often one becomes longer by a whole step
    lost: float  # share of the notes that begin, and are no more told apart
    note_onset_f1: float  # of the roll itself


def grid(songs: Sequence[Song], options: Options) -> Generator[Progress, None, Figures]:
    """Put songs on all grids; with ``options.minutes`` a model learns them on two, that long each."""
    rows: list[GridFigures] = []
    skipped: list[str] = []
    end = 0.1 if options.minutes else 1.0
    for number, tempo in enumerate(TEMPOS):
        played = [song if tempo is None else played_at(song, tempo) for song in songs]
        for place, each in enumerate(GRIDS):
            yield Progress(end * (number + place / len(GRIDS)) / len(TEMPOS), 1.0, f"{_words(tempo)}, {each}")
            usable, why = _on(each, played)
            skipped += [sentence for sentence in why if sentence not in skipped]
            if usable:
                rows.append(_figures(_words(tempo), each, usable))
    save_picture(options.folder / "grid.png", "What a grid does to songs", lambda: _chart(rows))
    trained: list[Figures] = []
    if options.minutes:
        as_they_are = next(row for row in rows if row.grid == str(Grid()))
        tempo = TEMPOS[1] if as_they_are.moved_ms < _WRITTEN_ON else None
        for number, recipe in enumerate(LEARNT):
            share = (1 - end) / len(LEARNT)
            job = _learnt(recipe, songs, tempo, options)
            trained.append((yield from stage(job, end + number * share, end + (number + 1) * share)))
    return {
        "skipped": skipped,
        "grids": [row._asdict() for row in rows],
        "trained": trained,
        "findings": [*_table(rows), *map(_sentence, trained)],
    }


def played_at(song: Song, tempo: float) -> Song:
    """A song faster or slower, so that most of it has so many beats a minute."""
    factor = song.beats_per_minute / tempo

    def later(notes: Notes) -> Notes:
        return notes.at(notes.starts * factor, notes.ends * factor)

    tempo_map = song.tempo_map
    if tempo_map is not None:
        faster = (Tempo(beat, beats_per_minute / factor) for beat, beats_per_minute in tempo_map.tempos)
        tempo_map = TempoMap(tuple(faster), tempo_map.ticks_per_beat)
    return replace(song, notes=later(song.notes), drums=later(song.drums), beats_per_minute=tempo, tempo_map=tempo_map)


def _on(each: Grid, songs: Sequence[Song]) -> tuple[list[tuple[Song, SampledSong]], list[str]]:
    """The songs that can be put on a grid, and why others cannot."""
    found, why = [], []
    for song in songs:
        try:
            found.append((song, sampled(song, each)))
        except CorpusError as error:
            why.append(str(error))
    return [(song, on_grid) for song, on_grid in found if on_grid.roll.any()], why


def _figures(played: str, each: Grid, songs: Sequence[tuple[Song, SampledSong]]) -> GridFigures:
    moved, gaps, uneven = [], 0, 0
    counted = Onsets()
    for song, on_grid in songs:
        true = on_grid.onsets.seconds
        moved.append(on_grid.time.seconds_at(on_grid.time.step_nearest(true)) - true)
        even, longer = _evenness(on_grid)
        gaps, uneven = gaps + even, uneven + longer
        steps = len(on_grid.roll)
        whole = build_corpus([song], steps, steps, cap=None, pitches=each.columns, grid=each)
        own = note_onsets(whole, whole.windows())[Part.ALL]
        counted = Onsets(counted.hits + own.hits, counted.found + own.found, counted.true + own.true)
    away = np.abs(np.concatenate(moved))
    return GridFigures(
        played,
        str(each),
        1000 * float(np.sqrt(np.mean(away**2))),
        float(np.mean(away > _HEARD)),
        uneven / max(1, gaps),
        max(0.0, 1 - counted.found / max(1, counted.true)),
        counted.f1,
    )


def _evenness(on_grid: SampledSong) -> tuple[int, int]:
    """How many pairs of gaps between successive onsets are even in the file, and how many of these are not in steps."""
    seconds = np.unique(np.round(on_grid.onsets.seconds, 3))
    gaps, steps = np.diff(seconds), np.diff(on_grid.time.step_nearest(seconds))
    even = (np.abs(np.diff(gaps)) <= _EVEN) & (gaps[1:] <= _LONGEST_GAP) & (gaps[1:] > 2 * _EVEN)
    return int(even.sum()), int((np.diff(steps) != 0)[even].sum())


def _learnt(
    recipe: Recipe, songs: Sequence[Song], tempo: float | None, options: Options
) -> Generator[Progress, None, Figures]:
    """Train a recipe by the processor's clock, and measure it on what it has learnt."""
    from vrae_core.training.train import train  # noqa: PLC0415 - torch takes 1.5 s to import

    played = [song if tempo is None else played_at(song, tempo) for song in songs]
    each, corpus = recipe.model.grid, recipe.cut(played)
    job = train(corpus, recipe, minutes=options.minutes, seed=options.seed, clock=process_time)
    model = yield from passed_through(
        job, lambda step: Progress(0.95 * step.done, 1.0, f"learning on {each}, bound {step.lower_bound:.2f}")
    )
    model.save(options.folder / f"{str(each).replace(' ', '-')}.safetensors")
    found = yield from stage(evaluate(model, corpus, options.seed), 0.95, 1.0, f"measuring {each}")
    return {
        "grid": str(each),
        "played": _words(tempo),
        "minutes": options.minutes,
        "windows": len(corpus),
        "lower_bound": found.lower_bound,
        "frame_f1": found.frame_f1,
        "note_onset_f1": found.note_onset_f1,
        "note_onset_f1_roll": found.note_onset_f1_roll,
    }


# --- what came out


def _words(tempo: float | None) -> str:
    return "as they are" if tempo is None else f"at {tempo:g} beats a minute"


def _table(rows: Sequence[GridFigures]) -> Iterator[str]:
    yield f"{'played':22} {'a step':11}" + "".join(f"{head:>15}" for head in _HEADS)
    for row in rows:
        shares = "".join(f"{share:15.1%}" for share in (row.moved_more, row.uneven, row.lost))
        yield f"{row.played:22} {row.grid:11}{row.moved_ms:12.1f} ms{shares}{row.note_onset_f1:15.3f}"


def _sentence(trained: Figures) -> str:
    return (
        f"learnt for {trained['minutes']:g} min on {trained['grid']}, {trained['played']}: lower bound "
        f"{trained['lower_bound']:.2f} a step, frame F1 {trained['frame_f1']:.3f}, note-onset F1 "
        f"{trained['note_onset_f1']:.3f} (the roll itself {trained['note_onset_f1_roll']:.3f})"
    )


def _chart(rows: Sequence[GridFigures]) -> Figure:
    figure = charts.new_figure(
        "What a grid does to songs", "Steps of 50 ms beside parts of a beat; lower is better", 9.6, 3.6
    )
    measures = {
        "onsets moved, ms rms": [row.moved_ms for row in rows],
        "even gaps made uneven, %": [100 * row.uneven for row in rows],
        "notes lost, %": [100 * row.lost for row in rows],
        "moved by more than 10 ms, %": [100 * row.moved_more for row in rows],
    }
    colours = {_words(tempo): colour for tempo, colour in zip(TEMPOS, _COLOURS, strict=True)}
    names = [str(each) for each in GRIDS]
    below = [name.replace(" per beat", "\nper\nbeat").replace(" ", "\n") for name in names]
    axes = figure.subplots(1, len(measures))
    for each, (measure, values) in zip(axes, measures.items(), strict=True):
        charts.dress(each, measure)
        for aside, (played, colour) in zip((-0.2, 0, 0.2), colours.items(), strict=True):
            own = [number for number, row in enumerate(rows) if row.played == played]
            places = [names.index(rows[number].grid) + aside for number in own]
            each.plot(places, [values[number] for number in own], "o", color=colour, ms=5, label=played)
        each.set_xticks(range(len(names)), below)
    charts.legend(axes[1])
    return figure


GRID = Experiment(
    grid,
    "steps of 50 ms beside parts of a beat: what songs lose on either",
    """\
the paper (section 3.1) samples songs at 20 Hz: a step is 50 ms. The bundled songs were written on that grid, so
they hide what it does to others; here they are put on it as they are, and played at 113 and at 97 beats a
minute, and on 4, 6, 8, 12 and 24 steps a beat. Drums are left out. It takes seconds.

to look for:
  onsets moved   from where they are in the file to the step nearest to them, root mean square
  > 10 ms        the share of them that are moved by more than that
  made uneven    of two gaps between onsets that are even to 5 ms, how often one becomes longer by a step
  notes lost     that begin in the file and in the roll do not, for they run into the one before
  onset F1       of the roll itself (`vrae evaluate`: note_onset_f1_roll). It forgives 25 ms, which is as far as
                 50 ms can move an onset: what it shows is notes that are lost or cannot be told apart

With --train a model learns the songs on 20 Hz and one on 12 steps a beat, of the recipe `fast-20d` (windows of
2.5 s and of four beats), for as long each by the processor's clock: as they are, or at 113 beats a minute if
they were written on 50 ms.

writes grid.png and figures.json, and with --train the two models

example:
  vrae reproduce grid
  vrae reproduce grid my-songs/*.mid --train 3""",
    ("train",),
)
