"""`vrae curve`."""

from tests.vrae_core.conftest import tiny
from vrae_core.model.recipes import RECIPES


def test_the_run_of_a_training_gives_its_curves(vrae, songs, tmp_path, monkeypatch):
    monkeypatch.setitem(RECIPES, "fast-2d", tiny(RECIPES["fast-2d"]))
    model = tmp_path / "tiny.safetensors"
    assert vrae("train", *songs, "-o", model, "--recipe", "fast-2d", "--window", "10", "--epochs", "2").status == 0
    ran = vrae("curve", tmp_path / "tiny.run", "-o", tmp_path / "curve.svg")
    assert (ran.status, ran.err) == (0, "")
    assert "curve.svg: " in ran.out
    picture = (tmp_path / "curve.svg").read_text("utf-8")
    assert all(f">{text}<" in picture for text in ("tiny", "minutes", "lower bound", "KL"))


def test_what_is_no_run_is_told(vrae, model_file, songs, tmp_path):
    for path, reason in ((model_file, "is no run's folder"), (tmp_path, "run.json")):
        ran = vrae("curve", path, "-o", tmp_path / "curve.svg")
        assert ran.status == 1
        assert reason in ran.err
    assert not (tmp_path / "curve.svg").exists()
