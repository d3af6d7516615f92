"""Which part each track of a song plays, to be corrected."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

from explorer.panels.playing.parts_dialog import PartsDialog
from tests.bands import make_band


def test_a_track_with_a_long_name_pushes_no_choice_out_of_sight(session, qtbot):
    band, parent = make_band("Band"), QWidget()
    long = band.tracks[0]._replace(name="Sequenced on a rainy afternoon, all rights reserved, " * 4)
    qtbot.addWidget(parent)
    parent.resize(1000, 700)
    page = PartsDialog(parent, replace(band, tracks=(long, *band.tracks[1:])), (), session.preview, "Use them")
    page.show()
    QApplication.processEvents()
    area = page.findChild(QScrollArea)
    assert area.horizontalScrollBar().maximum() == 0
    for choice in page.choices:
        assert area.viewport().rect().contains(choice.mapTo(area.viewport(), choice.rect().bottomRight()))
    page.reject()
