"""The command line: help that teaches, refusals in one sentence, and no Qt for either."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from explorer.application.command_line import files_given
from vrae_core import __version__

WITHOUT_QT = "import sys; sys.modules['PySide6'] = None; from explorer.__main__ import main; sys.exit(main())"


def run(*words, **environment):
    """The command as it is started, where Qt cannot even be imported."""
    command = [sys.executable, "-c", WITHOUT_QT, *words]
    surroundings = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])} | environment
    return subprocess.run(command, env=surroundings, capture_output=True, text=True, timeout=240, check=False)


def test_help_teaches_with_examples_and_needs_no_qt():
    ran = run("--help", PYTHONIOENCODING="ascii")
    assert ran.returncode == 0
    for words in ("vrae-explorer song.mid", "Earlier sessions", ".safetensors", ".vrae-session", "vrae --help"):
        assert words in ran.stdout


def test_the_version_is_the_library_s():
    ran = run("--version")
    assert (ran.returncode, ran.stdout) == (0, f"vrae-explorer {__version__}\n")


@pytest.mark.parametrize("words", [["--nope"], ["song.mid", "--vers"], ["-x"]])
def test_an_option_that_there_is_not_is_refused_in_one_sentence(words):
    ran = run(*words)
    assert ran.returncode == 2
    assert ran.stderr.count("\n") == 1
    assert words[-1] in ran.stderr
    assert "vrae-explorer --help" in ran.stderr


def test_where_qt_does_not_load_a_sentence_says_so():
    ran = run()
    assert ran.returncode == 2
    assert ran.stderr.startswith("vrae-explorer: Qt does not load (")
    assert ran.stderr.count("\n") == 1


def test_files_are_absolute_and_what_begins_with_a_dash_can_be_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert files_given(["a.mid", "--", "-b.mid"]) == [tmp_path / "a.mid", tmp_path / "-b.mid"]
