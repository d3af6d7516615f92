"""The page that says what ails the model."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from explorer.dialogs.doctor import DoctorDialog
from explorer.qt.controls import Button
from explorer.qt.labels import Label
from explorer.session.session import Session
from tests.explorer.conftest import given_parts
from vrae_core.tasks.doctor import Finding


@pytest.fixture
def page(qtbot: QtBot, explored: Session) -> Iterator[DoctorDialog]:
    window = QWidget()  # it keeps the page, which deletes itself when it is closed
    qtbot.addWidget(window)
    page = given_parts(DoctorDialog, explored, parent=window)
    page.show()
    qtbot.waitUntil(lambda: bool(page.findings))
    yield page  # noqa: PT022 - so that its window lives as long


def test_every_finding_is_shown_with_its_number(page):
    shown = {label.text() for label in page.findChildren(Label)}
    for finding in page.findings:
        assert {finding.sentence, finding.evidence} <= shown


def test_it_says_how_many_findings_need_a_look(page):
    problems = sum(finding.state != "good" for finding in page.findings)
    assert f"{problems} of {len(page.findings)}" in page.heading.text()


def test_windows_that_show_a_problem_can_be_selected_on_the_map(page, explored):
    finding = Finding("Songs apart", "note", "Songs overlap.", "90 %", "Train on.", np.array([4, 1, 2]))
    page._add(finding)
    next(b for b in page.findChildren(Button) if b.text().startswith("Select these")).click()
    assert (explored.selection.indices == np.sort(finding.windows)).all()


def test_the_findings_can_be_copied_as_text(page):
    page.copy.click()
    text = QApplication.clipboard().text()
    assert text.count("\n") == len(page.findings) - 1
    assert page.findings[0].evidence in text
    QApplication.clipboard().clear()


def test_closing_it_stops_the_examination(qtbot, explored):
    page = given_parts(DoctorDialog, explored, parent=None)
    assert explored.jobs.is_running("doctor")
    page.reject()
    assert not explored.jobs.is_running("doctor")


def test_it_closes_when_another_map_is_shown(qtbot, page, explored, make_model):
    with qtbot.waitSignal(page.finished):
        explored.library.use_model(make_model(seed=3), "another")


def test_the_menu_opens_it_once_there_is_a_map(window):
    window.actions_by_id["diagnose"].trigger()
    page = window.findChild(DoctorDialog)
    assert page.isVisible()
    page.reject()


def test_in_a_low_window_it_is_lower_than_that(window, qtbot):
    window.setMinimumSize(0, 0)
    window.resize(900, 440)
    window.show_doctor()
    page = window.findChild(DoctorDialog)
    assert page.height() <= 400
    page.close()
    qtbot.waitUntil(lambda: not window.session.jobs.running)
