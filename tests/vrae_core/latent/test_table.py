"""Tables of windows: matched by song and place, and doubted until read."""

from __future__ import annotations

import csv
import unicodedata
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vrae_core.corpus.cutting import build_corpus
from vrae_core.corpus.windows import BenchmarkPiece, Corpus
from vrae_core.errors import VraeError
from vrae_core.latent import table as window_table
from vrae_core.latent.table import TableColumn, TableError, read_table, writing_table
from vrae_core.model.trained import Posterior, TrainedModel
from vrae_core.names import comparable
from vrae_core.progress import finish


def column(path: Path, text: str, name: str, corpus: Corpus) -> TableColumn:
    path.write_text(text, encoding="utf-8")
    return read_table(path).column(name, corpus)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "table.csv"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_row_about_a_song_is_about_all_its_windows(file: Path, corpus: Corpus, separator: str) -> None:
    text = "song,year\nlow,1850\n HIGH ,1900\nNobody,3\n".replace(",", separator)
    numbers = column(file, text, "year", corpus).numbers
    assert numbers is not None
    assert (numbers == np.where(corpus.song_of == 0, 1850, 1900)).all()


def test_what_is_written_for_every_window_is_read_for_every_window(file: Path, corpus: Corpus) -> None:
    values = np.random.default_rng(0).normal(size=len(corpus)).astype(np.float32)
    lines = [
        f"{corpus.names[corpus.song_of[i]]},{corpus.start_seconds(i):.2f},{values[i]!s}" for i in range(len(corpus))
    ]
    np.random.default_rng(1).shuffle(lines)
    found = column(file, "\ufeffsong,start_seconds,z0\n" + "\n".join(lines), "z0", corpus).numbers
    np.testing.assert_array_equal(found, values)


_SOME = 16  # steps


@settings(deadline=None, max_examples=50)
@given(
    written=st.integers(1, 9),
    read=st.integers(1, 9),
    names=st.lists(
        st.text(st.characters(exclude_characters="\0") | st.sampled_from("\r\n\",; '=+-@\t")),
        min_size=1,
        max_size=3,
        unique_by=comparable,
    ),
    data=st.data(),
)
def test_what_is_exported_at_any_hop_is_read_at_any_other_for_the_windows_that_begin_where_those_began(
    written: int, read: int, names: list[str], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    songs = [BenchmarkPiece(name, np.ones((40 + 7 * i, 88), bool)) for i, name in enumerate(names)]
    corpora = [build_corpus(songs, _SOME, hop, equal_share=False, cap=None) for hop in (written, read)]
    mu = np.random.default_rng(0).normal(size=(len(corpora[0]), 2)).astype(np.float32)
    kept = np.array(data.draw(st.lists(st.integers(0, len(mu) - 1), min_size=1, unique=True)))
    path = tmp_path_factory.mktemp("tables") / "export.csv"
    finish(writing_table(path, corpora[0], Posterior(mu, np.exp(mu)), written, kept))
    table = read_table(path)
    assert table.columns == ("mu_0", "mu_1", "sigma_0", "sigma_1")
    value_of = {(int(corpora[0].song_of[i]), int(corpora[0].start_of[i])): mu[i, 1] for i in kept.tolist()}
    places = zip(corpora[1].song_of.tolist(), corpora[1].start_of.tolist(), strict=True)
    expected = np.float32([value_of.get(place, np.nan) for place in places])
    if np.isnan(expected).all():
        with pytest.raises(TableError, match="says nothing"):
            table.column("mu_1", corpora[1])
    else:
        np.testing.assert_array_equal(table.column("mu_1", corpora[1]).numbers, expected)


@pytest.mark.parametrize("name", ["start_s", "start_seconds", "start", "Start_s"])
def test_a_time_belongs_to_the_step_nearest_to_it(file: Path, corpus: Corpus, name: str) -> None:
    times = "Low,0.02,1\nLow,0.48,2\nLow,1.53,3\n"
    found = column(file, f"song,{name},x\n{times}", "x", corpus).numbers
    assert found is not None
    assert {int(i): float(found[i]) for i in np.flatnonzero(np.isfinite(found))} == {0: 1, 1: 2}


def test_a_table_that_says_when_windows_begin_is_not_read_by_their_numbers(file: Path, corpus: Corpus) -> None:
    found = column(file, "song,window,start_s,x\nLow,10,0.5,4\n", "x", corpus).numbers
    assert found is not None
    assert np.flatnonzero(np.isfinite(found)).tolist() == [1]


def test_windows_are_found_by_their_number_within_the_song_too(file: Path, corpus: Corpus) -> None:
    found = column(file, "song,window,x\nHigh,2,5\nLow,0,4\nLow,99999999999,1\n", "x", corpus).numbers
    assert found is not None
    first_high = int(np.searchsorted(corpus.song_of, 1))
    assert {int(i): float(found[i]) for i in np.flatnonzero(np.isfinite(found))} == {0: 4, first_high + 2: 5}


@pytest.mark.parametrize("name", ["window", "bar"])
def test_half_a_window_is_none(file: Path, corpus: Corpus, name: str) -> None:
    with pytest.raises(TableError, match=rf"“0,5” in row 2 under {name}, which is no place in a song"):
        column(file, f"song;{name};x;y\nLow;0,5;4;1\n", "x", corpus)


def test_of_two_rows_about_one_window_the_last_counts(file: Path, corpus: Corpus) -> None:
    found = column(file, "song,window,x\nLow,0,1\nLow,0,2\n", "x", corpus).numbers
    assert found is not None
    assert found[0] == 2


def test_words_become_classes_and_empty_cells_nothing(file: Path, corpus: Corpus) -> None:
    found = column(file, "song,window,mood\nLow,0,sad\nLow,1,\nLow,2,glad\nHigh,0,7\n", "mood", corpus)
    assert found.words == ("7", "glad", "sad")
    assert found.word_of is not None
    assert found.word_of[:4].tolist() == [2, -1, 1, -1]


def test_numbers_that_are_none_are_missing(file: Path, corpus: Corpus) -> None:
    found = column(file, "song,window,x\nLow,0,nan\nLow,1,inf\nLow,2,1e300\nLow,3,1e3\n", "x", corpus).numbers
    assert found is not None
    assert np.isnan(found[:3]).all()
    assert found[3] == 1000


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no rows"),
        ("song,x\n", "no rows"),
        ("title,x\nLow,1\n", "no column “song”"),
        ("song,start_seconds\nLow,1\n", "no column to look at"),
        ("song,x,x\nLow,1,2\n", "give every column"),
        ("song,\nLow,1\n", "give every column"),
        ("song,x\nLow,1,2\n", "3 cells in row 2"),
        ('song,x\nLow,"1\n', "not a table"),
        ("song," + ",".join(f"c{i}" for i in range(300)) + "\nLow\n", "301 columns"),
    ],
)
def test_a_table_that_cannot_be_used_says_why(file: Path, text: str, reason: str) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(TableError, match=reason):
        read_table(file)


