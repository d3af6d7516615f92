"""Every setting of a training in plain words, with its bounds; presets of them; and a recipe in a file of its own.

A setting goes by its place in a Plan, as "recipe.model.window"; a number of a pair as "recipe.training.betas.0".
"""

# ruff: noqa: E501 - a table is read best with one line a row

from __future__ import annotations

import json
import math
import re
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

from vrae_core.corpus.sampling import Grid, StepsPerBeat
from vrae_core.errors import FileError
from vrae_core.json_values import converted, parsed
from vrae_core.model.recipes import RECIPES, USUAL_RECIPE, Cell, Recipe, Schedule, recipe_from_plain
from vrae_core.safe_files import read_bounded, write_atomically

Kind = Literal["whole", "number", "yes or no", "choice"]


class Setting(NamedTuple):
    """One row of the table."""

    title: str
    words: str
    kind: Kind
    low: float = 0.0
    high: float = 1.0
    none: str = ""  # what it means to leave it empty; "": it cannot be
    choices: tuple[str, ...] | tuple[StepsPerBeat, ...] = ()

    def choice_in_words(self, choice: str | StepsPerBeat) -> str:
        """What a choice is called: a number of steps is that of a beat."""
        return str(Grid(choice)) if isinstance(choice, int) else choice


SECTIONS: dict[str, dict[str, Setting]] = {
    "Songs and windows": {
        "recipe.model.window": Setting("Window", "Steps in a window: what one dot of the map holds. At 20 Hz 50 steps are 2.5 seconds; at 12 per beat 48 are a bar of 4/4.", "whole", 1, 1000),
        "recipe.model.hop": Setting("Hop", "Steps from the start of a window to that of the next. Less than the window makes them overlap: more windows, and slower epochs. Where steps are parts of a beat, windows begin on bar lines.", "whole", 1, 1000),
        "recipe.model.steps_per_beat": Setting("Steps", "20 Hz: every 50 ms, as in the paper. Or parts of the beats that a file counts, through all its changes of tempo: 12 per beat hold sixteenths and triplets.", "choice", choices=get_args(StepsPerBeat)),
        "recipe.model.parts": Setting("Parts", "Melody, chords, bass and drums are learnt apart. Without, all instruments are heard as one, and drums are left out, as in the paper.", "yes or no"),
        "recipe.cap": Setting("Most windows a song", "So that a long song does not crowd out the others.", "whole", 1, 1_000_000, none="all that it has"),
        "recipe.equal_share": Setting("Equal shares", "Every song gives as many windows as the shortest one gives, as in the paper.", "yes or no"),
        "recipe.min_pitch_share": Setting("Rarest pitch", "Pitches that hold a smaller share of all notes than this are cut away. 0 keeps every pitch.", "number", 0, 0.5),
        "held_out": Setting("Held out", "Share of the windows that are measured and not learnt: they show whether the model only memorises.", "number", 0, 0.5),
    },
    "Model": {
        "recipe.model.latent": Setting("Dimensions of z", "2 can be drawn as they are; more say more, and are drawn by t-SNE.", "whole", 1, 512),
        "recipe.model.cell": Setting("Cell", "tanh is the paper's; a GRU learns in far fewer updates; an LSTM is slower and no better here.", "choice", choices=get_args(Cell)),
        "recipe.model.hidden": Setting("Units of the decoder", "What plays. Time per update grows with their square.", "whole", 1, 4096),
        "recipe.model.encoder_hidden": Setting("Units of the encoder", "What listens. Fewer will do than in the decoder.", "whole", 1, 4096),
        "recipe.model.context": Setting("Layers after z", "Units of two layers that turn z into what the decoder hears; they help a flat map. 0: z itself.", "whole", 0, 4096),
        "recipe.model.z_every_step": Setting("z at every step", "The decoder hears z all the time, not at the beginning alone as in the paper.", "yes or no"),
        "recipe.model.reversed_input": Setting("Read backwards", "The encoder reads windows from their end, so that their beginning is freshest (paper, section 4).", "yes or no"),
        "recipe.model.silent_start": Setting("Silent start", "The decoder hears silence before its first step, as in the authors' own code.", "yes or no"),
    },
    "Training": {
        "recipe.training.epochs": Setting("Epochs", "Times through all windows, where no minutes are set.", "whole", 1, 10_000_000),
        "recipe.training.batch": Setting("Batch", "Windows an update learns from. With fewer windows than that, every update takes all.", "whole", 1, 16_384),
        "recipe.training.learning_rate": Setting("Learning rate", "How far an update goes. Too large, and the bound collapses; training then goes back and halves it.", "number", 1e-8, 1),
        "recipe.training.final_learning_rate": Setting("Final learning rate", "What it falls to in the end.", "number", 0, 1),
        "recipe.training.schedule": Setting("Schedule", "How the learning rate falls: along a cosine, evenly in its logarithm, once at a step, or evenly from there to the end.", "choice", choices=get_args(Schedule)),
        "recipe.training.step_at": Setting("Step at", "Share of the run after which it falls, where the schedule is a step or linear.", "number", 0, 1),
        "recipe.training.warm_up": Setting("Warm-up", "Share of the run over which the learning rate rises from 0.", "number", 0, 1),
        "recipe.training.muon_learning_rate": Setting("Muon learning rate", "Of Muon, which learns the recurrent matrices in fewer updates than Adam.", "number", 1e-8, 1, none="Adam for all"),
        "recipe.training.muon_momentum": Setting("Muon's momentum", "How slowly Muon forgets earlier gradients. Less suits a short training.", "number", 0, 0.9999),
        "recipe.training.betas.0": Setting("Adam's β₁", "How slowly the mean of the gradient forgets.", "number", 0, 0.9999),
        "recipe.training.betas.1": Setting("Adam's β₂", "How slowly the mean of its square forgets.", "number", 0, 0.999999),
        "recipe.training.clip": Setting("Clip", "Largest norm of a gradient; a longer one is shortened to it.", "number", 1e-6, 1e6, none="never"),
        "recipe.training.kl_weight": Setting("KL weight", "Below 1 dots may lie farther apart and say more; above 1 the map is smoother and the music vaguer.", "number", 0, 100),
        "recipe.training.kl_warm_up": Setting("KL warm-up", "Share of the run over which the KL weight rises from 0, so that z is put to use before it costs anything.", "number", 0, 1),
        "recipe.training.other_keys": Setting("Other keys", "Share of the windows that are learnt in a key drawn by chance. More of it knows more music, and each song less sharply.", "number", 0, 1),
        "recipe.training.hybrids": Setting("Hybrids", "Share of the windows that are given some parts of another song. More of it makes better music between songs, and each song less sharp.", "number", 0, 1),
        "recipe.training.teacher_forcing": Setting("Teacher forcing", "Share of the true past that the decoder is fed at first. It tells songs apart better and plays less well between them.", "number", 0, 1),
        "recipe.training.teacher_forcing_until": Setting("Teacher forcing until", "Share of the run after which the decoder runs freely.", "number", 0.001, 1),
    },
    "Run": {
        "seed": Setting("Seed", "Of all that is drawn by chance. The same songs, settings and seed give the same model on one machine.", "whole", 0, 2**32 - 1),
        "threads": Setting("Threads", "Of the processor. More than half of its cores leave too little for the sound.", "whole", 1, 256),
    },
}  # fmt: skip
SETTINGS: dict[str, Setting] = {path: setting for rows in SECTIONS.values() for path, setting in rows.items()}


