"""Reading songs and making the map of them."""

from __future__ import annotations

from explorer.session.songs.making import quick_projection, read_songs
from vrae_core.progress import finish


def test_a_20_d_map_is_first_drawn_by_pca(make_model):
    assert quick_projection(make_model(20)) == "PCA"
    assert quick_projection(make_model(2)) == "latent"


def test_reading_songs_goes_on_after_a_bad_file(songs, write_song, tmp_path):
    bad = tmp_path / "bad.mid"
    bad.write_bytes(b"no music")
    read, complaints = finish(read_songs([write_song(songs[0]), bad, write_song(songs[1])]))
    assert [song.name for song in read] == ["Low", "Middle"]
    assert len(complaints) == 1
    assert complaints[0].startswith(f"{bad} ")
