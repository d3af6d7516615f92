"""The commands that find windows, and that select them."""

from __future__ import annotations

from collections.abc import Callable

from explorer.actions import Command, CommandGroup
from explorer.panels.find.panel import FindPanel
from explorer.session.map.selection import Selection
from explorer.session.playing.playback import Playback
from explorer.session.songs.library import Library

MOUSE_HABITS = (("Drop a MIDI file on Find", "Find windows like it"),)


def finding(panel: FindPanel, playback: Playback) -> CommandGroup:
    """By name or phrase, and by what is heard."""

    def heard() -> bool:
        return playback.heard is not None

    return CommandGroup((
        Command("find", "Find…", "Ctrl+F", "Find windows by name, by a phrase or by example", panel.start),
        Command("like_in_sound", "More like this, in sound", "M", "Find windows in which the same notes are struck", panel.more_in_sound, heard),
        Command("like_in_z", "More like this, in z", "Shift+M", "Find windows that lie near in latent space", panel.more_in_z, heard),
    ), (playback.heard_changed,))  # fmt: skip


def selecting(library: Library, playback: Playback, selection: Selection, show: Callable[[], object]) -> CommandGroup:
    """What is selected on the map."""

    def heard() -> bool:
        return playback.heard is not None

    def selected() -> bool:
        return selection.windows is not None

    return CommandGroup((
        Command("select_all", "Select all", "Ctrl+A", "Select every window whose song is not greyed", selection.select_all, library.has_map, on_map=True),
        Command("invert_selection", "Invert selection", "Ctrl+I", "Select what is not selected", selection.invert, library.has_map),
        Command("select_heard", "Select or deselect current window", "X", "Add the current window to the selection, or remove it", selection.toggle_heard, heard),
        Command("select_song", "Select current song", "Shift+X", "Add all windows of the current song to the selection", selection.add_song_heard, heard),
        Command("grow_selection", "Grow selection in time", "Ctrl+G", "Select the windows before and after each selected one as well", selection.grow, selected),
        Command("clear_selection", "Select none", "Ctrl+D", "Clear the selection; the music keeps playing", selection.clear, selected),
        Command("show_selection", "Show selection", "", "List what is selected, right of the map", show),
    ), (library.atlas_changed, playback.heard_changed, selection.changed), "Selection")  # fmt: skip
