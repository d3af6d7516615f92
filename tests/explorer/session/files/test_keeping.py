"""A session is saved, opened again as it was, and kept by itself; a damaged one costs what is damaged."""

from __future__ import annotations

import contextlib
import json
import random
import threading
from dataclasses import replace

import numpy as np
import pytest

from explorer.audio.player import AtEnd, State
from explorer.session.files import earlier
from explorer.session.files import jobs as session_jobs
from explorer.session.files.session_file import SUFFIX, ViewState, read_session
from explorer.session.path.drawing import Drawing
from explorer.session.playing.versions import Version
from explorer.session.songs.library import OfRun
from vrae_core.bundled import bundled_models, bundled_songs
from vrae_core.columns import Part
from vrae_core.errors import FileError
from vrae_core.latent.map import Dimensions
from vrae_core.model import file as model_file
from vrae_core.music.sound import Sound, Voice

OWN = Sound((Voice(3), Voice(127, 0.25), Voice(0, 0.5)), split=False, scale="dorian", tonic=11)
SEEN = ViewState((-1.5, 0.25, 2.0, 1.0), "path", 1)


@pytest.fixture
def kept(session, songs, make_model, write_song, tmp_path, qtbot):
    """A session whose five-dimensional model and three songs are in files."""
    make_model(5).save(tmp_path / "five.safetensors")
    session.library.open(tmp_path / "five.safetensors", [write_song(song) for song in songs])
    wait(session, qtbot)
    session.keeping.state.view = lambda: SEEN
    session.views = []
    session.keeping.state.view_wanted.connect(session.views.append)
    return session


def wait(session, qtbot):
    qtbot.waitUntil(lambda: session.library.atlas is not None and not session.jobs.running, timeout=20_000)


def hear(session, qtbot, window):
    with qtbot.waitSignal(session.playback.heard_changed):
        session.playback.play_window(window)


def set_everything(session, qtbot):
    library, playback, path = session.library, session.playback, session.path
    library.set_projection(Dimensions(3, 1))
    wait(session, qtbot)
    library.set_colour_by("density")
    library.set_grey(["Middle"])
    playback.set_tempo(97)
    playback.set_volume(0.35)
    playback.set_threshold(0.37)
    playback.set_temperature(0.6)
    playback.set_sound(OWN)
    playback.set_at_end(AtEnd.STOP)
    for window in (0, 9, 20):
        path.add(session.path.point_at(library.atlas.map.points[window] + np.float32(0.01)))
    path.set_smooth(True)
    path.choose_segment(1)
    path.set_seconds(1.3)
    path.keep()
    path.star(library.atlas.posterior.mu[7], "Here")


def change_everything(session, make_model, qtbot):
    session.library.use_model(make_model(seed=4), "other")
    wait(session, qtbot)
    session.library.set_colour_by("time")
    session.library.set_grey(["Low"])
    session.playback.set_tempo(200)
    session.playback.set_volume(1)
    session.playback.set_threshold(0.8)
    session.playback.set_temperature(0)
    session.playback.set_sound(Sound())
    session.playback.set_at_end(AtEnd.LOOP)
    session.path.add(session.path.point_at(session.library.atlas.map.points[1]))
    session.path.keep()
    hear(session, qtbot, 2)


def everything(session):
    library, playback = session.library, session.playback
    return {
        "model": (library.model.digest, library.model_name, library.model_path),
        "songs": [(song, song.path) for song in library.songs],
        "map": (library.projection, library.atlas.map.projection, library.colour_by, library.grey),
        "drawing": session.path.as_plain(),
        "settings": (playback.piece_settings(), playback.player.volume, playback.at_end),
        "programs": playback.player.programs,
        "heard": None if playback.heard is None else playback.heard.zs.tolist(),
        "version": playback.version,
        "roll": None if playback.roll is None else playback.roll.tolist(),
    }


def save(session, qtbot, file):
    with qtbot.waitSignal(session.keeping.used, timeout=20_000):
        session.keeping.save(file)
    return file


