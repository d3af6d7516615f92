"""The real window, used as chance has it; `make faults` goes on for an hour."""

from __future__ import annotations

import soak


def test_the_window_survives_whatever_chance_does_with_it_and_leaves_nothing_behind(capfd):
    code = soak.main(soak.parsed(["--actions", "200", "--lives", "2", "--seed", "0"]))
    assert code == 0, capfd.readouterr().out
