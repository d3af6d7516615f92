"""Beside the tabs: the newest job, how far it is, and a button that cancels it."""

from __future__ import annotations

import time

from PySide6.QtCore import QTimer

from explorer.session.jobs import Jobs
from explorer.widgets.notices import JobStrip

SHOWN_AFTER = 0.2  # seconds: a shorter job is over before one could read what it is


class JobsStrip(JobStrip):
    """Shows a job once it has run for a moment."""

    def __init__(self, jobs: Jobs) -> None:
        super().__init__()
        self._jobs = jobs
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._show)
        self.cancelled.connect(jobs.cancel)
        jobs.changed.connect(self._show)

    def _show(self) -> None:
        if not self._jobs.running:
            self.hide()
            return
        newest = self._jobs.running[-1]
        wait = SHOWN_AFTER - (time.monotonic() - newest.started)
        if wait > 0 and not self.isVisible():
            self._timer.start(int(wait * 1000) + 1)
        else:
            self.show_job(newest.key, newest.title, newest.text, newest.share)