def open_again(session, qtbot, file):
    session.keeping.open(file)
    qtbot.waitUntil(lambda: not session.jobs.running, timeout=20_000)
    wait(session, qtbot)


@pytest.mark.parametrize("what", ["path", "window", "original", "medley", "song", "nothing"])
def test_everything_comes_back_and_is_heard_note_for_note(kept, make_model, tmp_path, qtbot, what):
    set_everything(kept, qtbot)
    if what == "path":
        with qtbot.waitSignal(kept.playback.heard_changed):
            kept.pieces.play_path()
    elif what != "nothing":
        hear(kept, qtbot, 30)
    if what == "song":
        with qtbot.waitSignal(kept.playback.heard_changed):
            kept.pieces.play_song()
    if what == "original":
        kept.playback.set_version(Version.ORIGINAL)
    if what == "medley":
        kept.playback.set_at_end(AtEnd.RUN_ON)
        qtbot.waitUntil(lambda: kept.playback.heard.ran_on > 0)
        kept.playback.set_at_end(AtEnd.STOP)
    before = everything(kept)
    played = before["roll"]
    if what == "original":  # the song's own notes, finer than the model's steps
        kept.playback.player.render(512)
        played = kept.playback.player._phrase.roll.tolist()
        assert len(played) > len(before["roll"])
    file = save(kept, qtbot, tmp_path / f"mine{SUFFIX}")
    change_everything(kept, make_model, qtbot)
    assert not {name for name, value in everything(kept).items() if value == before[name]} - {"songs", "version"}
    open_again(kept, qtbot, file)
    after = everything(kept)
    for name in before:
        assert after[name] == before[name], name
    assert kept.views == [SEEN]
    assert kept.problems == []
    assert (kept.keeping.file, kept.keeping.modified) == (file, False)
    if what != "nothing":
        assert kept.playback.player.state is State.STOPPED
        kept.playback.toggle()
        kept.playback.player.render(512)
        assert kept.playback.player._phrase.roll.tolist() == played, "Space plays it"


def test_only_what_makes_up_the_session_counts_as_a_change(kept, tmp_path, qtbot):
    save(kept, qtbot, tmp_path / f"mine{SUFFIX}")
    hear(kept, qtbot, 3)
    kept.keeping.touch()  # as when the view is moved
    assert not kept.keeping.modified
    kept.path.add(kept.path.point_at(kept.library.atlas.map.points[1]))
    assert kept.keeping.modified
    kept.path.undo_stack.undo()
    assert not kept.keeping.modified
    kept.playback.set_tempo(60)
    assert kept.keeping.modified
    save(kept, qtbot, tmp_path / f"mine{SUFFIX}")
    assert not kept.keeping.modified


def test_a_model_in_no_file_is_put_into_one(explored, tmp_path, qtbot, songs, write_song, make_model):
    explored.library.reopen(None, [write_song(song) for song in songs], None, lambda _opened: None)
    wait(explored, qtbot)
    hear(explored, qtbot, 3)
    roll, digest = explored.playback.roll, explored.library.model.digest
    file = save(explored, qtbot, tmp_path / f"mine{SUFFIX}")
    explored.library.use_model(make_model(seed=5), "other")
    wait(explored, qtbot)
    open_again(explored, qtbot, file)
    assert explored.problems == []
    assert explored.library.model.digest == digest
    assert explored.library.model_name == "chance", "not as the file that it was put into"
    assert explored.library.models["chance"].stem == digest
    np.testing.assert_array_equal(explored.playback.roll, roll)


