"""Everything one can ask the window for: the one table that menus, shortcuts and the `?` page come from."""

# ruff: noqa: E501 - a table is read best with one line a row

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget


@dataclass(frozen=True)
class Command:
    """One line of the table.

    ``verb`` is what is called, as a dotted name seen from the window; a "checkable" one is called with True or
    False.  ``on_map`` limits the shortcut to the map, where the key means nothing else.
    """

    id: str
    menu: str
    text: str
    shortcut: str
    tip: str
    verb: str
    checkable: bool = False
    on_map: bool = False
    rule: bool = False  # a line above it in the menu
    within: str = ""  # a menu in that menu


MENUS = ("File", "Edit", "Play", "Map", "Training", "Help")

COMMANDS = (
    Command("open_songs", "File", "Open songs…", "Ctrl+O", "Put MIDI files on the map", "files.open_songs"),
    Command("open_model", "File", "Open model…", "Ctrl+Shift+O", "Open a model file (.safetensors)", "files.open_model"),
    Command("open_session", "File", "Open session…", "", "Open model, songs, paths, favourites and settings as they were saved", "files.open_session", rule=True),
    Command("save_session", "File", "Save session…", "Ctrl+S", "Save model, songs, paths, favourites and settings", "files.save_session"),
    Command("save_session_as", "File", "Save session as…", "Ctrl+Shift+S", "Save the session in another file", "files.save_session_as"),
    Command("export_heard", "File", "Export phrase…", "Ctrl+E", "Save what is heard as MIDI, WAV, FLAC or Ogg", "files.export_heard", rule=True),
    Command("export_path", "File", "Export path…", "Ctrl+Shift+E", "Save the piece along the path", "files.export_path"),
    Command("export_medley", "File", "Export medley…", "", "Let the model play on from the point heard, for as long as you like, and save it", "files.export_medley"),
    Command("export_windows", "File", "Export selected windows…", "", "Save every selected window as a file of its own", "files.export_windows"),
    Command("export_selection", "File", "Export selection as one piece…", "", "Save the selected windows, one after another, as one MIDI file or sound", "files.export_selection"),
    Command("export_table", "File", "Export selection as CSV…", "", "Save where the selected windows lie in latent space: μ and σ, as `vrae encode` does", "files.export_table"),
    Command("export_map", "File", "Export map as picture…", "", "Save the map as PNG or SVG", "files.export_map"),
    Command("export_page", "File", "Export map as web page…", "", "Save the map as one file that shows and plays it in any browser, offline", "files.export_page"),
    Command("export_strip", "File", "Export path as picture…", "", "Save the rolls along the path, side by side, as PNG or SVG", "files.export_strip"),
    Command("recognise", "File", "Recognise a file…", "", "Say which song on the map a MIDI file is most like", "files.recognise", rule=True),
    Command("clean_up", "File", "Clean up a file…", "", "Write a MIDI file anew without what the model finds improbable", "files.clean_up"),
    Command("quit", "File", "Quit", "Ctrl+Q", "Close the window", "close", rule=True),
    Command("undo", "Edit", "Undo", "Ctrl+Z", "Undo the last change of the path or the selection", "session.undo_stack.undo"),
    Command("redo", "Edit", "Redo", "Ctrl+Shift+Z", "Redo what was undone", "session.undo_stack.redo"),
    Command("delete_point", "Edit", "Delete path point", "Del", "Delete the chosen point of the path", "session.path.delete_chosen", on_map=True, rule=True),
    Command("clear_path", "Edit", "Clear path", "", "Delete all points of the path", "session.path.clear"),
    Command("path_smooth", "Edit", "Smooth path", "", "A curve through the points rather than straight segments", "session.path.set_smooth", checkable=True, rule=True),
    Command("path_spherical", "Edit", "Spherical in z", "", "Go by direction and length of z rather than by its coordinates", "session.path.set_spherical", checkable=True),
    Command("path_even", "Edit", "Even change", "", "Go at the pace of the music's change rather than of z: fewer stretches where nothing happens", "session.path.set_even_change", checkable=True),
    Command("path_closed", "Edit", "Closed path", "", "Go on from the last point to the first; it then lasts whole windows, so that it loops", "session.path.set_closed", checkable=True),
    Command("path_snap", "Edit", "Snap to windows", "", "Put points near a dot on it (Alt is for the opposite)", "session.path.set_snap", checkable=True),
    Command("keep_path", "Edit", "Keep path", "Ctrl+K", "Keep the path under a name, left of the map", "session.path.keep", rule=True),
    Command("add_favourite", "Edit", "Add to favourites", "F", "Keep the point that is heard, left of the map", "session.add_favourite"),
    Command("copy_phrase", "Edit", "Copy phrase as MIDI file", "Ctrl+Shift+C", "Put what is heard on the clipboard, for a file manager or a DAW to paste", "copying.copy_phrase", rule=True),
    Command("copy_map", "Edit", "Copy map as image", "Ctrl+C", "Put a picture of the map on the clipboard", "copying.copy_map", on_map=True),
    Command("copy_roll", "Edit", "Copy roll as image", "", "Put a picture of the piano roll on the clipboard", "copying.copy_roll"),
    Command("preferences", "Edit", "Preferences…", "Ctrl+,", "Sound and colours", "show_preferences", rule=True),
    Command("toggle", "Play", "Play or pause", "Space", "Play or pause what was heard last", "session.playback.toggle"),
    Command("stop", "Play", "Stop", "Ctrl+.", "Silence, and back to the start", "session.playback.stop"),
    Command("clear", "Play", "Stop and clear", "Esc", "Silence; clear the selection or, if there is none, the path", "session.clear"),
    Command("panic", "Play", "All notes off", "Ctrl+Shift+.", "Silence at once, even what would still ring out", "session.playback.panic"),
    Command("hold", "Play", "Hold", "H", "Time stands still, and what sounds goes on sounding", "session.playback.set_hold", checkable=True, rule=True),
    Command("once", "Play", "Play once", "", "Stop at the end", "session.playback.play_once", checkable=True, rule=True),
    Command("loop", "Play", "Loop", "L", "Start again at the end", "session.playback.loop", checkable=True),
    Command("run_on", "Play", "Run on", "R", "Let the decoder run on past the end, as a medley", "session.playback.run_on", checkable=True),
    Command("back", "Play", "Back to what I just heard", "Alt+Left", "Hear what was heard before, exactly as it was", "session.history.back", rule=True),
    Command("forward", "Play", "Forward", "Alt+Right", "Hear what one has gone back from", "session.history.forward"),
    Command("toggle_original", "Play", "Original or model", "A", "Hear the song's own notes, or the model's again, at the same place", "session.playback.toggle_original", rule=True),
    Command("toggle_difference", "Play", "Difference", "Shift+A", "Hear and see what the model misses and adds", "session.playback.toggle_difference"),
    Command("toggle_model", "Play", "Model A or B", "B", "Compare: hear the same through the other model, at the same place", "session.comparing.toggle"),
    Command("next_window", "Play", "Next window of the song", "N", "Hear the window that follows in the song", "session.hear_next_window", rule=True),
    Command("previous_window", "Play", "Previous window of the song", "Shift+N", "Hear the window before it in the song", "session.hear_previous_window"),
    Command("play_song", "Play", "Play the song from here", "Shift+Return", "Play the song through along its thread, window after window: as the model or as the song has it", "session.play_song", on_map=True),
    Command("sound", "Play", "Sound…", "S", "Choose instruments, scale and velocities", "transport.show_sound", rule=True),
    Command("play_path", "Play", "Play along the path", "Return", "Play the piece along the path", "session.play_path", on_map=True, rule=True),
    Command("wander", "Play", "Wander", "W", "Let the music wander by itself; a click or Esc ends it", "session.wandering.set_running", checkable=True),
    Command("midi_ports", "Play", "MIDI ports…", "", "Send what is played to another instrument, and move the point by two knobs", "show_midi_ports", rule=True),
    Command("tool_play", "Map", "Play tool", "1", "Click to hear, drag to morph", "use_play_tool", checkable=True),
    Command("tool_path", "Map", "Path tool", "2", "Click to place points, drag to move them", "use_path_tool", checkable=True),
    Command("tool_select", "Map", "Select tool", "3", "Click on windows, or drag a box around them", "use_select_tool", checkable=True),
    Command("tool_pan", "Map", "Pan tool", "4", "Drag the map", "use_pan_tool", checkable=True),
    Command("tool_lasso", "Map", "Lasso tool", "5", "Draw a line around windows", "use_lasso_tool", checkable=True),
    Command("select_all", "Map", "Select all", "Ctrl+A", "Select every window whose song is not greyed", "session.selection.select_all", on_map=True, rule=True),
    Command("invert_selection", "Map", "Invert the selection", "Ctrl+I", "Select what is not selected", "session.selection.invert"),
    Command("select_heard", "Map", "Select the window heard, or not", "X", "Put the window that is heard into the selection, or take it out", "session.selection.toggle_heard"),
    Command("select_song", "Map", "Select the whole song heard", "Shift+X", "Put all windows of the song that is heard into the selection", "session.selection.add_song_heard"),
    Command("grow_selection", "Map", "Grow the selection in time", "Ctrl+G", "Select the windows before and after each selected one as well", "session.selection.grow"),
    Command("clear_selection", "Map", "Clear the selection", "Ctrl+D", "Select nothing, while the music goes on", "session.selection.clear"),
    Command("show_selection", "Map", "Show the selection", "", "List what is selected, right of the map", "show_selection"),
    Command("reset_view", "Map", "Show the whole map", "Ctrl+0", "Undo all panning and zooming", "reset_view", rule=True),
    Command("draw_anew", "Map", "Draw the map anew", "", "Fit the map to all windows, those that have only joined it included", "session.library.draw_anew"),
    Command("zoom_in", "Map", "Zoom in", "+", "Closer to what is heard", "map_panel.view.zoom_in", on_map=True),
    Command("zoom_out", "Map", "Zoom out", "-", "Farther from what is heard", "map_panel.view.zoom_out", on_map=True),
    Command("find", "Map", "Find…", "Ctrl+F", "Find windows by name, by a phrase or by example", "find_panel.start", rule=True),
    Command("like_in_sound", "Map", "More like this, in sound", "M", "Find windows in which the same notes are struck", "find_panel.more_in_sound"),
    Command("like_in_z", "Map", "More like this, in z", "Shift+M", "Find windows that lie near in latent space", "find_panel.more_in_z"),
    Command("find_file", "Map", "Find windows like a file…", "", "Find windows like any of a MIDI file's", "files.find_like"),
    Command("hear_average", "Map", "Hear the average of the selection", "", "Hear the mean of the selected windows in latent space", "session.arithmetic.hear_average"),
    Command("show_all_songs", "Map", "Show all songs", "", "Give every song its colour back", "session.library.light_all"),
    Command("diagnose", "Map", "Diagnose the model…", "Ctrl+Shift+D", "Say in plain words what ails the model, and what to try", "show_doctor", rule=True),
    Command("open_table", "Map", "Colour by a table…", "", "Colour the dots by a column of a CSV file", "reading.open_table", rule=True),
    Command("marker_shapes", "Map", "Marker shapes", "", "Give the songs markers of their own beside their colours", "reading.set_marker_shapes", checkable=True),
    Command("hover_to_listen", "Map", "Hover to listen", "", "Hear the dot that the mouse rests on, until it leaves; a piece that plays goes on", "reading.set_hover_to_listen", checkable=True),
    Command("threads_off", "Map", "Off", "", "No line through a song's windows", "session.layers.threads_off", checkable=True, rule=True, within="Song threads"),
    Command("threads_heard", "Map", "The song heard", "", "A line through the windows of the song that is heard, in their order", "session.layers.threads_heard", checkable=True, within="Song threads"),
    Command("threads_lit", "Map", "All coloured songs", "", "A line through each song that shows its colour, if they are few", "session.layers.threads_lit", checkable=True, within="Song threads"),
    Command("ellipses_off", "Map", "Off", "", "No posteriors", "session.layers.ellipses_off", checkable=True, within="Posterior ellipses"),
    Command("ellipses_pointed", "Map", "Window heard or under the mouse", "", "Where its posterior lies: 1σ and 2σ; on t-SNE, which has no ellipses, samples of it", "session.layers.ellipses_pointed", checkable=True, within="Posterior ellipses"),
    Command("ellipses_lit", "Map", "All coloured windows", "", "Of all windows that show their colour and are selected, if they are no more than 200; not on t-SNE", "session.layers.ellipses_lit", checkable=True, within="Posterior ellipses"),
    Command("field_off", "Map", "Nothing", "", "No field behind the dots", "session.layers.field_off", checkable=True, within="Field behind the dots"),
    Command("field_density", "Map", "Density", "", "How many notes a second are struck in what is decoded there", "session.layers.field_density", checkable=True, within="Field behind the dots"),
    Command("field_register", "Map", "Register", "", "How high what is decoded there is, on average", "session.layers.field_register", checkable=True, within="Field behind the dots"),
    Command("field_originality", "Map", "Originality", "", "How far what is decoded there is from the most similar window of the songs: 1 − F1", "session.layers.field_originality", checkable=True, within="Field behind the dots"),
    Command("light_theme", "Map", "Light colours", "", "Light surfaces instead of dark ones", "set_light_theme", checkable=True, rule=True),
    Command("show_explore", "Training", "Explore", "Ctrl+1", "Show the map", "show_explore"),
    Command("show_train", "Training", "Train", "Ctrl+2", "Show the training tab", "show_train"),
    Command("show_compare", "Training", "Compare", "Ctrl+3", "Show two models beside each other", "show_compare"),
    Command("add_training_songs", "Training", "Add songs to train on…", "", "Take MIDI files into the list of songs to train on, without putting them on the map", "files.add_training_songs", rule=True),
    Command("add_training_folder", "Training", "Add a folder to train on…", "", "Take all MIDI files of a folder, and of the folders in it", "files.add_training_folder"),
    Command("start_training", "Training", "Start training", "Ctrl+T", "Train a model on the ticked songs", "train_panel.start", rule=True),
    Command("queue_training", "Training", "Queue this run", "Ctrl+Shift+T", "Train the ticked songs once the runs before have ended", "train_panel.queue"),
    Command("fine_tune_model", "Training", "Fine-tune the model of the map", "", "Train it further on the ticked songs, once the runs before have ended", "train_panel.fine_tune"),
    Command("pause_training", "Training", "Pause training, or go on", "", "Hold the training, or let it go on", "session.training.toggle_pause"),
    Command("stop_training", "Training", "Stop training", "", "End the training and keep what it has learnt", "session.training.stop"),
    Command("stop_keep_best", "Training", "Stop and keep best", "", "End the training and make its best snapshot its model", "session.training.stop_and_keep_best"),
    Command("exclude_selected", "Training", "Exclude selected windows", "", "Let the training learn no more from what is selected on the map", "session.exclude_selected", rule=True),
    Command("favour_selected", "Training", "Favour selected windows", "", "Let the training learn twice as often from what is selected on the map", "session.favour_selected"),
    Command("weigh_alike", "Training", "All windows alike", "", "Let the training learn from all windows alike again", "session.training.weigh_alike"),
    Command("show_runs", "Training", "Runs", "Ctrl+4", "Show all runs, and those that wait", "show_runs", rule=True),
    Command("go_on_with_run", "Training", "Go on with the run", "", "Train the chosen run further", "train_panel.runs.go_on"),
    Command("compare_run", "Training", "Compare the run", "", "Draw the chosen run's curves beside those of the run shown", "train_panel.runs.compare"),
    Command("branch_run", "Training", "Branch the run", "", "Begin a new run from the chosen one's newest snapshot", "train_panel.runs.branch"),
    Command("fine_tune_run", "Training", "Fine-tune the run", "", "Begin a new run from the chosen one's model, on the songs of the map", "train_panel.runs.fine_tune"),
    Command("open_run_folder", "Training", "Open the run's folder", "", "Show the chosen run's files", "train_panel.runs.open_folder"),
    Command("delete_run", "Training", "Delete the run", "", "Throw the chosen run away; it can be taken back", "train_panel.runs.delete"),
    Command("take_back_run", "Training", "Take back the deleted run", "", "Bring back the run that was thrown away last", "session.runs.take_back"),
    Command("use_model", "Training", "Use this model", "", "Explore the model as it is now", "session.use_trained_model", rule=True),
    Command("export_curve", "Training", "Export curve as picture…", "", "Save the lower bound, reconstruction and KL over time as PNG or SVG", "files.export_curve"),
    Command("pin_snapshot", "Training", "Pin the snapshot in Explore", "", "Play the snapshot that the living map shows, while the training goes on", "train_panel.watch.pin_snapshot"),
    Command("play_snapshots", "Training", "Play the history of snapshots", "", "Let the living map go through all snapshots, or hold it", "train_panel.watch.toggle_history"),
    Command("shortcuts", "Help", "Shortcuts", "?", "Show all shortcuts", "show_shortcuts"),
    Command("about", "Help", "About", "", "What this is", "show_about"),
)  # fmt: skip

