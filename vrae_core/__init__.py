"""The model library of VRAE Explorer: MIDI in, a map of windows, music out.  Needs no screen and no Qt."""

__version__ = "0.1.0"