@pytest.mark.parametrize("place", ["later", "-1", "nan", "inf", "0,5 s", "1:30"])
def test_a_place_that_cannot_be_read_is_refused_with_its_row_and_column(file: Path, corpus: Corpus, place: str) -> None:
    text = f'song;start_s;x\nLow;0,5;1\n\nLow;"{place}";2\n'
    with pytest.raises(
        TableError, match=rf"table.csv has “{place}” in row 4 under start_s, which is no (place|number)"
    ):
        column(file, text, "x", corpus)
    with pytest.raises(TableError, match="has nothing in row 2 under window"):
        column(file, "song,window,x\nLow,,1\n", "x", corpus)


@pytest.mark.parametrize("separator", [";", "\t"])
def test_times_and_values_may_have_decimal_commas(file: Path, corpus: Corpus, separator: str) -> None:
    text = "song;start;x\nLow;0;1\nLow;0,5;2,25\nLow;1,5;-1.000,125\n".replace(";", separator)
    found = column(file, text, "x", corpus).numbers
    assert found is not None
    assert {int(i): float(found[i]) for i in np.flatnonzero(np.isfinite(found))} == {0: 1, 1: 2.25, 3: -1000.125}


def test_cells_with_commas_among_cells_that_commas_separate_are_quoted(file: Path, corpus: Corpus) -> None:
    found = column(file, 'song,start_s,x\nLow,"0,5","2,25"\n', "x", corpus).numbers
    assert found is not None
    assert found[1] == 2.25
    with pytest.raises(TableError, match="3 cells in row 2, and 2 columns"):
        column(file, "song,x\nLow,0,5\n", "x", corpus)


def test_a_number_that_may_be_either_of_two_is_refused(file: Path, corpus: Corpus) -> None:
    with pytest.raises(TableError, match=r"“1,234” in row 2 under x, which may be 1234 or 1\.234"):
        column(file, 'song,x\nLow,"1,234"\n', "x", corpus)


def test_one_slip_among_many_numbers_is_refused_with_its_row_and_column(file: Path, corpus: Corpus) -> None:
    rows = "".join(f"Low,{i},{i}.5\n" for i in range(20))
    with pytest.raises(TableError, match=r"“3\.5\.1” in row 22 under x, which is no number"):
        column(file, f"song,window,x\n{rows}Low,20,3.5.1\n", "x", corpus)
    found = column(file, f"song,window,x\n{rows}Low,20,n/a\n", "x", corpus).numbers
    assert found is not None
    assert np.isnan(found[20])


