"""A − B + C: three slots, and what to do with what comes of them."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from explorer.actions import Command, CommandGroup
from explorer.qt.controls import Button, MenuButton
from explorer.qt.labels import ElidedLabel, Label, without_mnemonic
from explorer.session.map.arithmetic import SLOTS, Arithmetic, Term
from explorer.session.map.selection import Selection
from explorer.session.songs.library import Library

MOST_NAMED = 40  # favourites, or songs, that a menu lists


class ArithmeticRow(QWidget):
    """Each slot is filled from what is heard, a favourite, the selection or a song."""

    def __init__(self, library: Library, selection: Selection, arithmetic: Arithmetic) -> None:
        super().__init__()
        self._library, self._selection, self._arithmetic = library, selection, arithmetic
        self.slots: dict[str, MenuButton] = {}
        self._names: dict[str, ElidedLabel] = {}
        self.hear = Button("Hear A − B + C", "Hear the result where the map shows it; fill all three slots first")
        self.keep = Button("Save", "Save A − B + C as a favourite, left of the map", look="plain")
        self.on_path = Button("To path", "Add A − B + C to the end of the path", look="plain")
        self.average = Button("Hear average of selection", "Hear the mean of the selected windows in latent space")
        self._lay_out(self._make_slots())
        self.hear.clicked.connect(self._arithmetic.hear)
        self.keep.clicked.connect(self._arithmetic.keep)
        self.on_path.clicked.connect(self._arithmetic.put_on_path)
        self.average.clicked.connect(self._arithmetic.hear_average)
        self._arithmetic.changed.connect(self._show)
        selection.changed.connect(self._show)
        self._show()

    def _make_slots(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(2, 1)
        for row, (slot, sign) in enumerate(zip(SLOTS, ("", "−", "+"), strict=True)):
            button = MenuButton(slot, f"Choose what {slot} is")
            menu = QMenu(button)
            menu.aboutToShow.connect(lambda menu=menu, slot=slot: self._offer(menu, slot))
            button.setMenu(menu)
            name = ElidedLabel("", "muted")
            grid.addWidget(Label(sign, "muted"), row, 0)
            grid.addWidget(button, row, 1)
            grid.addWidget(name, row, 2)
            self.slots[slot], self._names[slot] = button, name
        return grid

    def _lay_out(self, grid: QGridLayout) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        for part in (self.hear, self.keep, self.on_path):
            buttons.addWidget(part)
        buttons.addStretch(1)
        last = QHBoxLayout()
        last.addWidget(self.average)
        last.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(grid)
        layout.addLayout(buttons)
        layout.addLayout(last)

    def _show(self) -> None:
        terms = self._arithmetic.terms
        for slot, name in self._names.items():
            name.setText(terms[slot].name if slot in terms else "choose a point")
            self.slots[slot].setAccessibleName(f"{slot}: {name.text()}")
        for button in (self.hear, self.keep, self.on_path):
            button.setEnabled(len(terms) == len(SLOTS))
        self.average.setEnabled(self._selection.windows is not None)

    def _offer(self, menu: QMenu, slot: str) -> None:
        """What could stand in a slot now."""
        menu.clear()
        arithmetic, atlas = self._arithmetic, self._library.atlas
        self._add(menu, slot, "What is heard", arithmetic.heard())
        self._add(menu, slot, "The selection", arithmetic.selected())
        favourites = menu.addMenu("Favourite")
        for favourite in arithmetic.favourites()[-MOST_NAMED:]:
            self._add(favourites, slot, favourite.name, favourite)
        favourites.setEnabled(not favourites.isEmpty())
        here = arithmetic.song_heard()
        self._add(menu, slot, "The song heard", None if here is None else arithmetic.song(here))
        songs = menu.addMenu("Average of a song")
        for song, name in enumerate(() if atlas is None else atlas.corpus.names[:MOST_NAMED]):
            songs.addAction(without_mnemonic(name), partial(self._fill_with_song, slot, song))
        songs.setEnabled(not songs.isEmpty())
        menu.addSeparator()
        menu.addAction("Empty", lambda: arithmetic.fill(slot, None)).setEnabled(slot in arithmetic.terms)

    def _fill_with_song(self, slot: str, song: int) -> None:
        self._arithmetic.fill(slot, self._arithmetic.song(song))

    def _add(self, menu: QMenu, slot: str, words: str, term: Term | None) -> None:
        action = menu.addAction(without_mnemonic(words), lambda: self._arithmetic.fill(slot, term))
        action.setEnabled(term is not None)


def average_of_selection(arithmetic: Arithmetic, selection: Selection) -> CommandGroup:
    """The command that needs no slot."""

    def selected() -> bool:
        return selection.windows is not None

    tip = "Hear the mean of the selected windows in latent space"
    hear = Command("hear_average", "Hear average of selection", "", tip, arithmetic.hear_average, selected)
    return CommandGroup([hear], (selection.changed,))
