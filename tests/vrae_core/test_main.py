"""The `vrae` command as a whole."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from vrae_core import __version__
from vrae_core.__main__ import main

COMMANDS = [
    "inspect",
    "train",
    "recipes",
    "runs",
    "pack",
    "info",
    "encode",
    "decode",
    "interpolate",
    "map",
    "evaluate",
    "compare",
    "denoise",
    "recognise",
    "features",
    "search",
    "directions",
]


def test_help_lists_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    shown = capsys.readouterr().out
    assert end.value.code == 0
    assert all(re.search(rf"^ +{command}\s", shown, re.MULTILINE) for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_teaches_with_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([command, "--help"])
    assert f"example:\n  vrae {command} " in capsys.readouterr().out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"vrae {__version__}\n"


@pytest.mark.parametrize("words", [[], ["fly"], ["info"], ["info", "a", "b"], ["encode", "a", "-o", "x.csv", "--fast"]])
def test_what_no_command_understands_is_a_usage_error(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 2
    assert capsys.readouterr().err.startswith("usage: vrae")


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (KeyboardInterrupt(), 130, "vrae: stopped\n"),
        (PermissionError(13, "Permission denied", "x.csv"), 1, "vrae: x.csv: Permission denied\n"),
        (MemoryError(), 1, "vrae: there is not enough memory for that\n"),
    ],
)
def test_what_goes_wrong_outside_is_told_without_a_traceback(
    error: BaseException, status: int, told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_: str) -> None:
        raise error

    monkeypatch.setattr("vrae_core.commands.info.open_model", fail)
    assert main(["info", "model"]) == status
    assert capsys.readouterr().err == told


def test_a_reader_who_leaves_early_is_no_error_to_tell() -> None:
    words = [sys.executable, "-m", "vrae_core", "inspect", "--json", *["no.mid"] * 3000]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        told = process.stderr.read().decode()
    assert set(told.splitlines()) == {"vrae: no.mid does not exist"}


def test_only_training_imports_torch_and_nothing_slow_is_imported_to_inspect() -> None:
    code = """
import json, sys
from vrae_core.__main__ import main
try:
    main(["inspect", "no.mid"])
    main(["info", "no.safetensors"])
    main(["encode", "no.safetensors", "-o", "x.csv"])
    main(["decode", "no.safetensors", "--z", "0,0", "-o", "x.mid"])
finally:
    print(json.dumps(sorted(sys.modules)))
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    slow = {"torch", "scipy", "matplotlib", "openTSNE", "sklearn", "mido", "soundfile", "fluidsynth", "PySide6"}
    assert slow.isdisjoint(json.loads(ran.stdout.splitlines()[-1]))
