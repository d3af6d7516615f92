"""Ways from song to song, to listen to."""

from dataclasses import replace

import numpy as np
import soundfile

from tests.vrae_core.conftest import random_model
from vrae_core.corpus.cutting import build_corpus
from vrae_core.errors import SoundError
from vrae_core.midi.beats import Meter, Tempo, TempoMap
from vrae_core.midi.song import read_song
from vrae_core.model.recipes import ModelConfig
from vrae_core.progress import finish
from vrae_core.reproduction.listening_page import PAGE, WINDOWS, write_listening_page


def test_a_way_lasts_a_window_of_each_end_and_four_between(corpus, model, tmp_path):
    mu = model.encode(corpus.windows()).mu
    pair = np.array([[0, len(corpus) - 1]])
    assert finish(write_listening_page(tmp_path, model, corpus, mu, pair)) == ""
    sound = soundfile.info(tmp_path / "path-01.wav")
    assert sound.duration >= read_song(tmp_path / "path-01.mid").seconds
    assert read_song(tmp_path / "path-01.mid").seconds <= (WINDOWS + 2) * corpus.window * 0.05


def test_the_page_names_the_ends_and_shows_every_way(corpus, model, tmp_path):
    mu = model.encode(corpus.windows()).mu
    named = replace(corpus, names=("Low & <b>", "High"))
    finish(write_listening_page(tmp_path, model, named, mu, np.array([[0, len(corpus) - 1], [1, len(corpus) - 2]])))
    page = (tmp_path / PAGE).read_text()
    assert "Low &amp; &lt;b&gt;" in page
    assert "<b>" not in page
    for number in ("01", "02"):
        assert f'src="path-{number}.wav"' in page
        assert f'src="path-{number}.png"' in page


def test_the_tempo_goes_from_that_of_the_one_song_to_that_of_the_other(two_songs, tmp_path):
    songs = [
        replace(song, tempo_map=TempoMap((Tempo(0.0, tempo),)), meters=(Meter(0.0, 4, 4),))
        for song, tempo in zip(two_songs, (90.0, 150.0), strict=True)
    ]
    config = ModelConfig(16, 16, 2, 8, 6, "gru", z_every_step=True, steps_per_beat=4, parts=True)
    corpus = build_corpus(songs, 16, 16, equal_share=False, grid=config.grid)
    model = replace(random_model(config, corpus.pitches), threshold=0.0)
    mu = model.encode(corpus.windows()).mu
    finish(write_listening_page(tmp_path, model, corpus, mu, np.array([[0, len(corpus) - 1]])))
    tempos = [tempo.beats_per_minute for tempo in read_song(tmp_path / "path-01.mid").tempo_map.tempos]
    assert round(tempos[0]) == 90
    assert round(tempos[-1]) == 150
    assert tempos == sorted(tempos)


def test_without_fluidsynth_there_are_the_notes_alone(corpus, model, tmp_path, monkeypatch):
    def missing(*_):
        raise SoundError("FluidSynth is not installed")
        yield

    monkeypatch.setattr("vrae_core.audio.synthesizer.render_notes", missing)
    mu = model.encode(corpus.windows()).mu
    why = finish(write_listening_page(tmp_path, model, corpus, mu, np.array([[0, len(corpus) - 1]])))
    assert "FluidSynth is not installed" in why
    assert "<audio" not in (tmp_path / PAGE).read_text()
    assert (tmp_path / "path-01.mid").exists()