def value_of(plan: Plan, path: str) -> Any:
    """What a setting is."""
    value: Any = plan
    for part in path.split("."):
        value = value[int(part)] if part.isdigit() else getattr(value, part)
    return value


def with_value(plan: Any, path: str, value: Any) -> Any:
    """The plan with one setting changed."""
    first, _, rest = path.partition(".")
    if isinstance(plan, tuple):
        return tuple(value if i == int(first) else old for i, old in enumerate(plan))
    return replace(plan, **{first: with_value(getattr(plan, first), rest, value) if rest else value})


def text_of(value: Any) -> str:
    """A setting as one would type it."""
    return "" if value is None else f"{value:.10g}" if isinstance(value, float) else str(value)


def parse(setting: Setting, text: str) -> float | int | None:
    """What was typed as a number, or None where that is allowed.  Raises: ValueError with the reason."""
    text = text.strip().replace("−", "-")
    if setting.kind == "whole" and re.fullmatch(r"[-+]?\d{1,3}([.,]\d{3})+", text):
        text = re.sub("[.,]", "", text)  # between thousands, for nobody types the zeros of 2.000 epochs
    text = text.replace(",", ".")
    if not text:
        if not setting.none:
            raise ValueError("needs a number")
        return None
    if not re.fullmatch(r"[-+]?\d{1,12}(\.\d{0,12})?(e[-+]?\d{1,3})?", text, re.IGNORECASE):
        raise ValueError("is not a number")
    number = float(text)
    if setting.kind == "whole" and not number.is_integer():  # nor is what is infinite
        raise ValueError("must be a whole number")
    value = int(number) if setting.kind == "whole" else number
    if problem := _problem(setting, value):
        raise ValueError(problem)
    return value