def test_a_model_of_a_run_is_called_as_it_was_and_once_the_runs_are_known_as_its_run_is(
    explored, tmp_path, qtbot, songs, write_song
):
    explored.library.reopen(None, [write_song(song) for song in songs], None, lambda _opened: None)
    wait(explored, qtbot)
    of_run = tmp_path / "2026-01-01 Reels" / "model.safetensors"
    of_run.parent.mkdir()
    explored.library.model.save(of_run)
    explored.library.offer_models_of_runs({of_run: OfRun(of_run.parent, "Reels")})
    explored.library.open(of_run)
    wait(explored, qtbot)
    assert explored.library.model_name == "Reels"
    file = save(explored, qtbot, tmp_path / f"mine{SUFFIX}")
    explored.library.offer_models_of_runs({})  # as at a start
    open_again(explored, qtbot, file)
    assert (explored.library.model_name, explored.library.model_path) == ("Reels", of_run)
    explored.library.offer_models_of_runs({of_run: OfRun(of_run.parent, "Jigs")})
    assert explored.library.model_name == "Jigs"
    assert "Reels" not in explored.library.models


def test_bundled_models_and_songs_are_kept_by_name(session, tmp_path, qtbot):
    session.library.open(bundled_models()["2d"], bundled_songs()[:2])
    wait(session, qtbot)
    file = save(session, qtbot, tmp_path / f"mine{SUFFIX}")
    values = json.loads(file.read_bytes())
    assert values["model"]["bundled"] == "2d"
    assert values["songs"] == [{"bundled": path.name} for path in bundled_songs()[:2]]
    contents = read_session(file)
    assert list(contents.songs) == bundled_songs()[:2]
    assert contents.model.path == str(bundled_models()["2d"])


# --- what has gone


def test_a_song_that_has_gone_costs_a_sentence_and_nothing_else(kept, tmp_path, qtbot):
    set_everything(kept, qtbot)
    drawing = kept.path.as_plain()
    file = save(kept, qtbot, tmp_path / f"mine{SUFFIX}")
    (tmp_path / "Middle.mid").unlink()
    open_again(kept, qtbot, file)
    assert kept.problems == [f"{tmp_path / 'Middle.mid'} does not exist."]
    assert [song.name for song in kept.library.songs] == ["Low", "High"]
    assert kept.path.as_plain() == drawing


def test_a_model_that_was_moved_is_known_by_its_weights(kept, make_model, tmp_path, qtbot):
    file = save(kept, qtbot, tmp_path / f"mine{SUFFIX}")
    (tmp_path / "five.safetensors").rename(tmp_path / "moved.safetensors")
    make_model(5, seed=9).save(tmp_path / "five.safetensors")
    kept.library.offer_models([tmp_path / "moved.safetensors"])
    open_again(kept, qtbot, file)
    assert kept.library.model_name == "moved"
    assert kept.problems == []


def test_without_its_model_the_songs_are_shown_by_another_and_nothing_of_before_is_left(
    kept, make_model, tmp_path, qtbot
):
    set_everything(kept, qtbot)
    hear(kept, qtbot, 3)
    file = save(kept, qtbot, tmp_path / f"mine{SUFFIX}")
    kept.library.use_model(make_model(5, seed=4), "other")
    wait(kept, qtbot)
    kept.library.models.clear()
    (tmp_path / "five.safetensors").unlink()
    kept.path.add(kept.path.point_at(kept.library.atlas.map.points[1]))
    hear(kept, qtbot, 2)
    open_again(kept, qtbot, file)
    assert kept.problems == [
        "The session's “five” was not found: its songs are shown by another model, without its paths."
    ]
    assert kept.library.model_name == "other"
    assert kept.path.points == ()
    assert kept.playback.heard is None
    assert kept.playback.player.tempo == 97


def test_without_any_of_its_songs_nothing_changes(kept, songs, tmp_path, qtbot):
    file = save(kept, qtbot, tmp_path / f"mine{SUFFIX}")
    for song in songs:
        (tmp_path / f"{song.name}.mid").unlink()
    atlas = kept.library.atlas
    kept.keeping.open(file)
    qtbot.waitUntil(lambda: len(kept.problems) == 4)
    assert kept.problems[-1] == "None of the songs of mine.vrae-session can be opened, so nothing is changed."
    assert kept.library.atlas is atlas
    assert len(kept.library.songs) == 3


