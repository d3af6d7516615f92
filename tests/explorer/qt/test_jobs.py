"""Jobs that write: none cancels another, and a file holds what was saved there last."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from explorer.qt import background
from explorer.qt.jobs import Jobs
from explorer.qt.messages import Messages


@pytest.fixture
def jobs(qtbot: QtBot):
    yield Jobs(Messages())
    background.cancel_all()
    qtbot.waitUntil(lambda: not background.anything_running())


class Save:
    """A job that writes a word once it is let, and may be asked to stand still inside its write, past any cancel."""

    def __init__(self, file: Path, word: str, stands: bool = False) -> None:
        self.file, self.word, self.stands = file, word, stands
        self.reached, self.goes_on = threading.Event(), threading.Event()

    def run(self):
        while not self.stands and not self.goes_on.wait(0.01):
            self.reached.set()
            yield
        self.reached.set()
        assert self.goes_on.wait(600)
        self.file.write_text(self.word)
        return self.word


def save(jobs: Jobs, job: Save, done: list[str]) -> None:
    jobs.save(job.file, f"Saving {job.file.name}", job.run(), done.append)


def test_files_of_one_name_in_two_folders_are_both_saved(jobs, tmp_path, qtbot):
    done: list[str] = []
    first, second = (Save(tmp_path / name, name) for name in ("take one", "take two"))
    for job, folder in ((first, "A"), (second, "B")):
        (tmp_path / folder).mkdir()
        job.file = tmp_path / folder / "take.wav"
        save(jobs, job, done)
    assert len(jobs.writing) == 2
    for job in (second, first):  # neither waits for the other
        job.goes_on.set()
        qtbot.waitUntil(lambda job=job: job.word in done)
    assert (first.file.read_text(), second.file.read_text()) == ("take one", "take two")


def test_a_second_save_of_one_file_waits_for_the_first_and_both_are_told(jobs, tmp_path, qtbot):
    done: list[str] = []
    first, second = (Save(tmp_path / "take.wav", word) for word in ("older", "newer"))
    second.goes_on.set()
    for job in (first, second):
        save(jobs, job, done)
    qtbot.waitUntil(lambda: "waiting" in jobs.writing[1].text)
    assert not second.reached.is_set()
    first.goes_on.set()
    qtbot.waitUntil(lambda: not jobs.running)
    assert done == ["older", "newer"]
    assert second.file.read_text() == "newer"


def test_a_save_that_was_cancelled_inside_its_write_does_not_undo_the_one_after_it(jobs, tmp_path, qtbot):
    done: list[str] = []
    first, second = Save(tmp_path / "take.wav", "older", stands=True), Save(tmp_path / "take.wav", "newer")
    second.goes_on.set()
    save(jobs, first, done)
    qtbot.waitUntil(first.reached.is_set)
    jobs.cancel(jobs.writing[0].key)
    save(jobs, second, done)
    qtbot.waitUntil(lambda: "waiting" in jobs.writing[0].text)
    assert not second.reached.is_set()
    first.goes_on.set()
    qtbot.waitUntil(lambda: not jobs.running)
    assert done == ["newer"]
    assert second.file.read_text() == "newer"


def test_a_save_that_waits_can_be_cancelled_alone(jobs, tmp_path, qtbot):
    done: list[str] = []
    first, second = (Save(tmp_path / "take.wav", word) for word in ("older", "newer"))
    for job in (first, second):
        save(jobs, job, done)
    jobs.cancel(jobs.writing[1].key)
    first.goes_on.set()
    qtbot.waitUntil(lambda: not jobs.running and not background.anything_running())
    assert done == ["older"]
    assert not second.reached.is_set()
