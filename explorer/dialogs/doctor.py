"""Map ▸ Diagnose the model: what ails it, in plain words, with what shows it and what to try."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from explorer.qt.controls import Button, Scrolled
from explorer.qt.jobs import Jobs
from explorer.qt.labels import Label
from explorer.session.map.selection import Selection
from explorer.session.songs.library import Library
from vrae_core.progress import Progress
from vrae_core.tasks.doctor import Finding, State, diagnose

MARKS: dict[State, tuple[str, str]] = {"bad": ("✗", "bad"), "note": ("!", "warning"), "good": ("✓", "good")}
KEY = "doctor"


class DoctorDialog(QDialog):
    """Examines the model of the map when it opens; closing it stops that."""

    def __init__(self, parent: QWidget | None, library: Library, selection: Selection, jobs: Jobs) -> None:
        super().__init__(parent)
        self._library, self._selection, self._jobs = library, selection, jobs
        self.findings: tuple[Finding, ...] = ()
        self.setWindowTitle("Diagnose the model")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(640, 600 if parent is None else min(600, parent.height() - 40))
        self.heading, self.bar = Label("", "title"), QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress")
        self._body = QWidget()
        self._rows = QGridLayout(self._body)
        self.copy = Button("Copy as text", "Put all findings on the clipboard")
        self.copy.setEnabled(False)
        self.copy.clicked.connect(self._copy)
        self._lay_out()
        self.finished.connect(lambda: jobs.cancel(KEY))
        library.atlas_changed.connect(self.reject)  # another model, or other songs: what is said here is past
        self._examine()

    def _lay_out(self) -> None:
        self._rows.setContentsMargins(0, 0, 8, 0)
        self._rows.setHorizontalSpacing(12)
        self._rows.setVerticalSpacing(3)
        self._rows.setColumnStretch(1, 1)
        area = Scrolled(self._body, "Findings")
        close = Button("Close", "Close this page", look="main")
        close.clicked.connect(self.accept)
        foot = QHBoxLayout()
        foot.addWidget(self.copy)
        foot.addStretch(1)
        foot.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(26, 22, 26, 18)
        layout.setSpacing(14)
        layout.addWidget(self.heading)
        layout.addWidget(self.bar)
        layout.addWidget(area, 1)
        layout.addLayout(foot)

    def _examine(self) -> None:
        library = self._library
        assert library.atlas is not None
        self.heading.setText(f"Examining {library.model_name}…")
        job = diagnose(library.atlas.model, library.atlas.corpus, library.songs)
        self._jobs.start(f"Examining {library.model_name}", job, self._show, key=KEY, progressed=self._show_progress)

    def _show_progress(self, progress: Progress) -> None:
        self.bar.setMaximum(int(progress.total))
        self.bar.setValue(int(progress.done))

    def _show(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        self.bar.hide()
        self.copy.setEnabled(True)
        problems = sum(finding.state != "good" for finding in findings)
        name = self._library.model_name
        self.heading.setText(f"{name}: {problems} of {len(findings)} need a look" if problems else f"{name} is fine")
        for finding in findings:
            self._add(finding)
        self._rows.setRowStretch(self._rows.rowCount(), 1)

    def _add(self, finding: Finding) -> None:
        row = self._rows.rowCount()
        mark = Label(*MARKS[finding.state])
        mark.setAccessibleName({"bad": "Bad", "note": "Note", "good": "Good"}[finding.state])
        self._rows.addWidget(mark, row, 0, Qt.AlignmentFlag.AlignTop)
        words = [(finding.name, "caps"), (finding.sentence, ""), (finding.evidence, "muted"), (finding.advice, "")]
        for line, (text, look) in enumerate(words):
            if text:
                label = Label(f"Try: {text}" if line == 3 else text, look)
                label.setWordWrap(True)
                self._rows.addWidget(label, row + line, 1)
        if len(finding.windows):
            show = Button(f"Select these {len(finding.windows)} windows", "Grey all others on the map", look="link")
            show.clicked.connect(lambda: self._select(finding))
            self._rows.addWidget(show, row + 4, 1, Qt.AlignmentFlag.AlignLeft)
        self._rows.setRowMinimumHeight(row + 5, 12)

    def _select(self, finding: Finding) -> None:
        atlas = self._library.atlas
        assert atlas is not None
        self._selection.set(np.isin(np.arange(len(atlas.corpus)), finding.windows))

    def _copy(self) -> None:
        lines = (f"{f.name}: {f.sentence} ({f.evidence}) {f.advice}".rstrip() for f in self.findings)
        QApplication.clipboard().setText("\n".join(lines))
