"""The runs that there are, while other programs add to them and take away."""

from __future__ import annotations

import socket

import pytest

from explorer.session.training.queue import queue_file, remembered
from tests.explorer.session.training.conftest import wait_for_the_end
from vrae_core.runs.control import restore_from_trash
from vrae_core.runs.folder import RunFolder
from vrae_core.runs.settings import RunSettings
from vrae_core.runs.train import corpus_of
from vrae_core.runs.windows import save_corpus


@pytest.fixture
def run(explored, settings: RunSettings, make_model) -> RunFolder:
    """A run that has ended."""
    made = RunFolder.create(explored.trainer.runs_folder, settings)
    make_model().save(made.model)
    return made


def test_what_another_program_takes_away_or_brings_back_is_noticed_though_nobody_looks_at_the_list(
    explored, run, qtbot
):
    runs, library = explored.runs, explored.library
    runs.refresh()
    qtbot.waitUntil(lambda: run.model in library.of_runs)
    with qtbot.waitSignal(runs.elsewhere_changed):
        pass
    gone = run.trash()
    qtbot.waitUntil(lambda: run.model not in library.of_runs)
    restore_from_trash(gone, run.path)
    qtbot.waitUntil(lambda: run.model in library.of_runs)


def test_what_another_program_has_trained_can_be_opened_once_that_has_ended(explored, settings, make_model, qtbot):
    runs, library = explored.runs, explored.library
    run = RunFolder.create(explored.trainer.runs_folder, settings)
    with run.being_trained():
        qtbot.waitUntil(lambda: [each.run.path for each in runs.elsewhere] == [run.path.resolve()])
        make_model().save(run.model)
    qtbot.waitUntil(lambda: run.model in library.of_runs)


@pytest.fixture
def cut_off(explored, settings, songs, qtbot) -> RunFolder:
    """A run whose process just went, and that is offered to be resumed."""
    run = RunFolder.create(explored.trainer.runs_folder, settings)
    save_corpus(run, corpus_of(settings, songs))
    (run.path / "running.json").write_text(f'{{"host": "{socket.gethostname()}", "process": 999999999}}')
    with qtbot.waitSignal(explored.runs.unfinished_found):
        explored.runs.look_for_unfinished()
    assert explored.runs.unfinished.path == run.path
    return run


@pytest.mark.parametrize("trained", ["the run itself", "another"])
def test_not_now_does_not_forget_the_run_that_is_trained_meanwhile(
    explored, cut_off, run, settings, songs, qtbot, trained
):
    trainer, runs = explored.trainer, explored.runs
    if trained == "another":
        trainer.start(settings, songs)
    else:
        trainer.resume(cut_off)
        assert runs.unfinished is None  # whichever button resumed it
    qtbot.waitUntil(lambda: trainer.run is not None)
    runs.not_now()
    trainer.waiting.add(run)  # so that it shows what was remembered
    qtbot.waitUntil(lambda: [each.path for each in remembered(queue_file())[1]] == [run.path])
    assert remembered(queue_file())[0].path == trainer.run.path
    assert runs.unfinished is None
    trainer.waiting.remove(run)
    trainer.stop()
    wait_for_the_end(explored, qtbot)


def test_a_run_that_another_program_goes_on_with_is_offered_no_more(explored, cut_off, qtbot):
    with cut_off.being_trained():
        qtbot.waitUntil(lambda: explored.runs.unfinished is None)
