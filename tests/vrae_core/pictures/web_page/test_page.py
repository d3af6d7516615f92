"""The page of the map as a file; `tests/end_to_end/test_page_in_chromium.py` opens it in a browser."""

from __future__ import annotations

import base64
import io
import json
import re
import zlib
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from vrae_core.corpus.windows import Corpus
from vrae_core.errors import FileError, VraeError
from vrae_core.latent.colours import LEVELS, FigureName, of_numbers, of_words
from vrae_core.midi.export import Track
from vrae_core.model.trained import TrainedModel
from vrae_core.music.score import Score, make_score
from vrae_core.music.sound import Sound
from vrae_core.piano_roll import FloatArray, Note
from vrae_core.pictures.web_page.clips import CLIP_RATE, clip, spread_out
from vrae_core.pictures.web_page.page import MapShown, saving_page
from vrae_core.progress import finish

SOUND = Sound(split=False)


@pytest.fixture
def shown(corpus: Corpus, model: TrainedModel) -> MapShown:
    mu = model.encode(corpus.windows()).mu
    return MapShown(model, corpus, mu, mu[:, :2].copy(), "Two songs")


@pytest.fixture
def score(model: TrainedModel) -> Callable[[FloatArray], Score]:
    return lambda probabilities: make_score(probabilities, model.pitches, SOUND, model.threshold)


def data_of(path: Path) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', path.read_text("utf-8"), re.S)
    assert found
    return dict(json.loads(found[1]))


def unpacked(text: str, kind: str) -> np.ndarray:
    return np.frombuffer(zlib.decompress(base64.b64decode(text)), kind)


class Tags(HTMLParser):
    """Checks that what is opened is closed, and lists what a page would load."""

    EMPTY = ("meta", "link", "img", "br", "input")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.EMPTY:
            self.open.append(tag)
        self.loads += [str(value) for name, value in attrs if name in ("src", "href", "srcset", "action")]
        self.ids += [str(value) for name, value in attrs if name == "id"]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_one_well_formed_file_that_loads_nothing(shown: MapShown, score: Any, tmp_path: Path) -> None:
    assert finish(saving_page(tmp_path / "map.html", shown, score, SOUND, clips=2)) == 2
    page = (tmp_path / "map.html").read_text("utf-8")
    tags = Tags()
    tags.feed(page)
    assert tags.open == []
    assert tags.loads == []
    assert len(set(tags.ids)) == len(tags.ids)
    assert '<html lang="en">' in page
    assert not re.search(r"https?://|@import|url\(", page)
    assert "default-src 'none'" in page
    assert [file.name for file in tmp_path.iterdir()] == ["map.html"]