def test_the_session_before_can_be_had_back(kept, make_model, tmp_path, qtbot):
    file = save(kept, qtbot, tmp_path / f"mine{SUFFIX}")
    set_everything(kept, qtbot)
    before = everything(kept)
    open_again(kept, qtbot, file)
    assert kept.path.points == ()
    open_again(kept, qtbot, kept.keeping.earlier[0])
    assert everything(kept) == before


# --- what is hostile or damaged


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is not a session: its text is damaged"),
        (b"\xff\xfe", "is not a session: its text is damaged"),
        (b"[" * 100_000, "is not a session: its text is damaged"),
        (b'{"version": ' + b"9" * 5000 + b"}", "is not a session: its text is damaged"),
        (b"[]", "is not a session"),
        (b'{"format": "vrae-session"}', "is not a session: it names no version"),
        (b'{"format": "vrae-session", "version": true}', "is not a session: it names no version"),
        (b'{"format": "vrae-session", "version": 2}', "is a session of version 2, and this program reads version 1"),
        (b" " * ((16 << 20) + 1), "the limit is 16.0 MB"),
    ],
)
def test_what_is_no_session_of_ours_is_refused_in_words_and_changes_nothing(kept, tmp_path, qtbot, data, sentence):
    file = tmp_path / f"odd{SUFFIX}"
    file.write_bytes(data)
    atlas = kept.library.atlas
    kept.keeping.open(file)
    qtbot.waitUntil(lambda: bool(kept.problems) and not kept.jobs.running)
    assert sentence in kept.problems[0]
    assert kept.library.atlas is atlas


@pytest.mark.parametrize("part", ["model", "map", "view", "player", "heard", "drawing", "training"])
@pytest.mark.parametrize("junk", [None, [[]], {}, {"points": "x", "projection": [0, 0], "tempo": 1e300}])
def test_a_damaged_part_costs_that_part_only(kept, tmp_path, qtbot, part, junk):
    if part == "heard" and junk is None:
        pytest.skip("nothing heard is no damage")
    set_everything(kept, qtbot)
    file = save(kept, qtbot, tmp_path / f"mine{SUFFIX}")
    values = json.loads(file.read_bytes())
    file.write_text(json.dumps(values | {part: junk}))
    kept.playback.set_tempo(222)
    kept.path.clear()
    kept.library.light_all()
    open_again(kept, qtbot, file)
    assert len(kept.problems) >= 1
    assert (part == "player") == (kept.playback.player.tempo == 222)
    assert (part in ("drawing", "model")) == (kept.path.points == ())
    assert (part != "map") == (kept.library.grey == ("Middle",))


def test_the_list_to_train_on_comes_back_with_its_ticks_and_transpositions(kept, tmp_path, qtbot, songs, write_song):
    more = write_song(replace(songs[0], name="More"))
    with qtbot.waitSignal(kept.training_songs.listed, timeout=20_000):
        kept.training_songs.add([more])
    kept.training_songs.include([0, 3], False)
    kept.training_songs.transpose([3], -5)
    kept.training_songs.quantise_by(70)
    kept.training_songs.quantise([2], "1/8T")
    kept.training_songs.choose_parts(kept.training_songs.entries[0].song, (Part.BASS, None))
    kept.training_songs.estimate_beats([0, 2], True)
    kept.training_songs.remove([1])
    before = kept.training_songs.listing()
    assert len(before) == 3
    file = save(kept, qtbot, tmp_path / f"mine{SUFFIX}")
    kept.training_songs.remove([0, 2])
    open_again(kept, qtbot, file)
    assert kept.training_songs.listing() == before
    assert [entry.on_map for entry in kept.training_songs.entries] == [True, True, False]
    more.unlink()
    values = json.loads(file.read_bytes())
    open_again(kept, qtbot, file)
    assert kept.training_songs.listing() == before[:2]
    assert len(kept.problems) == 1
    values.pop("training")  # as it was written before
    file.write_text(json.dumps(values))
    open_again(kept, qtbot, file)
    assert kept.training_songs.listing() == before[:2]


