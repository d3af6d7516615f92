"""The menus, and the `?` page: each room's commands and habits, in the order in which one reads them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import SignalInstance

from explorer.actions import Command, CommandGroup, Lines, Menus, commands_of, key_lines
from explorer.dialogs import commands as dialogs
from explorer.dialogs.copying import Copying
from explorer.dialogs.exports import ExportDialogs
from explorer.dialogs.files import FileDialogs
from explorer.dialogs.map_options import Reading
from explorer.main_pages import MainPages
from explorer.panels.compare.commands import model_heard
from explorer.panels.find import commands as find
from explorer.panels.latent.arithmetic import average_of_selection
from explorer.panels.map import commands as the_map
from explorer.panels.playing import commands as playing
from explorer.panels.playing.transport import TransportPanel
from explorer.panels.training import commands as training
from explorer.preferences import Preferences
from explorer.session.path.undo_stacks import UndoStacks
from explorer.session.session import Session

if TYPE_CHECKING:
    from explorer.panels.training.panel import TrainingPanel

DROPS = (("Drop a .vrae-session", "Open it"), ("Drop a MIDI file made here", "Restore what it was made from"))


class Window(Protocol):
    """What the menus need of the window."""

    session: Session
    preferences: Preferences
    pages: MainPages
    transport: TransportPanel
    files: FileDialogs
    exporting: ExportDialogs
    copying: Copying
    reading: Reading
    theme_changed: SignalInstance

    def close(self) -> bool: ...
    def use_theme(self, name: str) -> None: ...
    def show_doctor(self) -> None: ...
    def show_midi_ports(self) -> None: ...
    def show_preferences(self) -> None: ...
    def show_shortcuts(self) -> None: ...
    def show_about(self) -> None: ...


def make_menus(window: Window) -> Menus:
    """All commands, as they stand in the menus."""
    session, files, pages = window.session, window.files, window.pages
    explore = pages.explore
    library, playback, path, selection = session.library, session.playback, session.path, session.selection

    def train() -> TrainingPanel:
        return pages.train  # made when it is first needed

    return {
        "File": (
            [dialogs.opening(files, session.song_changes, library)],
            [dialogs.sessions(files, library)],
            [dialogs.exports(window.exporting, library, playback, path, selection)],
            [dialogs.other_files(files)],
            [CommandGroup([Command("quit", "Quit", "Ctrl+Q", "Close the window", window.close)])],
        ),
        "Edit": (
            [_undoing(session.undo_stack)],
            [the_map.deleting(path, selection, session.song_changes.remove, explore.songs.rename)],
            [the_map.path_shape(path)],
            [the_map.keeping(path, playback, session.favourites.add)],
            [dialogs.copying(window.copying, library, playback)],
            [
                CommandGroup(
                    [Command("preferences", "Preferences…", "Ctrl+,", "Sound and colours", window.show_preferences)]
                )
            ],
        ),
        "Play": (
            [playing.transport(playback, session.clearing.clear)],
            [playing.hold(playback)],
            [playing.at_end(playback)],
            [playing.heard_before(session.history)],
            [playing.versions(playback), model_heard(session.comparing)],
            [
                playing.along_song(
                    library,
                    session.song_windows.hear_next,
                    session.song_windows.hear_previous,
                    session.pieces.play_song,
                )
            ],
            [playing.sound(window.transport.show_sound)],
            [the_map.play_path(path, session.pieces.play_path), playing.wander(session.wandering)],
            [dialogs.midi_ports(window.show_midi_ports)],
        ),
        "Map": (
            [the_map.tools(explore.map, pages.use_tool)],
            [find.selecting(library, playback, selection, pages.show_selection)],
            [the_map.view(explore.map, library)],
            [
                find.finding(explore.find_page, playback),
                dialogs.like_a_file(files, library),
                average_of_selection(session.arithmetic, selection),
                the_map.all_songs(library),
            ],
            [dialogs.diagnosing(library, window.show_doctor)],
            [dialogs.map_options(window.reading, library, window.preferences)],
            the_map.layers(session.layers),
            [_theme(window)],
        ),
        "Training": (
            [_pages(pages)],
            [training.learning(session.learning, library)],
            [dialogs.songs_to_train_on(files)],
            [training.training(train, session.trainer, session.training)],
            [
                training.weighing(
                    session.training, selection, session.weighing.exclude_selected, session.weighing.favour_selected
                )
            ],
            [training.chosen_run(train, session.runs)],
            [
                training.use_model(session.training, session.run_models),
                dialogs.export_curves(window.exporting, session.training),
                training.snapshots(train, session.training),
            ],
        ),
        "Help": ([_help(window)],),
    }


def shortcut_columns(menus: Menus) -> Sequence[Sequence[tuple[str, Lines]]]:
    """The `?` page: its columns, and in each the headings and their lines."""
    keys = {name: key_lines(commands_of(sections)) for name, sections in menus.items()}
    mouse = the_map.MOUSE_HABITS + playing.MOUSE_HABITS + find.MOUSE_HABITS + DROPS + training.MOUSE_HABITS
    return (
        (("File", keys["File"]), ("Edit", keys["Edit"]), ("Training and help", keys["Training"] + keys["Help"])),
        (("Play", keys["Play"]), ("Map", keys["Map"])),
        (("With the keyboard on the map", the_map.KEY_HABITS), ("With the mouse", mouse)),
    )


def _undoing(stack: UndoStacks) -> CommandGroup:
    def undo_text() -> str:
        return f"Undo {stack.undoText()}".strip()

    def redo_text() -> str:
        return f"Redo {stack.redoText()}".strip()

    tip = "Undo the last change of the path, the selection, the songs or the map"
    return CommandGroup(
        [
            Command("undo", "Undo", "Ctrl+Z", tip, stack.undo, stack.canUndo, wording=undo_text),
            Command(
                "redo", "Redo", "Ctrl+Shift+Z", "Redo what was undone", stack.redo, stack.canRedo, wording=redo_text
            ),
        ],
        (stack.canUndoChanged, stack.canRedoChanged, stack.undoTextChanged, stack.redoTextChanged),
    )


def _theme(window: Window) -> CommandGroup:
    def use(light: bool) -> None:
        window.use_theme("light" if light else "dark")

    tip = "Light surfaces instead of dark ones"
    light = Command("light_theme", "Light theme", "", tip, use, checked=lambda: window.preferences.theme == "light")
    return CommandGroup([light], (window.theme_changed,))


def _pages(pages: MainPages) -> CommandGroup:
    return CommandGroup(
        [
            Command("show_explore", "Explore", "Ctrl+1", "Show the map", pages.show_explore),
            Command("show_train", "Train", "Ctrl+2", "Show the training tab", pages.show_train),
            Command("show_compare", "Compare", "Ctrl+3", "Show two models beside each other", pages.show_compare),
            Command("show_runs", "Runs", "Ctrl+4", "Show all runs, and the queue", pages.show_runs),
        ]
    )


def _help(window: Window) -> CommandGroup:
    return CommandGroup(
        [
            Command("shortcuts", "Keyboard shortcuts", "?", "Show all keys and gestures", window.show_shortcuts),
            Command("about", "About VRAE Explorer", "", "What this is", window.show_about),
        ]
    )
