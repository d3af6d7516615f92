"""Reading bounded, writing atomically."""

from __future__ import annotations

import errno
import os
import re

import pytest

from vrae_core import safe_files
from vrae_core.errors import FileError, MidiFileError
from vrae_core.safe_files import file_stem, make_folder, read_bounded, write_atomically

needs_posix = pytest.mark.skipif(os.name != "posix", reason="pipes and permissions of POSIX")


def test_what_is_written_is_read_back(tmp_path):
    for data in (b"", b"short", bytes(range(256)) * 9000):
        write_atomically(tmp_path / "file", data)
        assert read_bounded(tmp_path / "file", limit=len(data)) == data


def test_writing_leaves_no_other_file(tmp_path):
    write_atomically(tmp_path / "file", b"old")
    write_atomically(tmp_path / "file", b"new")
    assert os.listdir(tmp_path) == ["file"]


@needs_posix
def test_a_written_file_has_the_usual_permissions(tmp_path):
    write_atomically(tmp_path / "atomic", b"")
    (tmp_path / "plain").write_bytes(b"")
    assert (tmp_path / "atomic").stat().st_mode == (tmp_path / "plain").stat().st_mode


@needs_posix
def test_writing_through_a_link_keeps_the_link(tmp_path):
    (tmp_path / "target").write_bytes(b"old")
    (tmp_path / "link").symlink_to("target")
    write_atomically(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"new"


def test_a_full_disk_leaves_the_old_file_and_no_rubbish(tmp_path, monkeypatch):
    write_atomically(tmp_path / "file", b"old")

    def full(source, target):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(FileError, match=r"^/.*/file cannot be written: No space left on device$"):
        write_atomically(tmp_path / "file", b"new")
    assert os.listdir(tmp_path) == ["file"]
    assert (tmp_path / "file").read_bytes() == b"old"


def test_an_interrupted_write_leaves_the_old_file_and_no_rubbish(tmp_path, monkeypatch):
    write_atomically(tmp_path / "file", b"old")

    def interrupted(source, target):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "file", b"new")
    assert os.listdir(tmp_path) == ["file"]
    assert (tmp_path / "file").read_bytes() == b"old"


def test_writing_into_a_missing_folder_says_so(tmp_path):
    with pytest.raises(FileError, match=r"^/.*/file cannot be written: its folder does not exist$"):
        write_atomically(tmp_path / "missing" / "file", b"")


def test_a_folder_is_made_with_those_it_lies_in_and_where_that_cannot_be_it_is_said(tmp_path):
    for _ in range(2):
        make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").write_bytes(b"")
    for folder in ("file", "file/inside"):
        with pytest.raises(FileError, match=rf"^{re.escape(str(tmp_path / folder))} cannot be written to: "):
            make_folder(tmp_path / folder)


def test_a_larger_file_than_the_limit_is_refused(tmp_path):
    (tmp_path / "file").write_bytes(b"12345")
    with pytest.raises(FileError, match=r"^/.*/file holds 5 bytes; the limit is 4 bytes$"):
        read_bounded(tmp_path / "file", limit=4)


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"1234")
    monkeypatch.setattr(safe_files, "_read_at_most", lambda descriptor, limit: b"x" * limit)
    with pytest.raises(FileError, match=r"^/.*/file holds more than the limit of 4 bytes$"):
        read_bounded(tmp_path / "file", limit=4)


def test_a_missing_file_and_a_folder_are_named_as_such(tmp_path):
    with pytest.raises(FileError, match=r"^/.*/nothing does not exist$"):
        read_bounded(tmp_path / "nothing", limit=9)
    (tmp_path / "folder").mkdir()
    with pytest.raises(FileError, match=r"^/.*/folder (is a folder|cannot be opened: )"):
        read_bounded(tmp_path / "folder", limit=9)


@needs_posix
def test_a_pipe_nobody_writes_to_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileError, match=r"^/.*/pipe is not a regular file$"):
        read_bounded(tmp_path / "pipe", limit=9)


def test_a_name_with_a_zero_byte_is_refused():
    with pytest.raises(FileError, match="has a name that no file can have"):
        read_bounded("a\0b", limit=9)
    with pytest.raises(FileError, match="has a name that no file can have"):
        write_atomically("a\0b", b"")


def test_the_caller_chooses_the_error(tmp_path):
    with pytest.raises(MidiFileError) as raised:
        read_bounded(tmp_path / "song.mid", limit=9, error=MidiFileError)
    assert raised.value.path == str(tmp_path / "song.mid")
    assert raised.value.reason == "does not exist"


@pytest.mark.parametrize(
    ("words", "stem"),
    [
        ("Korobeiniki 0-42.5", "Korobeiniki 0-42.5"),
        ("Für Elise (2), 100 %", "Für Elise (2), 100 -"),
        ("../../etc/passwd", "-..-etc-passwd"),
        ("a\0b\nc:d*e", "a-b-c-d-e"),
        ("nul", "nul_"),
        (" . ", "_"),
    ],
)
def test_words_become_a_name_that_every_system_takes(words, stem):
    assert file_stem(words) == stem


@pytest.mark.parametrize("words", ["a" * 500, "Ж" * 500, "音" * 500])
def test_a_long_name_is_cut_between_letters(tmp_path, words):
    write_atomically(tmp_path / f"{file_stem(words)}.mid", b"")
    assert words.startswith(file_stem(words))


def test_a_file_that_may_only_be_read_is_not_replaced(tmp_path):
    kept = tmp_path / "kept.mid"
    kept.write_bytes(b"mine")
    kept.chmod(0o444)
    with pytest.raises(FileError, match=r"kept\.mid is not replaced: it is a file that may only be read"):
        write_atomically(kept, b"other")
    assert kept.read_bytes() == b"mine"
    assert [file.name for file in tmp_path.iterdir()] == ["kept.mid"]
    kept.chmod(0o644)
    write_atomically(kept, b"other")
    assert kept.read_bytes() == b"other"
