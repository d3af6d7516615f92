"""Small songs and models, and a session on them whose threads end with the test."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shiboken6
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from explorer.application.memory import CycleCollector
from explorer.audio.output import AudioOutput
from explorer.audio.player import Player
from explorer.main_window import MainWindow
from explorer.panels.map.panel import MapPanel
from explorer.preferences import Preferences
from explorer.qt.background import anything_running, cancel_all
from explorer.qt.rows import Row, RowList
from explorer.qt.theme import apply_theme
from explorer.session.playing.decoded import Decoded
from explorer.session.session import Session
from tests.bands import make_band, make_band_model, scale_song
from tests.explorer.patient_bot import PATIENCE, PatientBot
from vrae_core.corpus.cutting import choose_pitches
from vrae_core.midi.export import Track, write_midi
from vrae_core.midi.song import Song
from vrae_core.model.file import weight_shapes
from vrae_core.model.recipes import ModelConfig
from vrae_core.model.trained import TrainedModel
from vrae_core.piano_roll import IntArray
from vrae_core.training.settings import PRESETS


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    return PatientBot(request)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Qt's warnings fail a test, but for those that tell only of the screen that is not there."""
    for item in items:
        item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support (propagateSizeHints|raise|grabbing)"))


@pytest.fixture(autouse=True)
def no_button_stays_pressed(qapp: QApplication) -> Iterator[None]:
    """One that does would be pressed for the next test too: QTest's double click wants a release after it."""
    yield
    assert QApplication.mouseButtons() == Qt.MouseButton.NoButton


@pytest.fixture(autouse=True)
def presets_in_steps_of_50_ms(monkeypatch: pytest.MonkeyPatch) -> None:
    """The small songs have no beats that could be counted."""
    for key, recipe_name in (("sketch", "fast-2d"), ("best", "fast-20d"), ("evening", "fast-2d")):
        monkeypatch.setitem(PRESETS, key, PRESETS[key]._replace(recipe_name=recipe_name))


@pytest.fixture
def songs() -> tuple[Song, ...]:
    return scale_song("Low", 40), scale_song("Middle", 55, 25), scale_song("High", 70, 30)


@pytest.fixture
def make_model(songs: tuple[Song, ...]) -> Callable[..., TrainedModel]:
    """Models that nobody trained, but that make some notes."""

    def make(latent: int = 2, seed: int = 0) -> TrainedModel:
        config = ModelConfig(window=20, hop=10, latent=latent, hidden=8, encoder_hidden=6, z_every_step=True)
        pitches = choose_pitches(songs)
        source = np.random.default_rng(seed)
        shapes = weight_shapes(config, len(pitches))
        weights = {n: source.normal(0, 0.6, shape).astype(np.float32) for n, shape in shapes.items()}
        return TrainedModel(config, pitches, weights, 0.6, {"recipe": "chance"})

    return make


@pytest.fixture
def write_song(tmp_path: Path) -> Callable[[Song], Path]:
    """Writes a song as a MIDI file of its name."""

    def write(song: Song) -> Path:
        path = tmp_path / f"{song.name}.mid"
        write_midi(path, [Track(song.name, 0, song.notes)], song.beats_per_minute)
        return path

    return write


def hear(session: Session, qtbot: QtBot, action: Callable[[], object]) -> Decoded | None:
    """What is heard once something has been done."""
    with qtbot.waitSignal(session.playback.heard_changed):
        action()
    return session.playback.heard


def hear_window(session: Session, qtbot: QtBot, window: int = 3) -> None:
    """Hear a window as the model plays it."""
    hear(session, qtbot, lambda: session.playback.play_window(window))


def settle(session: Session, qtbot: QtBot) -> None:
    """Wait until nothing goes on in the background."""
    qtbot.waitUntil(lambda: not session.jobs.running)


def render(session: Session, seconds: float = 0.1) -> None:
    """The player goes on for so long."""
    session.playback.player.render(int(seconds * session.playback.player.sample_rate))


def let_play(session: Session, steps: float) -> float:
    """The player goes on by so many steps, and the window looks at it: where it is then."""
    player = session.playback.player
    player.render(round(steps * player.sequencer.samples_per_step))
    session.playback._watch._tick()
    return player.position


def windows_of(session: Session, song: int) -> IntArray:
    """The windows of a song, in their order."""
    assert session.library.atlas is not None
    return np.flatnonzero(session.library.atlas.corpus.song_of == song)


def found(session: Session, qtbot: QtBot, ask: Callable[[], object]) -> Any:
    """What a search has found once it was asked for."""
    ask()
    qtbot.waitUntil(lambda: session.search.found is not None and not session.jobs.running)
    return session.search.found


def tracks_of(session: Session) -> list[Track]:
    """What is heard as the tracks of a file, at the tempo that is set."""
    playback = session.playback
    assert playback.score is not None
    assert playback.heard is not None
    settings, steps = playback.piece_settings(), len(playback.score.roll)
    return playback.score.tracks(settings.sound, playback.heard.time.at(settings.tempo).lasting(steps).seconds)