@pytest.mark.parametrize("first", ["sep=;\r\n", "\ufeffsep=;\n", '"sep=;"\n', "SEP=;\r"])
def test_the_line_by_which_a_table_tells_excel_its_separator_is_understood(
    file: Path, corpus: Corpus, first: str
) -> None:
    found = column(file, first + "song;x, y\nLow;1\n", "x, y", corpus).numbers
    assert found is not None
    assert found[0] == 1
    with pytest.raises(TableError, match="3 cells in row 3"):
        column(file, first + "song;x\nLow;1;2\n", "x", corpus)


def test_cells_that_a_spreadsheet_adds_are_not_columns(file: Path, corpus: Corpus) -> None:
    found = column(file, "Song;x;;\r\nLow;1;;\r\n;;;\r\n", "x", corpus).numbers
    assert found is not None
    assert found[0] == 1


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-16-le"])
def test_another_encoding_is_refused_in_words(file: Path, encoding: str) -> None:
    file.write_bytes("song,x\nFür Elise,1\n".encode(encoding))
    with pytest.raises(TableError, match=r"table.csv is not text in UTF-8: save it as “CSV UTF-8”\."):
        read_table(file)


@pytest.mark.parametrize(
    "name", ["=HYPERLINK(1)", "+1", "-1", "@x", "\t=1", "\rx", " =1", "'=1", "Für Elise", "'Round"]
)
def test_no_cell_of_an_export_is_run_by_a_spreadsheet_and_names_are_read_back(file: Path, name: str) -> None:
    corpus = build_corpus([BenchmarkPiece(name, np.ones((40, 88), bool))], _SOME, 4, equal_share=False, cap=None)
    mu = np.ones((len(corpus), 1), np.float32)
    finish(writing_table(file, corpus, Posterior(mu, mu), 4, np.arange(len(corpus))))
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    with file.open(encoding="utf-8-sig", newline="") as text:
        assert all(row["song"].lstrip()[:1] not in set("=+-@\t\r") for row in csv.DictReader(text))
    assert (read_table(file).column("mu_0", corpus).numbers == 1).all()


def test_names_are_compared_whatever_way_accents_are_written(file: Path) -> None:
    corpus = build_corpus([BenchmarkPiece("Für Elise", np.ones((40, 88), bool))], _SOME, 4)
    found = column(file, f"song,x\n{unicodedata.normalize('NFD', 'für Elise')},1\n", "x", corpus).numbers
    assert found is not None
    assert (found == 1).all()


def test_a_table_about_other_songs_says_so(file: Path, corpus: Corpus) -> None:
    with pytest.raises(TableError, match="says nothing of these songs"):
        column(file, "song,x\nElsewhere,1\n", "x", corpus)


def test_more_words_than_colours_are_refused(file: Path, corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window_table, "MOST_WORDS", 2)
    with pytest.raises(TableError, match="3 different words"):
        column(file, "song,window,w\nLow,0,a\nLow,1,b\nLow,2,c\n", "w", corpus)


def test_more_rows_than_can_be_are_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window_table, "MOST_ROWS", 2)
    file.write_text("song,x\nLow,1\nLow,2\n", encoding="utf-8")
    with pytest.raises(TableError, match="more than 2 rows"):
        read_table(file)


@given(data=st.binary(max_size=300))
def test_any_bytes_are_a_table_or_are_refused_in_words(data: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("tables") / "any.csv"
    path.write_bytes(b"song,x\n" + data)
    with suppress(VraeError):
        read_table(path)


def test_windows_in_musical_time_are_written_with_their_bars_and_read_by_their_seconds(
    file: Path, band_model: TrainedModel, band_corpus: Corpus
) -> None:
    posterior = band_model.encode(band_corpus.windows())
    finish(writing_table(file, band_corpus, posterior, 16, np.arange(len(band_corpus))))
    table = read_table(file)
    assert table.names[:4] == ("song", "window", "start_s", "bar")
    assert [row[3] for row in table.rows[:8]] == [str(bar) for bar in range(1, 9)]
    np.testing.assert_array_equal(table.column("mu_1", band_corpus).numbers, posterior.mu[:, 1])


def test_a_window_is_found_by_the_bar_it_begins_in(file: Path, band_corpus: Corpus, corpus: Corpus) -> None:
    file.write_text("song,bar,mood\nFast,3,calm\nLow,3,calm\n")
    column = read_table(file).column("mood", band_corpus)
    fast = band_corpus.names.index("Fast")
    assert np.flatnonzero(column.word_of >= 0).tolist() == [int(np.flatnonzero(band_corpus.song_of == fast)[2])]
    with pytest.raises(TableError, match="these windows have none"):
        read_table(file).column("mood", corpus)
