"""A map of a million dots in a real window, panned, zoomed, hovered over and clicked by xdotool.

Ends with 0 if everything came about, and says what did not.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator

import numpy as np
from drive_window import Condition, Hand, Teller
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QMainWindow

from explorer.panels.map.view.view import MapView
from explorer.qt.background import cancel_all, wait_for_all
from explorer.qt.theme import apply_theme
from vrae_core.piano_roll import FloatArray

COUNT = 1_000_000
ALONE = 3  # the first dots lie apart from the crowd
RED, BLUE = "#ff2020", "#2020ff"


class Window(QMainWindow):
    """A map and nothing else, with what it has been told."""

    def __init__(self) -> None:
        super().__init__()
        self.map_panel = self  # where a hand looks for the view
        self.view = MapView()
        self.setCentralWidget(self.view)
        self.resize(1000, 800)
        self.pressed: list[FloatArray] = []
        self.hovered: list[int] = []
        self.view.left_pressed.connect(lambda point, _: self.pressed.append(point))
        self.view.hovered.connect(self.hovered.append)


class MapHand(Hand):
    """A hand that also pans, and looks without a press."""

    def hover(self, place: FloatArray) -> Iterator[Condition]:
        """Come to rest over a map point."""
        at = self._global(place)
        yield from self._xdotool("mousemove", at.x() - 40, at.y(), "sleep", 0.05, "mousemove", at.x(), at.y())

    def pan(self, start: FloatArray, way: QPoint) -> Iterator[Condition]:
        """Drag the map with the middle button."""
        at = self._global(start)
        yield from self._xdotool("mousemove", at.x(), at.y(), "mousedown", 2)
        for share in np.linspace(0, 1, 20).tolist():
            there = at + share * way
            yield from self._xdotool("mousemove", there.x(), there.y(), "sleep", 0.01)
        yield from self._xdotool("mouseup", 2)


def dots() -> FloatArray:
    """Three lone dots in the corners of a round crowd."""
    source = np.random.default_rng(0)
    crowd = source.normal(0, 1, (COUNT - ALONE, 2)).clip(-4.5, 4.5)
    return np.vstack([[(-8, 6), (8, 6), (8, -6)], crowd]).astype(np.float32)


def story(window: Window) -> Iterator[Condition]:
    """What the user does; each yield is what must come about before they go on."""
    view, points, hand = window.view, dots(), MapHand(window)
    colour_of = (np.arange(COUNT) >= ALONE).astype(np.int64)
    view.show_dots(points, colour_of, [RED, BLUE])
    yield lambda: view.dots.settled
    looks_right(view, points)

    yield from hand.hover(points[1])
    yield lambda: window.hovered[-1:] == [1]
    yield from hand.click(points[2])
    yield lambda: window.pressed and view.dot_at(window.pressed[-1]) == 2

    middle = view.middle()
    yield from hand.pan(middle, QPoint(200, 100))
    yield lambda: np.linalg.norm(view.middle() - middle) > 150 * view.map_per_pixel()
    yield lambda: view.dots.settled
    looks_right(view, points)

    scale = view.map_per_pixel()
    for _ in range(3):
        yield from hand.click(points[0], button=4)  # a notch of the wheel
    yield lambda: view.map_per_pixel() < 0.9 * scale
    yield lambda: view.dots.settled
    looks_right(view, points)

    view.move_dots(points * np.float32(0.9))
    yield lambda: view.dots.settled
    looks_right(view, points * np.float32(0.9))
    window.close()
    QApplication.exit(0)
    yield lambda: False


def looks_right(view: MapView, points: FloatArray) -> None:
    """The lone dots are red on the screen where the map says, the middle of the crowd is blue, beside it is neither."""
    picture = view.grab().toImage()
    seen = 0
    for place, name in [*((point, "red") for point in points[:ALONE]), ((0.0, 0.0), "blue"), ((-8.0, -6.0), "")]:
        at = view.to_pixels(place)
        if not view.viewport().rect().adjusted(5, 5, -5, -5).contains(at.toPoint()):
            continue
        around = [picture.pixelColor(int(at.x()) + dx, int(at.y()) + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
        red, blue = (any(test(colour) for colour in around) for test in (_is_red, _is_blue))
        assert (red, blue) == (name == "red", name == "blue"), f"{place} should be {name or 'empty'}"
        seen += 1
    assert seen, "there is nothing to see"


def _is_red(colour) -> bool:
    return colour.red() > 200 and colour.blue() < 90


def _is_blue(colour) -> bool:
    return colour.blue() > 200 and colour.red() < 90


def main(story_of: Callable[[Window], Iterator[Condition]] = story) -> int:
    app = QApplication(sys.argv[:1])
    apply_theme(app, "dark")
    window = Window()
    window.show()
    teller = Teller(story_of(window))
    code = app.exec()
    print(teller.trouble, file=sys.stderr)
    cancel_all()
    began = time.monotonic()
    assert wait_for_all(20), f"threads did not end in {time.monotonic() - began:.0f} s"
    return code


if __name__ == "__main__":
    sys.exit(main())
