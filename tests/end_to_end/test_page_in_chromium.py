"""The page of the map, in a real browser without network."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chromium import Chromium

from vrae_core.corpus.cutting import build_corpus
from vrae_core.corpus.windows import Corpus
from vrae_core.latent.colours import FigureName, missing_colour, of_numbers, ramp
from vrae_core.midi.song import Song
from vrae_core.model.file import weight_shapes
from vrae_core.model.recipes import ModelConfig
from vrae_core.model.trained import TrainedModel
from vrae_core.music.score import make_score
from vrae_core.music.sound import Sound
from vrae_core.piano_roll import STEP_SECONDS, Note
from vrae_core.pictures.web_page.page import MapShown, saving_page
from vrae_core.progress import finish

NAMES = ['</script><script>document.title="broken"</script>', "\u202eשיר \"& 'quoted' <b>", "Plain"]
TITLE = '<img src=x onerror="document.title=1"> & {{data}}'
SIZE = 1280, 800
TAIL = 0.5

# What is started is written down, and all that goes to the speakers is heard by an analyser too.
LISTEN = """{
window.started = [];
const start = AudioBufferSourceNode.prototype.start, connect = AudioNode.prototype.connect;
AudioBufferSourceNode.prototype.start = function (...when) {
  const frames = this.buffer.getChannelData(0);
  let loudest = 0;
  for (const value of frames) loudest = Math.max(loudest, Math.abs(value));
  window.started.push({ seconds: this.buffer.duration, loudest });
  return start.apply(this, when);
};
AudioNode.prototype.connect = function (to, ...rest) {
  if (to === this.context.destination) {
    window.ear = new AnalyserNode(this.context);
    connect.call(this, window.ear);
  }
  return connect.call(this, to, ...rest);
};
window.level = () => {
  const frames = new Float32Array(window.ear.fftSize);
  window.ear.getFloatTimeDomainData(frames);
  return Math.max(...frames.map(Math.abs));
};
}"""


def corpus_of_three() -> Corpus:
    songs = [
        Song(name, tuple(Note(t / 2, t / 2 + 0.4, 48 + 7 * k + t % 5) for t in range(40)), 120.0, ())
        for k, name in enumerate(NAMES)
    ]
    return build_corpus(songs, 40, 20, equal_share=False)


def model_that_plays(corpus: Corpus) -> TrainedModel:
    """Whatever z it is given, it makes notes."""
    config = ModelConfig(window=40, hop=20, hidden=8, encoder_hidden=6, z_every_step=True)
    source = np.random.default_rng(0)
    shapes = weight_shapes(config, len(corpus.pitches))
    weights = {n: source.normal(0, 0.6, shape).astype(np.float32) for n, shape in shapes.items()}
    weights["output.bias"] = np.linspace(-3, 3, len(corpus.pitches), dtype=np.float32)
    return TrainedModel(config, corpus.pitches, weights, 0.6)


def places(corpus: Corpus) -> np.ndarray:
    """Song k in column k, its windows one above the other: far apart, so that each can be pointed at."""
    up = np.concatenate([np.linspace(-1, 1, n) for n in np.bincount(corpus.song_of)])
    return np.stack([corpus.song_of - 1.0, up], axis=1).astype(np.float32)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every second window, more or less, can be heard."""
    corpus = corpus_of_three()
    model = model_that_plays(corpus)
    points = places(corpus)
    path = tmp_path_factory.mktemp("page") / "map.html"
    rank = of_numbers(FigureName("<i>Rank", "from below"), np.where(points[:, 1] > 0.9, np.nan, points[:, 1]))
    shown = MapShown(model, corpus, np.zeros((len(corpus), 2), np.float32), points, TITLE, others=[rank])
    sound = Sound(split=False)
    finish(saving_page(path, shown, lambda p: make_score(p, model.pitches, sound, 0.6), sound, clips=len(corpus) // 2))
    return path


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Chromium]:
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no Chromium is installed (Debian: chromium), so no page can be looked at")
    with Chromium(program, tmp_path / "profile") as opened:
        opened.before_scripts(LISTEN)
        yield opened
        assert opened.complaints == []
        assert all(url.startswith("file:") for url in opened.asked_for), "the page asked for more than itself"


def place_of(browser: Chromium, song: int, share: float) -> tuple[float, float]:
    """Where on the screen a song's window is, ``share`` of the way up."""
    box = browser.ask("(({x, y, width, height}) => ({x, y, width, height}))(map.getBoundingClientRect())")
    side = 0.86 * min(box["width"], box["height"])
    x = box["x"] + box["width"] / 2 + side * (song - 1) / 2
    return x, box["y"] + box["height"] / 2 + side * (0.5 - share)


def text(browser: Chromium, selector: str) -> Any:
    return browser.ask(f"document.querySelector({selector!r}).textContent")


def pixel(browser: Chromium, x: float, y: float) -> list[int]:
    """Red, green, blue and alpha of the map where the screen has a place."""
    found = browser.ask(
        "(box => { const copy = new OffscreenCanvas(1, 1).getContext('2d');"
        f"copy.drawImage(map, {x} - box.x, {y} - box.y, 1, 1, 0, 0, 1, 1);"
        "return [...copy.getImageData(0, 0, 1, 1).data]; })(map.getBoundingClientRect())"
    )
    return [int(value) for value in found]


@pytest.mark.parametrize(("scheme", "colours"), [("dark", ["#5ec8f2", "#8fd694"]), ("light", ["#04485d", "#039d74"])])
def test_the_dots_are_where_the_windows_are_in_the_colours_of_their_songs(
    page: Path, browser: Chromium, scheme: str, colours: list[str]
) -> None:
    browser.use_colours(scheme)
    browser.open(page, *SIZE)
    for song, colour in zip((0, 2), colours, strict=True):
        red, green, blue, alpha = pixel(browser, *place_of(browser, song, 0))
        assert alpha > 100
        expected = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
        np.testing.assert_allclose([red, green, blue], expected, atol=6)
    assert pixel(browser, *np.add(place_of(browser, 0, 0), (60, 0)))[3] == 0, "there is no dot between the columns"


def test_hovering_tells_the_song_and_the_time_and_draws_its_notes(page: Path, browser: Chromium) -> None:
    browser.open(page, *SIZE)
    browser.mouse("mouseMoved", *place_of(browser, 2, 0))
    browser.wait("!card.hidden")
    assert text(browser, "#card bdi") == "Plain"
    assert text(browser, "#card .when").startswith("0:00.0")
    browser.mouse("mouseMoved", *place_of(browser, 2, 1))
    browser.wait("card.querySelector('.when').textContent.startsWith('0:17.0')")
    drawn = "(c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.filter((v, i) => i % 4 == 3 && v > 0))"
    cells = browser.ask(f"{drawn}(card.querySelector('.roll')).length")
    assert cells > 300
    browser.mouse("mouseMoved", 2, 2)
    browser.wait("card.hidden")


def test_a_click_plays_as_long_as_the_window_lasts_and_is_not_silent(page: Path, browser: Chromium) -> None:
    browser.open(page, *SIZE)
    browser.click(*place_of(browser, 2, 0))
    browser.wait("!playing.hidden")
    [heard] = browser.ask("started")
    assert heard["seconds"] == pytest.approx(40 * STEP_SECONDS + TAIL, abs=0.05)
    assert heard["loudest"] > 0.02
    browser.wait("level() > 0.01")
    browser.wait("playing.hidden")  # it has come to its end


def test_a_dot_without_a_clip_plays_the_nearest_and_says_so(page: Path, browser: Chromium) -> None:
    browser.open(page, *SIZE)
    for window in range(18):
        browser.click(*place_of(browser, 0, window / 17))
        browser.wait(f"started.length === {window + 1} && !playing.hidden")
        if "nearest" in text(browser, "#playing .when"):
            break
    else:
        pytest.fail("half of the windows have no clip, yet none of a song's plays another's")
    assert "the nearest clip to" in text(browser, "#said")


def test_by_keyboard_arrows_go_to_neighbours_enter_plays_and_escape_stops(page: Path, browser: Chromium) -> None:
    browser.open(page, *SIZE)
    while browser.ask("document.activeElement.id") != "map":
        browser.press("Tab")
    for _ in range(2):
        browser.press("ArrowRight")
    assert text(browser, "#card bdi") == "Plain"
    before = text(browser, "#card .when").split(" ")[0]
    browser.press("ArrowUp")
    after = text(browser, "#card .when").split(" ")[0]
    assert after > before
    browser.press("Enter")
    browser.wait("!playing.hidden && started.length === 1")
    assert "Plain" in text(browser, "#said")
    browser.press("Escape")
    browser.wait("playing.hidden")


def test_hostile_names_are_shown_as_they_are_and_do_nothing(page: Path, browser: Chromium) -> None:
    browser.open(page, *SIZE)
    names = browser.ask("[...document.querySelectorAll('#legend bdi')].map(e => e.textContent)")
    assert names == [NAMES[0], NAMES[1].replace("\u202e", "").strip(), "Plain"]
    assert text(browser, "h1") == TITLE == browser.ask("document.title")
    assert browser.ask("document.querySelectorAll('img, main script, #legend script, b').length") == 0


def test_the_legend_greys_all_other_songs_and_brings_them_back(page: Path, browser: Chromium) -> None:
    browser.open(page, *SIZE)
    other = place_of(browser, 0, 0)
    coloured = pixel(browser, *other)
    browser.ask("document.querySelectorAll('#legend button')[2].click()")
    browser.wait("document.querySelectorAll('#legend [aria-pressed=true]').length === 1")
    browser.ask("new Promise(requestAnimationFrame)")
    grey = pixel(browser, *other)
    assert max(grey[:3]) - min(grey[:3]) < 30 < max(coloured[:3]) - min(coloured[:3])
    browser.mouse("mouseMoved", *other)
    assert browser.ask("card.hidden"), "what is greyed is not pointed at"
    browser.ask("document.querySelectorAll('#legend button')[2].click()")
    browser.ask("new Promise(requestAnimationFrame)")
    assert pixel(browser, *other) == coloured


def test_what_the_colours_mean_can_be_chosen_and_is_told(page: Path, browser: Chromium) -> None:
    browser.use_colours("light")
    browser.open(page, *SIZE)
    choose = (
        "(select => { select.value = %d; select.dispatchEvent(new Event('change')); })(colours.querySelector('select'))"
    )
    places = [place_of(browser, 2, share) for share in (0, 1)]
    by_song = [pixel(browser, *place) for place in places]
    browser.ask(choose % 0)
    browser.ask("new Promise(requestAnimationFrame)")
    assert browser.ask("[...colours.querySelectorAll('option')].map(e => e.textContent)") == ["Song", "<i>Rank"]
    assert browser.ask("[...colours.querySelectorAll('.ends span')].map(e => e.textContent)")[1] == "from below"
    assert text(browser, "#colours .missing") == "Grey: 3 without a value"
    for place, colour in zip(places, (ramp(False)[0], missing_colour(False)), strict=True):
        np.testing.assert_allclose(pixel(browser, *place)[:3], [int(colour[i : i + 2], 16) for i in (1, 3, 5)], atol=6)
    browser.ask(choose % -1)
    browser.ask("new Promise(requestAnimationFrame)")
    assert [pixel(browser, *place) for place in places] == by_song
    assert browser.ask("colours.querySelector('.ramp').hidden")


def test_a_drag_moves_the_map_and_plays_nothing(page: Path, browser: Chromium) -> None:
    browser.open(page, *SIZE)
    dot = place_of(browser, 2, 0)
    browser.drag(dot, (dot[0] - 200, dot[1] - 150))
    browser.ask("new Promise(requestAnimationFrame)")
    assert pixel(browser, *dot)[3] == 0
    assert pixel(browser, dot[0] - 200, dot[1] - 150)[3] > 100
    assert browser.ask("started") == []


def test_the_wheel_zooms_at_the_cursor(page: Path, browser: Chromium) -> None:
    browser.open(page, *SIZE)
    dot, other = place_of(browser, 2, 0), place_of(browser, 1, 0)
    browser.mouse("mouseWheel", *dot, deltaX=0, deltaY=-400)
    browser.ask("new Promise(done => setTimeout(done, 100))")
    assert pixel(browser, *dot)[3] > 100
    assert pixel(browser, *other)[3] == 0


def test_on_a_phone_a_tap_plays_and_nothing_sticks_out(page: Path, browser: Chromium) -> None:
    browser.open(page, 390, 844, scale=2, touch=True)
    x, y = place_of(browser, 2, 0)
    browser.call("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": x, "y": y}])
    browser.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
    browser.wait("!playing.hidden && started.length === 1")
    assert browser.ask("document.documentElement.scrollWidth <= innerWidth && playing.offsetWidth < innerWidth")
    assert not browser.ask("byId('legend').open"), "on a phone the map comes first"


def test_a_crowd_of_dots_is_where_its_windows_are_too_and_a_page_without_clips_says_so(
    browser: Chromium, tmp_path: Path
) -> None:
    corpus = corpus_of_three()
    points = places(corpus)
    many = np.arange(20_000) % len(corpus)
    shown = MapShown(
        model_that_plays(corpus), corpus.take(many), np.zeros((len(many), 2), np.float32), points[many], TITLE
    )
    sound = Sound(split=False)
    finish(
        saving_page(tmp_path / "crowd.html", shown, lambda p: make_score(p, corpus.pitches, sound, 0.6), sound, clips=0)
    )
    browser.use_colours("dark")
    browser.open(tmp_path / "crowd.html", *SIZE)
    dot = place_of(browser, 2, 0)
    np.testing.assert_allclose(pixel(browser, *dot), [0x8F, 0xD6, 0x94, 255], atol=16)
    assert pixel(browser, *np.add(dot, (-60, 0)))[3] == 0
    browser.click(*dot)
    browser.wait("byId('said').textContent.includes('holds no clips')")
    assert browser.ask("started") == []