def test_a_song_that_was_played_through_and_is_not_on_the_map_is_left_out_in_words(kept, tmp_path, qtbot):
    hear(kept, qtbot, 3)
    with qtbot.waitSignal(kept.playback.heard_changed):
        kept.pieces.play_song()
    file = save(kept, qtbot, tmp_path / f"mine{SUFFIX}")
    values = json.loads(file.read_bytes())
    values["heard"]["how"]["song"] = "Nobody's"
    file.write_text(json.dumps(values))
    open_again(kept, qtbot, file)
    assert kept.playback.heard is None
    assert kept.problems == ["What was heard last is left out: Nobody's is not on the map, or begins elsewhere."]


def leaves(value, place=()):
    """Where every value of JSON is."""
    yield place
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield from leaves(value[key], (*place, key))


JUNK = (
    None,
    True,
    -1,
    0,
    10**30,
    1e308,
    float("nan"),
    float("inf"),
    "",
    "\0",
    "\ud800",
    "x" * 5000,
    [],
    {},
    [[]],
    [1, 2],
)


@pytest.mark.parametrize("seed", range(15))
def test_mutated_sessions_are_read_or_refused_in_words_and_the_session_goes_on(kept, tmp_path, qtbot, seed):
    set_everything(kept, qtbot)
    hear(kept, qtbot, 3)
    file = save(kept, qtbot, tmp_path / f"mine{SUFFIX}")
    source = random.Random(seed)
    values = json.loads(file.read_bytes())
    for _ in range(source.randint(1, 4)):
        place = source.choice([place for place in leaves(values) if place])
        holder = values
        for key in place[:-1]:
            holder = holder[key]
        holder[place[-1]] = source.choice(JUNK)
    file.write_text(json.dumps(values))
    kept.keeping.open(file)
    qtbot.waitUntil(lambda: not kept.jobs.running, timeout=20_000)
    assert not [sentence for sentence in kept.problems if "fault" in sentence], kept.problems
    hear(kept, qtbot, 5)
    assert np.isfinite(kept.playback.heard.probabilities).all()


def test_mutated_bytes_are_read_or_refused_in_words(kept, tmp_path, qtbot):
    set_everything(kept, qtbot)
    file = save(kept, qtbot, tmp_path / f"mine{SUFFIX}")
    good, source = file.read_bytes(), random.Random(0)
    for _ in range(300):
        data = bytearray(good)
        for _change in range(source.randint(1, 5)):
            data[source.randrange(len(data))] = source.randrange(256)
        file.write_bytes(data[: source.choice([len(data), source.randrange(len(data))])])
        with contextlib.suppress(FileError):  # nothing else may come of it
            read_session(file)


# --- by itself


def begin(session, qtbot):
    """As at a start: what a process had to itself goes with it."""
    done = []
    if session.keeping._place is not None:
        session.keeping._place.lock.close()
    session.keeping.begin(lambda: done.append("otherwise"))
    qtbot.waitUntil(lambda: not session.jobs.running, timeout=20_000)
    return done


def test_changes_are_written_down_and_come_back_with_the_file_they_belong_to(kept, make_model, tmp_path, qtbot):
    file = save(kept, qtbot, tmp_path / f"mine{SUFFIX}")
    kept.keeping._timer.setInterval(50)
    begin(kept, qtbot)
    set_everything(kept, qtbot)
    hear(kept, qtbot, 30)
    before = everything(kept)
    qtbot.waitUntil(lambda: not kept.keeping._timer.isActive() and not kept.jobs.running, timeout=10_000)
    kept.keeping._keeps_itself = False  # as if it ended here
    change_everything(kept, make_model, qtbot)
    assert begin(kept, qtbot) == []
    assert everything(kept) == before
    assert (kept.keeping.file, kept.keeping.modified) == (file, True)


def test_without_a_last_session_something_else_is_opened(session, qtbot):
    assert begin(session, qtbot) == ["otherwise"]
    assert session.problems == []


