"""What is heard: its name, its roll with the play-head, the windows nearest to it, and a word when it is odd."""

from __future__ import annotations

from bisect import bisect_right

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.panels.playing.difference_marks import DifferenceKey, DifferenceMark
from explorer.panels.playing.part_key import PartKey
from explorer.panels.playing.roll_page import Ruling
from explorer.panels.playing.roll_view import RollView
from explorer.qt.controls import Button, Segments
from explorer.qt.drag_grip import DragGrip
from explorer.qt.labels import ElidedLabel, Label
from explorer.qt.rows import ROW_HEIGHT, Row, RowList
from explorer.session.files.exports import Exports
from explorer.session.playing.decoded import Decoded
from explorer.session.playing.playback import Playback
from explorer.session.playing.pressing import name_of
from explorer.session.playing.versions import Version
from explorer.session.songs.atlas import Atlas
from vrae_core.corpus.bars import begins
from vrae_core.music.difference import Difference
from vrae_core.music.score import LOWEST_THRESHOLD
from vrae_core.piano_roll import PITCH_CLASSES, FloatArray

NEAREST = 5
BLEND_HEIGHT = 44  # pixels: three lines
VERSIONS = (
    (Version.ORIGINAL, "Original", "The song's own notes, from the same place (A)"),
    (Version.MODEL, "Model", "The notes as the model plays them (A)"),
    (Version.DIFFERENCE, "Difference", "Correct notes sound soft, missed and extra notes loud (Shift+A)"),
)
WORDS = {
    Version.ORIGINAL: "as in the song",
    Version.MODEL: "as the model plays it",
    Version.DIFFERENCE: "where the two differ",
}
EARLIER = "from a map that was shown before"
UNKNOWN = "as in the song, which this model does not know"
F1_TIP = "Frame F1 {:.2f}: 1 when every cell of the notes is right and none is added"


