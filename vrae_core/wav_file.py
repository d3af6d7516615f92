"""Writing sound as a WAV file."""

from __future__ import annotations

import os
import wave
from io import BytesIO

import numpy as np
import numpy.typing as npt

from vrae_core.safe_files import write_atomically

Sound = npt.NDArray[np.int16]  # (frames, 2): left and right


def write_wav(path: str | os.PathLike[str], sound: Sound, rate: int) -> None:
    """Write 16-bit stereo sound, (frames, 2) int16 at ``rate`` frames a second, as a WAV file.

    Raises: FileError if the file cannot be written; whatever was there before then stays.
    """
    file = BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(2)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes(sound.astype("<i2").tobytes())
    write_atomically(path, file.getvalue())
