"""Writing sound as a WAV, FLAC or Ogg Vorbis file; the file's extension decides."""

from __future__ import annotations

import os
from collections.abc import Generator
from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vrae_core.errors import SoundError
from vrae_core.progress import Progress
from vrae_core.safe_files import write_atomically

Sound = npt.NDArray[np.int16]  # (frames, 2): left and right

SOUND_FORMATS = {".wav": ("WAV", "PCM_16"), ".flac": ("FLAC", "PCM_16"), ".ogg": ("OGG", "VORBIS")}


def is_sound_file(path: str | os.PathLike[str]) -> bool:
    """Whether a file of this name holds sound rather than notes."""
    return Path(path).suffix.lower() in SOUND_FORMATS


def writing_sound(path: str | os.PathLike[str], sound: Sound, rate: int) -> Generator[Progress, None, None]:
    """Write stereo sound, (frames, 2) int16 at ``rate`` frames a second: 16 bits, or Vorbis of good quality.

    A job that yields a Progress in seconds before every ten of them; closing it leaves no file.
    Raises: FileError if the file cannot be written; whatever was there before then stays.  SoundError without
    libsndfile.
    """
    try:
        import soundfile  # noqa: PLC0415  (late, for it needs its library)
    except (ImportError, OSError) as problem:
        raise SoundError("libsndfile is not installed, which writes sound files") from problem
    file_format, subtype = SOUND_FORMATS[Path(path).suffix.lower()]
    file, stretch = BytesIO(), 10 * rate
    with soundfile.SoundFile(file, "w", rate, 2, subtype, format=file_format) as writer:
        for start in range(0, len(sound), stretch):
            yield Progress(start / rate, len(sound) / rate, "Writing")
            writer.write(sound[start : start + stretch])
    write_atomically(path, file.getbuffer())  # an hour is 635 MB: no copy of it
