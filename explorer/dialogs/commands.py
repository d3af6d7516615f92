"""The commands that ask for files, copy, or open a dialog."""

from __future__ import annotations

from collections.abc import Callable

from explorer.actions import Command, CommandGroup
from explorer.dialogs.copying import Copying
from explorer.dialogs.exports import ExportDialogs
from explorer.dialogs.files import FileDialogs
from explorer.dialogs.map_options import Reading
from explorer.preferences import Preferences
from explorer.session.map.selection import Selection
from explorer.session.path.path import DrawnPath
from explorer.session.playing.playback import Playback
from explorer.session.songs.library import Library
from explorer.session.songs.song_changes import SongChanges
from explorer.session.training.training import Training

SELECTION_EXPORTS = ("export_table", "export_selection", "export_windows")  # in the selection's own menu too
EXPORTS = (
    "export_heard", "export_path", "export_medley", "export_windows", "export_map", "export_page", "export_strip",
)  # in the transport's menu too  # fmt: skip


def opening(files: FileDialogs, song_changes: SongChanges, library: Library) -> CommandGroup:
    """Songs and models."""
    return CommandGroup((
        Command("open_songs", "Open songs…", "Ctrl+O", "Put MIDI files on the map", files.open_songs),
        Command("open_model", "Open model…", "Ctrl+Shift+O", "Open a model file (.safetensors)", files.open_model),
        Command("show_examples", "Bring the example songs back", "", "Show the songs that come with VRAE Explorer in place of those on the map", song_changes.show_examples, lambda: not library.shows_examples),
    ), (library.songs_changed,))  # fmt: skip


def sessions(files: FileDialogs, library: Library) -> CommandGroup:
    """Everything together, as a file."""
    return CommandGroup((
        Command("open_session", "Open session…", "", "Open model, songs, paths, favourites and settings as they were saved", files.open_session),
        Command("save_session", "Save session", "Ctrl+S", "Save model, songs, paths, favourites and settings", files.save_session, library.has_map),
        Command("save_session_as", "Save session as…", "Ctrl+Shift+S", "Save the session in another file", files.save_session_as, library.has_map),
    ), (library.atlas_changed,))  # fmt: skip


def exports(
    dialogs: ExportDialogs, library: Library, playback: Playback, path: DrawnPath, selection: Selection
) -> CommandGroup:
    """What is heard, drawn, selected and seen, as files."""

    def heard() -> bool:
        return playback.heard is not None

    def drawn() -> bool:
        return len(path.points) > 1

    def selected() -> bool:
        return selection.windows is not None

    return CommandGroup((
        Command("export_heard", "Export phrase…", "Ctrl+E", "Save what is playing as MIDI, WAV, FLAC or Ogg", dialogs.export_heard, heard),
        Command("export_path", "Export path…", "Ctrl+Shift+E", "Save the piece along the path", dialogs.export_path, drawn),
        Command("export_medley", "Export medley…", "", "Let the model play on from the current point, as long as you like, and save it", dialogs.export_medley, heard),
        Command("export_windows", "Export selected windows…", "", "Save every selected window as a file of its own", dialogs.export_windows, selected),
        Command("export_selection", "Export selection as one piece…", "", "Save the selected windows, one after another, as one MIDI file or sound", dialogs.export_selection, selected),
        Command("export_table", "Export selection as CSV…", "", "Save where the selected windows lie in latent space: μ and σ, as `vrae encode` does", dialogs.export_table, selected),
        Command("export_map", "Export map as image…", "", "Save the map as PNG or SVG", dialogs.export_map, library.has_map),
        Command("export_page", "Export map as web page…", "", "Save the map as one file that shows and plays it in any browser, offline", dialogs.export_page, library.has_map),
        Command("export_strip", "Export path as image…", "", "Save the rolls along the path, side by side, as PNG or SVG", dialogs.export_strip, lambda: drawn() and library.has_map()),
    ), (library.atlas_changed, playback.heard_changed, path.changed, selection.changed))  # fmt: skip


def other_files(files: FileDialogs) -> CommandGroup:
    """What the model says of a file that is not on the map."""
    return CommandGroup((
        Command("recognise", "Recognise a file…", "", "Say which song on the map a MIDI file is most like", files.recognise),
        Command("clean_up", "Clean up a file…", "", "Save a copy of a MIDI file without what the model finds improbable", files.clean_up),
    ))  # fmt: skip


def copying(copying: Copying, library: Library, playback: Playback) -> CommandGroup:
    """To the clipboard."""

    def heard() -> bool:
        return playback.heard is not None

    return CommandGroup((
        Command("copy_phrase", "Copy phrase as MIDI file", "Ctrl+Shift+C", "Copy what is playing, to paste into a file manager or a DAW", copying.copy_phrase, heard),
        Command("copy_map", "Copy map as image", "Ctrl+C", "Copy an image of the map", copying.copy_map, library.has_map, on_map=True),
        Command("copy_roll", "Copy piano roll as image", "", "Copy an image of the piano roll", copying.copy_roll, heard),
    ), (library.atlas_changed, playback.heard_changed))  # fmt: skip


def like_a_file(files: FileDialogs, library: Library) -> CommandGroup:
    """A search by a file."""
    return CommandGroup((
        Command("find_file", "Find windows like a file…", "", "Find windows like any of a MIDI file's", files.find_like, library.has_map),
    ), (library.atlas_changed,))  # fmt: skip


def diagnosing(library: Library, show: Callable[[], object]) -> CommandGroup:
    """What is wrong with the model."""
    return CommandGroup((
        Command("diagnose", "Diagnose the model…", "Ctrl+Shift+D", "Say in plain words what is wrong with the model, and what to try", show, library.has_map),
    ), (library.atlas_changed,))  # fmt: skip


def map_options(reading: Reading, library: Library, preferences: Preferences) -> CommandGroup:
    """What the map's colours and markers mean, and what hovering does."""
    return CommandGroup((
        Command("open_table", "Colour by a table…", "", "Colour the dots by a column of a CSV file", reading.open_table, library.has_map),
        Command("marker_shapes", "Marker shapes", "", "Give songs different markers as well as colours", reading.set_marker_shapes, checked=lambda: preferences.marker_shapes),
        Command("hover_to_listen", "Hover to listen", "", "Hear the dot under the mouse, unless a piece is playing", reading.set_hover_to_listen, checked=lambda: preferences.hover_to_listen),
    ), (library.atlas_changed,))  # fmt: skip


def songs_to_train_on(files: FileDialogs) -> CommandGroup:
    """Songs for the Train tab."""
    return CommandGroup((
        Command("add_training_songs", "Add songs to train on…", "", "Add MIDI files to the list of songs to train on, without putting them on the map", files.add_training_songs),
        Command("add_training_folder", "Add a folder to train on…", "", "Add all MIDI files of a folder and its subfolders", files.add_training_folder),
    ))  # fmt: skip


def export_curves(dialogs: ExportDialogs, training: Training) -> CommandGroup:
    """The curves of a training, as a file."""
    return CommandGroup((
        Command("export_curve", "Export curves as image…", "", "Save the lower bound, reconstruction and KL over time as PNG or SVG", dialogs.export_curve, lambda: bool(training.rows)),
    ), (training.changed, training.snapshot_added))  # fmt: skip


def midi_ports(show: Callable[[], object]) -> CommandGroup:
    """Other instruments."""
    return CommandGroup((
        Command("midi_ports", "MIDI ports…", "", "Play on another instrument, and move the point with two knobs", show),
    ))  # fmt: skip
