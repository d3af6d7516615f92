"""The commands of the map: its tools, its view, what it shows under its dots, and the path."""

from __future__ import annotations

from collections.abc import Callable

from explorer.actions import Command, CommandGroup
from explorer.panels.map.panel import MapPanel
from explorer.panels.map.tools import TOOLS
from explorer.session.map.layers import Layers
from explorer.session.map.selection import Selection
from explorer.session.path.path import DrawnPath
from explorer.session.playing.playback import Playback
from explorer.session.songs.library import Library

TOOL_TIPS = {
    "play": "Click to hear, drag to morph",
    "path": "Click to place points, drag to move them",
    "select": "Click on windows, or drag a box around them",
    "lasso": "Draw a line around windows",
    "pan": "Drag the map",
}
LAYERS = {  # a menu each, and its choices by their keys
    ("threads", "Song threads"): {
        "off": ("Off", "No line through a song's windows"),
        "heard": ("Current song", "A line through the windows of the current song, in order"),
        "lit": ("All coloured songs", "A line through each song that shows its colour, if they are few"),
    },
    ("ellipses", "Posterior ellipses"): {
        "off": ("Off", "No posteriors"),
        "pointed": ("Current window, or under the mouse", "Where its posterior lies: 1σ and 2σ; on t-SNE, which has no ellipses, samples of it"),
        "lit": ("All coloured windows", "Of all windows that show their colour and are selected, if they are no more than 200; not on t-SNE"),
    },
    ("field", "Field behind the dots"): {
        "off": ("Off", "No field behind the dots"),
        "density": ("Density", "How many notes per second the model plays there"),
        "register": ("Register", "The average pitch that the model plays there"),
        "originality": ("Originality", "How different the model's music there is from the most similar window of the songs: 1 − F1"),
    },
}  # fmt: skip
SHAPES = ("path_smooth", "path_spherical", "path_even", "path_closed", "path_snap")  # in the path bar's menu too

MOUSE_HABITS = (
    ("Click", "Hear the point"),
    ("Drag", "Morph the music as you drag"),
    ("Shift-drag", "Select windows with a box; select tool, lasso: add them"),
    ("Shift+click on a dot", "Add its window to the selection, or remove it"),
    ("Select tool, lasso: Ctrl-drag", "Remove windows from the selection"),
    ("Right or middle drag", "Pan"),
    ("Wheel", "Zoom at the cursor"),
    ("Double-click", "Show the whole map"),
    ("Click on the path", "Insert a point"),
    ("Ctrl+click on the path", "Choose the segment whose duration is set"),
    ("Alt-drag a path point", "Reverse “Snap to windows”"),
    ("Right click on a path point", "Delete it"),
    ("Click on a song", "Select its windows and play it"),
    ("Click on a song's eye", "Hide the song, or show it"),
    ("Double-click on a song", "Hide all others, or show all"),
    ("Right click on a song", "Rename it, or remove it from the map"),
)
KEY_HABITS = (
    ("Arrow keys", "Move the current point"),
    ("Shift+arrow", "Move it finely"),
    ("Ctrl+arrow", "To the next window there"),
    ("Home", "Show the whole map"),
    ("Insert", "Path tool: add a point"),
    ("[  ]", "Path tool: choose a point"),
    ("Arrow keys", "Path tool: move that point"),
    ("Insert, arrows, Insert", "Select tool, lasso: a box or a line; Shift adds, Ctrl removes, Esc cancels"),
    ("Arrow keys", "Pan tool: pan"),
    ("Return on a song", "Select its windows and play it"),
    ("Space on a song", "Hide the song, or show it"),
    ("Tab, Shift+Tab", "To the next control, or back"),
)


def tools(panel: MapPanel, use: Callable[[str], object]) -> CommandGroup:
    """The tools, with the digits as keys, in the order in which they stand over the map."""

    def command(name: str, key: str) -> Command:
        return Command(
            f"tool_{name}",
            f"{name.capitalize()} tool",
            key,
            TOOL_TIPS[name],
            lambda _on: use(name),
            checked=lambda: panel.tool == name,
        )

    return CommandGroup([command(name, str(place)) for place, name in enumerate(TOOLS, 1)], (panel.tool_changed,))  # fmt: skip