def test_it_holds_every_window_with_its_place_song_time_and_notes(
    shown: MapShown, score: Any, corpus: Corpus, tmp_path: Path
) -> None:
    finish(saving_page(tmp_path / "map.html", shown, score, SOUND, clips=1))
    data = data_of(tmp_path / "map.html")
    points = unpacked(data["points"], "<u2").reshape(-1, 2) / data["finest"]
    span = np.ptp(shown.points, axis=0)
    np.testing.assert_allclose(np.ptp(points, axis=0), span / span.max(), atol=1e-4)
    assert unpacked(data["songOf"], "<u4").tolist() == corpus.song_of.tolist()
    assert unpacked(data["startOf"], "<u4").tolist() == corpus.start_of.tolist()
    stride = -(-len(corpus.pitches) // 8)
    rolls = np.unpackbits(unpacked(data["rolls"], "u1").reshape(-1, stride), axis=1, bitorder="little")
    at = int(unpacked(data["rollAt"], "<i4")[7])
    assert (rolls[at : at + corpus.window, : len(corpus.pitches)] == corpus.windows([7])[0]).all()
    assert [song["name"] for song in data["songs"]] == ["Low", "High"]
    assert sum(song["count"] for song in data["songs"]) == len(corpus)


def test_of_more_rolls_than_a_page_can_hold_only_those_that_are_heard_are_kept(
    shown: MapShown, score: Any, corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vrae_core.pictures.web_page.page._MOST_ROLL_BYTES", 10)
    finish(saving_page(tmp_path / "map.html", shown, score, SOUND, clips=3))
    data = data_of(tmp_path / "map.html")
    roll_at, clipped = unpacked(data["rollAt"], "<i4"), unpacked(data["clipped"], "<u4")
    assert set(np.flatnonzero(roll_at >= 0).tolist()) == set(clipped.tolist())
    assert roll_at[clipped].tolist() == [0, corpus.window, 2 * corpus.window]


def test_a_clip_is_what_is_played_of_its_window_and_sounds_where_its_notes_are() -> None:
    notes = [Note(0.5, 0.8, 60), Note(1.5, 1.8, 67)]
    file = finish(clip([Track("One", 80, notes)], 2.0))
    sound, rate = soundfile.read(io.BytesIO(file))
    assert rate == CLIP_RATE
    assert len(sound) / rate == pytest.approx(2.5, abs=0.06)
    level = np.array([np.abs(part).max() for part in np.array_split(sound[: int(2.5 * rate)], 25)])  # 0.1 s each
    assert level[:4].max() < 0.005
    assert level[5:8].min() > 0.02
    assert level[12:15].max() < 0.5 * level[5:8].max()
    assert level[15:18].min() > 0.02


def test_silence_is_a_clip_too() -> None:
    sound, rate = soundfile.read(io.BytesIO(finish(clip([], 1.0))))
    assert len(sound) / rate == pytest.approx(1.5, abs=0.06)
    assert np.abs(sound).max() < 1e-3


def test_the_windows_to_hear_are_spread_out_and_no_small_group_is_forgotten() -> None:
    source = np.random.default_rng(0)
    crowd, few = source.normal(0, 1, (5000, 2)), source.normal(40, 0.1, (3, 2))
    points = np.concatenate([crowd, few]).astype(np.float32)
    chosen = finish(spread_out(points, 50))
    assert len(set(chosen.tolist())) == 50
    gaps = np.linalg.norm(points[:, None] - points[chosen], axis=2).min(axis=1)
    by_chance = np.linalg.norm(points[:, None] - points[:50], axis=2).min(axis=1)
    assert gaps.max() < 1.0 < by_chance.max()


def test_windows_all_at_one_place_need_one_clip() -> None:
    assert len(finish(spread_out(np.ones((100, 2), np.float32), 10))) == 1
    assert finish(spread_out(np.ones((3, 2), np.float32), 10)).tolist() == [0, 1, 2]


@pytest.mark.parametrize("hostile", ["</script><!--", "\"'&<b>", "\u202eabc\u2028\udcff\x00", "{{data}}", "x" * 9999])
def test_hostile_names_stay_inside_their_strings(
    corpus: Corpus, model: TrainedModel, score: Any, tmp_path: Path, hostile: str
) -> None:
    named = Corpus(**{**corpus.__dict__, "names": (hostile, "High")})
    points = np.zeros((len(corpus), 2), np.float32)
    finish(saving_page(tmp_path / "map.html", MapShown(model, named, points, points, hostile), score, SOUND, clips=0))
    tags = Tags()
    tags.feed((tmp_path / "map.html").read_text("utf-8"))
    assert tags.open == []
    assert data_of(tmp_path / "map.html")["songs"][1]["name"] == "High"


def test_windows_without_a_place_are_left_out(shown: MapShown, score: Any, corpus: Corpus, tmp_path: Path) -> None:
    shown.points[[2, 5]] = np.nan, np.inf
    finish(saving_page(tmp_path / "map.html", shown, score, SOUND, clips=0))
    assert len(unpacked(data_of(tmp_path / "map.html")["songOf"], "<u4")) == len(corpus) - 2
    shown.points[:] = np.nan
    with pytest.raises(VraeError, match="no window has a place"):
        finish(saving_page(tmp_path / "map.html", shown, score, SOUND))


def test_a_job_that_is_closed_leaves_no_file(shown: MapShown, score: Any, tmp_path: Path) -> None:
    job = saving_page(tmp_path / "map.html", shown, score, SOUND, clips=3)
    assert any(step.text == "making clips" and step.done == 1 for step in job), "it got to its second clip"
    job.close()
    assert list(tmp_path.iterdir()) == []


def test_only_html_is_written(shown: MapShown, score: Any, tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"must end in \.html"):
        finish(saving_page(tmp_path / "map.png", shown, score, SOUND))


def test_it_holds_what_its_colours_mean_and_which_songs_are_grey(
    shown: MapShown, score: Any, corpus: Corpus, tmp_path: Path
) -> None:
    shown.points[2] = np.nan
    values = np.arange(len(corpus), dtype=np.float32)
    values[7] = np.nan
    ramp, words = (
        of_numbers(FigureName("Density", "notes a second"), values),
        of_words(FigureName("mood", ""), ["</script>", "wild"], np.minimum(corpus.song_of, 1)),
    )
    coloured = replace(shown, meaning=ramp, others=(words,), lit=np.array([True, False]))
    finish(saving_page(tmp_path / "map.html", coloured, score, SOUND, clips=0))
    data = data_of(tmp_path / "map.html")
    first, second = data["colourings"]
    placed = np.delete(np.arange(len(corpus)), 2)
    assert data["colouredBy"] == 0
    assert unpacked(first["colourOf"], "<u4").tolist() == ramp.colour_of[placed].tolist()
    assert (first["name"], first["unit"], first["missing"], len(first["ends"])) == ("Density", "notes a second", 1, 2)
    assert len(first["dark"]) == len(first["light"]) == LEVELS + 1
    assert (second["words"], second["counts"]) == (["</script>", "wild"], list(words.counts))
    assert [song["lit"] for song in data["songs"]] == [True, False]
