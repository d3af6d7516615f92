"""Names and notes that are written in a list or a table."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex
from PySide6.QtWidgets import QStyledItemDelegate, QWidget


class KeepsWhatIsWritten(QStyledItemDelegate):
    """The editor is filled once: Qt would fill it anew whenever the rows are shown anew, over what is being typed."""

    def setEditorData(self, editor: QWidget, index: QModelIndex | QPersistentModelIndex) -> None:
        if not editor.property("filled"):
            editor.setProperty("filled", True)
            super().setEditorData(editor, index)
