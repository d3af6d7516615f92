"""A session is written down by itself, so that no crash takes it."""

from __future__ import annotations

import json
import threading

import pytest

from explorer.session.files import earlier
from explorer.session.files import jobs as session_jobs
from explorer.session.files.session_file import SUFFIX
from tests.explorer.conftest import hear_window
from tests.explorer.session.files.conftest import change_everything, everything, open_again, save, set_everything
from vrae_core.errors import FileError
from vrae_core.model import file as model_file
from vrae_core.safe_files import LOCK


def begin(session, qtbot):
    """As at a start: what a process had to itself goes with it."""
    done = []
    if session.keeping._place is not None:
        session.keeping._place.lock.close()
    session.keeping.begin(lambda: done.append("otherwise"))
    qtbot.waitUntil(lambda: not session.jobs.running)
    return done


def write_down(session, qtbot):
    session.keeping.autosave()
    qtbot.waitUntil(lambda: not session.jobs.running)


def test_changes_are_written_down_and_come_back_with_the_file_they_belong_to(kept, make_model, tmp_path, qtbot):
    file = save(kept, qtbot, tmp_path / f"mine{SUFFIX}")
    kept.keeping._timer.setInterval(50)
    begin(kept, qtbot)
    set_everything(kept, qtbot)
    hear_window(kept, qtbot, 30)
    before = everything(kept)
    qtbot.waitUntil(lambda: not kept.keeping._timer.isActive() and not kept.jobs.running)
    kept.keeping._keeps_itself = False  # as if it ended here
    change_everything(kept, make_model, qtbot)
    assert begin(kept, qtbot) == []
    assert everything(kept) == before
    assert (kept.keeping.file, kept.keeping.modified) == (file, True)


def test_without_a_last_session_something_else_is_opened(session, qtbot):
    assert begin(session, qtbot) == ["otherwise"]
    assert session.problems == []


def test_a_broken_last_session_is_put_aside_and_told_once(session, qtbot):
    session.keeping.folder.mkdir(parents=True)
    autosave, aside = (session.keeping.folder / name for name in (earlier.AUTOSAVE, earlier.SET_ASIDE))
    autosave.write_bytes(b'{"format": "vrae-session", "vers')
    assert begin(session, qtbot) == ["otherwise"]
    assert len(session.problems) == 1
    assert str(aside) in session.problems[0]
    assert aside.read_bytes().endswith(b"vers")
    assert begin(session, qtbot) == ["otherwise"]
    assert len(session.problems) == 1


def test_a_last_session_of_which_something_has_gone_is_kept_as_it_was(kept, tmp_path, qtbot):
    begin(kept, qtbot)
    write_down(kept, qtbot)
    autosave = kept.keeping.folder / earlier.AUTOSAVE
    data = autosave.read_bytes()
    (tmp_path / "Low.mid").unlink()
    begin(kept, qtbot)
    assert [song.name for song in kept.library.songs] == ["Middle", "High"]
    assert (kept.keeping.folder / earlier.SET_ASIDE).read_bytes() == data


@pytest.mark.parametrize("unreadable", [["Low"], ["Low", "Middle", "High"]])
def test_a_last_session_whose_songs_are_there_but_cannot_be_read_is_kept_among_the_earlier_ones(
    kept, tmp_path, qtbot, unreadable
):
    begin(kept, qtbot)
    write_down(kept, qtbot)
    data = (kept.keeping.folder / earlier.AUTOSAVE).read_bytes()
    told: list[str] = []
    kept.messages.said.connect(lambda sentence, kind: told.append(sentence) if kind == "note" else None)
    for name in unreadable:
        (tmp_path / f"{name}.mid").write_bytes(b"")  # as a folder in a cloud leaves them
    assert begin(kept, qtbot) == (["otherwise"] if len(unreadable) == 3 else [])
    write_down(kept, qtbot)
    (archived,) = kept.keeping.earlier
    assert archived.read_bytes() == data
    assert told == [f"The last session is kept: File ▸ Earlier sessions ▸ {archived.stem}."]
    assert json.loads((kept.keeping.folder / earlier.AUTOSAVE).read_bytes())
    write_down(kept, qtbot)
    assert kept.keeping.earlier == [archived]


def test_a_last_session_that_cannot_be_kept_is_not_written_over(kept, tmp_path, qtbot):
    begin(kept, qtbot)
    write_down(kept, qtbot)
    autosave = kept.keeping.folder / earlier.AUTOSAVE
    data = autosave.read_bytes()
    (kept.keeping.root / earlier.EARLIER).write_bytes(b"no folder")
    (tmp_path / "Low.mid").write_bytes(b"")
    begin(kept, qtbot)
    write_down(kept, qtbot)
    assert autosave.read_bytes() == data
    assert "cannot be put among the earlier sessions, and is not written over" in kept.problems[-1]