def saved(session: Session, qtbot: QtBot, save: Callable[[], object]) -> Path:
    """The file that is said to be saved once something has been done, or the folder of many."""

    def ended(sentence: str, kind: str) -> bool:
        return sentence.startswith("Saved ") or kind == "error"

    with qtbot.waitSignal(session.messages.said, check_params_cb=ended) as told:
        save()
    assert told.args[1] == "note", told.args[0]
    qtbot.waitUntil(lambda: not session.jobs.running)
    name, folder = told.args[0].removeprefix("Saved ").removesuffix(".").split(" in ", 1)
    return Path(folder) / name


def rows(shown: RowList) -> list[Row]:
    """What a list shows."""
    model = shown.rows
    return [model.row(model.index(i)) for i in range(model.rowCount())]


def click_row(qtbot: QtBot, shown: RowList, index: int) -> None:
    """Click a row of a list."""
    at = shown.visualRect(shown.rows.index(index)).center()
    qtbot.mouseClick(shown.viewport(), Qt.MouseButton.LeftButton, pos=at)


def settled_picture(panel: MapPanel, qtbot: QtBot) -> QImage:
    """What the panel looks like once its dots are drawn."""
    panel.grab()  # which asks for the dots
    qtbot.waitUntil(lambda: panel.view.dots.settled)
    return panel.grab().toImage()


@pytest.fixture(scope="session", autouse=True)
def cycles_are_looked_for_in_this_thread(qapp: QApplication) -> None:
    """As in the application: in another thread Python would destroy Qt's objects while this one uses them."""
    CycleCollector(qapp)


@pytest.fixture
def session(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """A session without songs, whose player is silent and plays only when the test renders it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr("explorer.session.songs.notes_right.KNOWN", 0.0)  # nobody has trained these models
    made = Session(Player())
    made.problems = []
    made.messages.said.connect(lambda sentence, kind: made.problems.append(sentence) if kind != "note" else None)
    yield made
    cancel_all()
    deadline = time.monotonic() + PATIENCE / 1000
    while anything_running() and time.monotonic() < deadline:
        qapp.processEvents()
        time.sleep(0.002)
    _end(made)


def _end(session: Session) -> None:
    """PySide keeps a session whose signals reach its own lambdas: it would live, its clocks tick, through all tests."""
    for part in (*vars(session).values(), session):
        if isinstance(part, QObject) and shiboken6.isValid(part):
            shiboken6.delete(part)


@pytest.fixture
def explored(
    session: Session, songs: tuple[Song, ...], make_model: Callable[..., TrainedModel], qtbot: QtBot
) -> Session:
    """A session with three songs on the map of a two-dimensional model."""
    session.library.add_songs(songs)
    qtbot.waitUntil(lambda: bool(session.library.songs) and not session.library.busy)
    session.library.use_model(make_model(), "chance")
    qtbot.waitUntil(lambda: session.library.atlas is not None and not session.jobs.running)
    return session


@pytest.fixture
def window(
    explored: Session, qtbot: QtBot, qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MainWindow]:
    """The whole window on the session that is explored, with preferences of its own."""
    monkeypatch.setattr("explorer.preferences.preferences_path", lambda: tmp_path / "preferences.json")
    apply_theme(qapp, "dark")
    made = MainWindow(explored, Preferences(), AudioOutput(explored.playback.player))
    for page in range(made.tabs.count()):
        made.pages.page(page)  # as after the first paint
    made.resize(1280, 720)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    made.map_panel.view.setFocus()
    yield made
    end(made, qtbot)


def end(window: QWidget, qtbot: QtBot) -> None:
    """Close a window and delete it: each that is left makes the next change of the look slower."""
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible())
    window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def given_parts(kind: Callable[..., QWidget], session: Session, **others: object) -> Any:
    """A panel or a dialog, given those parts of a session that it names."""
    names = [name for name in inspect.signature(kind).parameters if name not in others]
    return kind(**{name: getattr(session, name) for name in names}, **others)


def shown_panel(kind: Callable[..., QWidget], session: Session, qtbot: QtBot, width: int, height: int) -> Any:
    """A panel, given those parts of a session that it names, as it is seen."""
    made = given_parts(kind, session)
    qtbot.addWidget(made)
    made.resize(width, height)
    with qtbot.waitExposed(made):
        made.show()
    return made


@pytest.fixture
def panel(explored: Session, qtbot: QtBot) -> MapPanel:
    """The map alone."""
    return shown_panel(MapPanel, explored, qtbot, 900, 700)


@pytest.fixture
def in_bars(session: Session, qtbot: QtBot) -> Session:
    """A session with two songs of a band, at 90 and 150 beats a minute, on the map of a model that counts beats."""
    session.library.add_songs((make_band("Slow", 90.0), make_band("Fast", 150.0)))
    qtbot.waitUntil(lambda: bool(session.library.songs) and not session.library.busy)
    session.library.use_model(make_band_model(session.library.songs), "chance in bars")
    qtbot.waitUntil(lambda: session.library.atlas is not None and not session.jobs.running)
    return session
