import pytest
from test_main_window import window, test_a_saved_midi_file_is_what_was_heard as a, test_a_job_shows_after_a_moment_and_can_be_cancelled as b
@pytest.mark.parametrize("i", range(60))
def test_a(i, window, tmp_path, qtbot, monkeypatch): a(window, tmp_path, qtbot, monkeypatch); b(window, qtbot)
