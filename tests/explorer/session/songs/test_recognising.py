"""Files compared with the songs on the map, and files cleaned up."""

from dataclasses import replace

import pytest

from vrae_core.midi.song import read_song


@pytest.fixture
def said(explored):
    sentences = []
    explored.messages.said.connect(lambda sentence, _kind: sentences.append(sentence))
    return sentences


def test_an_excerpt_of_a_song_is_named_with_its_place(explored, said, songs, write_song, qtbot):
    cut = tuple(note._replace(start=note.start - 6, end=note.end - 6) for note in songs[2].notes if note.start >= 6)
    explored.listening.recognise(write_song(replace(songs[2], name="Excerpt", notes=cut[:12])))

    qtbot.waitUntil(lambda: len(said) > 0)
    assert said[0].startswith("Excerpt is most like High, 0:")


def test_songs_are_encoded_once_for_many_excerpts(explored, said, songs, write_song, qtbot):
    known = []
    for n in (1, 2):
        explored.listening.recognise(write_song(replace(songs[0], name="Again")))
        qtbot.waitUntil(lambda n=n: len(said) == n)
        known.append(explored.listening._known[2])

    assert known[0] is known[1]


def test_one_song_that_joins_the_map_is_compared_with_those_that_are_there(explored, said, songs, write_song, qtbot):
    explored.library.open(song_paths=[write_song(replace(songs[1], name="Joins", notes=songs[1].notes[:20]))])

    qtbot.waitUntil(lambda: len(said) > 0)
    assert said[0].startswith("Joins is most like Middle, 0:")


def test_of_a_song_that_the_model_does_not_know_the_likeness_is_called_a_guess(
    explored, said, songs, write_song, monkeypatch, qtbot
):
    monkeypatch.setattr("explorer.session.songs.notes_right.KNOWN", 1.0)
    explored.listening.recognise(write_song(replace(songs[0], name="Stranger")))
    qtbot.waitUntil(lambda: len(said) > 0)
    assert said[0].startswith("This model does not know Stranger: it gets ")
    assert "so this is no more than a guess: Low, 0:" in said[0]
    assert "most like" not in said[0]


def test_a_song_is_recognised_by_a_model_that_counts_beats(in_bars, qtbot):
    sentences = []
    in_bars.messages.said.connect(lambda sentence, _kind: sentences.append(sentence))
    in_bars.library.add_songs([replace(in_bars.library.songs[1], name="Again")])
    qtbot.waitUntil(lambda: bool(sentences))
    assert sentences[0].startswith("Again is most like Slow, 0:00.0 to 0:32.0")


def test_a_file_that_is_no_song_is_told_in_words(explored, said, tmp_path, qtbot):
    (tmp_path / "junk.mid").write_bytes(b"not music")
    explored.listening.recognise(tmp_path / "junk.mid")

    qtbot.waitUntil(lambda: len(said) > 0)
    assert said[0].startswith(f"{tmp_path / 'junk.mid'} is not a MIDI file")


def test_a_cleaned_file_is_written_and_can_be_read(explored, said, songs, write_song, tmp_path, qtbot):
    explored.listening.clean_up(write_song(songs[1]), tmp_path / "out.mid")

    qtbot.waitUntil(lambda: len(said) > 0)
    assert said[0].startswith("Saved out.mid")
    assert read_song(tmp_path / "out.mid").notes


def test_two_songs_are_cleaned_at_once(explored, said, songs, write_song, tmp_path, qtbot):
    file, outputs = write_song(songs[1]), [tmp_path / "one.mid", tmp_path / "two.mid"]
    for output in outputs:
        explored.listening.clean_up(file, output)
    assert len(explored.jobs.writing) == 2
    qtbot.waitUntil(lambda: not explored.jobs.running)
    assert sorted(sentence[:13] for sentence in said) == ["Saved one.mid", "Saved two.mid"]
    assert all(read_song(output).notes for output in outputs)


def test_without_a_map_one_is_told_so(session, tmp_path):
    sentences = []
    session.messages.said.connect(lambda sentence, _kind: sentences.append(sentence))
    session.listening.recognise(tmp_path / "x.mid")
    session.listening.clean_up(tmp_path / "x.mid", tmp_path / "y.mid")

    assert sentences == ["There is no map yet to compare with.", "There is no model yet to clean a song with."]
