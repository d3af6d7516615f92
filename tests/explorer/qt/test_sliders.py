"""A slider with its name and its value."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt

from explorer.qt.sliders import CaptionedSlider


@pytest.fixture
def slider(qtbot):
    made = CaptionedSlider("Threshold", 0, 1, 0.01, 0.5, lambda v: f"{v:.2f}", "What sounds.")
    qtbot.addWidget(made)
    made.resize(160, 40)
    made.show()
    return made


def test_a_slider_shows_its_value_and_tells_it(slider, qtbot):
    with qtbot.waitSignal(slider.value_changed) as signal:
        slider.set_value(0.25)
    assert signal.args == [pytest.approx(0.25)]
    assert slider._text.text() == "0.25"
    assert slider.slider.accessibleName() == "Threshold"


def test_a_slider_goes_to_where_it_is_clicked_and_back_by_a_double_click(slider, qtbot):
    middle = slider.slider.height() // 2
    qtbot.mouseClick(slider.slider, Qt.MouseButton.LeftButton, pos=QPoint(slider.slider.width() - 2, middle))
    assert slider.value() == pytest.approx(1.0)
    qtbot.mouseDClick(slider.slider, Qt.MouseButton.LeftButton, pos=QPoint(2, middle))
    qtbot.mouseRelease(slider.slider, Qt.MouseButton.LeftButton, pos=QPoint(2, middle))
    assert slider.value() == pytest.approx(0.5)
