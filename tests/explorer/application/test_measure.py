"""What opening songs and switching models cost, measured in a real window."""

from __future__ import annotations

from contextlib import suppress

from explorer.application.measure import Measuring
from tests.bands import scale_song


def test_models_are_switched_to_twice_and_the_window_holds_on_to_nothing_of_the_one_before(
    window, make_model, write_song, tmp_path, qtbot
):
    models = [tmp_path / "songs-two.safetensors", tmp_path / "songs-three.safetensors"]
    for latent, path in zip((2, 3), models, strict=True):
        make_model(latent).save(path)
    measuring = Measuring(window, [write_song(scale_song("Another", 50))], models)
    rows = []
    with suppress(StopIteration):
        while True:
            row = measuring.go_on()
            rows += [row] if row else []
            qtbot.wait(5)
    switches = ["switch to three", "switch to two"]
    assert [row["what"] for row in rows] == ["open songs", *switches, *(f"{switch} again" for switch in switches)]
    assert {row["dots"] for row in rows} == {len(window.session.library.atlas.corpus)}
    assert all(0 < row["first"] <= row["all"] for row in rows)
    assert [row["what"] for row in rows if row["held"]] == []
