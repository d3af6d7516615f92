"""What is trained, for how long: a plan, and the plans that most people want, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from vrae_core.recipes import RECIPES, Recipe


@dataclass(frozen=True)
class Plan:
    """Everything about a run but its songs and its name."""

    recipe: Recipe
    minutes: float | None = None  # None: the recipe's epochs
    held_out: float = 0.0  # share of the windows that are measured and not learnt
    seed: int = 0
    threads: int = 1


class Preset(NamedTuple):
    """A plan under a name; ``words`` say what one gets."""

    name: str
    short: str  # as part of a run's name
    words: str
    recipe_name: str
    minutes: float | None
    held_out: float

    @property
    def plan(self) -> Plan:
        """The plan."""
        return Plan(RECIPES[self.recipe_name], self.minutes, self.held_out)


PRESETS: dict[str, Preset] = {
    "sketch": Preset(
        "Quick sketch, 2 minutes",
        "Sketch",
        "A flat map on which songs already lie apart. The music is rough: enough to see whether these songs suit.",
        "fast-2d",
        2,
        0.0,
    ),
    "best": Preset(
        "Best, 40 minutes",
        "Best",
        "Twenty dimensions: the music of a few songs almost note for note. The map is drawn by t-SNE.",
        "fast-20d",
        40,
        0.05,
    ),
    "evening": Preset(
        "Evening, 2 hours",
        "Evening",
        "A flat map with time to settle, for playing by hand and for more songs than a dozen.",
        "fast-2d",
        120,
        0.05,
    ),
    "paper-2d": Preset(
        "The paper, 2-D",
        "Paper 2-D",
        "Figure 1 of the paper with its own settings, for 40,000 epochs: hours, and it begins slowly.",
        "paper-2d",
        None,
        0.0,
    ),
    "paper-20d": Preset(
        "The paper, 20-D",
        "Paper 20-D",
        "Figure 2 of the paper with its own settings, for 32,000 epochs: many hours, and it begins slowly.",
        "paper-20d",
        None,
        0.0,
    ),
}