def test_a_broken_last_session_is_put_aside_and_told_once(session, qtbot):
    session.keeping.folder.mkdir(parents=True)
    autosave, aside = (session.keeping.folder / name for name in (earlier.AUTOSAVE, earlier.SET_ASIDE))
    autosave.write_bytes(b'{"format": "vrae-session", "vers')
    assert begin(session, qtbot) == ["otherwise"]
    assert len(session.problems) == 1
    assert str(aside) in session.problems[0]
    assert aside.read_bytes().endswith(b"vers")
    assert begin(session, qtbot) == ["otherwise"]
    assert len(session.problems) == 1


def test_a_last_session_of_which_something_has_gone_is_kept_as_it_was(kept, tmp_path, qtbot):
    begin(kept, qtbot)
    kept.keeping.autosave()
    qtbot.waitUntil(lambda: not kept.jobs.running)
    autosave = kept.keeping.folder / earlier.AUTOSAVE
    data = autosave.read_bytes()
    (tmp_path / "Low.mid").unlink()
    begin(kept, qtbot)
    assert [song.name for song in kept.library.songs] == ["Middle", "High"]
    assert (kept.keeping.folder / earlier.SET_ASIDE).read_bytes() == data


def test_a_folder_that_cannot_be_written_is_told_once(kept, tmp_path, qtbot):
    (tmp_path / "file").write_bytes(b"")
    kept.keeping.root = tmp_path / "file" / "below"
    begin(kept, qtbot)
    for _ in range(3):
        kept.keeping.autosave()
        qtbot.waitUntil(lambda: not kept.jobs.running)
    assert len(kept.problems) == 1
    assert "cannot be saved for the next start" in kept.problems[0]


def test_a_session_that_cannot_be_written_at_the_end_is_told_in_the_log_and_the_one_before_stays(
    kept, qtbot, monkeypatch, caplog
):
    begin(kept, qtbot)
    kept.playback.set_tempo(97)
    kept.keeping.autosave()
    qtbot.waitUntil(lambda: not kept.jobs.running)
    autosave = kept.keeping.folder / earlier.AUTOSAVE
    before = autosave.read_bytes()

    def full(file, _data):
        raise FileError(file, "cannot be written: No space left on device")

    monkeypatch.setattr(session_jobs, "write_atomically", full)
    kept.playback.set_tempo(55)
    kept.keeping.close()
    qtbot.waitUntil(lambda: not kept.jobs.running)
    told = f"This session cannot be saved for the next start: {autosave} cannot be written: No space left on device."
    assert caplog.messages == [told]
    assert autosave.read_bytes() == before


def test_an_autosave_that_was_cancelled_does_not_overwrite_a_newer_one(kept, qtbot, monkeypatch):
    begin(kept, qtbot)
    qtbot.waitUntil(lambda: not kept.jobs.running)
    really, began, goes_on, written = session_jobs.write_atomically, threading.Event(), threading.Event(), []

    def write(file, data):
        if not began.is_set():
            began.set()
            goes_on.wait(20)
        really(file, data)
        written.append(json.loads(data)["player"]["tempo"])

    monkeypatch.setattr(session_jobs, "write_atomically", write)
    kept.playback.set_tempo(97)
    kept.keeping.autosave()
    qtbot.waitUntil(began.is_set)
    kept.playback.set_tempo(55)
    kept.keeping.close()
    qtbot.wait(200)  # in which the second could write if it did not wait
    goes_on.set()
    qtbot.waitUntil(lambda: not kept.jobs.running and len(written) == 2)
    assert written == [97, 55]
    assert json.loads((kept.keeping.folder / earlier.AUTOSAVE).read_bytes())["player"]["tempo"] == 55


