"""The errors a user can cause or cure, each one plain sentence."""

from __future__ import annotations

import os


class VraeError(Exception):
    """Base of all errors meant for a user's eyes; ``str(error)`` is one plain sentence."""


class FileError(VraeError):
    """A file cannot be used.  ``path`` is the file, ``reason`` completes the sentence "<path> …".

    It is the path as it was given, since a user may have to find the file.
    """

    def __init__(self, path: str | os.PathLike[str], reason: str) -> None:
        self.path = os.fspath(path)
        self.reason = reason
        super().__init__(f"{self.path} {reason}")


class InUseError(FileError):
    """A folder that one process has to itself is another's just now."""


class MidiFileError(FileError):
    """A MIDI file cannot be read."""


class RecipeError(FileError):
    """What a MIDI file says of how it was made cannot be used."""


class ModelFileError(FileError):
    """A model file or checkpoint cannot be read or written."""


class RollsFileError(FileError):
    """A file of piano rolls cannot be read."""


class CorpusError(VraeError):
    """The songs cannot be made into windows: too short, too few, or none of their pitches known."""


class SoundError(VraeError):
    """Sound cannot be made: no FluidSynth library, no SoundFont, or one that does not load."""


class MidiPortError(VraeError):
    """A MIDI port cannot be used: the package or the system's part of it is missing, or the port has gone."""


class TrainingError(VraeError):
    """Training cannot begin or cannot go on."""
