"""The large panels and the dialogs, each given those parts of the session that it uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.dialogs.asking import Asking
from explorer.dialogs.exports import ExportDialogs
from explorer.dialogs.files import FileDialogs
from explorer.panels.map.panel import MapPanel
from explorer.session.session import Session

if TYPE_CHECKING:
    from explorer.panels.compare.panel import ComparePanel
    from explorer.panels.training.panel import TrainingPanel


def map_panel(session: Session) -> MapPanel:
    """The map."""
    return MapPanel(
        library=session.library,
        playback=session.playback,
        path=session.path,
        selection=session.selection,
        colouring=session.colouring,
        hovering=session.hovering,
        wandering=session.wandering,
        layers=session.layers,
        field=session.field,
        jobs=session.jobs,
        pieces=session.pieces,
        learning=session.learning,
        training=session.training,
    )


def training_panel(session: Session) -> TrainingPanel:
    """The Train tab."""
    from explorer.panels.training.panel import TrainingPanel  # noqa: PLC0415 - made after the first paint

    return TrainingPanel(
        trainer=session.trainer,
        training=session.training,
        runs=session.runs,
        run_models=session.run_models,
        training_songs=session.training_songs,
        training_pace=session.training_pace,
        preview=session.preview,
        library=session.library,
        playback=session.playback,
        loan=session.loan,
        jobs=session.jobs,
        messages=session.messages,
    )


def compare_panel(session: Session) -> ComparePanel:
    """The Compare tab."""
    from explorer.panels.compare.panel import ComparePanel  # noqa: PLC0415 - made after the first paint

    return ComparePanel(
        library=session.library,
        playback=session.playback,
        path=session.path,
        selection=session.selection,
        colouring=session.colouring,
        other_colours=session.other_colours,
        comparing=session.comparing,
        wandering=session.wandering,
        jobs=session.jobs,
        pieces=session.pieces,
    )


def file_dialogs(asking: Asking, session: Session) -> FileDialogs:
    """What asks which files to open."""
    return FileDialogs(
        asking=asking,
        preferences=asking.preferences,
        library=session.library,
        keeping=session.keeping,
        restoring=session.restoring,
        comparing=session.comparing,
        training_songs=session.training_songs,
        search=session.search,
        messages=session.messages,
        listening=session.listening,
    )


def export_dialogs(asking: Asking, session: Session) -> ExportDialogs:
    """What asks where to save."""
    return ExportDialogs(
        asking=asking,
        library=session.library,
        playback=session.playback,
        path=session.path,
        selection=session.selection,
        training=session.training,
        exports=session.exports,
        pictures=session.pictures,
        messages=session.messages,
        runs=session.runs,
    )
