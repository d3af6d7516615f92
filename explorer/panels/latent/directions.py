"""A slider for each attribute's direction, and what going it has been measured to do."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from explorer.qt.controls import Button, follow
from explorer.qt.labels import ElidedLabel, Label
from explorer.qt.sliders import CentredSlider
from explorer.session.map.latent import Latent
from vrae_core.tasks.directions import STEPS, Direction

LEARNING = "Learning directions from the songs on the map…"
NOTHING = "The windows on the map do not differ in density, register, polyphony, onsets or mode."
REACH = STEPS[-1]
NOT_RELIABLE = "not reliable: held-out songs say otherwise"
_TOLD = 2  # steps up, of which the words tell


class DirectionSliders(QWidget):
    """They start at 0 wherever a point is heard, and 0 is that point again."""

    def __init__(self, latent: Latent) -> None:
        super().__init__()
        self._latent = latent
        self.sliders: list[CentredSlider] = []
        self._values: list[Label] = []
        self._curves: list[EffectCurve] = []
        self.state = Label("", "small")
        self.state.setWordWrap(True)
        self.learn = Button("Learn directions", "From the songs on the map: some seconds")
        self.learn.clicked.connect(latent.learn)
        self._rows = QWidget()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for part in (self.state, self.learn, self._rows):
            layout.addWidget(part)
        self.show_state()

    def rebuild(self) -> None:
        """A slider for each direction that is known."""
        self.sliders, self._values, self._curves = [], [], []
        rows = QWidget()
        grid = QGridLayout(rows)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(1, 1)
        for number, direction in enumerate(self._latent.directions):
            self._add(grid, number, direction)
        layout = self.layout()
        assert layout is not None
        layout.replaceWidget(self._rows, rows)
        self._rows.hide()
        self._rows.deleteLater()
        self._rows = rows
        follow(self.learn, self.sliders)
        self.show_state()
        self.show_point()

    def show_state(self) -> None:
        """Whether they are being learnt, or could be."""
        latent = self._latent
        self.learn.setVisible(not latent.known and not latent.learning)
        self.state.setVisible(latent.learning or (latent.known and not latent.directions))
        self.state.setText(LEARNING if latent.learning else NOTHING)

    def show_point(self) -> None:
        """How many steps have been gone."""
        for slider, value, curve, steps in zip(
            self.sliders, self._values, self._curves, self._latent.steps.tolist(), strict=True
        ):
            slider.show_value(steps)
            value.setText(f"{steps:+.1f}".replace("-", "−") if steps else "0")
            curve.show_place((steps + REACH) / (2 * REACH))

    def _add(self, grid: QGridLayout, number: int, direction: Direction) -> None:
        latent, name = self._latent, direction.attribute.name
        slider, value, words = CentredSlider(name, REACH), Label("", "small"), ElidedLabel(about(direction), "small")
        curve = EffectCurve(direction.effect)
        for part in (slider, curve, words):
            part.setToolTip(in_full(direction))
        for part in (slider, words):
            part.setEnabled(direction.is_reliable)
        value.setMinimumWidth(30)
        row = 4 * number
        grid.addWidget(Label(name), row, 0)
        grid.addWidget(slider, row, 1)
        grid.addWidget(value, row, 2)
        grid.addWidget(words, row + 1, 0, 1, 2)
        grid.addWidget(curve, row + 1, 2)
        grid.setRowMinimumHeight(row + 2, 7)
        slider.sliderPressed.connect(latent.press)
        slider.sliderReleased.connect(latent.let_go)
        slider.hand_moved.connect(lambda steps: latent.set_steps(number, steps))
        slider.sent_home.connect(lambda: latent.set_steps(number, 0.0))
        self.sliders.append(slider)
        self._values.append(value)
        self._curves.append(curve)


def about(direction: Direction) -> str:
    """What two steps up have been measured to do; or that nothing can be said of them."""
    if not direction.is_reliable:
        return NOT_RELIABLE
    effect = dict(zip(STEPS, direction.effect, strict=True))
    measured = f"+{_TOLD}: {_figure(effect[0])} → {_figure(effect[_TOLD])} {direction.attribute.unit}"
    return measured.replace("-", "−")


def in_full(direction: Direction) -> str:
    """The curve in figures, and what R² is of."""
    attribute = direction.attribute
    curve = ", ".join(f"{step:+d}: {_figure(figure)}" for step, figure in zip(STEPS, direction.effect, strict=True))
    warning = "" if direction.is_reliable else " That is too little to rely on, so the slider is off."
    new = "" if math.isnan(direction.r2_new_song) else f", {direction.r2_new_song:.2f} of a song held out whole"
    text = (
        f"{attribute.name}: {attribute.less} to the left, {attribute.more} to the right. "
        f"Measured on decoded windows, {attribute.unit} by steps: {curve}. "
        f"R² {direction.r2:.2f} of stretches held out{new} (1: fully known from z, 0 or less: not at all).{warning} "
        "Double-click or 0: back to the point."
    )
    return text.replace("-", "−").replace("+0:", "0:")


def _figure(value: float) -> str:
    if math.isnan(value):
        return "silence"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


class EffectCurve(QWidget):
    """A line through figures measured at even steps, and a dot at the step that is gone."""

    def __init__(self, figures: Sequence[float]) -> None:
        super().__init__()
        self._figures = list(figures)
        self._share = 0.5
        self.setFixedSize(64, 22)

    def show_place(self, share: float) -> None:
        """How far along the curve the slider is: 0–1."""
        self._share = share
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        low, high = min(self._figures), max(self._figures)
        if not high > low:
            return  # nothing to see, or not a number
        role = QPalette.ColorRole
        points = [self._point(i / (len(self._figures) - 1), y, low, high) for i, y in enumerate(self._figures)]
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(self.palette().color(role.PlaceholderText), 1.4))
            painter.drawPolyline(QPolygonF(points))
            at = self._share * (len(self._figures) - 1)
            left = min(int(at), len(self._figures) - 2)
            between = self._figures[left] + (at - left) * (self._figures[left + 1] - self._figures[left])
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.palette().color(role.Accent))
            painter.drawEllipse(self._point(self._share, between, low, high), 3, 3)

    def _point(self, share: float, figure: float, low: float, high: float) -> QPointF:
        return QPointF(4 + share * (self.width() - 8), self.height() - 4 - (figure - low) / (high - low) * 14)
