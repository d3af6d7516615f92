"""The latent map, the hero of the window: its tools above it, the dots, the path, the card beside the mouse."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from explorer.panels.map.bars import PathBar, WanderBar
from explorer.panels.map.colour_box import colour_dots
from explorer.panels.map.empty import EmptyMap
from explorer.panels.map.hover_card import HoverCard, window_facts
from explorer.panels.map.keys import MapKeys
from explorer.panels.map.learn_banner import LearnBanner
from explorer.panels.map.overlays import MapReading
from explorer.panels.map.tools import (
    SELECTING,
    TOOLS,
    LassoTool,
    PanTool,
    PathTool,
    PlayTool,
    SelectTool,
    ShiftTool,
    Tool,
)
from explorer.panels.map.view.view import MapView
from explorer.qt.controls import Button, choose_among
from explorer.qt.jobs import Jobs
from explorer.qt.labels import ElidedLabel, Label, counted
from explorer.session.map.colouring import Colouring
from explorer.session.map.hovering import Hovering
from explorer.session.map.layers import Field, Layers
from explorer.session.map.selection import Selection
from explorer.session.path.drawing import LINE_PARTS
from explorer.session.path.path import DrawnPath
from explorer.session.path.pieces import Pieces
from explorer.session.path.wandering import Wandering
from explorer.session.playing.playback import Playback
from explorer.session.songs.library import Library
from explorer.session.training.learning import Learning
from explorer.session.training.training import Training
from vrae_core.corpus.bars import usually_lasts
from vrae_core.piano_roll import FloatArray

ABOVE, BELOW = 60, 68  # pixels of the map that the tools, and the hint or the path bar, lie over
MESSAGES_TOP = 56  # pixels
TIPS = {
    "play": "Play: click to hear, drag to morph (1)",
    "path": "Path: click to place points, on the path to insert one; drag to move, right click to delete (2)",
    "select": "Select: click, or drag a box around windows; Shift adds, Ctrl removes (3)",
    "lasso": "Lasso: draw a line around windows; Shift adds, Ctrl removes (4)",
    "pan": "Pan: drag the map (5)",
}


class MapPanel(QWidget):
    """Draws the session's atlas, and turns what the mouse does on it into the session's verbs."""

    tool_changed = Signal(str)
    train_wanted = Signal()
    model_wanted = Signal()

    def __init__(
        self,
        library: Library,
        playback: Playback,
        path: DrawnPath,
        selection: Selection,
        colouring: Colouring,
        hovering: Hovering,
        wandering: Wandering,
        layers: Layers,
        field: Field,
        jobs: Jobs,
        pieces: Pieces,
        learning: Learning,
        training: Training,
    ) -> None:
        super().__init__()
        self._library, self._playback, self._path, self._selection = library, playback, path, selection
        self._colouring, self._hovering, self._wandering, self._jobs = colouring, hovering, wandering, jobs
        self.setAutoFillBackground(True)
        self.setBackgroundRole(self.backgroundRole().Base)
        self.view = MapView()
        self.card = HoverCard(self.view)
        self.banner = LearnBanner(library, learning, training, pieces)
        tools = (
            PlayTool(self.view, playback),
            PathTool(self.view, path),
            SelectTool(self.view, library, selection),
            LassoTool(self.view, library, selection),
            PanTool(self.view),
        )
        self._tools: dict[str, Tool] = dict(zip(TOOLS, tools, strict=True))
        self._shift_tool = ShiftTool(self.view, library, selection)
        self._keys = MapKeys(self.view, library, playback, path, wandering, pieces)
        self.tool = "play"
        self._in_use: Tool | None = None  # between a press and its release
        self._names: tuple[str, ...] = ()  # of the songs that are shown
        self.tool_buttons = {name: Button(name.capitalize(), TIPS[name], name) for name in TOOLS}
        self._counts, self._keys_hint = ElidedLabel("", "small"), ElidedLabel("", "small")
        self.path_bar, self.wander_bar = PathBar(path, pieces), WanderBar(wandering)
        self.wander = Button("Wander", "Let the music wander by itself; a click or Esc stops it (W)", "wander")
        self.wander.setCheckable(True)
        self._hint = Label("", "hint")
        self._hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.empty = EmptyMap(library, self.train_wanted, self.model_wanted)
        self._lay_out()
        self._listen()
        bars = (self.path_bar, self.wander_bar, self._hint)
        self.reading = MapReading(self.view, library, playback, selection, layers, field, bars)
        self.use_tool("play")
        self._show_atlas()

    def _lay_out(self) -> None:
        self.view.margins = (ABOVE, BELOW)
        row, words = QHBoxLayout(), QVBoxLayout()
        words.setSpacing(0)
        for label in (self._counts, self._keys_hint):
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            words.addWidget(label)
        row.setContentsMargins(16, 12, 16, 0)
        row.setSpacing(8)
        group = QButtonGroup(self)
        for name, button in self.tool_buttons.items():
            button.setCheckable(True)
            button.clicked.connect(lambda _checked, name=name: self.use_tool(name))
            group.addButton(button)
            row.addWidget(button)
        row.addWidget(self.wander)
        row.addLayout(words, 1)
        stacked = QGridLayout(self)  # all in one cell: the map takes it all, the rest lies over it
        stacked.setContentsMargins(0, 0, 0, 0)
        stacked.addWidget(self.view, 0, 0)
        stacked.addWidget(self.empty, 0, 0, Qt.AlignmentFlag.AlignCenter)
        above = QVBoxLayout()
        above.addLayout(row)
        above.addWidget(self.banner, 0, Qt.AlignmentFlag.AlignHCenter)
        stacked.addLayout(above, 0, 0, Qt.AlignmentFlag.AlignTop)
        below = QHBoxLayout()
        below.setContentsMargins(0, 0, 0, 16)
        below.addWidget(self.path_bar)
        below.addWidget(self.wander_bar)
        stacked.addLayout(below, 0, 0, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom)
        stacked.addWidget(self._hint, 0, 0, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom)

    def _listen(self) -> None:
        view, library = self.view, self._library
        view.left_pressed.connect(self._press)
        view.left_moved.connect(self._drag)
        view.left_released.connect(self._release)
        view.left_dropped.connect(self._drop)
        view.right_clicked.connect(self._right_click)
        view.double_clicked.connect(self._double_click)
        view.hovered.connect(self._hovering.point_at)
        view.hovered.connect(self._hover)
        library.atlas_changed.connect(self._show_atlas)
        library.dots_moved.connect(self._move_dots)
        library.lit.changed.connect(self._show_lit)
        self._colouring.changed.connect(self._show_colours)
        self._hovering.known.connect(lambda window: self._hover(window) if self.card.isVisible() else None)
        self._selection.changed.connect(self._show_lit)
        self._jobs.changed.connect(self.empty.show_state)
        self._path.changed.connect(self._show_path)
        self.banner.shown.connect(self._make_room)
        self.wander.clicked.connect(self._wandering.set_running)
        self._wandering.changed.connect(self._show_bars)
        self._playback.heard_changed.connect(self._show_cursor)
        self._playback.moved.connect(self._show_cursor)

    def use_tool(self, name: str) -> None:
        """Take a tool: play, path, select, lasso or pan."""
        self.tool = self._keys.tool = name
        tool = self._tools[name]
        choose_among(self.tool_buttons, name)
        self.view.left_pans = tool.left_pans
        self.view.viewport().setCursor(tool.cursor)
        self._show_bars()
        self.tool_changed.emit(name)

    @property
    def messages_top(self) -> int:
        """How many pixels from the top messages begin: below the tools, and below the banner where there is one."""
        return MESSAGES_TOP + (self.banner.sizeHint().height() + 6 if self.banner.isVisibleTo(self) else 0)

    def _make_room(self) -> None:
        """Dots that are fitted in from now on don't lie under the banner."""
        room = self.banner.sizeHint().height() if self.banner.isVisibleTo(self) else 0
        self.view.margins = (ABOVE + room, BELOW)

    def _show_bars(self) -> None:
        wandering = self._wandering.running
        self.wander.setChecked(wandering)
        self.wander_bar.setVisible(wandering)
        self.path_bar.setVisible(self.tool == "path" and not wandering)
        self._hint.setVisible(self._wants_hint())

    def _move_dots(self, points: FloatArray) -> None:
        self.view.marks.set_path(points[:0], points[:0])
        self.view.marks.set_cursor(None)
        self.view.move_dots(points)

    def _wants_hint(self) -> bool:
        idle = self._playback.heard is None and not self._wandering.running
        return self.tool == "play" and self._library.atlas is not None and idle

    # --- the mouse

    def _press(self, point: FloatArray, modifiers: Qt.KeyboardModifier) -> None:
        if self._library.atlas is None:
            return
        self._wandering.stop()
        self._hint.hide()
        self.card.hide()
        shifted = modifiers & Qt.KeyboardModifier.ShiftModifier and self.tool not in SELECTING
        self._in_use = self._shift_tool if shifted else self._tools[self.tool]
        self._in_use.press(point)

    def _drag(self, point: FloatArray) -> None:
        if self._in_use is not None:
            self._in_use.move(point)

    def _right_click(self, point: FloatArray) -> None:
        self._tools[self.tool].right_click(point)

    def _release(self, point: FloatArray) -> None:
        if self._in_use is not None:
            self._in_use.release(point)
        self._in_use = None

    def _drop(self) -> None:
        if self._in_use is not None:
            self._in_use.drop()
        self._in_use = None

    def _double_click(self, point: FloatArray) -> None:
        if self._tools[self.tool].resets_on_double_click:
            self.view.reset_view()
        else:
            self._press(point, Qt.KeyboardModifier.NoModifier)

    def _hover(self, window: int) -> None:
        atlas = self._library.atlas
        if window < 0 or atlas is None or window >= len(atlas.corpus):
            self.card.hide()
            return
        figures = window_facts(atlas, window, self._hovering)
        at = self.view.to_pixels(self.view.points[window])
        roll, colour = atlas.roll(window), atlas.colour_of(window)
        self.card.show_window(atlas.title(window), figures, roll, colour, at, atlas.corpus.pitches)

    # --- what the session says

    def _show_atlas(self) -> None:
        atlas = self._library.atlas
        self.empty.show_state()
        self._hint.setVisible(self._wants_hint())
        if atlas is not None:
            self._hint.setText(
                f"Every dot is {usually_lasts(atlas.corpus)} of a song.  Click one to hear it, drag to morph it."
            )
            before, self._names = self._names, atlas.corpus.names
            joined = bool(before) and self._names[: len(before)] == before
            self.view.show_dots(atlas.map.points, atlas.corpus.song_of, atlas.colours, joined)
            self._show_colours()
            self._show_lit()

    def _show_colours(self) -> None:
        atlas, colouring = self._library.atlas, self._colouring
        if atlas is not None:
            colour_dots(self.view, atlas, colouring.meaning, colouring.shape_of(atlas))

    def _show_lit(self) -> None:
        if self._library.atlas is None:
            return
        lit = self._library.lit.windows()
        count, hint = counted(len(lit), "window"), "? for shortcuts"
        selected = self._selection.windows
        if selected is not None:
            lit = lit & selected
            count, hint = f"{int(lit.sum()):,} of {len(selected):,}", "selected · Esc"
        self._counts.setText(count)
        self._keys_hint.setText(hint)
        if len(lit) == len(self.view.points):  # else the dots of this map come later
            self.view.dots.set_lit(lit)

    def _show_path(self) -> None:
        path, part = self._path, slice(0)
        if path.chosen_segment is not None:
            part = slice(path.chosen_segment * LINE_PARTS, (path.chosen_segment + 1) * LINE_PARTS + 1)
        self.view.marks.set_path(path.on_map, path.drawing.line, path.chosen, part)

    def _show_cursor(self) -> None:
        playback = self._playback
        self._hint.setVisible(self._wants_hint())
        self.view.marks.set_cursor(
            None if playback.heard is None else playback.heard.place_at(playback.player.position)
        )

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "view"):
            self._show_colours()