def problems_of(plan: Plan) -> dict[str, str]:
    """What is wrong with a plan: the setting, and what completes the sentence "<its title> …"."""
    found = {path: _problem(setting, value_of(plan, path)) for path, setting in SETTINGS.items()}
    training = plan.recipe.training
    if training.schedule == "exponential" and not training.final_learning_rate:
        found["recipe.training.final_learning_rate"] = "must be above 0: the schedule falls in its logarithm"
    return {path: problem for path, problem in found.items() if problem}


def _problem(setting: Setting, value: Any) -> str:
    if setting.kind == "yes or no" or (value is None and setting.none):
        return ""
    if setting.kind == "choice":
        return "" if value in setting.choices else f"is none of {', '.join(map(str, setting.choices))}"
    if value is None or not math.isfinite(value) or not setting.low <= value <= setting.high:
        return f"must be from {setting.low:,g} to {setting.high:,.10g}"
    return ""


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
        "Quick sketch, 3 minutes",
        "Sketch",
        "Bar by bar, with parts and drums. From the base most notes are right; from nothing it is rough still.",
        USUAL_RECIPE,
        3,
        0.0,
    ),
    "best": Preset(
        "Best, 40 minutes",
        "Best",
        "Forty dimensions: the bars of a few songs almost note for note. The map is drawn by t-SNE.",
        USUAL_RECIPE,
        40,
        0.05,
    ),
    "evening": Preset(
        "Evening, 2 hours",
        "Evening",
        "A flat map with time to settle, for playing by hand and for more songs than a dozen.",
        "bars-2d",
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


FORMAT, VERSION = "vrae-recipe", 1
_LARGEST = 4 << 20  # bytes; a recipe takes one or two thousand, a run.json of ten thousand songs two million


def write_recipe(path: Path, recipe: Recipe) -> None:
    """Write a recipe, atomically.  Raises: FileError."""
    values = {"format": FORMAT, "version": VERSION, **asdict(recipe)}
    write_atomically(path, json.dumps(values, indent=1).encode())


def read_recipe(path: Path) -> Recipe:
    """Read a recipe all of whose settings are within their bounds.

    It may be as `write_recipe` writes it, as `vrae recipes --json` prints it, or that of a run.json.  Raises: FileError.
    """
    try:
        recipe = recipe_from_plain(_one_recipe(path, converted(parsed(read_bounded(path, _LARGEST)), dict[str, Any])))
    except ValueError as error:
        raise FileError(path, f"is not a recipe that can be used: {error}") from None
    for setting, problem in problems_of(Plan(recipe)).items():
        name = setting.removeprefix("recipe.").removeprefix("model.").removeprefix("training.")
        raise FileError(path, f"is not a recipe that can be used: {name} {problem}")
    return recipe


def _one_recipe(path: Path, values: dict[str, Any]) -> Any:
    """The settings of the recipe in a file.  Raises: FileError, ValueError."""
    if "format" in values or "version" in values:
        if values.get("format") != FORMAT and "recipe" not in values:
            raise FileError(path, "is not a recipe for a training")
        if values.get("version") != VERSION:
            raise FileError(path, f"is of version {str(values.get('version'))[:20]}; this program reads {VERSION}")
        return values.get("recipe", values)
    if values and all(isinstance(each, dict) and "model" in each for each in values.values()):  # all that are listed
        if len(values) > 1:
            raise ValueError(f"it holds {len(values)} recipes; keep one of them")
        [values] = values.values()
    return values
