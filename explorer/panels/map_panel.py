"""The latent map, the hero of the window: its tools above it, the dots, the path, the card beside the mouse."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QButtonGroup, QDoubleSpinBox, QGridLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from explorer.panels.map_tools import TOOLS, SelectTool, Tool
from explorer.session import Session
from explorer.widgets.controls import Button
from explorer.widgets.hover_card import HoverCard
from explorer.widgets.labels import Label
from explorer.widgets.map_view import MapView

MEASURE_COLOURS = 64
_RAMP = np.array([(74, 99, 214), (66, 168, 196), (122, 206, 146), (246, 226, 107)], float)  # dark to light
TIPS = {
    "play": "Play: click to hear, drag to morph (1)",
    "path": "Path: click to place points, drag to move them, right click to delete (2)",
    "select": "Select: drag a box around windows (3)",
    "pan": "Pan: drag the map (4)",
}


class MapPanel(QWidget):
    """Draws the session's atlas, and turns what the mouse does on it into the session's verbs."""

    tool_changed = Signal(str)
    train_wanted = Signal()
    model_wanted = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setAutoFillBackground(True)
        self.setBackgroundRole(self.backgroundRole().Base)
        self.view = MapView()
        self.card = HoverCard(self.view)
        self._tools: dict[str, Tool] = {name: kind(self.view, session) for name, kind in TOOLS.items()}
        self.tool = "play"
        self._in_use: Tool | None = None  # between a press and its release
        self.tool_buttons = {name: Button(name.capitalize(), TIPS[name], name) for name in TOOLS}
        self._counts = Label("", "small")
        self._path_bar = _PathBar(session)
        self._hint = Label("Click to hear  ·  drag to morph  ·  right-drag to pan", "hint")
        self._hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.empty = _Empty(session, self.train_wanted, self.model_wanted)
        self._lay_out()
        self._listen()
        self.use_tool("play")
        self._show_atlas()

    def _lay_out(self) -> None:
        self._above = QStackedWidget()
        self._above.addWidget(self._counts)
        self._above.addWidget(self._path_bar)
        self._counts.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout()
        row.setContentsMargins(16, 12, 16, 4)
        row.setSpacing(8)
        group = QButtonGroup(self)
        for name, button in self.tool_buttons.items():
            button.setCheckable(True)
            button.clicked.connect(lambda _checked, name=name: self.use_tool(name))
            group.addButton(button)
            row.addWidget(button)
        row.addWidget(self._above, 1)
        stacked = QGridLayout()
        stacked.setContentsMargins(0, 0, 0, 0)
        stacked.addWidget(self.view, 0, 0)
        stacked.addWidget(self.empty, 0, 0, Qt.AlignmentFlag.AlignCenter)
        stacked.addWidget(self._hint, 0, 0, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(row)
        layout.addLayout(stacked, 1)

    def _listen(self) -> None:
        view, session = self.view, self._session
        view.left_pressed.connect(self._press)
        view.left_moved.connect(lambda point: self._in_use and self._in_use.move(point))
        view.left_released.connect(self._release)
        view.right_clicked.connect(lambda point: self._tools[self.tool].right_click(point))
        view.double_clicked.connect(self._double_click)
        view.hovered.connect(self._hover)
        session.library.atlas_changed.connect(self._show_atlas)
        session.library.dots_moved.connect(view.move_dots)
        session.library.lit_changed.connect(self._show_lit)
        session.library.colour_by_changed.connect(self._show_colours)
        session.selection_changed.connect(self._show_lit)
        session.jobs.changed.connect(self.empty.show_state)
        session.path.changed.connect(self._show_path)
        session.playback.heard_changed.connect(lambda: self._show_cursor(session.playback.player.position))
        session.playback.moved.connect(self._show_cursor)

    def use_tool(self, name: str) -> None:
        """Take a tool: play, path, select or pan."""
        self.tool = name
        tool = self._tools[name]
        self.tool_buttons[name].setChecked(True)
        self.view.left_pans = tool.left_pans
        self.view.viewport().setCursor(tool.cursor)
        self._above.setCurrentWidget(self._path_bar if name == "path" else self._counts)
        self.tool_changed.emit(name)

    # --- the mouse

    def _press(self, point: object, modifiers: Qt.KeyboardModifier) -> None:
        if self._session.library.atlas is None:
            return
        self._hint.hide()
        self.card.hide()
        self._in_use = self._tools["select" if modifiers & Qt.KeyboardModifier.ShiftModifier else self.tool]
        self._in_use.press(point)

    def _release(self, point: object) -> None:
        if self._in_use is not None:
            self._in_use.release(point)
        self._in_use = None

    def _double_click(self, point: object) -> None:
        if self._tools[self.tool].resets_on_double_click:
            self.view.reset_view()
        else:
            self._press(point, Qt.KeyboardModifier.NoModifier)

    def _hover(self, window: int) -> None:
        atlas = self._session.library.atlas
        if window < 0 or atlas is None or window >= len(atlas.corpus):
            self.card.hide()
            return
        sigma = float(atlas.posterior.sigma[window].mean())
        figures = f"σ {sigma:.2f}  ·  {int(atlas.roll(window).any(axis=1).mean() * 100)} % sounding"
        at = QPointF(self.view.mapFromGlobal(QCursor.pos()))
        self.card.show_window(atlas.title(window), figures, atlas.roll(window), atlas.colour_of(window), at)

    # --- what the session says

    def _show_atlas(self) -> None:
        atlas = self._session.library.atlas
        self.empty.show_state()
        self._hint.setVisible(atlas is not None and self._session.playback.heard is None)
        if atlas is not None:
            self.view.show_dots(atlas.map.points, atlas.corpus.song_of, atlas.colours)
            self._show_colours()
            self._show_lit()

    def _show_colours(self) -> None:
        atlas, what = self._session.library.atlas, self._session.library.colour_by
        if atlas is None:
            return
        if what == "song":
            self.view.recolour(atlas.corpus.song_of, atlas.colours)
        else:
            level = (atlas.measure(what) * (MEASURE_COLOURS - 1)).astype(np.int64)
            self.view.recolour(level, _ramp(MEASURE_COLOURS))

    def _show_lit(self) -> None:
        session = self._session
        if session.library.atlas is None:
            return
        lit = session.library.lit_windows()
        words = [f"{len(lit)} windows", "drag to morph", "? for shortcuts"]
        if session.selected is not None:
            lit = lit & session.selected
            words[0] = f"{int(lit.sum())} of {len(session.selected)} windows selected"
            words[1] = "Esc to clear"
        self._counts.setText("  ·  ".join(words))
        self.view.set_lit(lit)

    def _show_path(self) -> None:
        self.view.set_path(self._session.path.on_map, self._session.path.chosen)

    def _show_cursor(self, step: float) -> None:
        heard = self._session.playback.heard
        self.view.set_cursor(None if heard is None else heard.place_at(step))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "view"):
            self._show_colours()


def _ramp(levels: int) -> list[str]:
    """Colours from low to high, as #rrggbb."""
    at = np.linspace(0, len(_RAMP) - 1, levels)
    channels = [np.interp(at, np.arange(len(_RAMP)), _RAMP[:, channel]) for channel in range(3)]
    return ["#" + "".join(f"{round(c):02x}" for c in rgb) for rgb in zip(*channels, strict=True)]