def test_a_folder_that_cannot_be_locked_is_no_other_window_s(kept, qtbot):
    begin(kept, qtbot)
    kept.playback.set_tempo(97)
    write_down(kept, qtbot)
    kept.keeping._place.lock.close()
    lock = kept.keeping.root / LOCK
    lock.unlink(missing_ok=True)
    lock.mkdir()
    kept.playback.set_tempo(120)
    kept.keeping._keeps_itself = False  # as if it ended here
    assert begin(kept, qtbot) == []
    assert (kept.keeping.folder, kept.playback.player.tempo) == (kept.keeping.root, 97)
    assert kept.problems == []


def test_the_oldest_of_the_earlier_sessions_can_be_opened_and_stays(kept, tmp_path, qtbot):
    begin(kept, qtbot)
    folder = kept.keeping.root / earlier.EARLIER
    folder.mkdir()
    saved = save(kept, qtbot, tmp_path / f"mine{SUFFIX}").read_bytes()
    for number in range(earlier.MOST_EARLIER):
        (folder / f"2020-01-01 00.00.{number:02}{SUFFIX}").write_bytes(saved)
    oldest = folder / f"2020-01-01 00.00.00{SUFFIX}"
    kept.keeping.open(oldest)
    qtbot.waitUntil(lambda: not kept.jobs.running and kept.library.atlas is not None)
    assert oldest.read_bytes() == saved
    assert kept.keeping.file is None, "and saving does not write over it"
    assert kept.problems == []


def test_a_folder_that_cannot_be_written_is_told_once(kept, tmp_path, qtbot):
    (tmp_path / "file").write_bytes(b"")
    kept.keeping.root = tmp_path / "file" / "below"
    begin(kept, qtbot)
    for _ in range(3):
        kept.keeping.autosave()
        qtbot.waitUntil(lambda: not kept.jobs.running)
    assert len(kept.problems) == 1
    assert "cannot be saved for the next start" in kept.problems[0]


def test_a_session_that_cannot_be_written_at_the_end_is_told_in_the_log_and_the_one_before_stays(
    kept, qtbot, monkeypatch, caplog
):
    begin(kept, qtbot)
    kept.playback.set_tempo(97)
    kept.keeping.autosave()
    qtbot.waitUntil(lambda: not kept.jobs.running)
    autosave = kept.keeping.folder / earlier.AUTOSAVE
    before = autosave.read_bytes()

    def full(file, _data):
        raise FileError(file, "cannot be written: No space left on device")

    monkeypatch.setattr(session_jobs, "write_atomically", full)
    kept.playback.set_tempo(55)
    kept.keeping.close()
    qtbot.waitUntil(lambda: not kept.jobs.running)
    told = f"This session cannot be saved for the next start: {autosave} cannot be written: No space left on device."
    assert caplog.messages == [told]
    assert autosave.read_bytes() == before


def test_an_autosave_that_was_cancelled_does_not_overwrite_a_newer_one(kept, qtbot, monkeypatch):
    begin(kept, qtbot)
    qtbot.waitUntil(lambda: not kept.jobs.running)
    really, began, goes_on, written = session_jobs.write_atomically, threading.Event(), threading.Event(), []

    def write(file, data):
        if not began.is_set():
            began.set()
            goes_on.wait(20)
        really(file, data)
        written.append(json.loads(data)["player"]["tempo"])

    monkeypatch.setattr(session_jobs, "write_atomically", write)
    kept.playback.set_tempo(97)
    kept.keeping.autosave()
    qtbot.waitUntil(began.is_set)
    kept.playback.set_tempo(55)
    kept.keeping.close()
    qtbot.wait(200)  # in which the second could write if it did not wait
    goes_on.set()
    qtbot.waitUntil(lambda: not kept.jobs.running and len(written) == 2)
    assert written == [97, 55]
    assert json.loads((kept.keeping.folder / earlier.AUTOSAVE).read_bytes())["player"]["tempo"] == 55


def test_neither_reading_nor_writing_nor_hashing_happens_in_the_window_s_thread(kept, tmp_path, qtbot, monkeypatch):
    threads = []

    def noting(function):
        def note(*arguments):
            threads.append(threading.current_thread() is threading.main_thread())
            return function(*arguments)

        return note

    for name in ("read_session", "read_digest", "write_atomically", "to_bytes"):
        monkeypatch.setattr(session_jobs, name, noting(getattr(session_jobs, name)))
    monkeypatch.setattr(model_file, "digest", noting(model_file.digest))
    open_again(kept, qtbot, save(kept, qtbot, tmp_path / f"mine{SUFFIX}"))
    assert len(threads) >= 4
    assert not any(threads)
