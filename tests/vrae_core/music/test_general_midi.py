"""The table of instruments."""

from __future__ import annotations

import pretty_midi

from vrae_core.music.sound import FAMILY_SIZE, INSTRUMENTS


def test_there_are_128_instruments_each_with_a_name_of_its_own_in_sixteen_families() -> None:
    assert len(INSTRUMENTS) == len(set(INSTRUMENTS)) == 128 == 16 * FAMILY_SIZE


def test_the_names_are_those_another_library_gives_the_same_programs() -> None:
    def plain(name: str) -> str:
        return "".join(letter for letter in name.lower() if letter.isalnum())

    others = [plain(pretty_midi.program_to_instrument_name(program)) for program in range(128)]
    ours = [plain(name) for name in INSTRUMENTS]
    different = {INSTRUMENTS[i] for i in range(128) if ours[i][:6] != others[i][:6]}
    assert different <= {"Clavi", "Synth Voice"}  # to it Clavinet and Synth Choir
