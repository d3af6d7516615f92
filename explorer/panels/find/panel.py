"""Finding windows: by a song's name, by a phrase, by what is heard, by a file; and the list of what was found."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QVBoxLayout, QWidget

from explorer.panels.find.phrase_roll import PhraseRoll
from explorer.qt.controls import Button, Segments
from explorer.qt.drop_highlight import DropHighlight
from explorer.qt.labels import ElidedLabel, Label, as_tooltip, breakable, hairline
from explorer.qt.rows import Row, RowList
from explorer.session.map.search import Search, SearchResult
from explorer.session.playing.playback import Playback
from explorer.session.songs.atlas import Atlas
from explorer.session.songs.library import Library
from vrae_core.clock import clock
from vrae_core.corpus.midi_files import is_midi
from vrae_core.tasks.query import PhraseNote
from vrae_core.tasks.search import Hit

SPACES = (
    ("sound", "Sound", "By their notes, aligned where they match best"),
    ("z", "z", "By how close they are in latent space, where the model puts similar music"),
)


class FindPanel(QWidget):
    """Right of the map.  A MIDI file that is dropped on it is looked for, not opened."""

    file_wanted = Signal()
    shown_wanted = Signal()

    def __init__(self, library: Library, playback: Playback, search: Search) -> None:
        super().__init__()
        self._library, self._playback, self._search = library, playback, search
        self.setAcceptDrops(True)
        self.name = QLineEdit()
        self.name.setPlaceholderText("Song name…")
        self.name.setAccessibleName("Find songs by name")
        self.name.setToolTip("Find the windows of all songs whose name contains these words")
        self.name.setClearButtonEnabled(True)
        self.name.setAcceptDrops(False)  # a file's name is no song's
        self.roll = PhraseRoll(search.grid)
        self.play = Button("Play", "Hear the phrase")
        self.empty = Button("Clear", "Delete all notes of the phrase")
        self.keyboard = Button("MIDI", "")
        self.any_key = Button("Any key", "Also find it transposed")
        self.spaces = Segments("What similar means", SPACES)
        self.like = Button("Like this", "Find windows like what is heard")
        self.file = Button("A file…", "Find windows like any of a MIDI file's (or drop it here)")
        self.heading, self.sentence = ElidedLabel("", "muted"), Label("", "small")
        self.sentence.setWordWrap(True)
        self.list = RowList("What was found")
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.select = Button("Select these", "Select the windows found; the others turn grey until Esc")
        self.keyboard.setCheckable(True)
        self.any_key.setCheckable(True)
        self._lay_out()
        self._drop = DropHighlight(self)
        self._listen()
        self._show()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(6)
        part: QWidget
        for part in (Label("Find windows", "caps"), self.name):
            layout.addWidget(part)
        layout.addSpacing(6)
        for part in (
            Label("With a phrase", "caps"),
            self.roll,
            _row(self.play, self.empty, self.keyboard, self.any_key),
        ):
            layout.addWidget(part)
        layout.addSpacing(6)
        for part in (Label("By example, similar in", "caps"), _row(self.spaces, self.like, self.file), hairline()):
            layout.addWidget(part)
        for part in (self.heading, self.sentence):
            layout.addWidget(part)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.select, 0, Qt.AlignmentFlag.AlignLeft)

    def _listen(self) -> None:
        search = self._search
        self.name.textEdited.connect(search.by_name)
        self.name.returnPressed.connect(lambda: search.by_name(self.name.text()))
        self.roll.edited.connect(self._find_phrase)
        self.play.clicked.connect(lambda: search.hear_phrase(self.roll.notes))
        self.empty.clicked.connect(lambda: self._put_phrase([]))
        self.keyboard.clicked.connect(search.listen)
        self.any_key.toggled.connect(search.set_transposed)
        self.spaces.show_chosen(search.space)
        self.spaces.chosen.connect(search.set_space)
        self.like.clicked.connect(lambda: search.like_heard(search.space))
        self.file.clicked.connect(self.file_wanted)
        self.list.picked.connect(self._playback.play_window)
        self.list.customContextMenuRequested.connect(self._offer)
        self.select.clicked.connect(search.select_found)
        search.changed.connect(self._show)
        search.played.connect(self._put_phrase)
        self._playback.heard_changed.connect(self._show_possible)
        self._playback.settings_changed.connect(self._show_possible)
        self._library.atlas_changed.connect(self._show)

    # --- what is looked for

    def start(self) -> None:
        """Be shown, ready for a name."""
        self.shown_wanted.emit()
        self.name.setFocus()
        self.name.selectAll()

    def more_in_sound(self) -> None:
        """Find windows that sound like what is heard."""
        self.shown_wanted.emit()
        self._search.like_heard("sound")

    def more_in_z(self) -> None:
        """Find windows that lie near what is heard in latent space."""
        self.shown_wanted.emit()
        self._search.like_heard("z")

    def _put_phrase(self, notes: list[PhraseNote]) -> None:
        self.roll.show_notes(notes)
        self._find_phrase()

    def _find_phrase(self) -> None:
        self._show_possible()
        self._search.by_phrase(self.roll.notes)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        files = _files(event)
        is_one = len(files) == 1 and is_midi(files[0])
        if is_one and self._library.atlas is not None:
            self._drop.show_words("Find windows like this file")
            event.acceptProposedAction()
        else:
            event.ignore()  # the window's

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._drop.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self._drop.hide()
        self._search.like_file(_files(event)[0])
        event.acceptProposedAction()

    # --- what was found

    def _show(self) -> None:
        search, atlas = self._search, self._library.atlas
        if self.roll.grid != search.grid:
            self.roll.show_grid(search.grid)
        self._show_possible()
        self.keyboard.setChecked(search.listening)
        found = search.found
        self.heading.setText(search.what)
        self.heading.setVisible(bool(search.what))
        self.select.setVisible(found is not None and len(found.windows) > 0)
        if found is None or atlas is None:
            hint = "Type a name, click a phrase into the roll, or find windows like what is playing."
            self.sentence.setText("There is no map yet to search." if atlas is None else hint)
            self.list.rows.show_rows([])
            return
        self.sentence.setText(breakable(found.sentence))
        self.list.rows.show_rows([_shown(atlas, found, rank, hit) for rank, hit in enumerate(found.hits)])

    def _show_possible(self) -> None:
        there_is_a_map = self._library.atlas is not None
        length = self._search.grid.in_words(self._playback.player.tempo)
        self.keyboard.setToolTip(f"Record the phrase from the MIDI keyboard: {length} from its first note")
        self.like.setEnabled(self._playback.heard is not None)
        for control in (self.name, self.roll, self.file, self.any_key, self.keyboard):
            control.setEnabled(there_is_a_map)
        for control in (self.play, self.empty):
            control.setEnabled(bool(self.roll.notes))

    def _offer(self, position: QPoint) -> None:
        index = self.list.indexAt(position)
        if index.isValid():
            window = self.list.rows.row(index).key
            menu = QMenu(self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.addAction("Hear", lambda: self.list.picked.emit(window))
            menu.addAction("More like this, in sound", lambda: self._search.like_window(window, "sound"))
            menu.addAction("More like this, in z", lambda: self._search.like_window(window, "z"))
            menu.popup(self.list.viewport().mapToGlobal(position))


def _row(*parts: QWidget) -> QWidget:
    holder = QWidget()
    layout = QHBoxLayout(holder)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(6)
    for part in parts:
        layout.addWidget(part, 1)
    return holder


def _files(event: QDropEvent | QDragEnterEvent) -> list[Path]:
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]


def _shown(atlas: Atlas, found: SearchResult, rank: int, hit: Hit) -> Row:
    """A hit as a row: the song, where in it the match begins, and how good it is."""
    name, at = atlas.song_name(hit.window), clock(hit.at)
    if found.by == "name":
        at, right = "", str(atlas.counts[int(atlas.corpus.song_of[hit.window])])
        words = f"{right} windows"
    elif found.by == "z":
        right = f"{hit.score:.2f}"
        words = f"{right} apart in z"
    else:
        right = f"{hit.score:.0%}" if found.by == "passage" else f"{hit.shared}/{hit.of}"
        words = f"shares {hit.shared} of {hit.of} notes from {at} on"
        if found.by == "passage":
            words += f"; {right} similar, counting all its notes"
        if hit.semitones:
            words += f", {abs(hit.semitones)} semitones {'higher' if hit.semitones > 0 else 'lower'}"
            at = f"{hit.semitones:+}   {at}"
    if found.of_file:
        words += f"; like {clock(hit.query_at)} of the file"
    tip = as_tooltip(f"{atlas.title(hit.window)}: {words}. Click to hear it.")
    return Row(hit.window, atlas.colour_of(hit.window), name, at, right, on=rank < found.alike, tip=tip)
