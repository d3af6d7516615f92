"""The part of the map that is seen, and lines and rings on it."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QObject, QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter

from explorer.panels.map.view.lines import MapLine, MapLines, Samples
from explorer.panels.map.view.plane import Plane


@pytest.fixture
def plane(qapp):
    parent = QObject()
    made = Plane(parent, QSize(400, 200))
    made.setRange(QRectF(0, 0, 40, 20))
    yield made
    parent.deleteLater()


def painted(plane: Plane) -> QImage:
    image = QImage(plane.size, QImage.Format.Format_RGB32)
    image.fill(QColor("black"))
    with QPainter(image) as painter:
        plane.paint(painter)
    return image


def is_red(image: QImage, x: int, y: int) -> bool:
    return any(image.pixelColor(x + i, y + j).red() > 100 for i in (-1, 0, 1) for j in (-1, 0, 1))


def test_upwards_on_the_map_is_upwards_on_the_screen(plane):
    assert plane.to_pixels.map(QPointF(0, 0)) == QPointF(0, 200)
    assert plane.to_pixels.map(QPointF(40, 20)) == QPointF(400, 0)
    assert plane.to_map.map(QPointF(100, 50)) == QPointF(10, 15)


def test_what_is_asked_for_is_seen_in_the_middle_and_a_circle_stays_one(plane):
    plane.setRange(QRectF(0, 0, 10, 20))
    assert plane.viewRect() == QRectF(-15, 0, 40, 20)
    plane.resize(QSize(200, 400))
    assert plane.viewRect() == QRectF(0, 0, 10, 20)


def test_the_point_that_one_zooms_at_stays_where_it_is_and_a_pan_moves_all_alike(plane):
    at = plane.to_pixels.map(QPointF(10, 5))
    plane.scaleBy((0.5, 0.5), center=QPointF(10, 5))
    assert plane.to_pixels.map(QPointF(10, 5)) == at
    assert plane.viewRect().width() == 20
    plane.translateBy(x=2, y=-1)
    assert plane.viewRect().center() == QPointF(17, 6.5)


def test_that_another_part_is_seen_is_told_once_and_not_when_it_is_the_same(plane, qtbot):
    told = []
    plane.changed.connect(lambda: told.append(plane.viewRect()))
    plane.setRange(QRectF(0, 0, 40, 20))
    assert told == []
    plane.setRange(QRectF(0, 0, 80, 40))
    assert told == [QRectF(0, 0, 80, 40)]


def test_a_line_is_broken_where_it_is_not_joined_and_leaves_out_points_without_a_place(plane):
    lines = MapLines(plane, -5)
    places = np.array([(2, 10), (10, 10), (np.nan, np.inf), (18, 10), (24, 10), (38, 10)], np.float32)
    joined = np.array([True, True, True, False, True, False])
    lines.show([MapLine(places, QColor("red"), 2.0, joined)])
    image = painted(plane)
    assert [is_red(image, x, 100) for x in (60, 140, 210, 300)] == [True, True, False, True]
    lines.show([])
    assert not is_red(painted(plane), 60, 100)


def test_rings_are_where_the_samples_are_at_any_scale(plane):
    rings = Samples(plane, -3)
    rings.show(np.array([(10, 5), (30, 15)], np.float32), ["#ff0000", "#ff0000"])
    for area in (QRectF(0, 0, 40, 20), QRectF(5, 0, 20, 10)):
        plane.setRange(area)
        image, at = painted(plane), plane.to_pixels.map(QPointF(10, 5)).toPoint()
        assert is_red(image, at.x() + 2, at.y())
        assert not image.pixelColor(at).red()
