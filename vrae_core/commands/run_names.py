"""How a command line names a training run: by its folder, or by a part of its name that no other run has."""

from __future__ import annotations

from pathlib import Path

from vrae_core.errors import FileError, VraeError
from vrae_core.runs.folder import RunFolder, Snapshot, default_runs_folder, list_runs

_MOST_NAMED = 5  # in a sentence


def runs_folder(given: str | None) -> Path:
    """Where runs are looked for.  Raises: FileError if that is given, and is no folder."""
    if given is not None and not Path(given).is_dir():
        raise FileError(given, "is no folder" if Path(given).exists() else "does not exist")
    return Path(given) if given is not None else default_runs_folder()


def find_run(word: str, root: Path) -> RunFolder:
    """The run that a word means.  Raises: VraeError if there is none, or more than one."""
    if Path(word).is_dir():
        run = RunFolder(Path(word))
        run.settings()  # or say why it is none
        return run
    named = {run: name for run in list_runs(root) if (name := name_of(run)) is not None}
    exact = [run for run, name in named.items() if word in (name, run.path.name)]
    found = exact or [run for run, name in named.items() if word.casefold() in f"{name}\n{run.path.name}".casefold()]
    if not found:
        raise VraeError(f"{word} is no run's folder, and no run in {root} is called so; `vrae runs` lists them")
    if len(found) > 1:
        some = ", ".join(run.path.name for run in found[:_MOST_NAMED])
        raise VraeError(f"{word} can mean {len(found)} runs: {some}{', …' if len(found) > _MOST_NAMED else ''}")
    return found[0]


def name_of(run: RunFolder) -> str | None:
    """What a run is called, or None if its settings cannot be read."""
    try:
        return run.settings().name
    except FileError:
        return None


def find_snapshot(word: str, root: Path) -> tuple[RunFolder, Snapshot]:
    """What RUN@UPDATES means; RUN alone means its newest snapshot.  Raises: VraeError if there is no such thing."""
    name, _, updates = word.rpartition("@") if "@" in word and not Path(word).is_dir() else (word, "", "")
    run = find_run(name, root)
    snapshots = run.snapshots()
    if not snapshots:
        raise FileError(run.path, "has no snapshots yet")
    if not updates:
        return run, snapshots[-1]
    for snapshot in snapshots:
        if str(snapshot.updates) == updates:
            return run, snapshot
    known = ", ".join(str(snapshot.updates) for snapshot in snapshots[-_MOST_NAMED:])
    before = "…, " if len(snapshots) > _MOST_NAMED else ""
    raise FileError(run.path, f"has no snapshot after {updates} updates, but after {before}{known}")
