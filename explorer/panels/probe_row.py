"""A few windows and what the snapshot that is shown makes of them."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.atlas import clock
from explorer.session import Session
from explorer.session.aside import Aside
from explorer.session.living_map import LivingMap, Probe, Shot
from explorer.session.window_sample import PROBES
from explorer.widgets.labels import Label
from explorer.widgets.probe_card import ProbeCard, Side
from vrae_core.palette import song_colour
from vrae_core.score import Score


class ProbeRow(QWidget):
    """Cards side by side; a click on a dot of the living map puts its window on the next of them."""

    def __init__(self, session: Session, living: LivingMap) -> None:
        super().__init__()
        self._session, self._living = session, living
        self._probes: tuple[Probe, ...] = ()
        self._aside = Aside(session.playback)
        self.cards = [ProbeCard(number + 1) for number in range(PROBES)]
        heading = Label("Probe windows: the song, and what the snapshot makes of it", "small")
        heading.setToolTip("Click a dot of the living map to put its window here")
        row = QHBoxLayout()
        row.setSpacing(18)
        for number, card in enumerate(self.cards):
            row.addWidget(card, 1)
            card.heard.connect(lambda side, number=number: self.hear(number, Side(side)))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(heading)
        layout.addLayout(row)
        living.sampled.connect(self.hide)
        living.probed.connect(self._show)
        self._aside.changed.connect(self._show_heard)
        self._aside.moved.connect(self._show_position)
        self.hide()

    def hear(self, number: int, side: Side) -> None:
        """Hear a probe as its song has it or as the model makes it; if it sounds, silence."""
        if self._aside.heard == (number, side):
            self._aside.stop()
        elif number < len(self._probes):
            self._session.wandering.stop()
            self._aside.play((number, side), self._score(self._probes[number], side))

    def _score(self, probe: Probe, side: Side) -> Score:
        sample = self._living.sample
        assert sample is not None
        settings = self._session.playback.piece_settings()
        settings = replace(settings, pitches=sample.corpus.pitches, threshold=probe.threshold, temperature=0.0)
        return settings.score_of_song(probe.original) if side is Side.SONG else settings.score(probe.probabilities)

    def _show(self, shot: Shot) -> None:
        sample = self._living.sample
        assert sample is not None
        corpus, self._probes = sample.corpus, shot.probes
        for number, card in enumerate(self.cards):
            card.setVisible(number < len(shot.probes))
        for number, (card, probe) in enumerate(zip(self.cards, shot.probes, strict=False), start=1):
            title = (
                f"{number}  {corpus.names[corpus.song_of[probe.place]]} · {clock(corpus.start_seconds(probe.place))}"
            )
            colour = song_colour(int(corpus.song_of[probe.place])).screen
            card.show_probe(title, colour, probe.original, probe.probabilities, probe.threshold, probe.f1)
        self.show()

    def _show_heard(self) -> None:
        heard = self._aside.heard
        for number, card in enumerate(self.cards):
            card.show_heard(heard[1] if isinstance(heard, tuple) and heard[0] == number else None)

    def _show_position(self, steps: float) -> None:
        heard = self._aside.heard
        if isinstance(heard, tuple):
            self.cards[heard[0]].set_position(heard[1], steps)
