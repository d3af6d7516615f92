"""The decoded field as a quiet ground behind the dots, and what its shades mean."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QImage, QLinearGradient, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.panels.map.view.plane import Layer, Plane
from vrae_core.latent.field import DecodedField
from vrae_core.piano_roll import FloatArray, pitch_name

SHADES = 64
STRONGEST = 0.34  # of the way from the ground to the ink: the dots are the hero
OPACITY = 0.9  # of the field over the glow of the songs
TITLES = {"density": "Density", "register": "Register", "originality": "Originality"}
UNITS = {"density": "notes a second", "register": "mean pitch", "originality": "1 − nearest F1"}


def value_range(values: FloatArray) -> tuple[float, float] | None:
    """From where to where a field's shades go: the outer hundredths are cut off.  None: it has no value at all."""
    known = values[np.isfinite(values)]
    if not len(known):
        return None
    low, high = np.quantile(known, (0.01, 0.99)).tolist()
    return low, high


def in_words(measure: str, value: float) -> str:
    """A value as it is written on the legend."""
    if measure == "register":
        return pitch_name(round(value))
    return f"{value:.2f}" if measure == "originality" else f"{value:.1f}"


def shades(palette: QPalette) -> npt.NDArray[np.uint8]:
    """From low to high: (SHADES, 3), from the ground towards a muted ink with a little of the accent."""
    role = QPalette.ColorRole
    colours = (palette.color(role) for role in (role.Base, role.Text, role.Accent))
    ground, ink, accent = (np.array([each.red(), each.green(), each.blue()], np.float64) for each in colours)
    share = np.linspace(0, STRONGEST, SHADES)[:, None]
    blend = (1 - share) * ground + share * (0.45 * ink + 0.55 * accent)
    return np.round(blend).astype(np.uint8)


class FieldLayer(Layer):
    """One measure of a field as an image under the dots, over their glow."""

    def __init__(self, plane: Plane) -> None:
        super().__init__(plane, -8)
        self._image, self._area = QImage(), QRectF()

    def show_field(self, field: DecodedField | None, measure: str, palette: QPalette) -> None:
        """Show a measure, or nothing; where it has no value the ground shows."""
        self._image, self._area = QImage(), QRectF()
        span = None if field is None else value_range(field.of(measure))
        if field is not None and span is not None:
            self._image, self._area = _picture(field.of(measure), span, palette), QRectF(*field.area)
        self.update()

    @property
    def image(self) -> QImage:
        """What is shown; its first row is the lowest of the map."""
        return self._image

    def paint(self, painter: QPainter) -> None:
        if not self._image.isNull():
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(self._area, self._image)


def _picture(values: FloatArray, span: tuple[float, float], palette: QPalette) -> QImage:
    low, high = span
    rows, columns = values.shape
    level = np.nan_to_num((values - low) / max(high - low, 1e-9)).clip(0, 1)
    pixels = np.zeros((rows, columns, 4), np.uint8)
    pixels[..., :3] = shades(palette)[np.round(level * (SHADES - 1)).astype(np.int64)]
    pixels[..., 3] = np.where(np.isfinite(values), 255 * OPACITY, 0)
    image = QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888)
    return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)  # a copy, and smooth at its clear edges


class FieldLegend(QWidget):
    """A few words and a bar in a corner of the map; the mouse goes through it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._words = ("", "", "", "")
        self.resize(self.sizeHint())
        self.hide()

    def sizeHint(self) -> QSize:
        return QSize(196, 56)

    def show_range(self, measure: str, span: tuple[float, float] | None) -> None:
        """Say what is shown, and from where to where it goes; without a range, that it is still being decoded."""
        low, high = ("decoding…", "") if span is None else (in_words(measure, value) for value in span)
        self._words = (TITLES[measure], UNITS[measure], low, high)
        self.setAccessibleName(f"{self._words[0]}, {self._words[1]}: {' to '.join(end for end in (low, high) if end)}")
        self.show()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        title, unit, low, high = self._words
        area, palette = QRectF(self.rect()), self.palette()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            ground = palette.color(QPalette.ColorRole.Base)
            ground.setAlphaF(0.86)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ground)
            painter.drawRoundedRect(area, 7, 7)
            inside = area.adjusted(10, 6, -10, -6)
            font = QFont(painter.font())
            font.setPixelSize(11)
            font.setBold(True)
            painter.setFont(font)
            painter.setPen(palette.color(QPalette.ColorRole.Text))
            painter.drawText(inside, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, title)
            font.setBold(False)
            painter.setFont(font)
            painter.setPen(palette.color(QPalette.ColorRole.Dark))
            painter.drawText(inside, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, unit)
            painter.drawText(inside, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, low)
            painter.drawText(inside, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom, high)
            bar = QRectF(inside.left(), inside.top() + 18, inside.width(), 7)
            gradient = QLinearGradient(bar.topLeft(), bar.topRight())
            colours = shades(palette)
            for place in range(0, SHADES, 9):
                red, green, blue = colours[place].tolist()
                gradient.setColorAt(place / (SHADES - 1), f"#{red:02x}{green:02x}{blue:02x}")
            painter.setPen(palette.color(QPalette.ColorRole.Mid))
            painter.setBrush(gradient)
            painter.drawRoundedRect(bar, 3, 3)