MOUSE_HABITS = (
    ("Click", "Hear the point"),
    ("Drag", "Morph the music under the hand"),
    ("Shift-drag", "Select windows with a box; select tool, lasso: add them"),
    ("Shift+click on a dot", "Select its window too, or not"),
    ("Select tool, lasso: Ctrl-drag", "Take windows out of the selection"),
    ("Right or middle drag", "Pan"),
    ("Wheel", "Zoom at the cursor"),
    ("Double-click", "Show the whole map"),
    ("Click on the path", "Insert a point"),
    ("Ctrl+click on the path", "Choose the segment whose duration is set"),
    ("Alt-drag a path point", "Don't snap to windows, or do"),
    ("Right click on a path point", "Delete it"),
    ("Click on a song", "Grey its windows, or bring them back"),
    ("Double-click on a song", "Grey all others"),
    ("Pull at “Drag as MIDI”", "Take what is heard to a DAW"),
    ("Drop a MIDI file on Find", "Find windows like it"),
    ("Click a dot of the living map", "See and hear what each snapshot makes of its window"),
    ("Shift-drag on the living map, or its lasso", "Select windows to leave out, or to learn twice as often"),
    ("Drop a .vrae-session", "Open it"),
    ("Drop a MIDI file made here", "Restore what it was made from"),
    ("Drop on the Train tab", "Take songs or folders to train on"),
)


