"""What can be done to the songs to train on."""

from __future__ import annotations

from explorer.panels.playing.parts_dialog import CHOICES, PartsDialog
from tests.explorer.panels.training.conftest import shown
from vrae_core.columns import Part
from vrae_core.midi.export import Track, write_midi


def test_the_quantise_menu_gives_selected_or_all_songs_a_grid_and_says_how_far(setup, explored, qtbot):
    menu = {action.text(): action.menu() for action in setup.tools.quantising.actions()}

    def choose(submenu, words):
        next(action for action in menu[submenu].actions() if action.text() == words).trigger()
        qtbot.waitUntil(lambda: explored.training_songs.counts is not None)

    setup.table.selectRow(1)
    choose("Selected songs", "To eighth triplets, and swing")
    assert shown(setup, "Grid") == ["", "1/8T", ""]
    choose("How far to move onsets", "50 %")
    assert shown(setup, "Grid") == ["", "1/8T 50%", ""]
    menu["How far to move onsets"].aboutToShow.emit()
    assert [a.text() for a in menu["How far to move onsets"].actions() if a.isChecked()] == ["50 %"]
    choose("All songs", "To sixteenths")
    assert {str(song.quantising) for song in setup.settings().songs} == {"1/16 50%"}
    choose("All songs", "As they were played")
    assert shown(setup, "Grid") == ["", "", ""]


def test_the_parts_of_a_song_are_shown_heard_and_corrected(setup, explored, write_song, songs, tmp_path, qtbot):
    notes = list(songs[0].notes)
    tracks = [
        Track("Tune", 0, notes),
        Track("Low", 33, [n._replace(pitch=36) for n in notes]),
        Track("Kit", 0, notes, is_drums=True),
    ]
    write_midi(tmp_path / "band.mid", tracks)
    listed = explored.training_songs
    listed.add([tmp_path / "band.mid"])
    qtbot.waitUntil(lambda: len(listed.entries) == 4 and listed.counts is not None)
    setup.table.selectRow(3)
    setup.tools.show_parts()
    page = setup.window().findChild(PartsDialog)
    assert [choice.currentText() for choice in page.choices] == ["Melody (found)", "Bass (found)", "Drums (found)"]
    assert page.parts == ()
    page.hear[2].click()
    qtbot.waitUntil(lambda: page.hear[2].text() == "Stop")
    assert explored.preview.track == (listed.entries[3].song, 2)
    page.hear[2].click()
    assert page.hear[2].text() == "Hear"
    page.choices[0].setCurrentIndex(CHOICES.index(Part.CHORDS))
    page.choices[1].setCurrentIndex(CHOICES.index(None))
    page.accept()
    assert setup.settings().songs[3].parts == (Part.CHORDS, None, Part.DRUMS)
    qtbot.waitUntil(lambda: listed.counts is not None)


def test_what_opens_files_is_asked_for(setup, qtbot):
    with qtbot.waitSignal(setup.folder_wanted), qtbot.waitSignal(setup.frame.songs_wanted):
        for button in setup.findChildren(type(setup.start)):
            if button.text().startswith("Add "):
                button.click()
