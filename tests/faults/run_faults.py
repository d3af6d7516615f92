"""The long ones: an hour of use, trainings killed, files altered, disks full.  Prints promise, dose and result.

Usage: run_faults.py [soak|kills|altered|full …] [--times N] [--minutes M] [--seed S]

``make faults`` runs all: 60 minutes, 200 kills, 600 files of each kind.  Ends with 0 if every promise was kept.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests/end_to_end"), str(ROOT / "tests/faults")]

import doses  # noqa: E402
import kills  # noqa: E402
from doses import Result  # noqa: E402

ALL = ("altered", "full", "kills", "soak")
KILLS, FILES, MINUTES = 200, 600, 60.0
ACTIONS_A_MINUTE = 130  # so that an hour is about four windows


def soak(minutes: float, seed: int) -> Result:
    """The window, used as chance has it, in a process of its own; what it says goes to the screen."""
    actions = max(100, round(ACTIONS_A_MINUTE * minutes))
    script = [sys.executable, str(ROOT / "tests/end_to_end/soak.py"), "--minutes", str(minutes), "--seed", str(seed)]
    run = subprocess.run([*script, "--actions", str(actions)], stdout=subprocess.PIPE, text=True, check=False)
    lines = run.stdout.splitlines() or ["it said nothing"]
    promise = "The window can be used for long: no exception, no warning, nothing left over, memory that levels"
    return Result(promise, f"{minutes:g} min", lines[-1], lines if run.returncode else [])


def results(options: argparse.Namespace, folder: Path) -> Iterator[Result]:
    """One after another, as they come."""
    if "altered" in options.which:
        yield from doses.all_altered(folder, options.times or FILES, options.seed)
    if "full" in options.which:
        yield from doses.all_full(folder)
    if "kills" in options.which:
        yield kills.kill(folder, options.times or KILLS, options.seed)
    if "soak" in options.which:
        yield soak(options.minutes, options.seed)


def main(options: argparse.Namespace) -> int:
    """Print the table; 0 if every promise was kept."""
    kills.prepare()
    print("| promise | dose | result |\n|---|---|---|", flush=True)
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="vrae-faults-") as place:
        for result in results(options, Path(place)):
            broken = f" **{len(result.faults)} faults**" if result.faults else ""
            print(f"| {result.promise} | {result.dose} | {result.result}{broken} |", flush=True)
            print(*result.faults[:20], sep="\n", end="\n" if result.faults else "", file=sys.stderr)
            wrong += len(result.faults)
    return int(wrong > 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("which", nargs="*", default=ALL, help=f"any of {', '.join(ALL)}; all if none is named")
    parser.add_argument("--times", type=int, default=0, help=f"files of each kind ({FILES}), or kills ({KILLS})")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="of the soak")
    parser.add_argument("--seed", type=int, default=0)
    sys.exit(main(parser.parse_args()))
