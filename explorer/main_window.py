"""The window: three tabs over one transport, and what concerns it as a whole (menus, keys, drops, closing)."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QMargins, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QMainWindow,
    QVBoxLayout,
    QWidget,
)

from explorer import placing
from explorer.actions import fill_menus, make_actions, menu_of
from explorer.assembly import export_dialogs, file_dialogs
from explorer.audio.output import AudioOutput
from explorer.closing import Closing
from explorer.dialogs.asking import Asking
from explorer.dialogs.commands import EXPORTS, SELECTION_EXPORTS
from explorer.dialogs.copying import Copying
from explorer.dialogs.doctor import DoctorDialog
from explorer.dialogs.help import about_page, shortcuts_page
from explorer.dialogs.map_options import Reading
from explorer.dialogs.midi import MidiDialog
from explorer.dialogs.preferences import PreferencesDialog
from explorer.dialogs.quitting import Quitting
from explorer.dialogs.recent import add_recent_menus
from explorer.main_pages import EXPLORE, TRAIN, MainPages
from explorer.menus import make_menus, shortcut_columns
from explorer.offers import Offers
from explorer.panels.map.commands import SHAPES
from explorer.panels.playing.transport import TransportPanel
from explorer.panels.training.strip import TrainingStrip
from explorer.preferences import Preferences
from explorer.qt.background import anything_running, cancel_all
from explorer.qt.controls import Scrolled
from explorer.qt.labels import counted, hairline
from explorer.qt.notices import JobsStrip
from explorer.qt.theme import apply_theme
from explorer.session.files.contents import ViewState
from explorer.session.session import Session

SMALLEST, LIKELY_MENU = QSize(1180, 640), 46  # pixels: the window where the screen has room, its menu bar


class MainWindow(QMainWindow):
    """Holds the panels.  What only a window can do are its methods."""

    theme_changed = Signal()

    def __init__(self, session: Session, preferences: Preferences, audio: AudioOutput) -> None:
        super().__init__()
        self.session, self.preferences, self.audio = session, preferences, audio
        self._quitting = Quitting(self, session.jobs, self.close_unasked)
        self.resize(1440, 900)
        self.setMinimumSize(SMALLEST)
        self.setAcceptDrops(True)
        asking = Asking(self, preferences)
        self.files, self.exporting = file_dialogs(asking, session), export_dialogs(asking, session)
        self.reading = Reading(asking, preferences, session.library, session.colouring, session.hovering)
        self.transport = TransportPanel(session.playback)
        self.pages = MainPages(session, self.files, self.exporting, self.reading, below=self.transport)
        self.explore, self.map_panel = self.pages.explore, self.pages.explore.map
        self.tabs, self.messages, self.drop = self.pages.tabs, self.pages.messages, self.pages.drop
        roll = self.explore.now_playing.roll
        self.copying = Copying(session.exports, session.messages, self.map_panel.view, roll)
        self.closing = Closing(
            self,
            (
                session.trainer.close,
                cancel_all,  # what is begun after this still runs
                session.keeping.close,
                self._save_preferences,
                session.playback.stop,
                self.copying.leave_no_file,
                session.midi.close,
                audio.stop,
            ),
            busy=lambda: anything_running() or audio.running,
        )
        self.closing.ended.connect(self.close)
        self.job_strip = JobsStrip(session.jobs)
        self.training_strip = TrainingStrip(session.trainer, session.training, session.runs)
        self.offers = Offers(session.messages, session.runs, session.run_models, session.learning)
        self._lay_out()
        self.menus = make_menus(self)
        self.actions_by_id = make_actions(self.menus, self, self.map_panel)
        menus = fill_menus(self.menuBar(), self.menus, self.actions_by_id)
        add_recent_menus(
            menus, self.actions_by_id, session.library, session.history, session.keeping, self.files, preferences
        )
        self.transport.set_export_menu(menu_of(EXPORTS, self.actions_by_id, self))
        self.explore.selection.set_export_menu(menu_of(SELECTION_EXPORTS, self.actions_by_id, self))
        self.map_panel.path_bar.set_shape_menu(menu_of(SHAPES, self.actions_by_id, self))
        self._listen()
        session.layers.restore(preferences)
        self.map_panel.use_tool("play")
        self._show_title()
        self.map_panel.view.setFocus()

    # --- layout

    def _lay_out(self) -> None:
        """From the window inwards: whatever is put into something else has all its parts styled anew.

        And in reading order: Tab goes through the parts as they came in.
        """
        centre, head = QWidget(), QHBoxLayout()
        area = Scrolled(centre)  # where a small screen or large letters leave too little room
        centre.setMinimumSize(SMALLEST.shrunkBy(QMargins(0, LIKELY_MENU, 0, 0)))
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCentralWidget(area)
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        head.setContentsMargins(6, 0, 0, 0)
        head.addWidget(self.tabs)
        head.addSpacing(10)
        for offer in self.offers.all:
            head.addWidget(offer, 3)  # where it covers nothing
        head.addWidget(self.job_strip, 1)
        head.addStretch(0)
        head.addWidget(self.training_strip)
        layout.addWidget(self.pages, 1)
        self.pages.lay_out()
        self.tabs.currentChanged.connect(lambda: area.ensureVisible(0, 0))
        layout.addWidget(hairline())
        layout.addWidget(self.transport)

    def _listen(self) -> None:
        session = self.session
        session.messages.said.connect(self.messages.say)
        session.messages.offered.connect(self.messages.offer)
        session.undo_stack.indexChanged.connect(self.messages.drop_what_is_over)
        session.library.atlas_changed.connect(self._show_title)
        session.library.models_changed.connect(self._show_title)
        session.keeping.state.view = self._view
        session.keeping.state.view_wanted.connect(self._show_view)
        session.keeping.changed.connect(self._show_title)
        session.keeping.used.connect(self.preferences.remember_session)
        for signal in (self.map_panel.view.area_changed, self.map_panel.tool_changed, self.tabs.currentChanged):
            signal.connect(session.keeping.touch)
        self.actions_by_id["clear"].triggered.connect(self._leave_text)
        self.offers.resumed.connect(self.pages.watch_own)
        self.training_strip.cancelled.connect(session.learning.cancel)
        self.training_strip.clicked.connect(self.pages.watch_own)
        self.training_strip.other_wanted.connect(self.pages.watch)
        self.audio.state_changed.connect(self.transport.show_audio)
        self.audio.failed.connect(lambda sentence: session.messages.say(sentence, "error"))
        self.transport.again_wanted.connect(self.audio.try_again)

    # --- commands

    def use_theme(self, name: str) -> None:
        """Change the surfaces to "dark" or "light"."""
        self.preferences.theme = name
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        apply_theme(app, name)
        self.session.library.song_colours.set_dark(name == "dark")
        self.theme_changed.emit()

    def show_preferences(self) -> None:
        """Show what one sets once: the sound's mode, the colours."""
        page = PreferencesDialog(self, self.preferences, self.audio)
        page.theme_chosen.connect(self.use_theme)
        page.song_colours_chosen.connect(self.reading.set_safe_colours)
        page.open()

    def show_doctor(self) -> None:
        """Say what is wrong with the model."""
        DoctorDialog(self, self.session.library, self.session.selection, self.session.jobs).open()

    def show_midi_ports(self) -> None:
        """Choose MIDI ports, and what they do."""
        page = self.findChild(MidiDialog) or MidiDialog(self, self.session.midi)
        page.show()
        page.activateWindow()

    def show_shortcuts(self) -> None:
        """Show every key and gesture."""
        shortcuts_page(self, shortcut_columns(self.menus)).open()

    def show_about(self) -> None:
        """Say what this is."""
        about_page(self).open()

    # --- what the session says

    def _show_title(self) -> None:
        library = self.session.library
        parts = ["VRAE Explorer"]
        if library.atlas is not None:
            parts = [counted(len(library.atlas.corpus.names), "song"), library.model_name, *parts]
        keeping = self.session.keeping
        if keeping.file is not None:
            parts = [f"{keeping.file.stem.replace('[*]', '')}[*]", *parts]
        self.setWindowTitle(" — ".join(parts))
        self.setWindowModified(keeping.modified)

    def _view(self) -> ViewState:
        return ViewState(self.map_panel.view.area, self.map_panel.tool, self.tabs.currentIndex())

    def _show_view(self, view: ViewState) -> None:
        self.pages.use_tool(view.tool)
        self.map_panel.view.show_area(view.area)
        self.tabs.setCurrentIndex(view.tab)

    def _leave_text(self) -> None:
        """Esc in a text field also gives the keyboard back to the map."""
        if isinstance(QApplication.focusWidget(), QLineEdit) and self.tabs.currentIndex() == EXPLORE:
            self.map_panel.view.setFocus()

    # --- events

    def event(self, event: QEvent) -> bool:
        """Space belongs to the control that the keyboard has reached; everywhere else it plays and pauses.

        Whichever widget has the keyboard, Qt asks it and then its parents, so this window too, whether a key is theirs
        before it looks for a shortcut.
        """
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            controls = (QAbstractButton, QAbstractItemView, QComboBox)
            if event.key() == Qt.Key.Key_Space and isinstance(QApplication.focusWidget(), controls):
                event.accept()
                return True
        return super().event(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            training = self.tabs.currentIndex() == TRAIN
            self.drop.show_words("Add to the songs to train on" if training else "Open")
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.drop.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self.drop.hide()
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if self.tabs.currentIndex() == TRAIN:
            self.files.drop_on_training(paths)
        else:
            self.files.open_dropped(paths)
        event.acceptProposedAction()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close when every part has ended; while a file is being written, ask first."""
        if not self.closing.has_begun and self._quitting.ask_first():
            event.ignore()
            return
        self.closing.begin()
        if self.closing.may_end:
            event.accept()
        else:
            event.ignore()
            self.setEnabled(False)

    def close_unasked(self) -> None:
        """Close though a file is being written: of that nothing is left."""
        self.closing.begin()
        self.close()

    def _save_preferences(self) -> None:
        player = self.session.playback.player
        self.preferences.volume, self.preferences.tempo = player.volume, player.tempo
        self.preferences.sound = self.session.playback.sound
        placing.remember(self, self.preferences)
        self.session.midi.remember(self.preferences)
        self.session.layers.remember(self.preferences)
        self.preferences.save()
