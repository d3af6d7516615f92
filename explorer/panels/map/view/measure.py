"""How long the map takes for a frame: what `vrae bench map` runs as a process of its own, since it needs a window.

Usage: python -m explorer.panels.map.view.measure N…  For each number of dots it writes lines of JSON: the platform,
then a figure each for panning, zooming, hovering and panning while the dots move, with a scatter plot's frames taken
in turn.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QBrush, QColor, QMouseEvent
from PySide6.QtWidgets import QAbstractScrollArea, QApplication

from explorer.panels.map.view.plane import Plane
from explorer.panels.map.view.view import MapView
from explorer.qt.background import cancel_all, wait_for_all
from explorer.qt.theme import apply_theme
from vrae_core.latent.colours import song_colour
from vrae_core.piano_roll import FloatArray, IntArray

if TYPE_CHECKING:
    import pyqtgraph as pg

SIZE = 1000, 800
SONGS = 8
FRAMES, FRAMES_OF_SCATTER = 120, 12  # of each kind
BETWEEN = 1 / 60  # seconds from frame to frame, as a screen has it
SECONDS_TO_SETTLE = 60.0
LARGEST_SCATTER = 100_000  # with more dots it takes minutes to be made
Step = Callable[[int], object]


def main(arguments: list[str]) -> None:
    sys.setswitchinterval(0.0005)  # as the window has it
    app = QApplication(arguments[:1])
    apply_theme(app, "dark")
    tell(platform=app.platformName())
    for count in map(int, arguments[1:]):
        for figures in measured(count):
            tell(dots=count, **figures)
    cancel_all()
    wait_for_all(SECONDS_TO_SETTLE)


def tell(**what: object) -> None:
    """A line for whoever has started this."""
    print(json.dumps(what), flush=True)


def measured(count: int) -> Iterator[dict[str, object]]:
    """The figures for so many dots, each as soon as it is known."""
    points, song_of = blobs(count)
    view = MapView()
    view.setFixedSize(*SIZE)
    view.show()
    view.show_dots(points, song_of, [song_colour(song).screen for song in range(SONGS)])
    settle(view)
    scatter = scatter_plot(points, song_of) if count <= LARGEST_SCATTER else None
    other = points + np.float32(0.02) * np.random.default_rng(1).normal(size=points.shape).astype(np.float32)

    def pan_moving(i: int) -> None:
        if i % 6 == 0:  # ten times a second
            view.move_dots(other if i % 12 else points)
        pan(view.plane, i)

    kinds: dict[str, Step] = {
        "pan": lambda i: pan(view.plane, i),
        "zoom": lambda i: zoom(view.plane, i),
        "hover": lambda i: hover(view, points[i * 7919 % count]),
        "pan while dots move": pan_moving,
    }
    baselines: dict[str, Step] = {}
    if scatter is not None:
        baselines = {"pan": lambda i: pan(scatter.getViewBox(), i), "zoom": lambda i: zoom(scatter.getViewBox(), i)}
    for kind, step in kinds.items():
        settle(view)
        times, scatter_times = frames(view, step, scatter, baselines.get(kind))
        taken, worked = (1000 * np.array(times)).T
        median, p95, longest = np.quantile(taken, (0.5, 0.95, 1.0)).round(2).tolist()
        own = float(np.quantile(worked, 0.95).round(2))
        ratio = round(1000 * float(np.median(scatter_times)) / median, 1) if scatter_times else None
        yield {"what": kind, "median": median, "p95": p95, "max": longest, "own_p95": own, "scatter_ratio": ratio}
    view.hide()
    view.deleteLater()
    if scatter is not None:
        scatter.hide()
        scatter.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def frames(
    view: MapView, step: Step, scatter: pg.PlotWidget | None, baseline: Step | None
) -> tuple[list[tuple[float, float]], list[float]]:
    """What ``frame`` gives for each frame of the map, and the seconds of some of the scatter plot between them."""
    times: list[tuple[float, float]] = []
    scatter_times: list[float] = []
    for i in range(FRAMES):
        times.append(frame(view, step, i))
        if scatter is not None and baseline is not None and i % (FRAMES // FRAMES_OF_SCATTER) == 0:
            scatter_times.append(frame(scatter, baseline, i)[0])
            QApplication.processEvents()  # what it paints once more is not the map's
    return times, scatter_times[1:]  # the first makes its cache


def frame(widget: QAbstractScrollArea, step: Step, i: int) -> tuple[float, float]:
    """Seconds for a frame, and those that the window's thread worked: what has come meanwhile, the step, the paint."""
    begun, worked = time.perf_counter(), time.thread_time()
    QApplication.processEvents()
    step(i)
    widget.viewport().repaint()
    taken, worked = time.perf_counter() - begun, time.thread_time() - worked
    time.sleep(max(0.0, BETWEEN - taken))
    return taken, worked


def pan(plane: Plane | pg.ViewBox, i: int) -> None:
    """Two hundredths of the view, to and fro."""
    way = 0.02 if i % FRAMES < FRAMES // 2 else -0.02
    plane.translateBy(x=way * plane.viewRect().width(), y=0.0)


def zoom(plane: Plane | pg.ViewBox, i: int) -> None:
    """Into the map, and out again."""
    closer = 0.96 if i % FRAMES < FRAMES // 2 else 1 / 0.96
    plane.scaleBy((closer, closer))


def hover(view: MapView, point: FloatArray) -> None:
    """The mouse comes near a dot."""
    at, none = view.to_pixels(point) + QPointF(2, 1), Qt.MouseButton.NoButton
    place = QPointF(view.viewport().mapToGlobal(at))
    event = QMouseEvent(QEvent.Type.MouseMove, at, place, none, none, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(view.viewport(), event)


def settle(view: MapView) -> None:
    """Wait until the dots are drawn and known."""
    view.reset_view()
    deadline = time.monotonic() + SECONDS_TO_SETTLE
    while time.monotonic() < deadline:
        QApplication.processEvents()
        view.viewport().repaint()
        if view.dots.settled:
            return
        time.sleep(0.01)
    raise TimeoutError("the dots were not drawn within a minute")


def blobs(count: int) -> tuple[FloatArray, IntArray]:
    """Points like those of a map, a blob for every song."""
    source = np.random.default_rng(0)
    song_of = source.integers(0, SONGS, count)
    points = source.normal(0, 3, (SONGS, 2))[song_of] + source.normal(0, 1, (count, 2))
    return points.astype(np.float32), song_of


def scatter_plot(points: FloatArray, song_of: IntArray) -> pg.PlotWidget:
    """The same dots as PyQtGraph draws them."""
    import pyqtgraph as pg  # noqa: PLC0415 - only what is compared with needs it

    brushes = [QBrush(QColor(song_colour(song).screen)) for song in range(SONGS)]
    plot = pg.PlotWidget()
    plot.setFixedSize(*SIZE)
    plot.hideAxis("left")
    plot.hideAxis("bottom")
    item = pg.ScatterPlotItem(pos=points, brush=[brushes[song] for song in song_of], size=5, pen=None)
    plot.addItem(item)
    plot.disableAutoRange()
    plot.show()
    return plot


if __name__ == "__main__":
    main(sys.argv)
