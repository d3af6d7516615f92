"""What the colour of a dot means: a choice, and below it the legend of a figure or of a table's words."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.session import Session
from explorer.session.colouring import SONG, TABLE
from explorer.widgets.controls import DropDown
from explorer.widgets.labels import Label, as_tooltip
from explorer.widgets.ramp import RampBar
from explorer.widgets.rows import ROW_HEIGHT, Row, RowList
from vrae_core.colour_meaning import Meaning, ends_in_words
from vrae_core.palette import GREY

MOST_SHOWN = 4  # words, before their list scrolls
OPEN = "open a table"  # the last choice


class ColourBox(QWidget):
    """Part of the legend."""

    table_wanted = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._library, self._colouring = session.library, session.colouring
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
            self._library.set_colour_by(what)

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
        self.choice.setCurrentIndex(max(0, self.choice.findData(self._library.colour_by)))

    def _show_meaning(self) -> None:
        self._show_choice()
        meaning = self._colouring.meaning
        if self._library.colour_by == SONG:
            meaning = None
        known = meaning is not None and meaning.has_ramp
        self.ramp.setVisible(known)
        self.words.setVisible(meaning is not None and bool(meaning.words))
        self.missing.setVisible(meaning is not None and meaning.missing > 0 and not meaning.words)
        if meaning is None:
            return
        self.missing.setText(f"Grey: {meaning.missing:,} windows without a value")
        if known:
            low, high = ends_in_words(meaning.low, meaning.high)
            self.ramp.show_ramp(self._colours_of(meaning), low, high, meaning.figure.unit)
        elif meaning.words:
            self._show_words(meaning)

    def _show_words(self, meaning: Meaning) -> None:
        rows = [
            Row(i, colour, word, right=f"{count:,}", tip=as_tooltip(f"{word}: {count:,} windows"))
            for i, (word, count, colour) in enumerate(
                zip(meaning.words, meaning.counts, self._colours_of(meaning), strict=True)
            )
        ]
        if meaning.missing:
            tip = f"{meaning.missing:,} windows of which the table says nothing"
            rows.append(Row(len(rows), GREY, "No value", right=f"{meaning.missing:,}", on=False, tip=tip))
        self.words.rows.show_rows(rows)
        self.words.setMinimumHeight(ROW_HEIGHT)  # where the panel is full it scrolls sooner
        self.words.setMaximumHeight(min(len(rows), MOST_SHOWN) * ROW_HEIGHT)

    def _colours_of(self, meaning: Meaning) -> tuple[str, ...]:
        """Those that mean something."""
        dark = self.palette().color(QPalette.ColorRole.Base).lightness() < 128
        return meaning.colours(dark, self._library.safe_colours)[:-1]

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "words"):
            self._show_meaning()
