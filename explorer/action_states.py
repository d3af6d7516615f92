"""Which of the actions are possible now, and which are switched on."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from explorer.audio.player import AtEnd
from explorer.session.session import Session

SHAPES = ("path_smooth", "path_spherical", "path_even", "path_closed", "path_snap")
SELECTION_EXPORTS = ("export_table", "export_selection", "export_windows")
OF_A_SELECTION = (*SELECTION_EXPORTS, "grow_selection", "clear_selection")


class ActionStates(QObject):
    """Listens to the session, and enables, ticks and words the actions, which it is given by id."""

    def __init__(self, parent: QObject, session: Session, actions: Mapping[str, QAction]) -> None:
        super().__init__(parent)
        self._session, self._actions = session, actions
        for changed in (
            session.library.atlas_changed,
            session.playback.heard_changed,
            session.path.changed,
            session.selection.changed,
            session.history.changed,
            session.comparing.changed,
            session.training.changed,
            session.training.snapshot_added,
            session.runs.changed,
        ):
            changed.connect(self._show_what_is_possible)
        session.path.changed.connect(self._show_shape)
        session.playback.settings_changed.connect(self._show_switches)
        session.wandering.changed.connect(self._show_switches)
        session.layers.changed.connect(self._show_layers)
        stack = session.undo_stack
        stack.undoTextChanged.connect(self._show_undo)
        stack.redoTextChanged.connect(self._show_redo)
        stack.canUndoChanged.connect(actions["undo"].setEnabled)
        stack.canRedoChanged.connect(actions["redo"].setEnabled)
        for name in ("undo", "redo"):
            actions[name].setEnabled(False)
        self._show_what_is_possible()
        self._show_switches()
        self._show_shape()
        self._show_layers()

    def _show_what_is_possible(self) -> None:
        session, training = self._session, self._session.training
        heard, drawn = session.playback.heard is not None, len(session.path.points) > 1
        there_is_a_map = session.library.atlas is not None
        possible = {
            "back": session.history.can_go_back,
            "forward": session.history.can_go_forward,
            "save_session": there_is_a_map,
            "save_session_as": there_is_a_map,
            "export_heard": heard,
            "export_medley": heard,
            "copy_phrase": heard,
            "copy_roll": heard,
            "export_path": drawn,
            "toggle_original": session.playback.difference is not None,
            "toggle_difference": session.playback.difference is not None,
            "toggle_model": session.comparing.shown and session.comparing.counterpart is not None,
            "play_path": drawn,
            **dict.fromkeys(OF_A_SELECTION, session.selection.windows is not None),
            **dict.fromkeys(("select_all", "invert_selection"), there_is_a_map),
            **dict.fromkeys(("select_heard", "select_song"), heard),
            "hear_average": session.selection.windows is not None,
            "keep_path": drawn,
            "add_favourite": heard,
            "export_map": there_is_a_map,
            "export_page": there_is_a_map,
            "export_strip": drawn and there_is_a_map,
            "export_curve": bool(training.rows),
            "copy_map": there_is_a_map,
            "diagnose": there_is_a_map,
            "draw_anew": there_is_a_map,
            "open_table": there_is_a_map,
            "like_in_sound": heard,
            "like_in_z": heard,
            "find_file": there_is_a_map,
            "next_window": there_is_a_map,
            "play_song": there_is_a_map,
            "previous_window": there_is_a_map,
            "clear_path": bool(session.path.points),
            "start_training": not training.running,
            "pause_training": training.steerable,
            "stop_training": training.steerable,
            "stop_keep_best": training.steerable,
            "exclude_selected": training.steerable and session.selection.windows is not None,
            "favour_selected": training.steerable and session.selection.windows is not None,
            "weigh_alike": training.steerable and training.steering.window_weights is not None,
            "queue_training": training.running,
            "take_back_run": session.runs.can_take_back,
            "use_model": training.model is not None,
            "pin_snapshot": bool(training.snapshots),
            "play_snapshots": len(training.snapshots) > 1,
        }
        for name, enabled in possible.items():
            self._actions[name].setEnabled(enabled)

    def _show_switches(self) -> None:
        playback = self._session.playback
        self._actions["hold"].setChecked(playback.player.hold)
        self._actions["wander"].setChecked(self._session.wandering.running)
        for name, at_end in (("once", AtEnd.STOP), ("loop", AtEnd.LOOP), ("run_on", AtEnd.RUN_ON)):
            self._actions[name].setChecked(playback.at_end is at_end)

    def _show_undo(self, text: str) -> None:
        self._actions["undo"].setText(f"Undo {text}".strip())

    def _show_redo(self, text: str) -> None:
        self._actions["redo"].setText(f"Redo {text}".strip())

    def _show_shape(self) -> None:
        path = self._session.path
        manner = path.manner
        checked = (manner.smooth, manner.spherical, manner.even_change, manner.closed, path.snap)
        for name, on in zip(SHAPES, checked, strict=True):
            self._actions[name].setChecked(on)

    def _show_layers(self) -> None:
        for name, on in self._session.layers.switches().items():
            self._actions[name].setChecked(on)
