"""Words in place of a map: it is being made, or what is missing for one."""

from __future__ import annotations

from PySide6.QtCore import Qt, SignalInstance
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.qt.controls import Button
from explorer.qt.labels import Label
from explorer.session.songs.library import Library


class EmptyMap(QWidget):
    """Gone where there is a map."""

    def __init__(self, library: Library, train_wanted: SignalInstance, model_wanted: SignalInstance) -> None:
        super().__init__()
        self._library = library
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
