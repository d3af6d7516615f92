"""Messages and running jobs, told in the window: nothing pops up, nothing blocks."""

from __future__ import annotations

import time

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from explorer.qt.controls import Button
from explorer.qt.jobs import Jobs
from explorer.qt.labels import ElidedLabel, Label, breakable, restyle
from explorer.qt.messages import Offered

MOST_SENTENCES = 6
WIDEST = 560  # pixels
NOTE_MILLISECONDS, WARNING_MILLISECONDS = 6_000, 12_000  # for each sentence that is shown; an error stays


class MessageBar(QFrame):
    """Sentences to the user, each on its line: a card over a part of its parent.

    It lies over what is there: a layout that made room for it would move the map from under the hand.  So notes and
    warnings leave by themselves, unless the mouse rests on them; errors stay until they are closed.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._all, self._over, self._top = parent, parent, 0
        parent.installEventFilter(self)
        self.setProperty("look", "message")
        self.sentences: list[str] = []
        self._kind = "note"
        self._words = Label()
        self._words.setWordWrap(True)
        self._words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.button = Button("", "Do what this message offers", look="main")
        self._offered: Offered | None = None
        self._put_off: list[Offered] = []  # questions that something else was said over
        self.button.clicked.connect(self._accept)
        self.closer = Button(tip="Close this message", drawing="close", look="plain")
        self.closer.clicked.connect(self._close)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 6, 8, 6)
        for part, stretch in ((self._words, 1), (self.button, 0), (self.closer, 0)):
            layout.addWidget(part, stretch)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._leave)
        self.hide()

    def place_over(self, part: QWidget, top: int) -> None:
        """Lie in the middle of another part of the parent from now on, so many pixels below its upper edge."""
        self._over.removeEventFilter(self)
        self._over, self._top = part, top
        part.installEventFilter(self)
        self._place()

    def say(self, sentence: str, kind: str) -> None:
        """Show a note, a warning or an error; a note replaces what was said, the others are added to it.

        What is said again moves to the end, and of very many the newest are shown: they are about what was just done.
        """
        before = [] if self._kind == "note" else [said for said in self.sentences if said != sentence]
        self.sentences = [*before, sentence]  # a note never pushes a warning away
        if kind != "note" and self._kind != "error":
            self._kind = kind
        hidden = len(self.sentences) - MOST_SENTENCES
        lines = ([f"{hidden} more, and:"] if hidden > 0 else []) + self.sentences[-MOST_SENTENCES:]
        self._words.setText(breakable("\n".join(lines)))
        self.button.hide()  # it belonged to another sentence
        self._put_off += [each for each in (self._offered,) if each is not None and each.stands is not None]
        self._offered = None
        self.setProperty("kind", self._kind)
        restyle(self)
        self._place()
        self.show()
        self.raise_()
        if self._kind == "error":
            self._timer.stop()
        else:
            each = NOTE_MILLISECONDS if self._kind == "note" else WARNING_MILLISECONDS
            self._timer.start(each * min(len(self.sentences), MOST_SENTENCES))

    def offer(self, offer: Offered) -> None:
        """Show a note with a button beside it, longer than one that asks nothing.

        If something is said over it, it comes back when that has gone, as long as it ``stands``.
        """
        self.say(offer.sentence, "note")
        self.button.setText(offer.words)
        self.button.setAccessibleDescription(offer.sentence)
        self._put_off = [each for each in self._put_off if each.words != offer.words]  # the newest asks for all
        self._offered = offer
        self.button.show()
        self._place()
        if self._timer.isActive():
            self._timer.start(WARNING_MILLISECONDS * len(self.sentences))

    def drop_what_is_over(self) -> None:
        """Take an offer away that is about something which has been undone."""
        offered = self._offered
        if offered is not None and offered.holds is not None and not offered.holds():
            rest, kind = [sentence for sentence in self.sentences if sentence != offered.sentence], self._kind
            self.clear()
            for sentence in rest:  # warnings and errors
                self.say(sentence, kind)
            self._ask_again()

    def _accept(self) -> None:
        offered = self._offered
        self.clear()
        if offered is not None:
            offered.act()
        self._ask_again()

    def _close(self) -> None:
        offered = self._offered
        self.clear()
        if offered is not None and offered.refuse is not None:
            offered.refuse()
        self._ask_again()

    def _leave(self) -> None:
        if self.underMouse():
            self._timer.start(NOTE_MILLISECONDS)  # it is being read
        else:
            self.clear()
            self._ask_again()

    def _ask_again(self) -> None:
        """Offer what was put off, unless there is nothing to ask about it any more or something else is said."""
        self._put_off = [each for each in self._put_off if each.stands is not None and each.stands()]
        if self._put_off and not self.sentences:
            self.offer(self._put_off[0])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move):
            self._place()
        return False

    def _place(self) -> None:
        room = self._over.width()
        corner = QPoint() if self._over is self._all else self._over.mapTo(self._all, QPoint())
        width = min(room - 40, WIDEST)
        self.resize(width, max(44, self.heightForWidth(width)))
        self.move(corner.x() + (room - width) // 2, corner.y() + self._top)

    def clear(self) -> None:
        """Take everything away."""
        self.sentences, self._kind, self._offered = [], "note", None
        self._timer.stop()
        self.hide()


class Offer(QFrame):
    """A sentence with two buttons, in a line of its own height: it waits as long as one likes, and covers nothing."""

    accepted = Signal()
    declined = Signal()

    def __init__(self, yes: str, no: str) -> None:
        super().__init__()
        self.setProperty("look", "message")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.words = ElidedLabel()
        self.yes, self.no = Button(yes, "Accept this offer", look="main"), Button(no, "Close this offer")
        self.yes.clicked.connect(self._accept)
        self.no.clicked.connect(self._decline)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 2, 4, 2)
        layout.setSpacing(8)
        layout.addWidget(self.words, 1)
        for button in (self.yes, self.no):
            layout.addWidget(button)
        self.hide()

    def show_words(self, sentence: str) -> None:
        """Make the offer."""
        self.words.setText(sentence)
        self.setAccessibleName(sentence)
        for button in (self.yes, self.no):
            button.setAccessibleDescription(sentence)
        self.show()  # which styles the buttons, and so makes them as wide as they will be
        self.setMaximumWidth(self.sizeHint().width() + self.words.sizeHint().width())

    def _accept(self) -> None:
        self.hide()
        self.accepted.emit()

    def _decline(self) -> None:
        self.hide()
        self.declined.emit()


class JobStrip(QWidget):
    """The job that runs: what it does, how far it is, and a button that stops it."""

    cancelled = Signal(str)  # the job's key

    def __init__(self) -> None:
        super().__init__()
        self._key = ""
        self._words = ElidedLabel("", "small")
        self._words.setMinimumWidth(150)
        self._words.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(110)
        self._bar.setAccessibleName("Progress")
        self._cancel = Button("Cancel", "Stop this", look="plain")
        self._cancel.clicked.connect(lambda: self.cancelled.emit(self._key))
        middle = QVBoxLayout()
        middle.addStretch(1)
        middle.addWidget(self._bar)
        middle.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 14, 0)
        layout.addStretch(1)
        layout.addWidget(self._words, 1)
        layout.addLayout(middle)
        layout.addWidget(self._cancel)
        self.hide()

    def show_job(self, key: str, title: str, text: str, share: float | None) -> None:
        """Show how far a job is; ``share`` None for one that has not said."""
        self._key = key
        self._words.setText(f"{title} · {text}" if text else title)
        self._bar.setRange(0, 0 if share is None else 1000)
        if share is not None:
            self._bar.setValue(round(share * 1000))
        self.show()


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
