"""Where files are saved, and what is asked first."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QInputDialog, QMessageBox

from explorer.audio.player import FASTEST
from explorer.dialogs.exports import LONGEST_MEDLEY
from tests.explorer.conftest import hear_window, saved, tracks_of
from vrae_core.midi.song import read_song
from vrae_core.model.recipes import RECIPES
from vrae_core.music.piece_recipe import LONGEST_PIECE, read_recipe

LEFT = Qt.MouseButton.LeftButton


def test_a_saved_midi_file_is_what_was_heard(window, tmp_path, qtbot, monkeypatch):
    hear_window(window.session, qtbot)
    window.session.playback.set_threshold(0.4)
    target = tmp_path / "out"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), "MIDI (*.mid)"))
    saved(window.session, qtbot, window.actions_by_id["export_heard"].trigger)
    notes = [note for track in tracks_of(window.session) for note in track.notes]
    assert len(read_song(tmp_path / "out.mid").notes) == len(notes)
    qtbot.waitUntil(lambda: "Saved" in " ".join(window.messages.sentences))


@pytest.mark.parametrize(
    ("typed", "kind", "written"),
    [
        ("out", "Ogg Vorbis (*.ogg)", "out.ogg"),
        ("out.flac", "MIDI (*.mid *.midi)", "out.flac"),
        ("piece 1.5", "MIDI (*.mid *.midi)", "piece 1.5.mid"),
    ],
)
def test_the_extension_decides_and_a_name_without_one_gets_the_chosen_kind_s(
    window, tmp_path, qtbot, monkeypatch, typed, kind, written
):
    hear_window(window.session, qtbot)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / typed), kind))
    saved(window.session, qtbot, window.actions_by_id["export_heard"].trigger)
    assert (tmp_path / written).exists()


def test_a_file_the_dialog_did_not_ask_about_is_not_replaced_unasked(window, tmp_path, qtbot, monkeypatch):
    hear_window(window.session, qtbot)
    (tmp_path / "piece.mid").write_text("precious")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "piece"), "MIDI (*.mid *.midi)"))
    answer = QMessageBox.StandardButton.Cancel
    monkeypatch.setattr(QMessageBox, "exec", lambda box: answer)
    window.actions_by_id["export_heard"].trigger()
    assert not window.session.jobs.running
    answer = QMessageBox.StandardButton.Yes
    saved(window.session, qtbot, window.actions_by_id["export_heard"].trigger)
    assert read_song(tmp_path / "piece.mid").notes


def test_selected_windows_are_saved_and_those_that_are_there_asked_about(window, tmp_path, qtbot, monkeypatch):
    assert not window.actions_by_id["export_windows"].isEnabled()
    window.session.selection.set(np.arange(len(window.session.library.atlas.corpus)) < 4)
    offered, asked = [], []

    def choose(question):
        offered.append(question.comboBoxItems())
        question.setTextValue(offered[0][0])
        return True

    monkeypatch.setattr(QInputDialog, "exec", choose)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    monkeypatch.setattr(QMessageBox, "exec", lambda box: asked.append(box.text()) or QMessageBox.StandardButton.Cancel)
    saved(window.session, qtbot, window.actions_by_id["export_windows"].trigger)
    assert len(list(tmp_path.glob("Low *.mid"))) == 4
    assert len(offered[0]) == 8
    assert asked == []
    window.actions_by_id["export_windows"].trigger()
    assert asked == ["Low 0-00.0.mid and 3 more exist already. Replace?"]
    assert not window.session.jobs.running


def test_a_medley_is_asked_its_length(window, tmp_path, qtbot, monkeypatch):
    hear_window(window.session, qtbot)
    monkeypatch.setattr(QInputDialog, "getInt", lambda *_: (12, True))
    names = []
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a: names.append(a[2]) or (str(tmp_path / "m.mid"), ""))
    saved(window.session, qtbot, window.actions_by_id["export_medley"].trigger)
    assert names[0].endswith("Low 0-01.5, 12 s.mid")
    assert read_recipe(tmp_path / "m.mid").steps == 240


def test_the_longest_medley_at_the_quickest_tempo_can_be_had_back():
    finest = max(recipe.model.grid.played_per_beat for recipe in RECIPES.values())
    assert LONGEST_MEDLEY * FASTEST / 60 * finest <= LONGEST_PIECE
