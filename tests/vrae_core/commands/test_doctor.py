"""`vrae doctor`."""

import json

NAMES = {
    "Use of z", "Learning", "Sharpness", "Latent dimensions", "Windows", "Gaps in z", "Pitches", "Songs apart",
    "Threshold",
}  # fmt: skip


def test_what_is_bad_comes_with_its_number_and_what_to_try_and_sets_the_exit_status(vrae, model_file, songs):
    ran = vrae("doctor", model_file, *songs)
    worst = ran.out.split("\n\n")[0]

    assert ran.status == 3
    assert worst.startswith("✗")
    assert "→" in worst
    assert all(name in ran.out for name in NAMES)


def test_a_healthy_model_leaves_the_exit_status_at_0(vrae):
    ran = vrae("doctor", "20d")
    assert ran.status == 0
    assert "✗" not in ran.out


def test_json_has_every_finding_with_its_state_and_windows(vrae, model_file, songs):
    findings = json.loads(vrae("doctor", model_file, *songs, "--json").out)
    assert {finding["name"] for finding in findings} == NAMES
    assert {finding["state"] for finding in findings} <= {"good", "note", "bad"}


def test_a_song_of_unknown_pitches_is_told(vrae, model_file, unknown_song):
    ran = vrae("doctor", model_file, unknown_song)
    assert (ran.status, ran.out) == (1, "")
    assert ran.err.count("\n") == 1


def test_a_model_of_parts_is_examined_as_any(vrae, band_model_file, band_files):
    ran = vrae("doctor", band_model_file, *band_files)
    assert "Pitches" in ran.out
    assert "Traceback" not in ran.err
