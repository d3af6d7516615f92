"""The eight songs: their scores, the script that writes them, and the MIDI files."""
