"""The command of the Compare tab."""

from __future__ import annotations

from explorer.actions import Command, CommandGroup
from explorer.session.compare.comparing import Comparing


def model_heard(comparing: Comparing) -> CommandGroup:
    """The command of A/B by ear."""

    def both_are_there() -> bool:
        return comparing.shown and comparing.counterpart is not None

    tip = "Compare: hear the same through the other model, at the same place"
    toggle = Command("toggle_model", "Model A/B", "B", tip, comparing.toggle, both_are_there)
    return CommandGroup([toggle], (comparing.changed,))
