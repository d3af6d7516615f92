"""The table of songs to train on: what each is, what it gives, and what one should know of it."""

from __future__ import annotations

# ruff: noqa: E501 - a table is read best with one line a row
from typing import Any, NamedTuple

from PySide6.QtCore import QItemSelectionModel, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QPolygonF
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from explorer.qt.labels import as_tooltip, counted
from explorer.qt.rows import paint_box
from explorer.qt.tables import Column, Index, Role, Table, TableRows
from explorer.session.playing.preview import SongPreview
from explorer.session.training.listed_songs import ListedSong
from explorer.session.training.songs import TrainingSongs
from vrae_core.clock import clock
from vrae_core.corpus.attributes import key_name
from vrae_core.piano_roll import pitch_name

TICK_WIDTH = 26


class SongRows(TableRows):
    """A row a song, in the order that was asked for."""

    def __init__(self, songs: TrainingSongs, preview: SongPreview) -> None:
        super().__init__(COLUMNS)
        self.songs, self.preview = songs, preview
        self._order = list(range(len(songs.entries)))  # the places in the list, from the top
        self._by: tuple[int, Qt.SortOrder] | None = None
        songs.listed.connect(self._list)
        for signal in (songs.changed, songs.counted, preview.changed):
            signal.connect(self.renew)

    def place(self, index: Index) -> int:
        """Which song of the list a row shows."""
        return self._order[index.row()]

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._order)

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        place, column = self.place(index), COLUMNS[index.column()]
        if role == Role.DisplayRole:
            return column.cell(self.songs, place).text
        if role == Role.TextAlignmentRole:
            return column.alignment
        if role == Role.ToolTipRole:
            return as_tooltip(self._tip(place))
        return self._of_entry(self.songs.entries[place], index.column(), role)

    def _of_entry(self, entry: ListedSong, column: int, role: int) -> Any:
        if role == Role.ForegroundRole:
            role_of = {NAME: QPalette.ColorRole.Text, WARNINGS: QPalette.ColorRole.BrightText}
            faint = QPalette.ColorRole.PlaceholderText
            return QApplication.palette().color(role_of.get(column, faint) if entry.to_train.included else faint)
        if role == Role.CheckStateRole and column == NAME:
            return Qt.CheckState.Checked if entry.to_train.included else Qt.CheckState.Unchecked
        if role == Role.AccessibleTextRole and column == NAME:
            return f"{entry.song.name}, {'ticked' if entry.to_train.included else 'not ticked'}"
        if role == Role.AccessibleTextRole and column == PLAY:
            return "playing" if entry.song is self.preview.song else "play"
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; −1: as the songs came."""
        self._by = (column, order) if column >= 0 else None
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        places = [self._order[index.row()] for index in before]
        self._order = self._sorted()
        row_of = {place: row for row, place in enumerate(self._order)}
        after = [self.index(row_of[p], index.column()) for p, index in zip(places, before, strict=True)]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _sorted(self) -> list[int]:
        places = range(len(self.songs.entries))
        if self._by is None:
            return list(places)
        column, order = self._by
        cell, falling = COLUMNS[column].cell, order is Qt.SortOrder.DescendingOrder
        return sorted(places, key=lambda place: cell(self.songs, place).order, reverse=falling)

    def _list(self) -> None:
        self.beginResetModel()
        self._order = self._sorted()
        self.endResetModel()

    def _tip(self, place: int) -> str:
        song = self.songs.entries[place].song
        lines = [song.path or song.name, counted(len(song.notes), "note"), *self.songs.warnings(place)]
        return "\n".join(lines)


class SongTable(Table):
    """Space ticks, Enter plays, + and − transpose, Delete takes songs from the list; the mouse does so by place."""

    menu_wanted = Signal(object)  # where, on the screen

    def __init__(self, songs: TrainingSongs, preview: SongPreview) -> None:
        rows = SongRows(songs, preview)
        keys = "Space: tick, Enter: play, + and −: transpose, Delete: remove from the list"
        super().__init__(rows, "Songs to train on", keys)
        self.rows = rows
        self._songs, self._preview = songs, preview
        self.setItemDelegate(_Cells(self))
        self.setSelectionMode(Table.SelectionMode.ExtendedSelection)
        self.setEditTriggers(Table.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(Table.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCornerButtonEnabled(False)
        header = self.horizontalHeader()
        header.setSortIndicatorClearable(True)
        header.setSelectionModel(QItemSelectionModel(rows, header))  # or it asks whether all songs are selected
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)

    def chosen(self) -> list[int]:
        """The selected songs, as places in the list."""
        ranges = self.selectionModel().selection().toList()  # asking row by row takes a second for ten thousand
        rows = sorted({row for each in ranges for row in range(each.top(), each.bottom() + 1)})
        return [self.rows.place(self.rows.index(row, 0)) for row in rows]

    def play(self) -> None:
        """Hear the song where the keyboard is, or no more."""
        if self.currentIndex().isValid():
            entry = self._songs.entries[self.rows.place(self.currentIndex())]
            self._preview.toggle(entry.song, entry.to_train, self._songs.plan.recipe.model.grid)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Space:
                self._songs.toggle(self.chosen())
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.play()
            case Qt.Key.Key_Delete:
                self._songs.remove(self.chosen())
            case Qt.Key.Key_Plus:
                self._songs.transpose(self.chosen(), 1)
            case Qt.Key.Key_Minus:
                self._songs.transpose(self.chosen(), -1)
            case _:
                super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.isValid():
            if index.column() == NAME and event.position().x() - self.visualRect(index).x() < TICK_WIDTH:
                self.setFocus()
                self._songs.toggle([self.rows.place(index)])
                return
            if index.column() == PLAY:
                self.setCurrentIndex(index)
                self.play()
                return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)  # two quick clicks on a tick are two

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit(event.globalPos())

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.rows.rowCount():
            with QPainter(self.viewport()) as painter:
                painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
                words = "Drop MIDI files or a folder of them here"
                painter.drawText(self.viewport().rect(), Qt.AlignmentFlag.AlignCenter, words)


class _Cells(QStyledItemDelegate):
    """Paints the tick before the name, and the sign that plays a song."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        if index.column() not in (NAME, PLAY):
            super().paint(painter, option, index)
            return
        palette, area = QApplication.palette(), QRect(option.rect)
        role = QPalette.ColorRole
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, palette.color(role.AlternateBase))
        if index.column() == NAME:
            ticked = index.data(Role.CheckStateRole) == Qt.CheckState.Checked
            paint_box(painter, QPointF(area.left() + 13, area.center().y() + 0.5), ticked, palette)
            painter.setPen(index.data(Role.ForegroundRole))
            words = area.adjusted(TICK_WIDTH + 2, 0, -6, 0)
            text = option.fontMetrics.elidedText(index.data(), Qt.TextElideMode.ElideRight, words.width())
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, text)
        else:
            hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
            plays = index.data(Role.AccessibleTextRole) == "playing"
            colour = palette.color(role.Accent if plays or hovered else role.PlaceholderText)
            _paint_sign(painter, QPointF(area.center()) + QPointF(0.5, 0.5), plays, colour)
        painter.restore()


