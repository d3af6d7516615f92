"""What songs are called."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrae_core.names import comparable, names_listed, song_name, unique_names


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("1-Korobeiniki.mid", "Korobeiniki"),
        ("02 - The-Entertainer.MID", "The Entertainer"),
        ("folder/in_the_hall.of.the.king.mid", "in the hall.of.the.king"),
        ("99 Luftballons.mid", "99 Luftballons"),
        ("1812.mid", "1812"),
        ("7-.mid", "7"),
        ("-.mid", "Untitled"),
        ("line\nbreak\u202egnp.mid", "line break gnp"),
        ("x" * 200 + ".mid", "x" * 80),
    ],
)
def test_a_song_is_named_after_its_file(file, name):
    assert song_name(file) == name


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("03 - Waltz.mid", "Waltz"),
        ("01_Intro.mid", "Intro"),
        ("01 Intro.mid", "Intro"),
        ("12 - Waltz.mid", "Waltz"),
        ("12) Waltz.mid", "Waltz"),
        ("12-Bar Blues.mid", "12-Bar Blues"),
        ("99-Luftballons.mid", "99 Luftballons"),
        ("99_Luftballons.mid", "99 Luftballons"),
        ("9-to-5.mid", "9 to 5"),
        ("9. Sinfonie.mid", "9. Sinfonie"),
        ("4_33.mid", "4 33"),
        ("500 Miles.mid", "500 Miles"),
        ("1999-Prince.mid", "1999 Prince"),
    ],
)
def test_a_track_number_goes_and_a_number_of_the_title_stays(file, name):
    assert song_name(file) == name


def test_names_are_kept_in_one_form_however_a_system_writes_accents():
    assert song_name(unicodedata.normalize("NFD", "Für Elise.mid")) == unicodedata.normalize("NFC", "Für Elise")
    assert comparable(unicodedata.normalize("NFD", "FÜR Elise")) == comparable("für elise ")


def test_songs_of_one_name_are_told_apart_whatever_their_case():
    assert unique_names(["Song", "song", "SONG"]) == ("Song", "song (2)", "SONG (3)")
    assert unique_names(["Song", "Song", "Song (2)"]) == ("Song", "Song (3)", "Song (2)")
    assert unique_names(["Ü", unicodedata.normalize("NFD", "ü")])[1] == unicodedata.normalize("NFD", "ü") + " (2)"


@given(st.lists(st.sampled_from(["a", "A", "a (2)", "A (2)", "a (3)", "a (2) (2)", "b", "ß", "SS"])))
def test_no_two_are_alike_and_the_first_of_each_keeps_its_name(names):
    told = unique_names(names)
    assert len(set(map(comparable, told))) == len(names)
    firsts = {comparable(name): i for i, name in reversed(list(enumerate(names)))}
    assert all(told[i] == names[i] for i in firsts.values())


def test_the_names_of_many_songs_are_told_in_a_line():
    assert names_listed(["a", "b"]) == "a, b"
    assert names_listed([str(i) for i in range(1002)], most=2) == "0, 1 and 1,000 more"
