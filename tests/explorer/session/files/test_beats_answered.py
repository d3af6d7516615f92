"""Whether to estimate a song's beats is asked until it is answered, and of each song once."""

from __future__ import annotations

import pytest

from explorer.session.files.session_file import SUFFIX
from explorer.session.songs.sources import SongSource
from tests.bands import played
from tests.explorer.session.files.conftest import open_again, save, wait
from vrae_core.midi.export import write_song

SENTENCE = "{} keeps to no beats of its file: beats can be estimated from its notes."


@pytest.fixture
def offers(session):
    told = []
    session.messages.offered.connect(told.append)
    return told


@pytest.fixture
def loose(in_bars, offers, tmp_path, qtbot):
    """A session by the bar whose only song keeps to no beats of its file."""
    write_song(tmp_path / "Played.mid", played()[1])
    in_bars.library.reopen(None, [SongSource(str(tmp_path / "Played.mid"))], None, lambda _opened: None)
    wait(in_bars, qtbot)
    assert [offer[0] for offer in offers] == [SENTENCE.format("Played")]
    return in_bars


def start_again(session, file, qtbot):
    """What the process knew is gone, and the session is opened from its file."""
    session.song_changes._offered.clear()
    session.library.beats_kept = frozenset()
    open_again(session, qtbot, file)


def test_an_offer_that_left_by_itself_is_made_again_at_the_next_start(loose, offers, tmp_path, qtbot):
    start_again(loose, save(loose, qtbot, tmp_path / f"mine{SUFFIX}"), qtbot)
    assert [offer[0] for offer in offers] == [SENTENCE.format("Played")] * 2


def test_one_that_was_closed_is_not_made_again_but_for_other_songs(loose, offers, tmp_path, qtbot):
    with qtbot.waitSignal(loose.keeping.state.changed):
        offers[-1][3]()
    start_again(loose, save(loose, qtbot, tmp_path / f"mine{SUFFIX}"), qtbot)
    assert len(offers) == 1
    assert loose.song_changes.lacks_beats(0), "its menu offers it still"
    write_song(tmp_path / "Other.mid", played(seed=1)[1])
    loose.library.open(song_paths=[tmp_path / "Other.mid"])
    wait(loose, qtbot)
    asked = [offer for offer in offers if "beats" in offer[0]]
    assert [offer[0] for offer in asked] == [SENTENCE.format(name) for name in ("Played", "Other")]
    asked[-1][2]()
    wait(loose, qtbot)
    assert [song.estimated_beats for song in loose.library.songs] == [False, True], "of the one it was refused"
