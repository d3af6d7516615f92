"""The MIDI ports: which are used, and for what.  It stays open beside the window while the music goes on."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QCheckBox, QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from explorer.qt.controls import Button, DropDown
from explorer.qt.labels import Label
from explorer.session.playing.knobs import Axis
from explorer.session.playing.midi import LOOK_MILLISECONDS, Midi

AXES: tuple[tuple[Axis, str], ...] = (("x", "Left and right"), ("y", "Down and up"))


class MidiDialog(QDialog):
    """Shows how the ports stand; whatever is chosen acts at once."""

    def __init__(self, parent: QWidget, midi: Midi) -> None:
        super().__init__(parent)
        self._midi = midi
        self.setWindowTitle("MIDI ports")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(520)
        self.output = _ports("Send to", "The port to send notes and instruments to")
        self.input = _ports("Receive from", "The port to receive knobs and keys from")
        self.internal = QCheckBox("Play here too")
        self.internal.setToolTip("Off: only the MIDI port plays")
        self.clocked = QCheckBox("Send the beat (MIDI clock)")
        self.clocked.setToolTip("24 ticks a beat at the tempo of the transport, with start, stop and continue")
        self.keys_start = QCheckBox("Any key restarts the music")
        self.keys_start.setToolTip("Any key of that port plays the music from its start")
        self.knob_words = {axis: Label() for axis, _ in AXES}
        self.learn = {axis: Button("Learn", f"{name}: move a knob to choose it", look="") for axis, name in AXES}
        self.state = Label("", "muted")
        self._lay_out()
        self.output.activated.connect(lambda: midi.choose(output=self.output.currentData()))
        self.input.activated.connect(lambda: midi.choose(input_name=self.input.currentData()))
        self.internal.toggled.connect(midi.set_internal)
        self.clocked.toggled.connect(midi.set_clocked)
        self.keys_start.toggled.connect(self._set_keys_start)
        for axis, button in self.learn.items():
            button.setCheckable(True)
            button.setAccessibleName(f"Learn the knob for {dict(AXES)[axis].lower()}")
            button.clicked.connect(lambda on, axis=axis: midi.learn(axis if on else None))
        midi.changed.connect(self._show)
        self._show()
        midi.look()
        timer = QTimer(self, interval=LOOK_MILLISECONDS)
        timer.timeout.connect(self._look_again)
        timer.start()

    def _look_again(self) -> None:
        """Show what is plugged in meanwhile; a driver that is missing will not appear."""
        if not self._midi.wiring.trouble:
            self._midi.look()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._forget()
        super().closeEvent(event)

    def done(self, result: int) -> None:
        self._forget()
        super().done(result)

    def _forget(self) -> None:
        if self._midi.knobs.learning is not None:
            self._midi.learn(None)

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(9)
        grid.setColumnStretch(1, 1)
        rows: list[tuple[str, QWidget | QHBoxLayout]] = [
            ("Send to", self.output),
            ("", self.internal),
            ("", self.clocked),
            ("Receive from", self.input),
            *((name, _beside(self.knob_words[axis], self.learn[axis])) for axis, name in AXES),
            ("", self.keys_start),
        ]
        for row, (name, part) in enumerate(rows):
            grid.addWidget(Label(name, "muted"), row, 0)
            if isinstance(part, QWidget):
                grid.addWidget(part, row, 1)
            else:
                grid.addLayout(part, row, 1)
        grid.setRowMinimumHeight(2, 34)  # a little air between what goes out and what comes in
        self.state.setWordWrap(True)
        self.state.setMinimumHeight(2 * self.state.fontMetrics().lineSpacing() + 4)
        self.state.setAlignment(Qt.AlignmentFlag.AlignTop)
        close = Button("Close", "Close this page", look="main")
        close.clicked.connect(self.accept)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(26, 22, 26, 18)
        layout.setSpacing(16)
        layout.addLayout(grid)
        layout.addWidget(self.state)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)

    def _set_keys_start(self, on: bool) -> None:
        self._midi.keys_start = on

    def _show(self) -> None:
        midi, wiring = self._midi, self._midi.wiring
        _fill(self.output, wiring.names.outputs, midi.choice.output, wiring.output)
        _fill(self.input, wiring.names.inputs, midi.choice.input, wiring.input)
        self.internal.setChecked(midi.internal)
        self.clocked.setChecked(midi.clocked)
        self.keys_start.setChecked(midi.keys_start)
        numbers = {"x": midi.knobs.x_controller, "y": midi.knobs.y_controller}
        for axis, _ in AXES:
            learning = midi.knobs.learning == axis
            self.knob_words[axis].setText("Move a knob…" if learning else f"Controller {numbers[axis]}")
            self.learn[axis].setChecked(learning)
        for part in (self.output, self.input, self.internal, self.clocked, self.keys_start, *self.learn.values()):
            part.setEnabled(wiring.usable)
        self.state.setText(self._words())

    def _words(self) -> str:
        wiring = self._midi.wiring
        if wiring.trouble:
            return wiring.trouble
        if wiring.output or wiring.input:
            parts = [f"sending to {wiring.output}"] * bool(wiring.output)
            parts += [f"receiving from {wiring.input}"] * bool(wiring.input)
            words = ", ".join(parts)
            return f"{words[0].upper()}{words[1:]}."
        if not (wiring.names.outputs or wiring.names.inputs):
            return "No MIDI ports found. Plug one in and it appears here."
        return ""


def _ports(name: str, tip: str) -> DropDown:
    box = DropDown()
    box.setAccessibleName(name)
    box.setToolTip(tip)
    box.setMinimumContentsLength(24)
    return box


def _beside(*parts: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.addWidget(parts[0], 1)
    for part in parts[1:]:
        row.addWidget(part)
    return row


def _fill(box: DropDown, names: tuple[str, ...], chosen: str, in_use: str) -> None:
    """Offer the ports, and the chosen one also while it is not there."""
    entries = [("None", ""), *((name, name) for name in names)]
    current = in_use or chosen
    if current and current not in names:
        entries.append((f"{current} (not connected)", current))
    if [(box.itemText(i), box.itemData(i)) for i in range(box.count())] != entries:
        box.clear()
        for text, name in entries:
            box.addItem(text, name)
    box.setCurrentIndex([name for _, name in entries].index(current))
