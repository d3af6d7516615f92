"""The commands of the Train tab: trainings, the windows they learn from, the run chosen, snapshots."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from explorer.actions import Command, CommandGroup
from explorer.session.map.selection import Selection
from explorer.session.songs.library import Library
from explorer.session.training.learning import Learning
from explorer.session.training.run_models import RunModels
from explorer.session.training.runs import Runs
from explorer.session.training.trainer import Trainer
from explorer.session.training.training import Training

if TYPE_CHECKING:
    from explorer.panels.training.panel import TrainingPanel

MOUSE_HABITS = (
    ("Click a dot of the living map", "See and hear its window as each snapshot plays it"),
    ("Shift-drag on the living map, or its lasso", "Select windows to exclude, or to train on twice as often"),
    ("Drop on the Train tab", "Add songs or folders to train on"),
)


def of(panel: Callable[[], TrainingPanel], act: Callable[[TrainingPanel], object]) -> Callable[[], object]:
    """Something that is done on the tab's panel, which need not be there before."""
    return lambda: act(panel())


def training(panel: Callable[[], TrainingPanel], trainer: Trainer, training: Training) -> CommandGroup:
    """Start, queue, pause, stop."""

    def steerable() -> bool:
        return training.steerable

    return CommandGroup((
        Command("start_training", "Start training", "Ctrl+T", "Train a model on the ticked songs", of(panel, lambda page: page.start()), lambda: not trainer.running),
        Command("queue_training", "Queue training", "Ctrl+Shift+T", "Train on the ticked songs after the runs in the queue", of(panel, lambda page: page.queue()), lambda: trainer.running),
        Command("fine_tune_model", "Fine-tune current model", "", "Train the model of the map further on the ticked songs, after the runs in the queue", of(panel, lambda page: page.fine_tune())),
        Command("pause_training", "Pause/Resume training", "", "Pause the training, or resume it", training.toggle_pause, steerable),
        Command("stop_training", "Stop training", "", "Stop the training and save the model", training.stop, steerable),
        Command("stop_keep_best", "Stop and keep best", "", "Stop the training and use its best snapshot as the model", training.stop_and_keep_best, steerable),
    ), (training.changed,))  # fmt: skip


def weighing(
    training: Training, selection: Selection, exclude: Callable[[], object], favour: Callable[[], object]
) -> CommandGroup:
    """How often the training learns from which windows."""

    def steers_selected() -> bool:
        return training.steerable and selection.windows is not None

    def is_weighed() -> bool:
        return training.steerable and training.steering.window_weights is not None

    return CommandGroup((
        Command("exclude_selected", "Exclude selected windows", "", "Stop training on the windows selected on the map", exclude, steers_selected),
        Command("favour_selected", "Favour selected windows", "", "Train twice as often on the windows selected on the map", favour, steers_selected),
        Command("weigh_alike", "Reset window weights", "", "Train on all windows equally again", training.weigh_alike, is_weighed),
    ), (training.changed, selection.changed), "Window weights")  # fmt: skip


def chosen_run(panel: Callable[[], TrainingPanel], runs: Runs) -> CommandGroup:
    """What can be done with the run that is chosen in the list."""

    def are_there() -> bool:
        return bool(runs.summaries)

    return CommandGroup((
        Command("resume_run", "Resume run", "", "Train the chosen run further", of(panel, lambda page: page.runs.resume()), are_there),
        Command("compare_run", "Compare run", "", "Draw the chosen run's curves beside those of the run shown", of(panel, lambda page: page.runs.compare()), are_there),
        Command("branch_run", "Branch run", "", "Start a new run from the chosen run's newest snapshot", of(panel, lambda page: page.runs.branch()), are_there),
        Command("fine_tune_run", "Fine-tune run", "", "Start a new run from the chosen run's model, on the songs of the map", of(panel, lambda page: page.runs.fine_tune()), are_there),
        Command("open_run_folder", "Open run folder", "", "Show the chosen run's files", of(panel, lambda page: page.runs.open_folder()), are_there),
        Command("delete_run", "Delete run", "", "Delete the chosen run; it can be restored", of(panel, lambda page: page.runs.delete()), are_there),
        Command("restore_run", "Restore deleted run", "", "Restore the run deleted last", runs.restore, lambda: runs.can_restore),
    ), (runs.changed,), "Chosen run")  # fmt: skip


def learning(learning: Learning, library: Library) -> CommandGroup:
    """The songs on the map, in one click."""
    return CommandGroup((
        Command("learn", "Learn the songs on the map", "", "Train a map of these songs; the one that is shown can be played meanwhile", learning.learn, lambda: bool(library.songs) and not learning.running),
        Command("learn_more", "Learn three more minutes", "", "Go on from the map that is shown, with its songs", learning.learn_more, lambda: learning.can_go_on and not learning.running),
        Command("cancel_learning", "Cancel the learning", "", "Learn no more; the map stays as it is", learning.cancel, lambda: learning.running),
    ), (learning.changed, library.models_changed, library.songs_changed))  # fmt: skip


def use_model(training: Training, run_models: RunModels) -> CommandGroup:
    """The model that is being learnt, in Explore, with its songs; and those of before."""
    return CommandGroup((
        Command("use_model", "Use this model", "", "Open the current model and its songs in Explore", run_models.use_trained, lambda: training.model is not None),
        Command("songs_before", "Songs from before", "", "Show the songs again that those of a run took the place of", run_models.show_before, lambda: bool(run_models.sources_before)),
    ), (training.changed, training.snapshot_added, run_models.changed))  # fmt: skip


def snapshots(panel: Callable[[], TrainingPanel], training: Training) -> CommandGroup:
    """What was kept of the model on its way."""
    return CommandGroup((
        Command("pin_snapshot", "Pin snapshot in Explore", "", "Play the snapshot of the living map in Explore; training continues", of(panel, lambda page: page.watch.pin_snapshot()), lambda: bool(training.snapshots)),
        Command("play_snapshots", "Play/Pause snapshots", "", "Play or pause the snapshots on the living map", of(panel, lambda page: page.watch.toggle_history()), lambda: len(training.snapshots) > 1),
    ), (training.changed, training.snapshot_added))  # fmt: skip