KEY_HABITS = (
    ("Arrow keys", "Move the point heard"),
    ("Shift+arrow", "Move it finely"),
    ("Ctrl+arrow", "To the next window there"),
    ("Home", "Show the whole map"),
    ("Insert", "Path tool: put a point"),
    ("[  ]", "Path tool: choose a point"),
    ("Arrow keys", "Path tool: move that point"),
    ("Insert, arrows, Insert", "Select tool, lasso: a box or a line; Shift adds, Ctrl removes, Esc drops it"),
    ("Arrow keys", "Pan tool: pan"),
    ("Tab, Shift+Tab", "To the next control, or back"),
)


def make_actions(window: QWidget, map_area: QWidget) -> dict[str, QAction]:
    """An action for every command, by id, bound to its verb and its shortcut."""
    actions = {}
    for command in COMMANDS:
        action = QAction(command.text, window)
        action.setToolTip(command.tip)
        action.setStatusTip(command.tip)
        action.setCheckable(command.checkable)
        if command.shortcut:
            action.setShortcut(QKeySequence(command.shortcut))
        verb = attrgetter(command.verb)(window)
        if command.checkable:
            action.triggered.connect(verb)
        else:
            action.triggered.connect(lambda _checked=False, verb=verb: verb())
        if command.on_map:
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        (map_area if command.on_map else window).addAction(action)
        actions[command.id] = action
    return actions


def fill_menus(bar: QMenuBar, actions: dict[str, QAction]) -> dict[str, QMenu]:
    """The menus by name, in the table's order."""
    menus: dict[str, QMenu] = {name: bar.addMenu(f"&{name}") for name in MENUS}
    inner: dict[str, QMenu] = {}
    for command in COMMANDS:
        menu = menus[command.menu]
        if command.rule:
            menu.addSeparator()
        if command.within:
            menu = inner.get(command.within) or inner.setdefault(command.within, menu.addMenu(command.within))
        menu.addAction(actions[command.id])
    return menus


def menu_of(ids: Iterable[str], actions: dict[str, QAction], parent: QWidget) -> QMenu:
    """A menu of some of the actions."""
    menu = QMenu(parent)
    menu.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # whatever that of the button is that opens it
    for each in ids:
        menu.addAction(actions[each])
    return menu


def key_lines(menus: Iterable[str] = MENUS) -> list[tuple[str, str]]:
    """(key, what it does) of every command of some menus that has one, for the help page."""
    native = QKeySequence.SequenceFormat.NativeText
    return [
        (QKeySequence(c.shortcut).toString(native), c.text.rstrip("…"))
        for c in COMMANDS
        if c.shortcut and c.menu in menus
    ]
