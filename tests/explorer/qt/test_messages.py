"""Sentences for the user, from whatever thread."""

from PySide6.QtCore import QThread

from explorer.qt.background import Worker
from explorer.qt.messages import Messages


def test_what_a_worker_s_thread_says_is_told_in_the_window_s(qtbot):
    messages, heard = Messages(), []
    messages.said.connect(lambda sentence, kind: heard.append((sentence, kind, QThread.currentThread())))

    def job():
        yield
        messages.say("The disk is full.", "error")

    worker = Worker(job())
    with qtbot.waitSignal(worker.finished):
        worker.start()
    qtbot.waitUntil(lambda: bool(heard))
    assert heard == [("The disk is full.", "error", messages.thread())]


def test_what_the_window_says_is_told_at_once_and_is_a_note_unless_it_says_otherwise(qapp):
    messages, heard = Messages(), []
    messages.said.connect(lambda *told: heard.append(told))
    messages.say("Done.")
    assert heard == [("Done.", "note")]


def test_each_complaint_is_a_warning_of_its_own_and_ends_with_a_full_stop(qapp):
    messages, heard = Messages(), []
    messages.said.connect(lambda *told: heard.append(told))
    messages.complain(("a.mid is empty", "b.mid is no song."))
    assert heard == [("a.mid is empty.", "warning"), ("b.mid is no song.", "warning")]


def test_a_file_that_is_saved_is_named_with_its_folder(qapp, tmp_path):
    messages, heard = Messages(), []
    messages.said.connect(lambda *told: heard.append(told))
    messages.say_saved(tmp_path / "a.mid")
    assert heard == [(f"Saved a.mid in {tmp_path}.", "note")]
