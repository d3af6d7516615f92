"""What the model is good for beside playing: it says which song an excerpt is of, and cleans songs up."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path

from explorer.qt.jobs import Jobs
from explorer.qt.messages import Messages
from explorer.session.songs.library import Library
from explorer.session.songs.notes_right import is_known
from vrae_core.clock import clock
from vrae_core.corpus.cutting import build_corpus
from vrae_core.latent.map import encode_corpus
from vrae_core.midi.export import write_song
from vrae_core.midi.song import Song, read_song
from vrae_core.model.trained import TrainedModel
from vrae_core.progress import Progress
from vrae_core.tasks.denoising import denoise_song
from vrae_core.tasks.notes_right import notes_right
from vrae_core.tasks.recognition import KnownSongs, Match, know_songs, recognise

RUNNERS_UP = 1  # songs told of beside the best match


class Listening:
    """Compares files with the songs on the map, and cleans files; both are jobs."""

    def __init__(self, messages: Messages, jobs: Jobs, library: Library) -> None:
        self._messages, self._jobs, self._library = messages, jobs, library
        self._known: tuple[TrainedModel, tuple[Song, ...], KnownSongs] | None = None  # the songs compared with last

        library.joined.connect(self._recognise)

    def recognise(self, file: Path) -> None:
        """Say which song on the map a file is most like, and where in it."""
        if self._library.atlas is None:
            self._messages.say("There is no map yet to compare with.")
        else:
            self._recognise(file, self._library.songs)

    def _recognise(self, excerpt: Path | Song, songs: tuple[Song, ...]) -> None:
        model = self._library.model
        if model is None:
            return
        kept = self._known
        known = kept[2] if kept is not None and kept[0] is model and kept[1] == songs else None

        def tell(found: tuple[KnownSongs, str]) -> None:
            self._known = (model, songs, found[0])
            self._messages.say(found[1])

        self._jobs.start(f"Recognising {excerpt.name}", _recognise(excerpt, model, songs, known), tell, key="recognise")

    def clean_up(self, file: Path, output: Path) -> None:
        """Write a file's song without what the model finds improbable, with its own instruments."""
        model = self._library.model
        if model is None:
            self._messages.say("There is no model yet to clean a song with.")
            return
        job = _clean_up(file, output, model)
        self._jobs.save(output, f"Cleaning {file.name}", job, self._messages.say)


def _recognise(
    excerpt: Path | Song, model: TrainedModel, songs: Sequence[Song], known: KnownSongs | None
) -> Generator[Progress, None, tuple[KnownSongs, str]]:
    if isinstance(excerpt, Path):
        yield Progress(0, 1, f"Reading {excerpt.name}")
        excerpt = read_song(excerpt)
    if known is None:
        known = yield from know_songs(model, songs)
    matches = yield from recognise(model, known, excerpt)
    right = yield from _right(model, excerpt)
    others = ", ".join(f"{match.song} ({match.distance:.1f})" for match in matches[1 : 1 + RUNNERS_UP])
    place = f"{_place(matches[0])} (distance {matches[0].distance:.1f}" + (f"; then {others})." if others else ").")
    if not is_known(right):
        unsure = f"This model does not know {excerpt.name}: it gets {right:.0%} of its notes right"
        return known, f"{unsure}, so this is no more than a guess: {place}"
    return known, f"{excerpt.name} is most like {place}"


def _right(model: TrainedModel, excerpt: Song) -> Generator[Progress, None, float]:
    """How many of an excerpt's notes the model gets right: whether what it takes it for means anything."""
    config = model.config
    corpus = build_corpus(
        [excerpt], config.window, config.hop, cap=None, equal_share=False, pitches=model.pitches, grid=config.grid
    )
    posterior = yield from encode_corpus(model, corpus)
    return float((yield from notes_right(model, corpus, posterior.mu))[0])


def _place(match: Match) -> str:
    return f"{match.song}, {clock(match.start)} to {clock(match.end)}"


def _clean_up(file: Path, output: Path, model: TrainedModel) -> Generator[Progress, None, str]:
    yield Progress(0, 1, f"Reading {file.name}")
    song = read_song(file)
    cleaned = yield from denoise_song(model, song)
    write_song(output, cleaned)
    before, after = len(song.notes), len(cleaned.notes)
    return f"Saved {output.name} in {output.parent}: {song.name} cleaned up, {before} notes before and {after} now."
