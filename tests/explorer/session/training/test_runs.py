"""The runs that there are, while other programs add to them and take away."""

from __future__ import annotations

import pytest

from vrae_core.runs.control import restore_from_trash
from vrae_core.runs.folder import RunFolder
from vrae_core.runs.settings import RunSettings


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
