"""What was done to a run, as lines of a file and in words."""

from __future__ import annotations

import math
import os

from vrae_core.runs import changes as run_changes
from vrae_core.runs.changes import marks
from vrae_core.training.steering import Change


def test_changes_come_back_from_the_file_and_damaged_lines_are_left_out(tmp_path):
    changes = [
        Change(1.5, 10, "learning rate", 0.002, 0.001),
        Change(2.0, 14, "paused"),
        Change(9.0, 50, "branched off:", about="Slow, and “quoted”"),
    ]
    path = tmp_path / "changes.csv"
    assert run_changes.read(path) == []
    for change in changes:
        run_changes.append(path, change)
    whole = path.read_bytes()
    path.write_bytes(whole + b"x,1,paused,,,\r\n3.0,\r\nnan,1,paused,,,\r\n1,1,\x1b[2J,,,\r\n12.0,60,pau")
    run_changes.append(path, Change(13.0, 70, "resumed"))
    # math.nan is itself in every line of this program's own, so that they can be held against each other
    assert [str(change) for change in run_changes.read(path)] == [
        *map(str, changes), str(Change(13.0, 70, "resumed"))
    ]  # fmt: skip
    run_changes.rewind(path, 14)
    assert [change.updates for change in run_changes.read(path)] == [10, 14]


def test_a_name_that_is_not_utf_8_is_written_down_as_far_as_it_can_be(tmp_path):
    path = tmp_path / "changes.csv"
    run_changes.append(path, Change(0.0, 0, "begun from", about=os.fsdecode(b"F\xfcr Elise")))
    assert [change.about for change in run_changes.read(path)] == ["F?r Elise"]


def test_each_kind_of_change_has_its_words():
    words = [mark.words for mark in marks([
        Change(0.0, 0, "begun from", about="Slow songs, update 1,200"),
        Change(100.0, 1240, "learning rate", 0.002, 0.001),
        Change(110.0, 1300, "KL weight", 1.0, 0.5),
        Change(120.0, 1400, "windows left out", after=40),
        Change(130.0, 1500, "windows more often", after=1),
        Change(140.0, 1600, "paused"),
        Change(140.0, 1600, "went on", after=200.4),
        Change(150.0, 1700, "resumed"),
        Change(160.0, 1800, "branched off:", about="Slow songs from 1,800"),
    ])]  # fmt: skip
    assert words == [
        "begun from Slow songs, update 1,200 at update 0",
        "learning rate 0.002 → 0.001 at update 1,240",
        "KL weight 1 → 0.5 at update 1,300",
        "40 windows left out at update 1,400",
        "1 window more often at update 1,500",
        "paused, resumed after 3:20 min at update 1,600",
        "resumed at update 1,700",
        "branched off: Slow songs from 1,800 at update 1,800",
    ]


def test_a_slider_that_is_dragged_is_one_change_and_one_that_comes_back_is_none():
    way = [Change(10 + 0.2 * n, 100 + n, "learning rate", 1e-3 * 0.9**n, 1e-3 * 0.9 ** (n + 1)) for n in range(8)]
    [mark] = marks([*way, Change(10.5, 102, "paused")][:8])
    assert (mark.updates, mark.words) == (107, "learning rate 0.001 → 0.00043 at update 107")
    back = [Change(50.0, 900, "KL weight", 1.0, 2.0), Change(51.0, 910, "KL weight", 2.0, 1.0)]
    assert marks(back) == []
    later = [back[0], back[1]._replace(seconds=80.0)]
    assert [mark.updates for mark in marks(later)] == [900, 910]
    assert all(math.isfinite(mark.seconds) for mark in marks(later))
