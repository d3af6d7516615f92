"""Two knobs and a key."""

from __future__ import annotations

import pytest

from explorer.session.playing.knobs import ControlResult, Knobs


def control(number: int, value: int, channel: int = 0) -> bytes:
    return bytes((0xB0 | channel, number, value))


def test_each_knob_moves_its_own_axis_on_any_channel() -> None:
    knobs = Knobs(20, 21)
    assert knobs.take(control(20, 127)) is ControlResult.MOVED
    assert (knobs.x, knobs.y) == (1.0, None)
    assert knobs.take(control(21, 0, channel=9)) is ControlResult.MOVED
    assert (knobs.x, knobs.y) == (1.0, 0.0)


def test_other_controllers_and_messages_mean_nothing() -> None:
    knobs = Knobs(20, 21)
    for message in (control(22, 5), b"\xf8", b"", bytes((0xE0, 20, 5)), bytes((0x90, 60, 0)), bytes((0x80, 60, 9))):
        assert knobs.take(message) is ControlResult.NOTHING
    assert (knobs.x, knobs.y) == (None, None)


def test_a_key_that_is_struck_is_told() -> None:
    assert Knobs().take(bytes((0x93, 60, 1))) is ControlResult.STRUCK


def test_the_next_knob_that_moves_is_learnt() -> None:
    knobs = Knobs(20, 21, learning="y")
    assert knobs.take(control(74, 64)) is ControlResult.LEARNT
    assert (knobs.x_controller, knobs.y_controller) == (20, 74)
    assert knobs.y == pytest.approx(64 / 127)
    assert knobs.take(control(75, 1)) is ControlResult.NOTHING, "it learns once"


def test_a_channel_mode_message_is_no_knob() -> None:
    knobs = Knobs(20, 21, learning="x")
    assert knobs.take(control(123, 0)) is ControlResult.NOTHING
    assert knobs.learning == "x"


@pytest.mark.parametrize(("axis", "controller"), [("x", 21), ("y", 20)])
def test_the_other_axis_s_knob_changes_places_with_it(axis: str, controller: int) -> None:
    knobs = Knobs(20, 21, learning=axis)  # type: ignore[arg-type]
    assert knobs.take(control(controller, 10)) is ControlResult.LEARNT
    assert (knobs.x_controller, knobs.y_controller) == (21, 20)