class _PathBar(QWidget):
    """What one can do with the path, shown while the path tool is taken."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._path = session.path
        self._words = Label("", "small")
        self._seconds = QDoubleSpinBox()
        self._seconds.setRange(0.5, 60.0)
        self._seconds.setSingleStep(0.5)
        self._seconds.setDecimals(1)
        self._seconds.setSuffix(" s a segment")
        self._seconds.setValue(session.path.segment_seconds)
        self._seconds.setAccessibleName("Seconds from one point to the next")
        self._seconds.setToolTip("Seconds from one point to the next, at 150 beats per minute")
        self._play = Button("Play path", "Play the piece along the path (Return)", "play")
        self._clear = Button("Clear", "Delete all points (Ctrl+Z brings them back)")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addStretch(1)
        for part in (self._words, self._seconds, self._play, self._clear):
            layout.addWidget(part)
        self._seconds.valueChanged.connect(self._set_seconds)
        self._play.clicked.connect(session.play_path)
        self._clear.clicked.connect(self._path.clear)
        self._path.changed.connect(self._show)
        self._show()

    def _set_seconds(self, seconds: float) -> None:
        self._path.segment_seconds = seconds
        self._show()

    def _show(self) -> None:
        count = len(self._path.points)
        total = max(0, count - 1) * self._path.segment_seconds
        self._words.setText(f"{count} points  ·  {total:g} s" if count > 1 else "Click to place points")
        self._play.setEnabled(count > 1)
        self._clear.setEnabled(count > 0)


class _Empty(QWidget):
    """Words in place of a map: it is being made, or what is missing for one."""

    def __init__(self, session: Session, train_wanted: Signal, model_wanted: Signal) -> None:
        super().__init__()
        self._library = session.library
        self.words = Label("", "muted")
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.words.setWordWrap(True)
        self.words.setMinimumWidth(420)
        train = Button("Train a model", "Open the training tab", look="main")
        choose = Button("Open a model…", "Open a model file (.safetensors)")
        train.clicked.connect(train_wanted)
        choose.clicked.connect(model_wanted)
        self._buttons = QWidget()
        row = QHBoxLayout(self._buttons)
        row.addStretch(1)
        row.addWidget(train)
        row.addWidget(choose)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.addWidget(self.words)
        layout.addWidget(self._buttons)

    def show_state(self) -> None:
        """Say what is going on, or go away."""
        library = self._library
        self.setVisible(library.atlas is None)
        self._buttons.setVisible(not library.busy and library.model is None)
        if library.busy:
            self.words.setText("Opening the songs and the model…")
        elif library.model is None:
            self.words.setText("There is no model to play yet.\nTrain one on your songs, or open a model file.")
        else:
            self.words.setText("There are no songs yet.\nDrop MIDI files here, or open them from the File menu.")
