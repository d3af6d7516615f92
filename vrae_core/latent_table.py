"""A table of where windows lie in latent space, as CSV."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Generator

from vrae_core.corpus import Corpus
from vrae_core.piano_roll import IntArray
from vrae_core.progress import Progress
from vrae_core.safe_files import write_atomically
from vrae_core.trained_model import Posterior

_AT_ONCE = 1000  # rows between two looks at whether to go on


def writing_table(
    path: str | os.PathLike[str], corpus: Corpus, posterior: Posterior, hop: int, windows: IntArray
) -> Generator[Progress, None, None]:
    """Write one row a window: song, window (counted from 0 by ``hop``), start_s, and μ and σ of each dimension.

    A job; closing it leaves no file.  Raises: FileError.
    """
    dimensions = range(posterior.mu.shape[1])
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        ["song", "window", "start_s", *(f"mu_{j}" for j in dimensions), *(f"sigma_{j}" for j in dimensions)]
    )
    for done, i in enumerate(windows.tolist()):
        if done % _AT_ONCE == 0:
            yield Progress(done, len(windows), "Writing the table")
        start = f"{corpus.start_seconds(i):.2f}"
        # str() of a float32: the fewest digits that read back as the same number
        figures = map(str, [*posterior.mu[i], *posterior.sigma[i]])
        writer.writerow([corpus.names[corpus.song_of[i]], corpus.start_of[i] // hop, start, *figures])
    write_atomically(path, text.getvalue().encode("utf-8", "replace"))