def view(panel: MapPanel, library: Library) -> CommandGroup:
    """What of the map is seen, and where its dots lie."""
    return CommandGroup((
        Command("reset_view", "Zoom to fit", "Ctrl+0", "Show the whole map", panel.view.reset_view),
        Command("recompute_map", "Recompute map", "", "Fit the map to all windows, including those added since", library.recompute_map, library.has_map),
        Command("zoom_in", "Zoom in", "+", "Zoom in on the current point", panel.view.zoom_in, on_map=True),
        Command("zoom_out", "Zoom out", "-", "Zoom out from the current point", panel.view.zoom_out, on_map=True),
    ), (library.atlas_changed,))  # fmt: skip


def all_songs(library: Library) -> CommandGroup:
    """No song is greyed."""
    return CommandGroup(
        (Command("show_all_songs", "Show all songs", "", "Give every song its colour back", library.lit.light_all),)
    )


def layers(layers: Layers) -> list[CommandGroup]:
    """What is seen under the dots and over them: a menu for each choice."""

    def command(what: str, one: str, text: str, tip: str) -> Command:
        return Command(
            f"{what}_{one}",
            text,
            "",
            tip,
            lambda _on: layers.choose(what, one),
            checked=lambda: getattr(layers, what) == one,
        )

    return [
        CommandGroup([command(what, one, *words) for one, words in choices.items()], (layers.changed,), title)
        for (what, title), choices in LAYERS.items()
    ]  # fmt: skip


def deleting(
    path: DrawnPath, selection: Selection, remove: Callable[[int], object], rename: Callable[[int], object]
) -> CommandGroup:
    """The points of the path, and the song that is selected as a click on it does; ``remove`` and ``rename`` it."""

    def delete() -> None:
        if path.chosen is not None:
            path.delete_chosen()
        elif (song := selection.song) is not None:
            remove(song)

    def rename_it() -> None:
        if (song := selection.song) is not None:
            rename(song)

    def words() -> str:
        return "Remove song" if path.chosen is None and selection.song is not None else "Delete path point"

    return CommandGroup((
        Command("delete_point", "Delete path point or song", "Del", "Delete the chosen point of the path, or take the selected song from the map", delete, lambda: path.chosen is not None or selection.song is not None, wording=words, on_map=True),
        Command("rename_song", "Rename song", "F2", "Call the selected song something else", rename_it, lambda: selection.song is not None, on_map=True),
        Command("clear_path", "Clear path", "", "Delete all points of the path", path.clear, lambda: bool(path.points)),
    ), (path.changed, selection.changed))  # fmt: skip


def path_shape(path: DrawnPath) -> CommandGroup:
    """How the path goes from point to point."""
    return CommandGroup((
        Command("path_smooth", "Smooth path", "", "Use a curve through the points instead of straight segments", path.set_smooth, checked=lambda: path.manner.smooth),
        Command("path_spherical", "Spherical interpolation", "", "Interpolate direction and length of z instead of its coordinates (slerp)", path.set_spherical, checked=lambda: path.manner.spherical),
        Command("path_mixed", "Through mixtures", "", "Hand over part by part, so that half-way both ends are heard; off: the straight line in z, as in the paper", path.set_mixed, lambda: path.can_be_mixed, checked=lambda: path.manner.mixed),
        Command("path_even", "Even change", "", "Follow the music's rate of change instead of z's: fewer stretches where nothing happens", path.set_even_change, checked=lambda: path.manner.even_change),
        Command("path_closed", "Closed path", "", "Return from the last point to the first; it then lasts whole windows, so it loops", path.set_closed, checked=lambda: path.manner.closed),
        Command("path_snap", "Snap to windows", "", "Snap points to the nearest dot (hold Alt for the opposite)", path.set_snap, checked=lambda: path.snap),
    ), (path.changed,))  # fmt: skip


def keeping(path: DrawnPath, playback: Playback, add_favourite: Callable[[], object]) -> CommandGroup:
    """What is kept left of the map."""
    return CommandGroup((
        Command("keep_path", "Save path", "Ctrl+K", "Save the path with a name, left of the map", path.keep, lambda: len(path.points) > 1),
        Command("add_favourite", "Add to favourites", "F", "Save the current point, left of the map", add_favourite, lambda: playback.heard is not None),
    ), (path.changed, playback.heard_changed))  # fmt: skip


def play_path(path: DrawnPath, play: Callable[[], object]) -> CommandGroup:
    """The piece along the path."""
    return CommandGroup((
        Command("play_path", "Play path", "Return", "Play the piece along the path", play, lambda: len(path.points) > 1, on_map=True),
    ), (path.changed,))  # fmt: skip
