"""The piano roll: its keyboard, its parts and their colours, its lane of drums, its bars and beats."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor

from explorer.panels.playing.difference_marks import DifferenceMark
from explorer.panels.playing.roll_layout import DRUM_LANE, RollLayout
from explorer.panels.playing.roll_page import NAMES_WIDTH, Ruling
from explorer.panels.playing.roll_view import RollView, thumbnail
from explorer.qt.theme import DARK, LIGHT, qpalette
from vrae_core.columns import DRUM_KINDS, Part, column_of
from vrae_core.latent.colours import PART_COLOURS

COLUMNS = (
    column_of(Part.MELODY, 72),
    column_of(Part.CHORDS, 60),
    column_of(Part.CHORDS, 72),
    column_of(Part.BASS, 40),
    column_of(Part.DRUMS, 36),
    column_of(Part.DRUMS, 42),
)
STEPS = 16


@pytest.fixture
def view(qtbot):
    made = RollView()
    qtbot.addWidget(made)
    made.setPalette(qpalette(DARK))
    made.resize(NAMES_WIDTH + 320, 300)
    return made


def music(*sounding: tuple[int, int, int]):
    """(column, first step, end) of each note."""
    roll = np.zeros((STEPS, len(COLUMNS)), bool)
    for column, start, end in sounding:
        roll[start:end, column] = True
    return roll


def shown(view, roll, **others):
    view.show_music(roll * np.float32(0.95), roll, columns=COLUMNS, **others)
    return view.grab().toImage()


def near(picture, x, y, colour, reach=3):
    """Whether a colour is seen at a place, or almost there."""
    wanted = QColor(colour)
    return any(
        max(abs(a - b) for a, b in zip(picture.pixelColor(x, y + dy).getRgb(), wanted.getRgb(), strict=True)) < 60
        for dy in range(-reach, reach + 1)
    )


def y_of(view, row):
    keys = 300 - 9 * 11 - 5
    layout = view.layout_of
    return round((row + 0.5) * keys / layout.keys if row < layout.keys else keys + 5 + (row - layout.keys + 0.5) * 11)


def test_parts_that_play_the_same_pitch_share_a_row_of_one_piano_and_drums_have_a_lane_below():
    layout = RollLayout(COLUMNS)
    melody, chord, same, bass, kick, hat = layout.row_of.tolist()
    assert (melody, chord, same, bass) == (0, 12, 0, 32)
    assert (layout.keys, layout.rows) == (33, 33 + 9)
    assert [DRUM_LANE[row - layout.keys][1] for row in (kick, hat)] == ["Kick", "Hat"]
    assert layout.octaves() == [(0, "C5"), (12, "C4"), (24, "C3")]
    assert layout.black_rows()[:5] == [2, 4, 6, 9, 11], "B♭, A♭, G♭, E♭ and D♭"


def test_every_kind_of_drum_has_a_row():
    assert {note for note, _ in DRUM_LANE} == {kind.note for kind in DRUM_KINDS}


def test_drums_alone_and_a_single_pitch_have_a_picture(view):
    for columns in ((column_of(Part.DRUMS, 36),), (60,), (21, 108)):
        cells = np.ones((4, len(columns)), bool)
        view.show_music(cells * np.float32(1), cells, columns=columns)
        assert view.grab().toImage() is not None


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_every_part_has_its_colour_on_either_theme(view, theme):
    view.setPalette(qpalette(theme))
    picture = shown(view, music((0, 0, 4), (1, 4, 8), (3, 8, 12), (4, 12, 15)))
    for column, step in ((0, 1.5), (1, 5.5), (3, 9.5), (4, 12.3)):
        part = Part(int(view.layout_of.part_of[column]))
        x, y = round(NAMES_WIDTH + 20 * step), y_of(view, int(view.layout_of.row_of[column]))
        assert near(picture, x, y, PART_COLOURS[part].on(theme is DARK)), part


def test_where_two_parts_play_one_pitch_the_likelier_is_seen(view):
    roll = music((0, 0, 16), (2, 0, 16))
    probabilities = roll * np.float32(0.5)
    probabilities[:, 2] = 1.0
    view.show_music(probabilities, np.zeros_like(roll), columns=COLUMNS)
    assert near(view.grab().toImage(), NAMES_WIDTH + 100, y_of(view, 0), PART_COLOURS[Part.CHORDS].screen)


def test_what_is_muted_is_faint(view):
    roll = music((0, 0, 16))
    loud = shown(view, roll)
    muted = np.zeros_like(roll)
    muted[:, 0] = True
    soft = shown(view, roll, muted=muted)
    x, y = NAMES_WIDTH + 100, y_of(view, 0)
    ground = QColor(DARK.ground).lightness()
    assert ground < soft.pixelColor(x, y).lightness() < loud.pixelColor(x, y).lightness() / 1.5


def test_bars_are_ruled_more_strongly_than_beats(view):
    picture = shown(view, music(), ruling=Ruling(np.array([0.0, 8.0]), np.array([0.0, 4.0, 8.0, 12.0])))
    beat, bar, none = (picture.pixelColor(round(NAMES_WIDTH + 20 * step), 50).lightness() for step in (4, 8, 6))
    assert none < beat < bar


def test_the_difference_of_parts_is_marked_at_their_places(view):
    hit, miss, extra = music((0, 0, 4)), music((3, 4, 8)), music((4, 8, 10))
    cells = {DifferenceMark.HIT: hit, DifferenceMark.MISS: miss, DifferenceMark.EXTRA: extra}
    view.show_difference(cells, COLUMNS)
    picture = view.grab().toImage()
    for step, column in ((2, 0), (9, 4)):
        x, y = round(NAMES_WIDTH + 20 * step), y_of(view, int(view.layout_of.row_of[column]))
        assert picture.pixelColor(x, y) != picture.pixelColor(x, y_of(view, 20))
    assert {mark: len(runs) for mark, runs in view._marked.items()} == dict.fromkeys(DifferenceMark, 1)


def test_another_theme_draws_the_probabilities_anew(view):
    roll = music((3, 0, 16))
    before = shown(view, roll)
    view.setPalette(qpalette(LIGHT))
    assert near(view.grab().toImage(), NAMES_WIDTH + 100, y_of(view, 32), PART_COLOURS[Part.BASS].paper)
    assert view.grab().toImage() != before


def test_without_numbers_of_columns_there_is_a_row_for_each_and_no_keyboard(view):
    roll = np.zeros((STEPS, 5), bool)
    roll[:, 0] = True
    view.show_music(roll * np.float32(1), roll, "#ff0000")
    picture = view.grab().toImage()
    assert (view.layout_of.keys, view.layout_of.rows, view.layout_of.octaves()) == (5, 5, [])
    assert picture.pixelColor(20, 270).red() > 200


def test_a_thumbnail_lays_parts_over_each_other(qapp):
    roll = music((0, 0, 8), (2, 8, 16))
    picture = thumbnail(roll, "#ffffff", 160, 20, COLUMNS)
    assert [picture.pixelColor(x, 10).alpha() > 0 for x in (40, 120)] == [True, True]
    assert [picture.pixelColor(x, 3).alpha() for x in (40, 120)] == [0, 0], "one row"