def _paint_sign(painter: QPainter, middle: QPointF, stop: bool, colour: QColor) -> None:
    corners = ((-4, -4), (4, -4), (4, 4), (-4, 4)) if stop else ((-3.5, -5), (5, 0), (-3.5, 5))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawPolygon(QPolygonF([middle + QPointF(*corner) for corner in corners]))


NAME, PLAY, WARNINGS = 0, 1, 11  # places in COLUMNS


class Cell(NamedTuple):
    """What a song has in a column: as text, and as something to sort by."""

    text: str
    order: float | str


def _length(songs: TrainingSongs, row: int) -> Cell:
    facts = songs.entries[row].facts
    return Cell("", 0) if facts is None else Cell(clock(facts.seconds, 0), facts.seconds)


def _windows(songs: TrainingSongs, row: int) -> Cell:
    counts = songs.last_counts
    if not songs.entries[row].to_train.included:
        return Cell("–", -1)
    if counts is None or row not in counts.place:
        return Cell("", -1)
    windows = int(counts.figures.windows[counts.place[row]])
    return Cell(f"{windows:,}", windows)


def _pitches(songs: TrainingSongs, row: int) -> Cell:
    facts = songs.entries[row].facts
    if facts is None or not facts.pitches:
        return Cell("", 0)
    pitches = facts.pitches
    return Cell(f"{len(pitches)} · {pitch_name(pitches[0])}–{pitch_name(pitches[-1])}", len(pitches))


def _density(songs: TrainingSongs, row: int) -> Cell:
    facts = songs.entries[row].facts
    return Cell("", 0) if facts is None else Cell(f"{facts.notes_per_second:.1f}", facts.notes_per_second)


def _key(songs: TrainingSongs, row: int) -> Cell:
    facts = songs.entries[row].facts
    return Cell("", -1) if facts is None else Cell(key_name(facts.key), facts.key)


def _transposed(songs: TrainingSongs, row: int) -> Cell:
    semitones = songs.entries[row].to_train.semitones
    return Cell(f"{semitones:+}".replace("-", "−") if semitones else "", semitones)


def _grid(songs: TrainingSongs, row: int) -> Cell:
    text = str(songs.entries[row].to_train.quantising)
    return Cell(text, text)


def _lost(songs: TrainingSongs, row: int) -> Cell:
    counts = songs.last_counts
    if counts is None or row not in counts.place or not songs.entries[row].to_train.included:
        return Cell("", -1)
    lost = float(counts.figures.lost[counts.place[row]])
    return Cell("all" if lost == 1 else f"{lost:.1%}" if lost else "", lost)


def _warnings(songs: TrainingSongs, row: int) -> Cell:
    text = "; ".join(songs.warnings(row))
    return Cell(text, text or "\uffff")  # those without any go last


COLUMNS = (
    Column("Song", "Ticked songs are trained on", 0, lambda s, r: Cell(s.entries[r].song.name, s.entries[r].song.name.casefold())),
    Column("", "Hear the song as it is learnt, by its own instruments (Enter)", 30, lambda s, r: Cell("", 0)),
    Column("Length", "Minutes and seconds", 58, _length, True),
    Column("Windows", "Number of windows with these settings", 60, _windows, True),
    Column("Pitches", "How many it uses, the lowest and the highest", 104, _pitches, True),
    Column("Notes/s", "Notes per second, on average", 56, _density, True),
    Column("Tempo", "Beats per minute, in most of the song", 50, lambda s, r: Cell(f"{s.entries[r].song.beats_per_minute:.0f}", s.entries[r].song.beats_per_minute), True),
    Column("Key", "The key that fits its notes best, after transposing", 76, _key),
    Column("Shift", "Semitones it is transposed by (+ and −)", 46, _transposed, True),
    Column("Grid", "The grid that its onsets are moved to, and how far if not all the way", 72, _grid, True),
    Column("Cut", "Share of its notes on pitches too rare to learn", 52, _lost, True),
    Column("Notes", "What was found in the file, and what is done about it", 0, _warnings),
)  # fmt: skip
