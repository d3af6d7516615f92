"""The colours of the map's dots: a choice of what they mean, and its legend, a ramp or a table's words."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from explorer.panels.map.view.view import MapView
from explorer.qt.controls import DropDown
from explorer.qt.labels import Label, as_tooltip, counted, is_dark
from explorer.qt.rows import ROW_HEIGHT, Row, RowList
from explorer.session.map.colouring import SONG, TABLE, Colouring
from explorer.session.songs.atlas import Atlas
from explorer.session.songs.library import Library
from vrae_core.latent.colours import GREY, Meaning, ends_in_words
from vrae_core.piano_roll import IntArray

MOST_SHOWN = 4  # words, before their list scrolls
OPEN = "open a table"  # the last choice


class ColourBox(QWidget):
    """Part of the legend."""

    table_wanted = Signal()

    def __init__(self, library: Library, colouring: Colouring) -> None:
        super().__init__()
        self._library, self._colouring = library, colouring
        self.choice = DropDown()
        self.choice.setAccessibleName("Colour by")
        self.choice.setToolTip("What the colour of a dot means")
        self.ramp, self.missing = RampBar(), Label("", "small")
        self.words = RowList("What the colours mean")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(7)
        for part in (Label("Colour by", "caps"), self.choice, self.ramp, self.words, self.missing):
            layout.addWidget(part)
        self.choice.activated.connect(self._choose)
        self._colouring.choices_changed.connect(self._show_choices)
        self._colouring.changed.connect(self._show_meaning)
        self._show_choices()
        self._show_meaning()

    def _choose(self) -> None:
        what = self.choice.currentData()
        if what == OPEN:
            self._show_choice()  # until there is a table
            self.table_wanted.emit()
        else:
            self._colouring.set_colour_by(what)

    def _show_choices(self) -> None:
        self.choice.clear()
        for key, name in self._colouring.choices.items():
            if key.startswith(TABLE) and not self.choice.itemData(self.choice.count() - 1).startswith(TABLE):
                self.choice.insertSeparator(self.choice.count())
            self.choice.addItem(name, key)
        self.choice.insertSeparator(self.choice.count())
        self.choice.addItem("Column of a table…", OPEN)
        self._show_choice()

    def _show_choice(self) -> None:
        self.choice.setCurrentIndex(max(0, self.choice.findData(self._colouring.colour_by)))

    def _show_meaning(self) -> None:
        self._show_choice()
        meaning = self._colouring.meaning
        if self._colouring.colour_by == SONG:
            meaning = None
        known = meaning is not None and meaning.has_ramp
        self.ramp.setVisible(known)
        self.words.setVisible(meaning is not None and bool(meaning.words))
        self.missing.setVisible(meaning is not None and meaning.missing > 0 and not meaning.words)
        if meaning is None:
            return
        self.missing.setText(f"Grey: {counted(meaning.missing, 'window')} without a value")
        if known:
            low, high = ends_in_words(meaning.low, meaning.high)
            self.ramp.show_ramp(self._colours_of(meaning), low, high, meaning.figure.unit)
        elif meaning.words:
            self._show_words(meaning)

    def _show_words(self, meaning: Meaning) -> None:
        rows = [
            Row(i, colour, word, right=f"{count:,}", tip=as_tooltip(f"{word}: {counted(count, 'window')}"))
            for i, (word, count, colour) in enumerate(
                zip(meaning.words, meaning.counts, self._colours_of(meaning), strict=True)
            )
        ]
        if meaning.missing:
            tip = f"{counted(meaning.missing, 'window')} without a value in the table"
            rows.append(Row(len(rows), GREY, "No value", right=f"{meaning.missing:,}", on=False, tip=tip))
        self.words.rows.show_rows(rows)
        self.words.setMinimumHeight(ROW_HEIGHT)  # where the panel is full it scrolls sooner
        self.words.setMaximumHeight(min(len(rows), MOST_SHOWN) * ROW_HEIGHT)

    def _colours_of(self, meaning: Meaning) -> tuple[str, ...]:
        """Those that mean something."""
        return meaning.colours(is_dark(self), self._library.song_colours.safe)[:-1]

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "words"):
            self._show_meaning()


BAR, GAP = 8, 4  # pixels


class RampBar(QWidget):
    """Paints a ramp above its lowest value, its unit and its highest."""

    def __init__(self) -> None:
        super().__init__()
        self._colours: Sequence[str] = ()
        self._low = self._high = self._unit = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_ramp(self, colours: Sequence[str], low: str, high: str, unit: str) -> None:
        """Show colours from low to high."""
        self._colours, self._low, self._high, self._unit = colours, low, high, unit
        words = f"From {low} to {high} {unit}".strip()
        self.setAccessibleName(words)
        self.setToolTip(f"{words}. 1 % of the windows lie beyond each end.")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(80, BAR + GAP + self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            fill = QLinearGradient(0, 0, self.width(), 0)
            for place, colour in enumerate(self._colours):
                fill.setColorAt(place / max(len(self._colours) - 1, 1), QColor(colour))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(fill)
            painter.drawRoundedRect(QRectF(0, 0, self.width(), BAR), 3, 3)
            font = self.font()
            font.setPixelSize(11)
            painter.setFont(font)
            below = QRectF(0, BAR + GAP, self.width(), self.height() - BAR - GAP)
            painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
            painter.drawText(below, Qt.AlignmentFlag.AlignLeft, self._low)
            painter.drawText(below, Qt.AlignmentFlag.AlignRight, self._high)
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, self._unit)


def colour_dots(view: MapView, atlas: Atlas, meaning: Meaning | None, shape_of: IntArray | None) -> None:
    """Colour the dots of an atlas by what they mean, or by song, once the view has them."""
    if len(view.points) != len(atlas.corpus):
        return
    if meaning is None or len(meaning.colour_of) != len(atlas.corpus):
        view.dots.recolour(atlas.corpus.song_of, atlas.colours)
    else:
        view.dots.recolour(meaning.colour_of, meaning.colours(is_dark(view), atlas.safe_colours))
    view.dots.set_shapes(shape_of)
