"""A folder that one process has to itself."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from vrae_core.errors import FileError
from vrae_core.safe_files import alone_in, is_held

HOLD = """
import sys
from pathlib import Path
from vrae_core.safe_files import alone_in
with alone_in(Path(sys.argv[1]), "is taken"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_folder_is_held_by_one_alone_and_free_again_after(tmp_path):
    with alone_in(tmp_path, "is taken"), pytest.raises(FileError, match="is taken"), alone_in(tmp_path, "is taken"):
        pass
    with alone_in(tmp_path, "is taken"):
        pass


def test_a_process_that_is_killed_leaves_it_free(tmp_path):
    words = [sys.executable, "-c", HOLD, tmp_path]
    root = Path(__file__).parents[2]
    with subprocess.Popen(words, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(FileError, match="is taken"), alone_in(tmp_path, "is taken"):
            pass
        process.kill()
        process.wait()
        with alone_in(tmp_path, "is taken"):
            pass


@pytest.mark.skipif(sys.platform == "win32", reason="every file system of Windows has locks")
@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOTSUP])
def test_on_a_file_system_without_locks_one_does_without(tmp_path, monkeypatch, number):
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("fcntl.flock", fail)
    with alone_in(tmp_path, "is taken") as locked:
        assert not locked
    assert is_held(tmp_path)  # for all that anybody knows


def test_one_can_look_whether_a_folder_is_held_and_where_one_cannot_it_is_taken_for_held(tmp_path):
    assert not is_held(tmp_path)
    with alone_in(tmp_path, "is taken") as locked:
        assert locked
        assert is_held(tmp_path)
    assert not is_held(tmp_path)
    assert is_held(tmp_path / "gone")


def test_whoever_has_patience_has_a_folder_once_it_is_free(tmp_path):
    held, over = threading.Event(), threading.Event()

    def hold() -> None:
        with alone_in(tmp_path, "is taken"):
            held.set()
            over.wait(60)

    holding = threading.Thread(target=hold)
    holding.start()
    assert held.wait(60)
    threading.Timer(0.1, over.set).start()
    with alone_in(tmp_path, "is taken", patience=60):
        holding.join(60)
    assert not holding.is_alive()


def test_a_folder_in_which_nothing_can_be_written_is_told(tmp_path):
    (tmp_path / ".lock").mkdir()
    with pytest.raises(FileError, match="cannot be opened: Is a directory"), alone_in(tmp_path, "is taken"):
        pass


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(FileError, match="gone cannot be opened"), alone_in(tmp_path / "gone", "is taken"):
        pass
