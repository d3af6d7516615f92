"""Other models while everything that decodes is under way: nothing breaks, and what is heard is of the model shown."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from explorer.audio.player import State
from explorer.main_window import MainWindow
from explorer.session.path.pieces import along_song, from_point
from explorer.session.playing.versions import Version
from explorer.session.session import Session
from tests.explorer.conftest import hear
from vrae_core.latent.field import Area
from vrae_core.latent.map import Dimensions
from vrae_core.model.file import weight_shapes
from vrae_core.model.recipes import ModelConfig
from vrae_core.model.trained import TrainedModel
from vrae_core.progress import finish
from vrae_core.tasks.query import PhraseNote

SEEDS, DEEDS, LONGEST_PAUSE = 2, 150, 20  # milliseconds
SHAPES = ((2, 20, 36), (2, 32, 37), (3, 20, 38), (5, 24, 39))  # z's dimensions, steps of a window, the lowest pitch


def model_of(latent: int, window: int, lowest: int) -> TrainedModel:
    """A model that nobody trained, and whose pitches no other one has."""
    config = ModelConfig(window=window, hop=10, latent=latent, hidden=8, encoder_hidden=6, z_every_step=True)
    pitches = tuple(range(lowest, lowest + 50))
    source = np.random.default_rng(lowest)
    shapes = weight_shapes(config, len(pitches))
    weights = {name: source.normal(0, 0.6, shape).astype(np.float32) for name, shape in shapes.items()}
    return TrainedModel(config, pitches, weights, 0.6, {"recipe": "chance"})


class Hand:
    """Does whatever decodes, anywhere, by a seed."""

    def __init__(self, window: MainWindow, source: np.random.Generator) -> None:
        session = window.session
        self.window, self.session, self.source = window, session, source
        self.models = {str(shape): model_of(*shape) for shape in SHAPES}
        self.deeds: tuple[Callable[[], object], ...] = (
            self.another_model, self.another_model, self.press_a_window, self.press_between, self.drag, self.draw,
            self.draw, session.pieces.play_path, session.pieces.play_song,
            self.wander, self.hover, self.arithmetic, self.slide, self.learn, self.search, self.search_phrase,
            session.selection.select_all, session.selection.toggle_heard,
            session.selection.clear, self.field, self.run_on, self.undo, self.turn_the_page,
            self.go_back, self.another_map, self.version, session.favourites.add,
            session.clearing.clear, self.colour, self.compare, self.lasso,
        )  # fmt: skip

    def some(self, count: int) -> int:
        return int(self.source.integers(count))

    @property
    def atlas(self):
        return self.session.library.atlas

    def place(self) -> np.ndarray:
        points = self.atlas.map.points
        return (points[self.some(len(points))] + self.source.normal(0, 0.3, 2)).astype(np.float32)

    def another_model(self) -> None:
        name = list(self.models)[self.some(len(self.models))]
        self.session.library.use_model(self.models[name], name)

    def press_a_window(self) -> None:
        self.session.playback.play_window(self.some(len(self.atlas.corpus)))

    def press_between(self) -> None:
        self.session.playback.play_at(self.place())

    def drag(self) -> None:
        for _ in range(3):
            self.session.playback.morph_to(self.place())

    def draw(self) -> None:
        self.session.path.add(self.session.path.point_at(self.place()))

    def wander(self) -> None:
        self.session.wandering.set_running(not self.session.wandering.running)

    def hover(self) -> None:
        self.session.hovering.set_listening(True)
        self.session.hovering.point_at(self.some(len(self.atlas.corpus)))

    def arithmetic(self) -> None:
        arithmetic = self.session.arithmetic
        for slot, term in zip("ABC", (arithmetic.heard(), arithmetic.selected(), arithmetic.song(0)), strict=True):
            arithmetic.fill(slot, term)
        arithmetic.hear()
        arithmetic.keep()

    def slide(self) -> None:
        latent = self.session.latent
        latent.set_dimension(self.some(len(latent.z)), float(self.source.normal()))
        if latent.directions:
            latent.set_steps(self.some(len(latent.directions)), 1.0)

    def learn(self) -> None:
        self.session.latent.learn()

    def search(self) -> None:
        self.session.search.like_heard("z" if self.some(2) else "notes")

    def search_phrase(self) -> None:
        self.session.search.by_phrase([PhraseNote(0, 60), PhraseNote(4, 62)])

    def field(self) -> None:
        self.session.layers.choose("field", ("density", "off")[self.some(2)])
        self.session.field.look_at(Area(*self.place().tolist(), 1.0, 1.0))

    def run_on(self) -> None:
        (self.session.playback.run_on, self.session.playback.loop)[self.some(2)]()

    def undo(self) -> None:
        (self.session.undo_stack.undo, self.session.undo_stack.redo)[self.some(2)]()

    def turn_the_page(self) -> None:
        right, explore = self.window.explore.right, self.window.explore
        self.window.tabs.setCurrentIndex((0, 0, 2)[self.some(3)])
        pages = explore.selection, explore.find_page, explore.latent
        right.show_page(pages[self.some(3)])

    def go_back(self) -> None:
        (self.session.history.back, self.session.history.forward)[self.some(2)]()

    def another_map(self) -> None:
        deep = self.atlas.model.config.latent > 2
        self.session.library.set_projection(
            ("PCA", "t-SNE")[self.some(2)] if deep else ("latent", Dimensions(1, 0))[self.some(2)]
        )

    def version(self) -> None:
        (self.session.playback.toggle_original, self.session.playback.toggle_difference)[self.some(2)]()

    def colour(self) -> None:
        self.session.colouring.set_colour_by(("song", "density", "register")[self.some(3)])

    def compare(self) -> None:
        comparing = self.session.comparing
        name = list(self.models)[self.some(len(self.models))]
        if comparing.counterpart is None:
            comparing._make(self.models[name], name)
        else:
            (comparing.toggle, comparing.play_path, comparing.close)[self.some(3)]()

    def lasso(self) -> None:
        corners = np.array([self.place() for _ in range(4)])
        self.session.selection.lasso(self.atlas.map.points, corners, "only")


@pytest.fixture
def hand(window: MainWindow) -> Callable[[int], Hand]:
    """A hand for a seed; whatever it makes heard is of the model that is shown, at every moment."""

    def check() -> None:
        playback, library = window.session.playback, window.session.library
        heard, model = playback.heard, library.model
        if heard is not None:
            assert playback.atlas is library.atlas
            assert heard.pitches == model.pitches
            assert heard.zs.shape[1] == model.config.latent

    window.session.playback.heard_changed.connect(check)
    return lambda seed: Hand(window, np.random.default_rng(seed))


@pytest.mark.parametrize("seed", range(SEEDS))
def test_other_models_come_while_all_that_decodes_is_under_way(hand, seed, qtbot):
    tried = hand(seed)
    for _ in range(DEEDS):
        tried.deeds[tried.some(len(tried.deeds))]()
        QTest.qWait(tried.some(LONGEST_PAUSE))
    session = tried.session
    session.wandering.stop()
    qtbot.waitUntil(lambda: not session.jobs.running)
    assert session.problems == []
    atlas = session.library.atlas
    parts = [session.playback, session.latent, session.arithmetic, session.path, session.colouring]
    assert all(vars(part).get("atlas", vars(part).get("_atlas")) is atlas for part in parts)
    session.playback.play_window(3)
    qtbot.waitUntil(lambda: session.playback.heard is not None and session.playback.heard.window == 3)
    QTest.qWait(50)
    heard = session.playback.heard
    assert np.allclose(heard.probabilities[:20], atlas.model.decode(atlas.posterior.mu[[3]])[0][:20], atol=1e-5)


def show(session: Session, model: TrainedModel, name: str, qtbot: QtBot) -> None:
    session.library.use_model(model, name)
    qtbot.waitUntil(lambda: session.library.model is model and not session.jobs.running)


def test_a_piece_of_a_model_that_is_no_longer_shown_is_not_heard(explored, qtbot):
    before = explored.library.atlas
    pieces = [finish(along_song(before, 4)), finish(from_point(before, before.posterior.mu[:1], 20))]
    show(explored, model_of(3, 24, 36), "another", qtbot)
    for piece in pieces:
        explored.playback.play_piece(piece, before)
        explored.playback.show_piece(piece, before, Version.MODEL)
    assert explored.playback.heard is None
    assert explored.playback.player.state is State.STOPPED


def test_a_piece_decoded_before_the_map_was_drawn_anew_is_heard_where_it_is_now(explored, qtbot):
    before = explored.library.atlas
    piece = finish(along_song(before, 4))
    explored.library.set_projection(Dimensions(1, 0))
    qtbot.waitUntil(lambda: not explored.jobs.running)
    explored.playback.play_piece(piece, before)
    places = explored.library.atlas.song_places(4, len(piece.probabilities))
    np.testing.assert_allclose(explored.playback.heard.places, places)


def test_all_is_selected_and_a_place_between_dots_heard_when_another_model_comes(window, qtbot):
    session = window.session
    window.pages.show_selection()
    hear(session, qtbot, lambda: session.playback.play_at(session.library.atlas.map.points[[0, 30]].mean(axis=0)))
    session.selection.select_all()
    show(session, model_of(3, 24, 36), "another", qtbot)
    assert session.selection.windows.all()
    assert session.playback.heard is None


def test_after_ten_changes_of_the_model_no_atlas_of_before_is_alive(window, qtbot):
    session, atlases = window.session, []
    models = [model_of(2, 20, 36), model_of(2, 32, 37)]
    for turn in range(10):
        show(session, models[turn % 2], "another", qtbot)
        atlases.append(weakref.ref(session.library.atlas))
        hear(session, qtbot, lambda: session.playback.play_window(2))
        session.path.add(session.path.point_at(session.library.atlas.map.points[1]))
        session.selection.select_all()
        session.hovering.point_at(3)
        QTest.qWait(30)
    gc.collect()
    assert sum(atlas() is not None for atlas in atlases) <= 2
