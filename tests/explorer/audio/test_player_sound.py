"""The player, heard through the real synthesizer."""

from __future__ import annotations

import numpy as np

from explorer.audio.phrase import Phrase
from explorer.audio.player import Player
from explorer.audio.sequencer import AtEnd
from tests.explorer.note_taker import RATE, STEP, drag, phrase
from vrae_core.audio.synthesizer import Synthesizer


def test_a_real_synthesizer_sounds_each_onset_in_its_place_and_rings_out_after_a_stop() -> None:
    with Synthesizer() as synthesizer:
        player = Player(synthesizer)
        player.programs = (115,)  # woodblock
        player.volume = 1
        player.play(phrase("#.#.#.#.", pitches=(75,), velocities=120))
        sound = np.concatenate([player.render(256) for _ in range(8 * STEP // 256)])
        player.panic()
        rest = np.concatenate([player.render(256) for _ in range(200)])
    loud = np.flatnonzero(np.abs(sound[:, 0].astype(int)) > 1000)
    onsets = loud[np.diff(loud, prepend=-RATE) > RATE // 30]
    assert np.abs((onsets - onsets[0]) - np.arange(4) * 2 * STEP).max() < 150  # two of FluidSynth's blocks
    assert np.abs(rest[-2048:]).max() < 20


def sounding(*, morph_to: Phrase | None = None, steps: int = 24) -> np.ndarray:
    """Strings, sounded by the real synthesizer, which are given another phrase after ten and a half steps."""
    with Synthesizer() as synthesizer:
        player = Player(synthesizer)
        player.programs, player.volume = (48,), 1
        player.play(phrase("#" * 24, "#" * 12 + "." * 12, pitches=(60, 67)))
        before = [player.render(441) for _ in range(round(10.5 * STEP / 441))]
        if morph_to is not None:
            player.morph(morph_to)
        after = [player.render(441) for _ in range(round((steps - 10.5) * STEP / 441))]
    return np.concatenate([*before, *after])[:, 0].astype(int)


def test_a_morph_into_the_same_music_is_the_same_sound_to_the_sample() -> None:
    same = phrase("." * 24, "#" * 24, "#" * 12 + "." * 12, pitches=(50, 60, 67))
    assert (sounding(morph_to=same) == sounding()).all()


def test_a_morph_clicks_no_more_than_the_music_does_by_itself() -> None:
    other = phrase("#" * 24, "." * 24, "." * 11 + "#" * 13, pitches=(60, 67, 72))
    morphed, plain = sounding(morph_to=other), sounding()
    before, around = slice(0, 10 * STEP), slice(11 * STEP - 200, 11 * STEP + 4000)
    assert (morphed[before] == plain[before]).all()
    assert (morphed[around] != plain[around]).any(), "the morph is heard"
    edges = np.abs(np.diff(morphed, 2))
    assert edges[around].max() <= 1.5 * np.abs(np.diff(plain, 2)).max()


def test_running_on_sounds_as_if_the_longer_phrase_had_been_there_from_the_start() -> None:
    longer = phrase("#" * 40, "..#.#..#" * 5, pitches=(60, 67))
    window = Phrase(longer.roll[:10], longer.pitches)

    def sound(first: Phrase) -> np.ndarray:
        with Synthesizer() as synthesizer:
            player = Player(synthesizer)
            player.programs, player.at_end = (48,), AtEnd.RUN_ON
            player.play(first)
            before = [player.render(441) for _ in range(35)]  # seven steps
            player.morph(longer)
            return np.concatenate([*before, *(player.render(441) for _ in range(150))])

    assert (sound(window) == sound(longer)).all()


def test_a_drag_leaves_no_note_hanging_in_a_real_synthesizer() -> None:
    source = np.random.default_rng(4)
    with Synthesizer() as synthesizer:
        player = Player(synthesizer)
        player.programs, player.at_end = (73,), AtEnd.LOOP  # a flute sounds for as long as it is not ended
        player.play(phrase("#" * 50))
        assert np.abs(drag(player, source, 400)).max() > 500
        player.stop()
        rings_out = player.render(4 * RATE)
    assert np.abs(rings_out[-RATE:]).max() <= 2, "only the reverb's last bit"


def test_a_drag_clicks_no_more_than_the_same_instrument_played_straight() -> None:
    source = np.random.default_rng(5)
    steepest = []
    for straight in (True, False):
        with Synthesizer() as synthesizer:
            player = Player(synthesizer)
            player.programs, player.at_end = (73,), AtEnd.LOOP
            roll = np.zeros((50, 12), bool)
            roll[np.arange(50), source.integers(0, 12, 50)] = True
            player.play(Phrase(roll, tuple(range(60, 72)), 90))
            sound = player.render(6 * RATE)[:, 0].astype(int) if straight else drag(player, source, 400)
            steepest.append(np.abs(np.diff(sound, n=2)).max())  # a click is a corner in the wave
    assert steepest[1] <= 1.5 * steepest[0]
