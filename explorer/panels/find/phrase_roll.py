"""A small piano roll to put a phrase into: by mouse, or by keyboard."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from explorer.session.map.phrase_grid import PhraseGrid
from vrae_core.piano_roll import HIGHEST_PITCH, LOWEST_PITCH, pitch_name
from vrae_core.tasks.query import PhraseNote

ROWS = 24  # pitches that are seen: two octaves
GUTTER = 26  # pixels for the names of the Cs
BLACK = (1, 3, 6, 8, 10)
Key = Qt.Key
ARROWS = {Key.Key_Left: (-1, 0), Key.Key_Right: (1, 0), Key.Key_Up: (0, 1), Key.Key_Down: (0, -1)}
KEYS = (*ARROWS, Key.Key_Space, Key.Key_Delete, Key.Key_Backspace)
TIP = (
    "Click to add a note, drag to lengthen it, right-click to delete it; scroll to other octaves.\n"
    "Keys: arrows, Space adds or deletes a note, Shift+arrow makes it longer or shorter, Delete."
)


class PhraseRoll(QWidget):
    """Holds the notes of a phrase; of one pitch only one sounds at a time."""

    edited = Signal()  # by the user

    def __init__(self, grid: PhraseGrid) -> None:
        super().__init__()
        self.notes: list[PhraseNote] = []
        self.lowest = 60  # the pitch of the row at the bottom
        self.caret = PhraseNote(0, 60, 1)  # where the keyboard is
        self.grid = grid
        self._steps = grid.steps_for()
        self._dragged: PhraseNote | None = None
        self._before: list[PhraseNote] = []  # the notes without the one that is dragged
        self.setMinimumSize(200, ROWS * 5)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Phrase to find")
        self.setToolTip(TIP)

    def sizeHint(self) -> QSize:
        return QSize(320, ROWS * 6)

    def show_grid(self, grid: PhraseGrid) -> None:
        """Count on another grid, on which the phrase stays what it is."""
        self.notes, self.grid, self._dragged = sorted(grid.moved(self.notes, self.grid)), grid, None
        self._make_room()

    def show_notes(self, notes: list[PhraseNote]) -> None:
        """Show other notes, in octaves where they are seen."""
        self.notes, self._dragged = sorted(notes), None
        pitches = [note.pitch for note in notes]
        if pitches and not self.lowest <= min(pitches) <= max(pitches) < self.lowest + ROWS:
            self.lowest = _bounded(
                (min(pitches) + max(pitches) - ROWS) // 2 + 1, LOWEST_PITCH, HIGHEST_PITCH + 1 - ROWS
            )
        self._make_room()

    def _make_room(self) -> None:
        self._steps = self.grid.steps_for(self.notes)
        self.caret = self.caret._replace(step=min(self.caret.step, self._steps - 1))
        self.update()

    def put(self, note: PhraseNote) -> None:
        """Add a note; what it lies on gives way."""
        self.notes = _with(self.notes, note)
        self._tell()

    def delete_at(self, step: int, pitch: int) -> None:
        """Delete the note that sounds there, if one does."""
        note = self.note_at(step, pitch)
        if note is not None:
            self.notes = [other for other in self.notes if other != note]
            self._tell()

    def note_at(self, step: int, pitch: int) -> PhraseNote | None:
        """The note that sounds there."""
        return next((n for n in self.notes if n.pitch == pitch and n.step <= step < n.step + n.length), None)

    def place_of(self, step: int, pitch: int) -> QPointF:
        """The middle of a cell, in pixels."""
        return self._area(PhraseNote(step, pitch, 1)).center()

    # --- the mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        step, pitch = self._cell(event.position())
        if event.button() == Qt.MouseButton.RightButton:
            self.delete_at(step, pitch)
        elif event.button() == Qt.MouseButton.LeftButton and event.position().x() >= GUTTER:
            self.caret = PhraseNote(step, pitch, 1)
            note = self.note_at(step, pitch)
            self._before = [other for other in self.notes if other != note]
            self._dragged = note or self._new_note(step, pitch)
            if note is None:
                self.put(self._dragged)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragged is not None:
            step = self._cell(event.position())[0]
            length = max(1, step - self._dragged.step + 1)
            if step != self.caret.step:
                self.caret = self.caret._replace(step=step)
                self._dragged = self._dragged._replace(length=length)
                self.notes = _with(self._before, self._dragged)
                self._tell()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._dragged = None

    def wheelEvent(self, event: QWheelEvent) -> None:
        turns = event.angleDelta().y() / 120
        self.lowest = _bounded(self.lowest + round(3 * turns), LOWEST_PITCH, HIGHEST_PITCH + 1 - ROWS)
        self.update()
        event.accept()

    # --- the keyboard

    def event(self, event: QEvent) -> bool:
        """Its keys are its own while it has the keyboard, before any shortcut."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
            if event.key() in KEYS and plain == Qt.KeyboardModifier.NoModifier:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, (step, pitch, _length) = Key(event.key()), self.caret
        note = self.note_at(step, pitch)
        if key in ARROWS and event.modifiers() & Qt.KeyboardModifier.ShiftModifier and note is not None:
            length = _bounded(note.length + ARROWS[key][0], 1, self._steps - note.step)
            self.notes = [other for other in self.notes if other != note]
            self.put(note._replace(length=length))
        elif key in ARROWS:
            across, up = ARROWS[key]
            self._move_caret(_bounded(step + across, 0, self._steps - 1), pitch + up)
        elif key == Key.Key_Space and note is None:
            self.put(self._new_note(step, pitch))
        elif key in (Key.Key_Space, Key.Key_Delete, Key.Key_Backspace):
            self.delete_at(step, pitch)
        else:
            super().keyPressEvent(event)

    def _new_note(self, step: int, pitch: int) -> PhraseNote:
        """Half a beat long, as far as there is room."""
        return PhraseNote(step, pitch, min(self.grid.per_beat // 2, self._steps - step))

    def _move_caret(self, step: int, pitch: int) -> None:
        pitch = _bounded(pitch, LOWEST_PITCH, HIGHEST_PITCH)
        self.caret = PhraseNote(step, pitch, 1)
        self.lowest = _bounded(self.lowest, pitch - ROWS + 1, pitch)
        sounds = ", a note" if self.note_at(step, pitch) is not None else ""
        self.setAccessibleDescription(f"{pitch_name(pitch)} at step {step + 1}{sounds}")
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._move_caret(self.caret.step, _bounded(self.caret.pitch, self.lowest, self.lowest + ROWS - 1))

    def _tell(self) -> None:
        self.update()
        self.edited.emit()

    # --- the picture

    def _cell(self, at: QPointF) -> tuple[int, int]:
        step = int((at.x() - GUTTER) * self._steps / max(1, self.width() - GUTTER))
        row = int((self.height() - 1 - at.y()) * ROWS / max(1, self.height()))
        return _bounded(step, 0, self._steps - 1), self.lowest + _bounded(row, 0, ROWS - 1)

    def _area(self, note: PhraseNote) -> QRectF:
        across, up = (self.width() - GUTTER) / self._steps, self.height() / ROWS
        top = self.height() - (note.pitch - self.lowest + 1) * up
        return QRectF(GUTTER + note.step * across, top, note.length * across, up)

    def paintEvent(self, event: QPaintEvent) -> None:
        role, palette = QPalette.ColorRole, self.palette()
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), palette.color(role.Base))
            black = QColor(palette.color(role.AlternateBase))
            black.setAlphaF(0.55)
            font = painter.font()
            font.setPixelSize(10)
            painter.setFont(font)
            for pitch in range(self.lowest, self.lowest + ROWS):
                row = self._area(PhraseNote(0, pitch, self._steps))
                if pitch % 12 in BLACK:
                    painter.fillRect(row, black)
                if pitch % 12 == 0:
                    painter.setPen(palette.color(role.Mid))
                    painter.drawLine(row.bottomLeft(), row.bottomRight())
                    painter.setPen(palette.color(role.PlaceholderText))
                    name = QRectF(0, row.bottom() - 14, GUTTER - 4, 14)
                    painter.drawText(
                        name, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom, pitch_name(pitch)
                    )
            self._paint_lines(painter)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.color(role.Accent))
            for note in self.notes:
                painter.drawRoundedRect(self._area(note).adjusted(0.5, 0.5, -0.5, -0.5), 1.5, 1.5)
            self._paint_beyond(painter)
            if self.hasFocus():
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(palette.color(role.Accent), 1.0))
                painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
                painter.setPen(QPen(palette.color(role.Text), 1.4))
                painter.drawRect(self._area(self.caret).adjusted(-1, -1, 1, 1))

    def _paint_lines(self, painter: QPainter) -> None:
        """Where beats begin, and heavier ones where bars do."""
        across = (self.width() - GUTTER) / self._steps
        bars, beats = self.grid.lines(self._steps)
        for steps, width in ((beats, 1.0), (bars, 2.0)):
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Mid), width))
            for step in steps.tolist():
                x = GUTTER + step * across
                painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))

    def _paint_beyond(self, painter: QPainter) -> None:
        """A line at the edge for what lies above or below."""
        for beyond, y in (
            (any(note.pitch >= self.lowest + ROWS for note in self.notes), 0),
            (any(note.pitch < self.lowest for note in self.notes), self.height() - 3),
        ):
            if beyond:
                painter.drawRect(QRectF(GUTTER, y, self.width() - GUTTER, 3))


def _with(notes: list[PhraseNote], note: PhraseNote) -> list[PhraseNote]:
    """Notes with one more: those of its pitch that begin in it go, one that sounds into it ends where it begins."""
    end = note.step + note.length
    kept = [n for n in notes if n.pitch != note.pitch or not note.step <= n.step < end]
    kept = [
        n._replace(length=note.step - n.step) if n.pitch == note.pitch and n.step < note.step < n.step + n.length else n
        for n in kept
    ]
    return sorted([*kept, note])


def _bounded(value: int, low: int, high: int) -> int:
    return max(low, min(value, high))