def test_neither_reading_nor_writing_nor_hashing_happens_in_the_window_s_thread(kept, tmp_path, qtbot, monkeypatch):
    threads = []

    def noting(function):
        def note(*arguments):
            threads.append(threading.current_thread() is threading.main_thread())
            return function(*arguments)

        return note

    for name in ("read_session", "read_digest", "write_atomically", "to_bytes"):
        monkeypatch.setattr(session_jobs, name, noting(getattr(session_jobs, name)))
    monkeypatch.setattr(model_file, "digest", noting(model_file.digest))
    open_again(kept, qtbot, save(kept, qtbot, tmp_path / f"mine{SUFFIX}"))
    assert len(threads) >= 4
    assert not any(threads)


# --- what is drawn with models that are not shown


def two_models_drawn_with(session, make_model, tmp_path, qtbot):
    """A path with the model that is left, and a favourite with the one that is shown; what the first one has."""
    make_model(3, seed=8).save(tmp_path / "three.safetensors")
    session.path.add(session.path.point_at(session.library.atlas.map.points[1]))
    session.path.add(session.path.point_at(session.library.atlas.map.points[5]))
    session.path.keep()
    first = session.path.as_plain()
    open_model(session, tmp_path / "three.safetensors", qtbot)
    session.path.star(session.library.atlas.posterior.mu[2], "Here")
    return first


def open_model(session, file, qtbot):
    session.library.open(file)
    qtbot.waitUntil(lambda: session.library.model_path == file and not session.jobs.running, timeout=20_000)


def test_what_is_drawn_with_other_models_is_in_the_file_and_comes_back_with_them(kept, make_model, tmp_path, qtbot):
    first = two_models_drawn_with(kept, make_model, tmp_path, qtbot)
    second = kept.path.as_plain()
    file = save(kept, qtbot, tmp_path / f"mine{SUFFIX}")
    assert not kept.keeping.modified
    kept.path.restore(Drawing().as_plain())
    open_again(kept, qtbot, file)
    assert kept.path.as_plain() == second
    assert not kept.keeping.modified
    open_model(kept, tmp_path / "five.safetensors", qtbot)
    assert kept.path.as_plain() == first
    assert kept.problems == []


def test_a_model_that_was_not_found_brings_its_paths_when_it_returns(kept, make_model, tmp_path, qtbot):
    first = two_models_drawn_with(kept, make_model, tmp_path, qtbot)
    second, file = kept.path.as_plain(), save(kept, qtbot, tmp_path / f"mine{SUFFIX}")
    (tmp_path / "three.safetensors").rename(tmp_path / "three, elsewhere.safetensors")
    open_model(kept, tmp_path / "five.safetensors", qtbot)
    open_again(kept, qtbot, file)
    assert len(kept.problems) == 1
    assert kept.path.as_plain() == first
    open_model(kept, tmp_path / "three, elsewhere.safetensors", qtbot)
    assert kept.path.as_plain() == second


@pytest.mark.parametrize("left", [3, {"d": 3}, {"d" * 65: {}}, {"d": {"path": {"points": [[1], [1, 2]]}}}])
def test_damaged_drawings_of_other_models_cost_a_sentence_and_nothing_else(kept, tmp_path, qtbot, left):
    file = save(kept, qtbot, tmp_path / f"mine{SUFFIX}")
    values = json.loads(file.read_bytes())
    file.write_text(json.dumps(values | {"left": left}))
    open_again(kept, qtbot, file)
    assert len(kept.problems) == 1
    assert "damaged" in kept.problems[0]
    assert kept.path.left == {}


def test_a_song_that_was_renamed_is_called_so_again(explored, songs, write_song, tmp_path, qtbot):
    explored.library.reopen(None, [write_song(song) for song in songs], None, lambda _opened: None)
    wait(explored, qtbot)
    explored.song_changes.rename(0, "Lower")
    wait(explored, qtbot)
    file = save(explored, qtbot, tmp_path / f"mine{SUFFIX}")
    assert read_session(file).names == {explored.library.songs[0].path: "Lower"}
    open_again(explored, qtbot, file)
    assert explored.library.atlas.corpus.names == ("Lower", "Middle", "High")
    assert explored.problems == []
