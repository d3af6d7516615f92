"""The settings of a model and of its training, and the named recipes that set them all at once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from msgspec import Meta

from vrae_core.corpus.cutting import MIN_PITCH_SHARE, PAPER_CAP, build_corpus, choose_pitches
from vrae_core.corpus.sampling import Grid, StepsPerBeat
from vrae_core.corpus.windows import Corpus, Rolled
from vrae_core.json_values import Share, converted, refuse_unknown
from vrae_core.midi.song import Song

Cell = Literal["tanh", "gru", "lstm"]
Schedule = Literal["cosine", "exponential", "step", "linear"]
LARGEST_SIZE = 1 << 14  # of any one number in a config
LONGEST_WINDOW = 1 << 12  # steps: 3.4 minutes
GATES: dict[Cell, int] = {"tanh": 1, "gru": 3, "lstm": 4}  # blocks of `hidden` rows in a cell's weights
Steps = Annotated[int, Meta(ge=1, le=LONGEST_WINDOW)]
Size = Annotated[int, Meta(ge=1, le=LARGEST_SIZE)]
Units = Annotated[int, Meta(ge=0, le=LARGEST_SIZE)]
Positive = Annotated[float, Meta(gt=0, le=1e6)]
NotNegative = Annotated[float, Meta(ge=0, le=1e6)]
PositiveShare = Annotated[float, Meta(gt=0, le=1)]
Beta = Annotated[float, Meta(ge=0, lt=1)]


@dataclass(frozen=True)
class ModelConfig:
    """What a model is: its shape and what its windows look like.  Stored in the model file."""

    window: Steps = 50  # T
    hop: Steps = 50  # steps between the starts of two windows
    latent: Size = 2  # J, dimensions of z
    hidden: Size = 500  # H, units of the decoder
    encoder_hidden: Size = 500
    cell: Cell = "tanh"
    context: Units = 0  # units of the layers that turn z into what the decoder hears; 0: z itself
    z_every_step: bool = False  # z enters every step of the decoder, not h_0 alone
    reversed_input: bool = False  # the encoder reads the window backwards (paper, section 4)
    silent_start: bool = False  # the decoder hears x = 0 before its first output, as in the authors' code
    steps_per_beat: StepsPerBeat = 0  # of a quarter note; 0: a step lasts 50 ms
    parts: bool = False  # columns are pitches of melody, chords, bass and drums, not of all instruments together

    @property
    def grid(self) -> Grid:
        """What a cell of its rolls is."""
        return Grid(self.steps_per_beat, self.parts)


@dataclass(frozen=True)
class TrainingConfig:
    """How a model is trained."""

    epochs: Annotated[int, Meta(ge=1, le=1000 * LARGEST_SIZE)]
    batch: Size = 100
    learning_rate: Positive = 1e-3
    final_learning_rate: Positive = 5e-6
    muon_learning_rate: NotNegative | None = None  # of Muon for the recurrent matrices; none: Adam for all
    muon_momentum: Beta = 0.95
    schedule: Schedule = "cosine"
    step_at: Share = 0.5  # of the run, after which the learning rate falls: a step at once, linear evenly to the end
    warm_up: Share = 0.0  # share of the run over which the learning rate rises from 0
    kl_weight: NotNegative = 1.0
    kl_warm_up: Share = 0.0  # share of the run over which the KL weight rises from 0
    teacher_forcing: Share = 0.0  # share of the true past in what the decoder is fed at first; falls evenly to 0
    teacher_forcing_until: PositiveShare = 0.5  # share of the run after which the decoder runs freely
    betas: tuple[Beta, Beta] = (0.95, 0.999)  # the paper's 0.05 and 0.001 weigh the new gradient
    clip: Positive | None = None  # largest norm of the gradient
    other_keys: Share = 0.0  # of the windows of a minibatch: moved to a key drawn by chance
    hybrids: Share = 0.0  # of the windows of a minibatch: given some parts, or the low pitches, of another

    def learning_rate_at(self, done: float) -> float:
        """The learning rate when a share ``done`` of the run is over."""
        first, last = self.learning_rate, self.final_learning_rate
        if done < self.warm_up:
            return first * max(done / self.warm_up, 0.02)
        match self.schedule:
            case "exponential":
                return first * math.exp(math.log(last / first) * done)
            case "step":
                return first if done < self.step_at else last
            case "linear":
                return first if done <= self.step_at else last + (first - last) * (1 - done) / (1 - self.step_at)
            case "cosine":
                return last + (first - last) * (0.5 + 0.5 * math.cos(math.pi * done))

    def kl_weight_at(self, done: float) -> float:
        """The KL weight when a share ``done`` of the run is over."""
        return self.kl_weight * (min(1.0, done / self.kl_warm_up) if self.kl_warm_up else 1.0)

    def teacher_forcing_at(self, done: float) -> float:
        """The share of the true past that the decoder is fed when a share ``done`` of the run is over."""
        return self.teacher_forcing * max(0.0, 1 - done / self.teacher_forcing_until)


@dataclass(frozen=True)
class Recipe:
    """A model, its training and its share of the songs."""

    summary: str
    model: ModelConfig
    training: TrainingConfig
    cap: Annotated[int, Meta(ge=1)] | None = PAPER_CAP  # most windows a song
    equal_share: bool = True  # every song gives as many windows as the shortest gives
    min_pitch_share: Share = MIN_PITCH_SHARE  # of all set cells: rarer pitches are left out

    def cut(self, songs: Sequence[Song | Rolled]) -> Corpus:
        """The windows that songs give, on the pitches that are kept.  Raises: CorpusError if there are none."""
        model = self.model
        pitches = choose_pitches(songs, self.min_pitch_share, model.grid)
        return build_corpus(
            songs, model.window, model.hop, cap=self.cap, equal_share=self.equal_share, pitches=pitches, grid=model.grid
        )


FAST = TrainingConfig(
    epochs=500,
    batch=64,
    learning_rate=1.5e-3,
    final_learning_rate=1.5e-5,
    muon_learning_rate=0.015,
    warm_up=0.01,
    kl_warm_up=0.5,
    betas=(0.9, 0.999),
    clip=1.0,
)

_BARS = ModelConfig(
    window=48,
    hop=48,
    latent=40,
    cell="gru",
    encoder_hidden=256,
    z_every_step=True,
    reversed_input=True,
    steps_per_beat=12,
    parts=True,
)

RECIPES: dict[str, Recipe] = {
    "paper-2d": Recipe(
        "the paper's two-dimensional model (figure 1)",
        ModelConfig(window=50, hop=50, latent=2),
        TrainingConfig(epochs=40_000, learning_rate=1e-3, final_learning_rate=5e-6, schedule="exponential"),
    ),
    "paper-20d": Recipe(
        "the paper's twenty-dimensional model on overlapping windows (figure 2)",
        ModelConfig(window=40, hop=20, latent=20),
        TrainingConfig(epochs=32_000, learning_rate=2e-5, final_learning_rate=1e-5, schedule="step"),
    ),
    "authors-2d": Recipe(
        "paper-2d as the authors' own code has it: KL weight 0.5, and x = 0 before the first step",
        ModelConfig(window=50, hop=50, latent=2, silent_start=True),
        TrainingConfig(
            epochs=40_000, learning_rate=1e-3, final_learning_rate=5e-6, schedule="exponential", kl_weight=0.5
        ),
    ),
    "authors-20d": Recipe(
        "paper-20d as the authors' own code has it: KL weight 0.4, and x = 0 before the first step",
        ModelConfig(window=40, hop=20, latent=20, silent_start=True),
        TrainingConfig(epochs=32_000, learning_rate=2e-5, final_learning_rate=1e-5, schedule="step", kl_weight=0.4),
    ),
    "fast-2d": Recipe(
        "a two-dimensional map that learns in about half an hour on one processor core",
        ModelConfig(latent=2, cell="gru", encoder_hidden=256, context=128, z_every_step=True, reversed_input=True),
        FAST,
        cap=None,
        equal_share=False,
    ),
    "fast-20d": Recipe(
        "twenty dimensions: the best music, drawn by t-SNE; about half an hour on one processor core",
        ModelConfig(latent=20, cell="gru", encoder_hidden=256, z_every_step=True, reversed_input=True),
        FAST,
        cap=None,
        equal_share=False,
    ),
    "bars-2d": Recipe(
        "music by the bar on a two-dimensional map: melody, chords, bass and drums, on 12 steps a beat",
        replace(_BARS, latent=2, context=128),
        FAST,
        cap=None,
        equal_share=False,
    ),
    "bars-40d": Recipe(
        "music by the bar, in forty dimensions: melody, chords, bass and drums, on 12 steps a beat",
        _BARS,
        FAST,
        cap=None,
        equal_share=False,
    ),
    "overlap-20d": Recipe(
        "fast-20d on overlapping windows: tells the songs apart best, plays less well between them; about an hour",
        ModelConfig(hop=25, latent=20, cell="gru", encoder_hidden=256, z_every_step=True, reversed_input=True),
        replace(FAST, teacher_forcing=0.5),
        cap=None,
        equal_share=False,
    ),
}


USUAL_RECIPE = "bars-40d"  # for people's own songs


def recipe_from_plain(values: Any) -> Recipe:
    """A recipe from what ``dataclasses.asdict`` made of it and JSON gave back; what is not there has its default.

    Raises: ValueError, which names the setting, for any that is unknown or no sensible value.
    """
    recipe = converted(values, Recipe)
    refuse_unknown(values["model"], ModelConfig)
    refuse_unknown(values["training"], TrainingConfig)
    return recipe