class NowPlayingPanel(QWidget):
    """Right of the map."""

    def __init__(self, playback: Playback, exports: Exports) -> None:
        super().__init__()
        self._playback = playback
        self.title, self.subtitle = ElidedLabel("", "title"), ElidedLabel("", "muted")
        self.grip = DragGrip()
        self.versions = Segments("What is heard of this window", VERSIONS)
        kept = self.versions.sizePolicy()
        kept.setRetainSizeWhenHidden(True)  # the roll does not jump when a drag leaves a dot
        self.versions.setSizePolicy(kept)
        self.roll = RollView()
        self.caption, self.key, self.parts = ElidedLabel("", "small"), DifferenceKey(), PartKey()
        self.nearest = RowList("Nearest windows")
        self.nearest.setFixedHeight(NEAREST * ROW_HEIGHT + 4)
        self.nearest_heading = Label("Nearest windows", "caps")
        self.blend = Label("", "small")
        self.blend.setWordWrap(True)
        self.blend.setMinimumHeight(BLEND_HEIGHT)
        self.lower_threshold = Button("Lower the threshold", "Far enough that some notes play here", look="link")
        self.far = Label("Far from any song: may sound random.", "warning")
        self.far.setWordWrap(True)
        self._lay_out()
        self.versions.chosen.connect(lambda key: self._playback.set_version(Version(key)))
        self.nearest.picked.connect(self._playback.play_window)
        self.grip.wanted.connect(lambda: exports.make_file_to_hand_over(self.grip.take))
        self.lower_threshold.clicked.connect(self._lower_threshold)
        self._playback.heard_changed.connect(self._show)
        self._playback.moved.connect(self._move)
        self._show()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 8, 16, 14)  # the grip is higher than its line
        layout.setSpacing(6)
        head = QHBoxLayout()
        head.addWidget(Label("Now playing", "caps"), 1)
        head.addWidget(self.grip)
        layout.addLayout(head)
        layout.addWidget(self.title)
        layout.addWidget(self.subtitle)
        layout.addSpacing(4)
        layout.addWidget(self.versions)
        layout.addWidget(self.roll, 1)
        layout.addWidget(self.caption)
        layout.addWidget(self.key)
        layout.addWidget(self.parts)
        layout.addWidget(self.lower_threshold)
        layout.addSpacing(8)
        layout.addWidget(self.nearest_heading)
        layout.addWidget(self.nearest)
        layout.addWidget(self.blend)
        layout.addWidget(self.far)

    def _show(self) -> None:
        heard, atlas, score = self._playback.heard, self._playback.atlas, self._playback.score
        silent = self._playback.is_silent
        self.lower_threshold.setVisible(silent)
        self.grip.setEnabled(heard is not None)
        version, difference = self._playback.version, self._playback.difference
        self.versions.setVisible(difference is not None)
        self.versions.show_chosen(version)
        self.key.setVisible(version is Version.DIFFERENCE)
        self.caption.setVisible(version is not Version.DIFFERENCE)
        self.parts.show_where(self._playback.has_parts, version is not Version.DIFFERENCE)
        if heard is None or atlas is None or score is None:
            self._show_nothing()
            return
        self.caption.setText(self._what_is_drawn(heard, atlas))
        colour = None if heard.window is None else atlas.colour_of(heard.window)
        first = heard.window_at(0)
        ruling = Ruling(*atlas.lines_of(first, heard.time, len(score.roll)))
        if difference is not None and version is Version.DIFFERENCE:
            self._show_difference(difference, score.pitches, ruling, atlas.step_in_words)
        else:
            self.roll.show_music(score.probabilities, score.roll, colour, score.pitches, score.muted, ruling)
        if silent:
            lower, possible = score.audible_threshold(), bool((score.probabilities >= LOWEST_THRESHOLD).any())
            words = (
                f"No note reaches the threshold. Set it to {lower:.2f}" if possible else "The model hears silence here"
            )
            self.lower_threshold.setText(words)
            self.lower_threshold.setEnabled(possible)
        moves = heard.ran_on or heard.windows is not None
        self._show_place(heard, atlas, self._playback.player.position if moves else 0.0)

    def _lower_threshold(self) -> None:
        if self._playback.score is not None:
            self._playback.set_threshold(self._playback.score.audible_threshold())

    def _show_nothing(self) -> None:
        self.title.setText("Nothing yet")
        self.subtitle.setText("Click on the map, or press an arrow key.")
        self.nearest_heading.setText("")
        self.caption.setText("")
        self.roll.clear()
        self.nearest.rows.show_rows([])
        self.blend.hide()
        self.far.hide()

    def _what_is_drawn(self, heard: Decoded, atlas: Atlas) -> str:
        words = ["shade: probability", "outline: note", atlas.length_of(heard.time, len(heard.probabilities))]
        sound = self._playback.sound
        if self._playback.version is Version.ORIGINAL:
            words[:2] = ["the song's own notes"]
        elif sound.scale:
            words.insert(0, f"in {PITCH_CLASSES[sound.tonic]} {sound.scale}")
        return " · ".join(words)

    def _show_difference(self, difference: Difference, columns: tuple[int, ...], ruling: Ruling, step: str) -> None:
        cells = {
            DifferenceMark.HIT: difference.hit,
            DifferenceMark.MISS: difference.miss,
            DifferenceMark.EXTRA: difference.extra,
        }
        self.roll.show_difference(cells, columns, ruling)
        self.key.show_counts({mark: int(marked.sum()) for mark, marked in cells.items()}, step)

    def _show_place(self, heard: Decoded, atlas: Atlas, step: float) -> None:
        """The words on where the music is, which changes along a path."""
        place, window, figure = heard.place_at(step), heard.window_at(step), ""
        shares = atlas.shares(place)
        between = " · ".join(f"{share:.0%} {name}" for name, share in shares[:2])
        if heard.arrivals:
            segment = min(bisect_right(heard.arrivals, step), len(heard.arrivals) - 1)
            closing = len(heard.places) == heard.arrivals[-1] and segment == len(heard.arrivals) - 1
            self.title.setText(f"Path, point {segment} → {1 if closing else segment + 1}")
            self.subtitle.setText(between)
        elif window is not None:
            self.title.setText(atlas.title(window))
            difference = self._playback.difference
            agree = "" if difference is None else f" · {difference.f1:.0%} of the notes agree"
            unasked = self._playback.original_unasked
            self.subtitle.setText((UNKNOWN if unasked else WORDS[self._playback.version]) + agree)
            figure = "" if difference is None else F1_TIP.format(difference.f1)
        else:
            self.title.setText(name_of(heard, atlas, step))
            usual = between if len(shares) > 1 else "between its windows"
            self.subtitle.setText(EARLIER if heard.called else usual)
        if heard.ran_on and step >= heard.own_steps:
            self.subtitle.setText("continuing past the end, by the decoder alone")
        self.subtitle.setToolTip(figure)
        self._show_windows(heard, atlas, place)
        known = window is not None or bool(heard.called)
        self.far.setVisible(not known and atlas.is_far(place, heard.z_at(step)))

    def _show_windows(self, heard: Decoded, atlas: Atlas, place: FloatArray) -> None:
        """The nearest windows with their distance; where z was blended from some, these with their weights."""
        blended = heard.window is None and atlas.is_blend(heard.zs[0], place) and not heard.arrivals
        self.blend.setVisible(atlas.model.config.latent > 2)  # or it would push the roll about
        self.blend.setText(atlas.about_blend(heard.zs[0]) if blended else "")
        self.nearest_heading.setText("BLENDED WINDOWS" if blended else "NEAREST WINDOWS")
        rows = []
        if blended:
            windows, weights = atlas.map.blend_at(place)
            distances = np.linalg.norm(atlas.map.points[windows] - place, axis=1)
            for window, weight, distance in zip(windows.tolist(), weights, distances, strict=True):
                tip = "Its weight, and how far it is on the map. Click to hear it"
                values = f"{weight:.0%}", f"{distance:.2f}"
                rows.append(Row(window, atlas.colour_of(window), atlas.title(window), *values, tip=tip))
        else:
            windows, distances = atlas.map.nearest(place, NEAREST)
            for window, distance in zip(windows.tolist(), distances.tolist(), strict=True):
                values = begins(atlas.corpus, window), f"{distance:.2f}"
                rows.append(
                    Row(window, atlas.colour_of(window), atlas.song_name(window), *values, tip="Click to hear it")
                )
        self.nearest.rows.show_rows(rows)

    def _move(self, step: float) -> None:
        heard, atlas = self._playback.heard, self._playback.atlas
        if heard is None or atlas is None:
            return
        before = self.roll.position
        self.roll.set_position(step)
        moves = heard.arrivals or heard.ran_on or heard.windows is not None
        if moves and before is not None and int(before) != int(step):
            self._show_place(heard, atlas, step)
